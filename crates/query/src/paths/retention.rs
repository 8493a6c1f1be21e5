//! Retention (rule 42): of the visitors who did something for the first time in one period, how
//! many did something in each later one.

use almanac_model::{Filter, ProjectSettings, TimeRange, TimeUnit};
use serde_json::{Value, json};

use super::Base;
use crate::ask::{AskError, Setting};
use crate::parse::value::text;
use crate::refusal::{Pointer, Refusal, quoted};
use crate::shape::decimals;
use crate::{Cancel, Engine, bucket, limits};

/// Retention ready to run.
#[derive(Debug, Clone)]
pub struct RetentionPlan {
    /// Whose events.
    pub project: ProjectSettings,
    /// When everything happens.
    pub range: TimeRange,
    /// The length of a period: day, week or month.
    pub unit: TimeUnit,
    /// What a visitor begins with.
    pub start: Filter,
    /// What coming back is.
    pub back: Filter,
}

/// The answer: a cohort for each period of the range, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionAnswer {
    /// The cohorts.
    pub cohorts: Vec<Cohort>,
}

/// The visitors who began in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// How many.
    pub visitors: u64,
    /// How many of them came back in that period and each later one.
    pub back: Vec<u64>,
}

/// Answers a question for retention: `{"site_id", "date_range", "unit", "start"?, "return"?,
/// "filters"?}`.
///
/// # Errors
/// As [`ask`](crate::ask()).
pub fn ask_retention(
    engine: &dyn Engine,
    body: &Value,
    setting: Setting,
    cancel: &Cancel,
) -> Result<Value, AskError> {
    let base = Base::read(body, setting, &["unit", "start", "return"])?;
    let (unit, labels) = read_unit(&base)?;
    let both = |own: Filter| Filter::And(vec![base.filter.clone(), own]);
    let plan = RetentionPlan {
        project: setting.project.clone(),
        range: base.span.range,
        unit,
        start: both(base.filters("start")?),
        back: both(base.filters("return")?),
    };
    let answer = engine.retention(&plan, cancel)?;
    Ok(shape(&base, &labels, &answer))
}

/// The unit, and the labels of all its periods in the range.
fn read_unit(base: &Base) -> Result<(TimeUnit, Vec<String>), Refusal> {
    let at = Pointer::root().key("unit");
    let unit = match base.fields.get("unit") {
        None => TimeUnit::Week,
        Some(unit) => match text(unit, &at)? {
            "day" => TimeUnit::Day,
            "week" => TimeUnit::Week,
            "month" => TimeUnit::Month,
            other => {
                let reason = format!("unknown unit {}; day, week or month", quoted(other));
                return Err(Refusal::new(&at, reason));
            }
        },
    };
    let labels = bucket::labels(unit, base.span.range, base.zone());
    if labels.len() > limits::RETENTION_PERIODS_MAX {
        let most = limits::RETENTION_PERIODS_MAX;
        let reason = format!(
            "{} periods are more than {most}; ask for longer ones",
            labels.len()
        );
        return Err(Refusal::new(&at, reason));
    }
    Ok((unit, labels))
}

fn shape(base: &Base, labels: &[String], answer: &RetentionAnswer) -> Value {
    let cohort = |(label, cohort): (&String, &Cohort)| {
        let rate = |back: &u64| match cohort.visitors {
            0 => decimals(0.0, 1),
            all => decimals(*back as f64 * 100.0 / all as f64, 1),
        };
        json!({
            "cohort": label,
            "visitors": cohort.visitors,
            "returned": cohort.back,
            "rates": cohort.back.iter().map(rate).collect::<Vec<_>>(),
        })
    };
    let mut query = base.echo();
    for key in ["unit", "start", "return"] {
        query[key] = base.fields.get(key).cloned().unwrap_or(Value::Null);
    }
    json!({
        "cohorts": labels.iter().zip(&answer.cohorts).map(cohort).collect::<Vec<_>>(),
        "query": query,
    })
}
