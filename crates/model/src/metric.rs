//! The metrics that a question may ask for. What each means is in `docs/semantics.md`; how it is
//! computed is the engine's business.

/// A number that a question asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    /// Distinct visitors with a matching event; in cookieless projects the sum over local days.
    Visitors,
    /// Visits that contain a matching event.
    Visits,
    /// Matching page views.
    Pageviews,
    /// Matching counted events of any kind.
    Events,
    /// Page views per visit, over whole visits.
    ViewsPerVisit,
    /// Share of visits with one page view and no other interaction, percent 0–100.
    BounceRate,
    /// Mean seconds between a visit's first and last event.
    VisitDuration,
    /// Visitors of the row as a share of the question's visitors without dimensions, percent 0–100.
    Percentage,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 8] = [
        Self::Visitors,
        Self::Visits,
        Self::Pageviews,
        Self::Events,
        Self::ViewsPerVisit,
        Self::BounceRate,
        Self::VisitDuration,
        Self::Percentage,
    ];

    /// The name in questions and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Visitors => "visitors",
            Self::Visits => "visits",
            Self::Pageviews => "pageviews",
            Self::Events => "events",
            Self::ViewsPerVisit => "views_per_visit",
            Self::BounceRate => "bounce_rate",
            Self::VisitDuration => "visit_duration",
            Self::Percentage => "percentage",
        }
    }

    /// The metric of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// Whether the metric is a fact of whole visits that belongs to the bucket where they started,
    /// so that it cannot be split by a property of single events.
    pub fn is_of_whole_visits(self) -> bool {
        matches!(
            self,
            Self::ViewsPerVisit | Self::BounceRate | Self::VisitDuration
        )
    }
}
