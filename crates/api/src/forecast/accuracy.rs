//! Forecasts as they were told on their day, held against what then came.

use almanac_catalog::training::Told;
use jiff::civil::Date;
use serde_json::{Value, json};

use almanac_insights::forecast::{Forecast, Step};

use super::series::{Days, day_after};
use crate::error::ApiError;

/// A day that was forecast and has passed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compared {
    pub(super) day: Date,
    /// When the newest forecast of it was told.
    pub(super) made_on: Date,
    pub(super) step: Step,
    pub(super) actual: f64,
}

/// Each day that has passed beside the newest forecast that was told before it, oldest first.
pub(super) fn compare(told: &[Told], days: &Days) -> Result<Vec<Compared>, ApiError> {
    let mut compared: Vec<Compared> = Vec::new();
    // The newest forecast first; what it covers is not looked up in older ones.
    for each in told.iter().rev() {
        let steps: Value = serde_json::from_str(&each.steps).map_err(ApiError::internal)?;
        for (day, step) in steps.as_array().into_iter().flatten().filter_map(read) {
            let known = compared.iter().any(|own| own.day == day);
            if let Some(actual) = days.value(day).filter(|_| !known) {
                compared.push(Compared {
                    day,
                    made_on: each.made_on,
                    step,
                    actual,
                });
            }
        }
    }
    compared.sort_by_key(|each| each.day);
    Ok(compared)
}

/// Sum of absolute errors as a share of the sum of values, percent; `None` where all values are 0.
pub(super) fn wmape(compared: &[Compared]) -> Option<f64> {
    let errors: f64 = compared
        .iter()
        .map(|each| (each.actual - each.step.expected).abs())
        .sum();
    let values: f64 = compared.iter().map(|each| each.actual).sum();
    (values > 0.0).then(|| 100.0 * errors / values)
}

/// Share of days whose value lay inside an interval, percent; `None` without days.
pub(super) fn coverage(
    compared: &[Compared],
    interval: impl Fn(&Step) -> (f64, f64),
) -> Option<f64> {
    let inside = compared.iter().filter(|each| {
        let (low, high) = interval(&each.step);
        (low..=high).contains(&each.actual)
    });
    (!compared.is_empty()).then(|| 100.0 * inside.count() as f64 / compared.len() as f64)
}

/// What the catalog keeps of a forecast: a list of `[day, expected, low, high, low, high]`, the 80
/// % interval first.
pub(super) fn write(first: Date, forecast: &Forecast) -> String {
    let rows: Vec<Value> = forecast
        .steps
        .iter()
        .enumerate()
        .map(|(ahead, step)| {
            json!([
                day_after(first, ahead).to_string(),
                step.expected,
                step.low_80,
                step.high_80,
                step.low_95,
                step.high_95,
            ])
        })
        .collect();
    Value::from(rows).to_string()
}

fn read(row: &Value) -> Option<(Date, Step)> {
    let number = |at: usize| row[at].as_f64();
    let step = Step {
        expected: number(1)?,
        low_80: number(2)?,
        high_80: number(3)?,
        low_95: number(4)?,
        high_95: number(5)?,
    };
    Some((row[0].as_str()?.parse().ok()?, step))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn told(day: i8, expected: f64) -> Told {
        let steps = (0..3)
            .map(|_| Step {
                expected,
                low_80: 8.0,
                high_80: 12.0,
                low_95: 5.0,
                high_95: 15.0,
            })
            .collect();
        let forecast = Forecast {
            steps,
            weights: Vec::new(),
            champion: None,
            notes: Vec::new(),
        };
        let made_on = date(2026, 11, day);
        Told {
            made_on,
            version: 1,
            steps: write(made_on, &forecast),
        }
    }

    #[test]
    fn each_day_is_held_against_the_newest_forecast_of_it() {
        let days = Days {
            first: date(2026, 11, 1),
            values: [10.0, 14.0, 20.0, 10.0].map(Some).to_vec(),
            holidays: Vec::new(),
        };
        let found = compare(&[told(1, 10.0), told(3, 11.0)], &days).unwrap();
        let days: Vec<(i8, i8)> = found
            .iter()
            .map(|each| (each.day.day(), each.made_on.day()))
            .collect();
        assert_eq!(days, [(1, 1), (2, 1), (3, 3), (4, 3)]);
        assert_eq!(wmape(&found), Some(100.0 * (0.0 + 4.0 + 9.0 + 1.0) / 54.0));
        assert_eq!(
            coverage(&found, |step| (step.low_80, step.high_80)),
            Some(50.0)
        );
        assert_eq!(
            coverage(&found, |step| (step.low_95, step.high_95)),
            Some(75.0)
        );
        assert_eq!(coverage(&[], |_| (0.0, 0.0)), None);
    }
}
