//! An event: one thing that happened, fully enriched and free of personal data. It knows nothing of
//! the visit that it may belong to, and holds no address of the sender.

use std::cmp::Ordering;
use std::ops::{Index, IndexMut};

use crate::{EventId, Instant, Kind, NumberColumn, ProjectId, TextColumn, VisitorId};

/// One event, ready to be stored. Build it with [`Event::new`] and fill the columns it has.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Identity for exactly-once delivery.
    pub id: EventId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// When it happened.
    pub time: Instant,
    /// Who did it, within the project.
    pub visitor: VisitorId,
    /// What sort of event it is.
    pub kind: Kind,
    /// Whether a custom event ends a bounce. True unless the client says otherwise.
    pub interactive: bool,
    /// The text columns.
    pub text: TextValues,
    /// The number columns.
    pub numbers: NumberValues,
    /// Custom properties, sorted by name, names unique; bounded by
    /// [`PROPERTIES_MAX`](crate::limits::PROPERTIES_MAX).
    pub properties: Vec<(String, String)>,
}

impl Event {
    /// An event with every column empty.
    pub fn new(
        id: EventId,
        project: ProjectId,
        time: Instant,
        visitor: VisitorId,
        kind: Kind,
    ) -> Self {
        Self {
            id,
            project,
            time,
            visitor,
            kind,
            interactive: true,
            text: TextValues::default(),
            numbers: NumberValues::default(),
            properties: Vec::new(),
        }
    }

    /// Whether the event, by itself, makes its visit more than a bounce.
    pub fn is_interaction(&self) -> bool {
        self.interactive && self.kind.can_interact()
    }

    /// The order of events inside a visit: by time, and at the same instant by what they are —
    /// kind, then text columns, number columns and properties. Events that tie here are the same in
    /// every answer, so neither their ids nor their order of arrival matter. See
    /// `docs/semantics.md`, rule 4.
    pub fn cmp_in_visit(&self, other: &Self) -> Ordering {
        (self.time, self.kind, self.interactive)
            .cmp(&(other.time, other.kind, other.interactive))
            .then_with(|| self.text.0.cmp(&other.text.0))
            .then_with(|| self.numbers.0.cmp(&other.numbers.0))
            .then_with(|| self.properties.cmp(&other.properties))
    }

    /// The value of a custom property, if the event has it.
    pub fn property(&self, name: &str) -> Option<&str> {
        let found = self
            .properties
            .binary_search_by(|(key, _)| key.as_str().cmp(name))
            .ok()?;
        self.properties.get(found).map(|(_, value)| value.as_str())
    }
}

/// The text columns of one event, read and written by column.
#[derive(Debug, Clone, PartialEq)]
pub struct TextValues([String; TextColumn::COUNT]);

impl Default for TextValues {
    fn default() -> Self {
        Self([const { String::new() }; TextColumn::COUNT])
    }
}

impl Index<TextColumn> for TextValues {
    type Output = String;
    fn index(&self, column: TextColumn) -> &String {
        &self.0[column.index()]
    }
}

impl IndexMut<TextColumn> for TextValues {
    fn index_mut(&mut self, column: TextColumn) -> &mut String {
        &mut self.0[column.index()]
    }
}

/// The number columns of one event, read and written by column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NumberValues([Option<i64>; NumberColumn::COUNT]);

impl Index<NumberColumn> for NumberValues {
    type Output = Option<i64>;
    fn index(&self, column: NumberColumn) -> &Option<i64> {
        &self.0[column.index()]
    }
}

impl IndexMut<NumberColumn> for NumberValues {
    fn index_mut(&mut self, column: NumberColumn) -> &mut Option<i64> {
        &mut self.0[column.index()]
    }
}
