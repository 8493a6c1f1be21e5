//! The metrics that a question may ask for. What each means is in `docs/semantics.md`; how it is
//! computed is the engine's business.

macro_rules! metrics {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// A number that a question asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Metric { $($(#[$doc])* $variant,)* }

        impl Metric {
            /// Every metric.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in questions and answers. Units stand last.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

metrics! {
    /// Distinct visitors with a matching event; in cookieless projects the sum over local days.
    Visitors = "visitors",
    /// Visits that contain a matching event.
    Visits = "visits",
    /// Matching page views.
    Pageviews = "pageviews",
    /// Matching counted events of any kind.
    Events = "events",
    /// Page views per visit, over whole visits.
    ViewsPerVisit = "views_per_visit",
    /// Share of visits with one page view and no other interaction, percent 0–100.
    BounceRate = "bounce_rate",
    /// Mean seconds between a visit's first and last event.
    VisitDuration = "visit_duration",
    /// Visitors of the row as a share of the question's visitors without dimensions, percent 0–100.
    Percentage = "percentage",
    /// Visitors of the row who reached the question's goal as a share of all visitors, percent.
    ConversionRate = "conversion_rate",
    /// The same as a share of the visitors of the row's own group, percent.
    GroupConversionRate = "group_conversion_rate",
    /// Mean seconds that matching page views were looked at.
    TimeOnPage = "time_on_page",
    /// Mean of how deep matching page views were scrolled, percent 0–100.
    ScrollDepth = "scroll_depth",
    /// Revenue of matching events, in units of their currency.
    TotalRevenue = "total_revenue",
    /// Mean revenue of the matching events that have one.
    AverageRevenue = "average_revenue",
    /// Matching calls of tools and models.
    Calls = "calls",
    /// Matching calls that failed.
    Errors = "errors",
    /// Successful calls as a share of successful and failed ones, percent.
    SuccessRate = "success_rate",
    /// Failed calls as a share of successful and failed ones, percent.
    ErrorRate = "error_rate",
    /// Calls answered from a cache as a share of those that say whether they were, percent.
    CacheHitRate = "cache_hit_rate",
    /// Mean duration of matching calls, milliseconds.
    DurationMean = "duration_mean_ms",
    /// The duration that half of the matching calls did not exceed, milliseconds.
    DurationP50 = "duration_p50_ms",
    /// The same for 95 of 100 calls.
    DurationP95 = "duration_p95_ms",
    /// The same for 99 of 100 calls.
    DurationP99 = "duration_p99_ms",
    /// Tokens that matching model calls read.
    InputTokens = "input_tokens",
    /// Tokens that they wrote.
    OutputTokens = "output_tokens",
    /// Input tokens read from the provider's cache.
    CachedTokens = "cached_tokens",
    /// Input tokens written to the provider's cache.
    CacheWriteTokens = "cache_write_tokens",
    /// Output tokens spent on reasoning.
    ReasoningTokens = "reasoning_tokens",
    /// Cost of matching model calls, US dollars.
    Cost = "cost_usd",
    /// Mean quality score of the matching events that have one.
    QualityScore = "quality_score",
}

impl Metric {
    /// The metric of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|metric| metric.name() == name)
    }

    /// Whether the metric is a fact of whole visits that belongs to the bucket where they started,
    /// so that it cannot be split by a property of single events.
    pub fn is_of_whole_visits(self) -> bool {
        matches!(
            self,
            Self::ViewsPerVisit | Self::BounceRate | Self::VisitDuration
        )
    }

    /// Whether the metric is a share of two counts of visitors, which whoever runs plans works out:
    /// such a metric is never part of a plan.
    pub fn is_share(self) -> bool {
        matches!(
            self,
            Self::Percentage | Self::ConversionRate | Self::GroupConversionRate
        )
    }

    /// Whether the metric is an amount of money.
    pub fn is_money(self) -> bool {
        matches!(self, Self::TotalRevenue | Self::AverageRevenue)
    }

    /// Whether the metric has no meaning where nothing happened, not even zero.
    pub fn is_empty_without_events(self) -> bool {
        matches!(
            self,
            Self::TimeOnPage
                | Self::ScrollDepth
                | Self::TotalRevenue
                | Self::AverageRevenue
                | Self::SuccessRate
                | Self::ErrorRate
                | Self::CacheHitRate
                | Self::DurationMean
                | Self::DurationP50
                | Self::DurationP95
                | Self::DurationP99
                | Self::QualityScore
        )
    }

    /// Whether the metric is read from the numbers or the outcome of single events, beyond counting
    /// them, their visits and their visitors.
    pub fn is_measured(self) -> bool {
        !self.is_share() && self >= Self::TimeOnPage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_metrics() {
        for metric in Metric::ALL {
            assert_eq!(Metric::from_name(metric.name()), Some(*metric));
        }
        assert_eq!(Metric::from_name("cost"), None);
    }

    #[test]
    fn counts_are_not_measured() {
        assert!(!Metric::Events.is_measured() && !Metric::GroupConversionRate.is_measured());
        assert!(Metric::TimeOnPage.is_measured() && Metric::QualityScore.is_measured());
    }
}
