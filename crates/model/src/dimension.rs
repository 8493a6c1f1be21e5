//! The dimensions that a question may group or filter by, and whether each is a fact of an event or
//! of a visit. Labels for blank values belong to the shaping of answers.

use crate::TextColumn;

/// What a question groups or filters by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// A column read from each event.
    Event(TextColumn),
    /// A custom property, read from each event.
    Property(String),
    /// A column read from the first event of the visit and frozen for all of it.
    Visit(TextColumn),
    /// Path of the visit's first page view.
    EntryPage,
    /// Path of the visit's last page view.
    ExitPage,
    /// Host of the visit's first page view.
    EntryHostname,
    /// Host of the visit's last page view.
    ExitHostname,
    /// The bucket of local time in which the event happened.
    Time(TimeUnit),
}

/// Whose fact a dimension is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read from each event.
    Event,
    /// Frozen for a whole visit.
    Visit,
    /// A bucket of time.
    Time,
}

/// Length of a time bucket in the project's local calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TimeUnit {
    /// A minute.
    Minute,
    /// An hour; a repeated hour of a clock change is one bucket.
    Hour,
    /// A calendar day.
    Day,
    /// Seven days from Monday.
    Week,
    /// A calendar month.
    Month,
}

impl Dimension {
    /// Whose fact the dimension is.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Event(_) | Self::Property(_) => Scope::Event,
            Self::Time(_) => Scope::Time,
            _ => Scope::Visit,
        }
    }
}
