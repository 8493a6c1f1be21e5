//! Questions about what visitors did one after another: funnels, retention, journeys, attribution.
//! Each has a file with its plan, its answer, how it is asked and how it is shown. What they share
//! stands here: the project's range and filters, in the shape of every other question.

pub mod attribution;
pub mod funnel;
pub mod journey;
pub mod retention;

use almanac_model::{Dimension, Filter};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::ask::Setting;
use crate::build::{Span, filter, range, stored};
use crate::names::DimensionName;
use crate::parse::value::{object, required};
use crate::parse::{Named, dates, dimension, filters};
use crate::refusal::{Pointer, Refusal};
use crate::shape::ends;
use crate::{limits, parse};

/// When and which events, of any question about paths.
#[derive(Debug, Clone)]
struct Base<'a> {
    fields: &'a Map<String, Value>,
    setting: Setting<'a>,
    span: Span,
    filter: Filter,
}

impl<'a> Base<'a> {
    /// Reads `site_id`, `date_range` and `filters`, and refuses keys that nobody knows.
    fn read(body: &'a Value, setting: Setting<'a>, own: &[&str]) -> Result<Self, Refusal> {
        let root = Pointer::root();
        let known: Vec<&str> = ["site_id", "date_range", "filters"]
            .into_iter()
            .chain(own.iter().copied())
            .collect();
        let fields = object(body, &root, &known)?;
        parse::site_id(body)?;
        let at = root.key("date_range");
        let asked = dates::range(required(fields, &root, "date_range")?, &at)?;
        let span = range::resolve(&asked, &setting.project.zone, setting.facts, &at)?;
        let given = fields.get("filters");
        let clauses = filters::filters(given, &root.key("filters"))?;
        Ok(Self {
            fields,
            setting,
            span,
            filter: filter::build(&clauses, setting)?,
        })
    }

    /// Filters under a key of their own, all of which must hold; everything without the key.
    fn filters(&self, key: &str) -> Result<Filter, Refusal> {
        let clauses = filters::filters(self.fields.get(key), &Pointer::root().key(key))?;
        filter::build(&clauses, self.setting)
    }

    /// A dimension under a key.
    fn dimension(&self, key: &str) -> Result<Option<Split>, Refusal> {
        let at = Pointer::root().key(key);
        let Some(given) = self.fields.get(key).filter(|given| !given.is_null()) else {
            return Ok(None);
        };
        let named = self.setting.mask.over(dimension(given, &at)?);
        if matches!(named.name, DimensionName::Goal | DimensionName::FittingTime) {
            let reason = format!("{} cannot be used here; name another dimension", named.text);
            return Err(Refusal::new(&at, reason));
        }
        let dimension = stored(&named.name);
        Ok(Some(Split { named, dimension }))
    }

    fn zone(&self) -> &TimeZone {
        &self.setting.project.zone
    }

    /// The beginning of what every answer repeats of its question.
    fn echo(&self) -> Value {
        json!({
            "site_id": self.fields.get("site_id"),
            "date_range": ends(self.span, self.zone()),
            "filters": self.fields.get("filters").cloned().unwrap_or_else(|| json!([])),
        })
    }
}

/// A dimension by its name and as it is stored.
#[derive(Debug, Clone)]
struct Split {
    named: Named,
    dimension: Dimension,
}

impl Split {
    /// How a value is shown: blank ones by their label, places by their names.
    fn label(&self, value: &str) -> String {
        let values = [value.to_owned()];
        let labels = crate::shape::labelled(&values, std::slice::from_ref(&self.named));
        labels.into_iter().next().unwrap_or_default()
    }
}

/// A span of time in words: `90s`, `30m`, `12h`, `7d`; microseconds.
fn duration_us(value: &Value, at: &Pointer) -> Result<i64, Refusal> {
    let wrong = || {
        let most = limits::WINDOW_DAYS_MAX;
        Refusal::new(
            at,
            format!(
                "expected a span of time like 90s, 30m, 12h or 7d, up to {most}d, found {value}"
            ),
        )
    };
    let word = value.as_str().ok_or_else(wrong)?;
    let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let parts = units
        .iter()
        .find_map(|(unit, unit_s)| Some((word.strip_suffix(unit)?, unit_s)));
    let (digits, unit_s) = parts.ok_or_else(wrong)?;
    let count: i64 = digits.parse().map_err(|_| wrong())?;
    let span_s = count.checked_mul(*unit_s).ok_or_else(wrong)?;
    if !(1..=limits::WINDOW_DAYS_MAX * 86_400).contains(&span_s) || digits.starts_with('+') {
        return Err(wrong());
    }
    Ok(span_s * almanac_model::time::SECOND_US)
}
