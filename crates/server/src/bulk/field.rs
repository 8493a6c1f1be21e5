//! What a column of a file can be: one of our own columns, sometimes in another unit, or something
//! that a raw row is enriched from. Names are those of the document on imports.

use almanac_model::{NumberColumn, TextColumn};

/// What a column of a file is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field {
    /// Who: a number, or a text that becomes one.
    Visitor,
    /// When; a number is multiplied by this to give microseconds.
    Time(i64),
    /// Whether the event ends a bounce.
    Interactive,
    /// Text: a column of events, the kind, or what raw rows are enriched from.
    Text(&'static str),
    /// A number, multiplied by this.
    Number(NumberColumn, f64),
    /// All properties: a map, or an object of JSON.
    Properties,
    /// One property.
    Property(String),
}

/// What only raw rows have.
pub(super) const RAW_TEXTS: [&str; 5] = ["id", "url", "ip", "user_agent", "time_zone"];
/// Those of them that make a file one of raw rows.
pub(super) const RAW_MARKS: [&str; 3] = ["url", "ip", "user_agent"];
pub(super) const VISITOR: &str = "visitor";
pub(super) const TIME: &str = "time";
pub(super) const KIND: &str = "kind";
pub(super) const INTERACTIVE: &str = "interactive";
pub(super) const PROPERTIES: &str = "properties";

/// Times in other units, and what makes microseconds of them.
const TIMES: [(&str, i64); 4] = [
    (TIME, 1),
    ("time_us", 1),
    ("time_ms", 1_000),
    ("time_s", 1_000_000),
];
/// Numbers in other units, and what makes our own of them.
const UNITS: [(&str, NumberColumn, f64); 8] = [
    ("duration_ms", NumberColumn::DurationUs, 1e3),
    ("duration_s", NumberColumn::DurationUs, 1e6),
    ("first_token_ms", NumberColumn::FirstTokenUs, 1e3),
    ("engaged_s", NumberColumn::EngagedMs, 1e3),
    ("revenue", NumberColumn::RevenueMicros, 1e6),
    ("cost_usd", NumberColumn::CostNanos, 1e9),
    ("quality", NumberColumn::QualityMicros, 1e6),
    ("vital", NumberColumn::VitalMicros, 1e6),
];

impl Field {
    /// The field of that name, if there is one.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        if let Some(property) = name.strip_prefix("properties.") {
            return (!property.is_empty()).then(|| Self::Property(property.to_owned()));
        }
        if let Some((_, factor)) = TIMES.iter().find(|(known, _)| *known == name) {
            return Some(Self::Time(*factor));
        }
        if let Some((_, column, factor)) = UNITS.iter().find(|(known, _, _)| *known == name) {
            return Some(Self::Number(*column, *factor));
        }
        if let Some(column) = NumberColumn::from_name(name) {
            return Some(Self::Number(column, 1.0));
        }
        if let Some(column) = TextColumn::from_name(name) {
            return Some(Self::Text(column.name()));
        }
        match name {
            VISITOR => Some(Self::Visitor),
            INTERACTIVE => Some(Self::Interactive),
            PROPERTIES => Some(Self::Properties),
            KIND => Some(Self::Text(KIND)),
            _ => RAW_TEXTS
                .iter()
                .find(|raw| **raw == name)
                .map(|raw| Self::Text(raw)),
        }
    }

    /// The name of our own column that it fills.
    pub(crate) fn column(&self) -> &str {
        match self {
            Self::Visitor => VISITOR,
            Self::Time(_) => TIME,
            Self::Interactive => INTERACTIVE,
            Self::Text(name) => name,
            Self::Number(column, _) => column.name(),
            Self::Properties | Self::Property(_) => PROPERTIES,
        }
    }

    /// Every name that a field can have, for a message.
    pub(crate) fn names() -> Vec<&'static str> {
        let plain = [VISITOR, KIND, INTERACTIVE, PROPERTIES];
        let times = TIMES.iter().map(|(name, _)| *name);
        let texts = TextColumn::ALL.iter().map(|column| column.name());
        let numbers = NumberColumn::ALL.iter().map(|column| column.name());
        let units = UNITS.iter().map(|(name, _, _)| *name);
        let all = plain.into_iter().chain(times).chain(texts).chain(numbers);
        all.chain(units).chain(RAW_TEXTS).collect()
    }
}
