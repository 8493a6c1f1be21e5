//! Attribution (rule 44): which visits before a conversion are given the credit for it, by four
//! models at once.

use almanac_model::time::SECOND_US;
use almanac_model::{Dimension, Filter, ProjectSettings, Scope, TimeRange};
use serde_json::{Value, json};

use super::{Base, Split, duration_us};
use crate::ask::{AskError, Setting};
use crate::parse::value::required;
use crate::refusal::{Pointer, Refusal};
use crate::shape::decimals;
use crate::{Cancel, Engine, limits};

/// Attribution ready to run.
#[derive(Debug, Clone)]
pub struct AttributionPlan {
    /// Whose events.
    pub project: ProjectSettings,
    /// When conversions happen.
    pub range: TimeRange,
    /// Which events are conversions.
    pub conversion: Filter,
    /// What credit is given to: a dimension of visits.
    pub by: Dimension,
    /// How long before a conversion a visit may start to be given credit, microseconds.
    pub lookback_us: i64,
    /// After how long a visit has half the weight, microseconds.
    pub half_life_us: i64,
}

/// The answer, by value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AttributionAnswer {
    /// All conversions.
    pub conversions: u64,
    /// What is given credit.
    pub rows: Vec<Credit>,
}

/// The conversions that one value is given, by each model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Credit {
    /// The value.
    pub value: String,
    /// All to the first visit.
    pub first: f64,
    /// All to the last visit.
    pub last: f64,
    /// The same to each visit.
    pub linear: f64,
    /// To each visit half as much for each half-life that it lies before the conversion.
    pub decay: f64,
}

/// How long before a conversion visits are given credit unless it is said, microseconds.
const LOOKBACK_DEFAULT_US: i64 = 30 * 86_400 * SECOND_US;
/// The half-life of credit unless it is said, microseconds.
const HALF_LIFE_DEFAULT_US: i64 = 7 * 86_400 * SECOND_US;

/// Answers a question for attribution: `{"site_id", "date_range", "filters"?, "conversion", "by"?,
/// "lookback"?, "half_life"?}`.
///
/// # Errors
/// As [`ask`](crate::ask()).
pub fn ask_attribution(
    engine: &dyn Engine,
    body: &Value,
    setting: Setting,
    cancel: &Cancel,
) -> Result<Value, AskError> {
    let base = Base::read(
        body,
        setting,
        &["conversion", "by", "lookback", "half_life"],
    )?;
    let (plan, split) = read(&base)?;
    let answer = engine.attribution(&plan, cancel)?;
    Ok(shape(&base, &plan, &split, answer))
}

fn read(base: &Base) -> Result<(AttributionPlan, Split), Refusal> {
    let root = Pointer::root();
    required(base.fields, &root, "conversion")?;
    let source = json!("visit:source");
    let by = match base.dimension("by")? {
        Some(by) => by,
        None => {
            let named = crate::parse::dimension(&source, &root.key("by"))?;
            let dimension = crate::build::stored(&named.name);
            Split { named, dimension }
        }
    };
    if by.dimension.scope() != Scope::Visit {
        let reason = format!(
            "{} is not a fact of visits; use visit:source",
            by.named.text
        );
        return Err(Refusal::new(&root.key("by"), reason));
    }
    let span = |key: &str, usual: i64| match base.fields.get(key) {
        Some(given) => duration_us(given, &root.key(key)),
        None => Ok(usual),
    };
    let plan = AttributionPlan {
        project: base.setting.project.clone(),
        range: base.span.range,
        conversion: Filter::And(vec![base.filter.clone(), base.filters("conversion")?]),
        by: by.dimension.clone(),
        lookback_us: span("lookback", LOOKBACK_DEFAULT_US)?,
        half_life_us: span("half_life", HALF_LIFE_DEFAULT_US)?,
    };
    Ok((plan, by))
}

fn shape(base: &Base, plan: &AttributionPlan, by: &Split, answer: AttributionAnswer) -> Value {
    let mut rows = answer.rows;
    rows.sort_by(|one, two| {
        let by_last = two.last.total_cmp(&one.last);
        let by_linear = two.linear.total_cmp(&one.linear);
        by_last
            .then(by_linear)
            .then_with(|| one.value.cmp(&two.value))
    });
    let total_rows = rows.len();
    let row = |row: &Credit| {
        json!({
            "value": by.label(&row.value),
            "first": decimals(row.first, 2),
            "last": decimals(row.last, 2),
            "linear": decimals(row.linear, 2),
            "time_decay": decimals(row.decay, 2),
        })
    };
    let mut query = base.echo();
    query["conversion"] = base
        .fields
        .get("conversion")
        .cloned()
        .unwrap_or(Value::Null);
    query["by"] = json!(by.named.text);
    query["lookback_s"] = json!(plan.lookback_us / SECOND_US);
    query["half_life_s"] = json!(plan.half_life_us / SECOND_US);
    json!({
        "conversions": answer.conversions,
        "results": rows.iter().take(limits::PAGE_ROWS_MAX).map(row).collect::<Vec<_>>(),
        "total_rows": total_rows,
        "query": query,
    })
}
