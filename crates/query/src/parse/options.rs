//! Reads what is around a question: order, pages, and what the answer carries beside its rows.

use serde_json::Value;

use super::value::{array, flag, object, text, whole_number, wrong_type};
use super::{Asked, CompareMode, Comparing, DateRange, Include, Named, OrderKey, OrderPart, dates};
use crate::limits;
use crate::names::DimensionName;
use crate::refusal::{Pointer, Refusal, quoted};

/// The limit and the offset.
pub(super) fn pagination(value: Option<&Value>, at: &Pointer) -> Result<(usize, usize), Refusal> {
    let Some(value) = value else {
        return Ok((limits::PAGE_ROWS_MAX, 0));
    };
    let fields = object(value, at, &["limit", "offset"])?;
    let limit = match fields.get("limit") {
        Some(limit) => whole_number(limit, &at.key("limit"), 1, limits::PAGE_ROWS_MAX)?,
        None => limits::PAGE_ROWS_MAX,
    };
    let offset = match fields.get("offset") {
        Some(offset) => whole_number(offset, &at.key("offset"), 0, limits::OFFSET_MAX)?,
        None => 0,
    };
    Ok((limit, offset))
}

pub(super) fn order(
    value: Option<&Value>,
    at: &Pointer,
    metrics: &[Asked],
    dimensions: &[Named],
) -> Result<Vec<OrderPart>, Refusal> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let mut order = Vec::new();
    for (position, item) in array(value, at)?.iter().enumerate() {
        let at = at.at(position);
        if position == limits::ORDER_MAX {
            let reason = format!("more than {} parts; leave some out", limits::ORDER_MAX);
            return Err(Refusal::new(&at, reason));
        }
        let [key, direction] = array(item, &at)? else {
            return Err(wrong_type(
                item,
                &at,
                "[metric or dimension, \"asc\" or \"desc\"]",
            ));
        };
        let by = order_key(key, &at.at(0), metrics, dimensions)?;
        let descending = match text(direction, &at.at(1))? {
            "asc" => false,
            "desc" => true,
            other => {
                let reason = format!("unknown direction {}; asc or desc", quoted(other));
                return Err(Refusal::new(&at.at(1), reason));
            }
        };
        order.push(OrderPart { by, descending });
    }
    Ok(order)
}

fn order_key(
    key: &Value,
    at: &Pointer,
    metrics: &[Asked],
    dimensions: &[Named],
) -> Result<OrderKey, Refusal> {
    let name = text(key, at)?;
    let metric = metrics.iter().position(|metric| metric.name() == name);
    let dimension = || {
        let meant = DimensionName::from_text(name)?;
        dimensions
            .iter()
            .position(|dimension| dimension.name == meant)
    };
    metric
        .map(OrderKey::Metric)
        .or_else(|| dimension().map(OrderKey::Dimension))
        .ok_or_else(|| {
            let asked: Vec<&str> = (metrics.iter().map(|metric| metric.name()))
                .chain(dimensions.iter().map(|dimension| dimension.text.as_str()))
                .collect();
            let reason = format!(
                "{} is not among the metrics and dimensions asked for; one of {}",
                quoted(name),
                asked.join(", ")
            );
            Refusal::new(at, reason)
        })
}

pub(super) fn include(value: Option<&Value>, at: &Pointer) -> Result<Include, Refusal> {
    let Some(value) = value else {
        return Ok(Include::default());
    };
    let fields = object(
        value,
        at,
        &["time_labels", "total_rows", "imports", "comparisons"],
    )?;
    let asked = |key| Ok(flag(fields.get(key), &at.key(key))?.unwrap_or(false));
    let comparisons = match fields.get("comparisons") {
        None | Some(Value::Null) => None,
        Some(value) => Some(comparing(value, &at.key("comparisons"))?),
    };
    Ok(Include {
        time_labels: asked("time_labels")?,
        total_rows: asked("total_rows")?,
        imports: asked("imports")?,
        comparisons,
    })
}

fn comparing(value: &Value, at: &Pointer) -> Result<Comparing, Refusal> {
    let fields = object(value, at, &["mode", "date_range", "match_day_of_week"])?;
    let mode_at = at.key("mode");
    let mode = text(super::value::required(fields, at, "mode")?, &mode_at)?;
    let range_at = at.key("date_range");
    let match_at = at.key("match_day_of_week");
    let match_day_of_week = flag(fields.get("match_day_of_week"), &match_at)?.unwrap_or(false);
    let mode = match (mode, fields.get("date_range")) {
        ("previous_period", None) => CompareMode::PreviousPeriod,
        ("year_over_year", None) => CompareMode::YearOverYear,
        ("custom", Some(range)) => match dates::range(range, &range_at)? {
            own @ (DateRange::Dates(..) | DateRange::Moments(..)) => CompareMode::Custom(own),
            _ => {
                return Err(Refusal::new(
                    &range_at,
                    "expected two dates or two date-times",
                ));
            }
        },
        ("custom", None) => {
            return Err(Refusal::new(
                &range_at,
                "is missing; a custom comparison needs its range",
            ));
        }
        ("previous_period" | "year_over_year", Some(_)) => {
            let reason = format!("does not go with {mode}; leave it out or set mode to custom");
            return Err(Refusal::new(&range_at, reason));
        }
        _ => {
            let reason = format!(
                "unknown mode {}; one of previous_period, year_over_year, custom",
                quoted(mode)
            );
            return Err(Refusal::new(&mode_at, reason));
        }
    };
    if match_day_of_week && matches!(mode, CompareMode::Custom(_)) {
        return Err(Refusal::new(
            &match_at,
            "does not go with custom; choose the dates themselves",
        ));
    }
    Ok(Comparing {
        mode,
        match_day_of_week,
    })
}
