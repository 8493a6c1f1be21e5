//! What dimensions are called in questions, and what their blank values are called in answers. The
//! one table of both; parsing and shaping read it in opposite directions.

use almanac_model::{Dimension, Scope, TextColumn, TimeUnit, limits};

/// A dimension as a question names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DimensionName {
    /// A dimension of the domain.
    Plain(Dimension),
    /// A code that is asked for and answered by its English name.
    Place(Place),
    /// Time, in buckets that fit the range.
    FittingTime,
    /// The goals of the project, each of which may be reached by any event.
    Goal,
    /// A dimension whose values whoever asks may not see: one value for all events.
    Masked,
}

/// A place that is stored as a code and may be shown by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// ISO 3166-1.
    Country,
    /// ISO 3166-2.
    Region,
}

/// Prefix of the dimensions that are custom properties.
const PROPERTY_PREFIX: &str = "event:props:";

/// Dimensions read from each event.
const EVENT: [(&str, TextColumn); 16] = [
    ("event:page", TextColumn::Path),
    ("event:hostname", TextColumn::Hostname),
    ("event:name", TextColumn::Name),
    ("event:title", TextColumn::Title),
    ("event:tool", TextColumn::Tool),
    ("event:service", TextColumn::Service),
    ("event:version", TextColumn::Version),
    ("event:status", TextColumn::Status),
    ("event:error_type", TextColumn::ErrorType),
    ("event:provider", TextColumn::Provider),
    ("event:model", TextColumn::Model),
    ("event:model_version", TextColumn::ModelVersion),
    ("event:operation", TextColumn::Operation),
    ("event:finish_reason", TextColumn::FinishReason),
    ("event:currency", TextColumn::Currency),
    ("event:user", TextColumn::User),
];

/// Dimensions read from the first event of a visit.
const VISIT: [(&str, TextColumn); 18] = [
    ("visit:source", TextColumn::Source),
    ("visit:channel", TextColumn::Channel),
    ("visit:referrer", TextColumn::Referrer),
    ("visit:utm_source", TextColumn::UtmSource),
    ("visit:utm_medium", TextColumn::UtmMedium),
    ("visit:utm_campaign", TextColumn::UtmCampaign),
    ("visit:utm_term", TextColumn::UtmTerm),
    ("visit:utm_content", TextColumn::UtmContent),
    ("visit:country", TextColumn::Country),
    ("visit:region", TextColumn::Region),
    ("visit:city", TextColumn::City),
    ("visit:browser", TextColumn::Browser),
    ("visit:browser_version", TextColumn::BrowserVersion),
    ("visit:os", TextColumn::Os),
    ("visit:os_version", TextColumn::OsVersion),
    ("visit:device", TextColumn::Device),
    ("visit:screen", TextColumn::Screen),
    ("visit:language", TextColumn::Language),
];

/// Dimensions that have a shape of their own.
const OTHER: [(&str, DimensionName); 14] = [
    ("event:goal", DimensionName::Goal),
    // Cities are stored by name, so that both names mean the same.
    (
        "visit:city_name",
        DimensionName::Plain(Dimension::Visit(TextColumn::City)),
    ),
    ("visit:country_name", DimensionName::Place(Place::Country)),
    ("visit:region_name", DimensionName::Place(Place::Region)),
    (
        "visit:entry_page",
        DimensionName::Plain(Dimension::EntryPage),
    ),
    ("visit:exit_page", DimensionName::Plain(Dimension::ExitPage)),
    (
        "visit:entry_page_hostname",
        DimensionName::Plain(Dimension::EntryHostname),
    ),
    (
        "visit:exit_page_hostname",
        DimensionName::Plain(Dimension::ExitHostname),
    ),
    ("time", DimensionName::FittingTime),
    (
        "time:minute",
        DimensionName::Plain(Dimension::Time(TimeUnit::Minute)),
    ),
    (
        "time:hour",
        DimensionName::Plain(Dimension::Time(TimeUnit::Hour)),
    ),
    (
        "time:day",
        DimensionName::Plain(Dimension::Time(TimeUnit::Day)),
    ),
    (
        "time:week",
        DimensionName::Plain(Dimension::Time(TimeUnit::Week)),
    ),
    (
        "time:month",
        DimensionName::Plain(Dimension::Time(TimeUnit::Month)),
    ),
];

impl DimensionName {
    /// The dimension of that name, if there is one.
    pub fn from_text(text: &str) -> Option<Self> {
        if let Some(property) = text.strip_prefix(PROPERTY_PREFIX) {
            let fits = (1..=limits::PROPERTY_NAME_BYTES_MAX).contains(&property.len());
            return fits.then(|| Self::Plain(Dimension::Property(property.to_owned())));
        }
        let event = EVENT.iter().find(|(name, _)| *name == text);
        let visit = VISIT.iter().find(|(name, _)| *name == text);
        let other = OTHER.iter().find(|(name, _)| *name == text);
        event
            .map(|(_, column)| Self::Plain(Dimension::Event(*column)))
            .or_else(|| visit.map(|(_, column)| Self::Plain(Dimension::Visit(*column))))
            .or_else(|| other.map(|(_, name)| name.clone()))
    }

    /// Whether it is a bucket of time.
    pub fn is_time(&self) -> bool {
        match self {
            Self::Plain(dimension) => dimension.scope() == Scope::Time,
            Self::Place(_) | Self::Goal | Self::Masked => false,
            Self::FittingTime => true,
        }
    }

    /// What the blank value is called in answers (rule 15).
    pub fn blank_label(&self) -> &'static str {
        match self {
            Self::Masked => "(masked)",
            Self::Plain(Dimension::Property(_)) => "(none)",
            Self::Plain(Dimension::Visit(TextColumn::Source | TextColumn::Referrer)) => {
                "Direct / None"
            }
            _ => "(not set)",
        }
    }
}

/// The names of all dimensions, for messages.
pub(crate) fn all() -> String {
    let mut names: Vec<&str> = EVENT.iter().map(|(name, _)| *name).collect();
    names.push("event:props:…");
    names.extend(VISIT.iter().map(|(name, _)| *name));
    names.extend(OTHER.iter().map(|(name, _)| *name));
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_message_is_a_dimension() {
        for name in all().split(", ") {
            assert!(DimensionName::from_text(name).is_some(), "{name}");
        }
    }

    #[test]
    fn property_names_are_bounded() {
        let longest = "p".repeat(limits::PROPERTY_NAME_BYTES_MAX);
        assert!(DimensionName::from_text(&format!("event:props:{longest}")).is_some());
        assert!(DimensionName::from_text(&format!("event:props:{longest}p")).is_none());
        assert!(DimensionName::from_text("event:props:").is_none());
    }
}
