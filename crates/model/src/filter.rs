//! Conditions on events, as a tree. A condition on a visit's dimension is a condition on every
//! event of that visit. Negated operators of the wire are `Not` around the positive ones here.

use crate::Dimension;

/// Which events a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Every part holds; with no parts, everything matches.
    And(Vec<Filter>),
    /// Some part holds; with no parts, nothing matches.
    Or(Vec<Filter>),
    /// The part does not hold.
    Not(Box<Filter>),
    /// A dimension has one of some values.
    Match(Match),
    /// The visitor has, inside the range of the question, a counted event for which the part holds.
    Done(Box<Filter>),
    /// The event is a page view that was scrolled at least that deep, percent 0–100.
    Scrolled(u8),
}

impl Filter {
    /// The filter that lets everything pass.
    pub fn everything() -> Self {
        Self::And(Vec::new())
    }

    /// The filter that lets nothing pass.
    pub fn nothing() -> Self {
        Self::Or(Vec::new())
    }

    /// Whether any part of the filter compares a dimension for which `is_meant` holds.
    pub fn compares(&self, is_meant: &dyn Fn(&Dimension) -> bool) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.compares(is_meant)),
            Self::Not(part) | Self::Done(part) => part.compares(is_meant),
            Self::Match(wanted) => is_meant(&wanted.dimension),
            Self::Scrolled(_) => false,
        }
    }

    /// Whether the filter looks beyond single events and the visit of each: at what else the
    /// visitor did, or at what was read of a page.
    pub fn looks_beyond_events(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::looks_beyond_events),
            Self::Not(part) => part.looks_beyond_events(),
            Self::Match(_) => false,
            Self::Done(_) | Self::Scrolled(_) => true,
        }
    }
}

/// One comparison of a dimension with a list of values, any of which may fit. The blank value of a
/// dimension is the empty text here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Match {
    /// What is compared. Never a time bucket.
    pub dimension: Dimension,
    /// How it is compared.
    pub op: MatchOp,
    /// What it is compared with; one fit is enough.
    pub values: Vec<String>,
    /// Whether letters of different case differ. Ignored by `Matches`, whose patterns say it
    /// themselves.
    pub case_sensitive: bool,
}

/// How a dimension is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// Equal.
    Is,
    /// Contains as a part.
    Contains,
    /// Matches a regular expression of the RE2 family somewhere.
    Matches,
}
