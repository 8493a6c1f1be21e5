//! What is forecast: a metric of a project under filters, by local day. History ends with the last
//! complete day and is asked for through the same pipeline as every question.

use std::sync::Arc;

use almanac_catalog::calendar;
use almanac_insights::forecast::History;
use almanac_insights::holiday;
use almanac_model::{Metric, ProjectSettings};
use almanac_query::{Facts, Mask, Setting};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::app::App;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::{question, saved};

/// Days that models look back at most.
const HISTORY_DAYS_MAX: i32 = 1_500;
pub(super) const EPOCH: Date = Date::constant(1970, 1, 1);
/// Days of a week, the short cycle of daily figures.
pub(super) const WEEK: usize = 7;

/// A metric under filters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    pub(super) metric: Metric,
    pub(super) filters: Value,
}

/// The measured days of a series.
#[derive(Debug, Clone)]
pub(super) struct Days {
    /// The first day; with no values, the day that would be the first.
    pub(super) first: Date,
    /// One value a day; `None` where the metric has no meaning without events.
    pub(super) values: Vec<Option<f64>>,
    /// The holidays of the project's country as days since 1970-01-01, past and coming ones.
    pub(super) holidays: Vec<i64>,
}

impl Series {
    /// Page views unless another metric is named.
    pub(super) fn of(metric: Option<&str>, filters: Option<Value>) -> Result<Series, ApiError> {
        let name = metric.unwrap_or(Metric::Pageviews.name());
        let metric = Metric::from_name(name)
            .ok_or_else(|| ApiError::field("metric", format!("there is no metric {name:?}")))?;
        if metric.is_share() || metric.is_money() {
            let reason = format!("{name:?} cannot be forecast; forecast the counts it is made of");
            return Err(ApiError::field("metric", reason));
        }
        let filters = filters.unwrap_or_else(|| json!([]));
        if !filters.is_array() {
            return Err(ApiError::field("filters", "not a list of filters"));
        }
        Ok(Series { metric, filters })
    }

    /// The one spelling under which the catalog keeps it.
    pub(super) fn text(&self) -> String {
        json!({ "filters": self.filters, "metric": self.metric.name() }).to_string()
    }

    /// Reads that spelling.
    pub(super) fn read(text: &str) -> Result<Series, ApiError> {
        let value: Value = serde_json::from_str(text).map_err(ApiError::internal)?;
        Series::of(value["metric"].as_str(), value.get("filters").cloned())
    }

    /// Whether its values are whole numbers.
    pub(super) fn is_count(&self) -> bool {
        matches!(
            self.metric,
            Metric::Visitors
                | Metric::Visits
                | Metric::Pageviews
                | Metric::Events
                | Metric::Calls
                | Metric::Errors
                | Metric::InputTokens
                | Metric::OutputTokens
        )
    }
}

impl Days {
    /// The day after the last value.
    pub(super) fn end(&self) -> Date {
        day_after(self.first, self.values.len())
    }

    /// The value of a day.
    pub(super) fn value(&self, day: Date) -> Option<f64> {
        let at = usize::try_from((day - self.first).get_days()).ok()?;
        self.values.get(at).copied().flatten()
    }

    /// What models are given.
    pub(super) fn history(&self) -> History {
        History {
            values: self.values.clone(),
            first_step: i64::from((self.first - EPOCH).get_days()),
            season: WEEK,
            is_daily: true,
            holidays: self.holidays.clone(),
        }
    }
}

/// That many days later; the day itself where the calendar ends.
pub(super) fn day_after(day: Date, days: usize) -> Date {
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    day.checked_add(days.days()).unwrap_or(day)
}

/// The complete local days from the first event on.
pub(super) async fn history(
    app: &Arc<App>,
    entry: &Arc<Entry>,
    series: &Series,
) -> Result<Days, ApiError> {
    let today = today(app, &entry.settings);
    let first_event = app.store.first_event(entry.project.id);
    let country = calendar::country(&app.catalog, entry.project.id).await?;
    let holidays = country
        .and_then(|code| holiday::days(&code))
        .unwrap_or_default();
    let none = Days {
        first: today,
        values: Vec::new(),
        holidays: holidays.clone(),
    };
    let (Some(first_event), Ok(last)) = (first_event, today.yesterday()) else {
        return Ok(none);
    };
    let oldest = last.checked_sub(HISTORY_DAYS_MAX.days()).unwrap_or(last);
    let first = first_event.local_day(&entry.settings.zone).max(oldest);
    if first > last {
        return Ok(none);
    }
    let body = json!({
        "site_id": entry.project.id.0.to_string(),
        "metrics": [series.metric.name()],
        "date_range": [first.to_string(), last.to_string()],
        "dimensions": ["time:day"],
        "filters": series.filters,
        "order_by": [["time:day", "asc"]],
    });
    let answer = question::answer(Arc::clone(app), Arc::clone(entry), body).await?;
    let empty = (!series.metric.is_empty_without_events()).then_some(0.0);
    let length = usize::try_from((last - first).get_days() + 1).unwrap_or(0);
    let mut days = Days {
        first,
        values: vec![empty; length],
        holidays,
    };
    for row in answer["results"].as_array().into_iter().flatten() {
        let day = row["dimensions"][0]
            .as_str()
            .and_then(|text| text.parse::<Date>().ok());
        let place = day.and_then(|day| usize::try_from((day - first).get_days()).ok());
        if let Some(slot) = place.and_then(|place| days.values.get_mut(place)) {
            *slot = row["metrics"][0].as_f64().or(empty);
        }
    }
    Ok(days)
}

/// Refuses a series whose filters compare what is hidden from whoever asks.
pub(super) async fn check_seen(
    app: &App,
    entry: &Entry,
    series: &Series,
    mask: &Mask,
) -> Result<(), ApiError> {
    if mask.is_empty() {
        return Ok(());
    }
    let known = saved::of_project(app, entry.project.id).await?;
    let setting = Setting {
        project: &entry.settings,
        saved: &mask.over_saved(known),
        mask,
        facts: Facts {
            now: app.now(),
            first_event: None,
        },
    };
    let question = json!({
        "site_id": entry.project.id.0.to_string(),
        "metrics": ["events"],
        "date_range": "day",
        "filters": series.filters,
    });
    almanac_query::check(&question, setting)
        .map_err(|refusal| ApiError::field("filters", refusal.reason))
}

/// The local day of the present.
pub(super) fn today(app: &App, settings: &ProjectSettings) -> Date {
    app.now().local_day(&settings.zone)
}
