//! A series by hour or by day, up to the last one that is complete, as the detector wants it:
//! evenly spaced, with zeros where a count has nothing.

use std::collections::HashMap;
use std::sync::Arc;

use almanac_insights::anomaly::{Anomaly, describe, describe_counts};
use almanac_model::Instant;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::json;

use super::series::{self, Days, Series, day_after};
use crate::app::App;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::question;

/// Days of hours that the detector learns from and looks at.
const HOURLY_DAYS: i64 = 91;
const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 86_400;
/// Steps below which nothing can be strange: four days of hours, four weeks of days.
const HOURS_MIN: usize = 96;
const DAYS_MIN: usize = 28;

/// How long a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interval {
    Hour,
    Day,
}

impl Interval {
    /// Hours unless days are asked for.
    pub(super) fn of(name: Option<&str>) -> Result<Interval, ApiError> {
        match name {
            None | Some("hour") => Ok(Interval::Hour),
            Some("day") => Ok(Interval::Day),
            Some(other) => {
                let reason = format!("{other:?} is neither hour nor day");
                Err(ApiError::field("interval", reason))
            }
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Interval::Hour => "hour",
            Interval::Day => "day",
        }
    }
}

/// The measured steps of a series.
#[derive(Debug)]
pub(super) struct Steps {
    interval: Interval,
    zone: TimeZone,
    is_count: bool,
    /// Number of the first step: hours or days since 1970-01-01, days by the local calendar.
    first: i64,
    values: Vec<Option<f64>>,
}

impl Steps {
    /// What is strange in them, oldest first; nothing where there are too few.
    pub(super) fn anomalies(&self) -> Vec<Anomaly> {
        if self.values.len() < self.steps_min() {
            return Vec::new();
        }
        let (length, week_steps) = match self.interval {
            Interval::Hour => (HOUR_S, 168),
            Interval::Day => (DAY_S, 7),
        };
        let measured = |(at, value): (usize, &Option<f64>)| {
            Some(((self.first + at as i64) * length, (*value)?))
        };
        let measurements: Vec<(i64, f64)> = self
            .values
            .iter()
            .enumerate()
            .filter_map(measured)
            .collect();
        if self.is_count {
            describe_counts(&measurements, week_steps)
        } else {
            describe(&measurements)
        }
    }

    /// When an anomaly began.
    pub(super) fn start_of(&self, own: &Anomaly) -> Instant {
        self.instant(own.start)
    }

    /// The end of its last step.
    pub(super) fn end_of(&self, own: &Anomaly) -> Instant {
        let length = match self.interval {
            Interval::Hour => HOUR_S,
            Interval::Day => DAY_S,
        };
        self.instant(own.end + length)
    }

    /// Every step with its beginning and value.
    pub(super) fn points(&self) -> impl Iterator<Item = (Instant, Option<f64>)> {
        let length = match self.interval {
            Interval::Hour => HOUR_S,
            Interval::Day => DAY_S,
        };
        let at = move |at: usize| self.instant((self.first + at as i64) * length);
        let values = self.values.iter().enumerate();
        values.map(move |(place, value)| (at(place), *value))
    }

    /// The first day and all values, where steps are days and none is missing.
    pub(super) fn daily(&self) -> Option<(Date, Vec<f64>)> {
        if self.interval != Interval::Day {
            return None;
        }
        let first = day_after(series::EPOCH, usize::try_from(self.first).ok()?);
        let values: Option<Vec<f64>> = self.values.iter().copied().collect();
        Some((first, values?))
    }

    /// What a reader should know.
    pub(super) fn messages(&self) -> Vec<String> {
        let (have, need) = (self.values.len(), self.steps_min());
        if have >= need {
            return Vec::new();
        }
        let unit = self.interval.name();
        vec![format!(
            "only {have} complete {unit}s were measured; anomalies can be told from {need} on"
        )]
    }

    fn steps_min(&self) -> usize {
        match self.interval {
            Interval::Hour => HOURS_MIN,
            Interval::Day => DAYS_MIN,
        }
    }

    /// The moment of a detector's second. For days these seconds count local days.
    fn instant(&self, seconds: i64) -> Instant {
        if self.interval == Interval::Hour {
            return Instant::from_seconds(seconds);
        }
        let days = usize::try_from(seconds.div_euclid(DAY_S)).unwrap_or(0);
        let zoned = day_after(series::EPOCH, days).to_zoned(self.zone.clone());
        let local = zoned.map(|midnight| midnight.timestamp().as_second());
        Instant::from_seconds(local.unwrap_or(seconds))
    }
}

/// The complete steps of a series.
pub(super) async fn history(
    app: &Arc<App>,
    entry: &Arc<Entry>,
    series: &Series,
    interval: Interval,
) -> Result<Steps, ApiError> {
    let made = |first, values| Steps {
        interval,
        zone: entry.settings.zone.clone(),
        is_count: series.is_count(),
        first,
        values,
    };
    if interval == Interval::Day {
        let days: Days = series::history(app, entry, series).await?;
        return Ok(made(days.history().first_step, days.values));
    }
    let end = app.now().0.div_euclid(HOUR_S * 1_000_000);
    let Some(first_event) = app.store.first_event(entry.project.id) else {
        return Ok(made(end, Vec::new()));
    };
    let first_hour = first_event.0.div_euclid(HOUR_S * 1_000_000);
    let first = first_hour.max(end - HOURLY_DAYS * 24).min(end);
    let found = hours(app, entry, series, first, end).await?;
    let empty = (!series.metric.is_empty_without_events()).then_some(0.0);
    let value = |hour: i64| found.get(&hour).copied().or(empty);
    Ok(made(first, (first..end).map(value).collect()))
}

/// The hours between two hours since 1970-01-01 that have a value. An hour that a clock repeats has
/// one figure for both, and it stands at the first of them.
async fn hours(
    app: &Arc<App>,
    entry: &Arc<Entry>,
    series: &Series,
    first: i64,
    end: i64,
) -> Result<HashMap<i64, f64>, ApiError> {
    if first >= end {
        return Ok(HashMap::new());
    }
    let moment = |hour: i64| Instant::from_seconds(hour * HOUR_S).timestamp().to_string();
    let body = json!({
        "site_id": entry.project.id.0.to_string(),
        "metrics": [series.metric.name()],
        "date_range": [moment(first), moment(end)],
        "dimensions": ["time:hour"],
        "filters": series.filters,
        "order_by": [["time:hour", "asc"]],
        "pagination": { "limit": HOURLY_DAYS * 24 + 24 },
    });
    let answer = question::answer(Arc::clone(app), Arc::clone(entry), body).await?;
    let mut found = HashMap::new();
    for row in answer["results"].as_array().into_iter().flatten() {
        let label = row["dimensions"][0].as_str();
        let local = label.and_then(|label| label.parse::<DateTime>().ok());
        let zoned = local.and_then(|local| local.to_zoned(entry.settings.zone.clone()).ok());
        if let (Some(zoned), Some(value)) = (zoned, row["metrics"][0].as_f64()) {
            let hour = zoned.timestamp().as_second().div_euclid(HOUR_S);
            found.insert(hour, value);
        }
    }
    Ok(found)
}
