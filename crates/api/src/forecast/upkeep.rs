//! What forecasts need from time to time: the forecast of the day is kept to be judged later, and a
//! version is trained again when it has grown old or errs more than it should.

use std::sync::Arc;

use almanac_catalog::training::{self, Told, Training};
use almanac_model::Instant;
use almanac_model::time::SECOND_US;
use jiff::ToSpan;
use serde_json::Value;

use super::accuracy::{self, Compared};
use super::outlook;
use super::series::{self, Series};
use super::trainer::{SEED, Why, Wish};
use super::{DAYS, shape};
use crate::app::App;
use crate::error::ApiError;

/// A version is trained again after a week, seconds.
const AGE_MAX_S: i64 = 7 * 86_400;
/// Between two trainings that nobody asked for, however the first one ended, seconds: a day.
const PAUSE_S: i64 = 86_400;
/// Newest days that drift is looked for in, and the fewest that can show it.
const DRIFT_DAYS: usize = 14;
const DRIFT_DAYS_MIN: usize = 7;
/// Error in units of the error of the backtest that counts as drift.
const DRIFT_RATIO: f64 = 1.5;
/// Days for which told forecasts are kept.
const TOLD_DAYS: i32 = 400;

/// Looks after every series that was ever trained. A series that cannot be looked after is logged
/// and does not keep the others from it.
pub async fn look_after(app: &Arc<App>) {
    let all = match training::serving(&app.catalog).await {
        Ok(all) => all,
        Err(error) => {
            tracing::error!(%error, "the trainings cannot be read");
            return;
        }
    };
    for each in &all {
        if let Err(error) = look_after_one(app, each).await {
            let (project, error) = (each.project.0, error.text());
            tracing::error!(
                project,
                series = each.series,
                error,
                "a forecast was not kept"
            );
        }
    }
}

async fn look_after_one(app: &Arc<App>, serving: &Training) -> Result<(), ApiError> {
    let directory = app.directory();
    let Some(entry) = directory.by_id(serving.project) else {
        return Ok(());
    };
    let series = Series::read(&serving.series)?;
    let days = series::history(app, entry, &series).await?;
    let told = training::told(&app.catalog, serving.project, &serving.series).await?;
    let today = days.end();
    if told.last().is_none_or(|last| last.made_on < today) {
        let found = outlook::of(app, entry, &series, &days, Some(serving), DAYS).await?;
        if let Some(forecast) = &found.forecast {
            let new = Told {
                made_on: today,
                version: serving.version,
                steps: accuracy::write(found.first, forecast),
            };
            let forget = today.checked_sub(TOLD_DAYS.days()).unwrap_or(today);
            let (project, text) = (serving.project, &serving.series);
            training::keep(&app.catalog, project, text, &new, forget).await?;
        }
    }
    let compared = accuracy::compare(&told, &days)?;
    let tried = training::list(&app.catalog, serving.project, &serving.series).await?;
    let tried_at = tried.first().map(|newest| newest.training.finished_at);
    let Some(why) = due(app.now(), serving, tried_at, &compared) else {
        return Ok(());
    };
    app.trainer.ask(Wish {
        project: serving.project,
        series,
        why,
        recipe: None,
        seed: SEED,
    })
}

/// Why a series should be trained again, if it should. `tried_at`: when its newest training ended.
fn due(
    now: Instant,
    serving: &Training,
    tried_at: Option<Instant>,
    compared: &[Compared],
) -> Option<Why> {
    let seconds_since = |then: Instant| (now.0 - then.0) / SECOND_US;
    if tried_at.is_some_and(|then| seconds_since(then) < PAUSE_S) {
        return None;
    }
    if seconds_since(serving.training.finished_at) >= AGE_MAX_S {
        return Some(Why::Schedule);
    }
    has_drifted(compared, &shape::training(serving)).then_some(Why::Drift)
}

/// Whether the newest days were missed by clearly more than past weeks were in the backtest.
fn has_drifted(compared: &[Compared], training: &Value) -> bool {
    let newest = &compared[compared.len().saturating_sub(DRIFT_DAYS)..];
    if newest.len() < DRIFT_DAYS_MIN {
        return false;
    }
    let figures = training["report"]["figures"].as_array();
    let own = figures
        .into_iter()
        .flatten()
        .find(|figures| figures["recipe"] == training["recipe"]);
    let promised = own.and_then(|figures| figures["wmape"].as_f64());
    match (accuracy::wmape(newest), promised) {
        (Some(found), Some(promised)) => found > DRIFT_RATIO * promised,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use almanac_catalog::training::{NewTraining, Outcome};
    use almanac_insights::forecast::Step;
    use almanac_model::ProjectId;
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    fn missed_by(share: f64, count: usize) -> Vec<Compared> {
        let step = Step {
            expected: 100.0,
            low_80: 90.0,
            high_80: 110.0,
            low_95: 80.0,
            high_95: 120.0,
        };
        (0..count)
            .map(|at| Compared {
                day: date(2026, 11, 1 + at as i8),
                made_on: date(2026, 11, 1),
                step,
                actual: 100.0 / (1.0 - share),
            })
            .collect()
    }

    #[test]
    fn drift_is_an_error_far_above_what_was_promised() {
        let figures =
            json!([{ "recipe": "ets", "wmape": 1.0 }, { "recipe": "ensemble", "wmape": 10.0 }]);
        let training = json!({ "recipe": "ensemble", "report": { "figures": figures } });
        assert!(has_drifted(&missed_by(0.16, 14), &training));
        assert!(!has_drifted(&missed_by(0.14, 14), &training));
        assert!(!has_drifted(&missed_by(0.90, 6), &training));
        assert!(!has_drifted(
            &missed_by(0.90, 14),
            &json!({ "recipe": "ensemble" })
        ));
    }

    #[test]
    fn age_and_drift_ask_for_a_training_but_not_twice_a_day() {
        let day = |number: i64| Instant(number * 86_400 * SECOND_US);
        let report = json!({ "figures": [{ "recipe": "ensemble", "wmape": 10.0 }] });
        let serving = Training {
            project: ProjectId(1),
            series: String::new(),
            version: 1,
            training: NewTraining {
                outcome: Outcome::Done,
                started_at: day(0),
                finished_at: day(0),
                recipe: "ensemble".to_owned(),
                report: report.to_string(),
                serves: true,
            },
        };
        let (good, bad) = (missed_by(0.05, 14), missed_by(0.50, 14));
        let due = |now, tried_at, compared: &[Compared]| {
            due(day(now), &serving, Some(day(tried_at)), compared)
        };
        assert_eq!(due(6, 0, &good), None);
        assert_eq!(due(7, 0, &good), Some(Why::Schedule));
        assert_eq!(due(1, 0, &bad), Some(Why::Drift));
        assert_eq!(due(0, 0, &bad), None);
        // The training of day 7 failed or was cancelled.
        assert_eq!(due(7, 7, &bad), None);
        assert_eq!(due(8, 7, &good), Some(Why::Schedule));
    }
}
