//! Questions and answers; `docs/questions.md` has every name that may stand in them.

use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A period: `day`, `24h`, `7d`, `month`, `6mo`, `year`, `all`, or two dates or date-times.
#[derive(ToSchema)]
#[schema(example = json!("30d"))]
#[serde(untagged)]
pub(crate) enum DateRange {
    /// By name.
    Named(String),
    /// From, to.
    Between(Vec<String>),
}

/// A question.
#[derive(ToSchema)]
#[schema(example = json!({
    "site_id": "shop.example", "date_range": "30d", "metrics": ["visitors", "pageviews"],
    "dimensions": ["visit:source"], "filters": [["is", "visit:country", ["DE"]]],
    "order_by": [["visitors", "desc"]], "pagination": {"limit": 10, "offset": 0}
}))]
pub(crate) struct Question {
    /// The project's id, its domain or a host of it.
    site_id: String,
    date_range: DateRange,
    /// Names of metrics, or formulas `{name, formula, decimals}`.
    metrics: Vec<Value>,
    dimensions: Option<Vec<String>>,
    /// `[operator, dimension, [values]]`, and `and`, `or`, `not` of them.
    filters: Option<Vec<Value>>,
    /// `[metric or dimension, "asc" or "desc"]`.
    order_by: Option<Vec<Value>>,
    include: Option<Map<String, Value>>,
    pagination: Option<Map<String, Value>>,
    /// `people`, as without it, or `bots`, which are kept apart.
    traffic: Option<String>,
}

/// An answer in rows.
#[derive(ToSchema)]
#[schema(example = json!({
    "results": [{"dimensions": ["Google"], "metrics": [12, 40]}],
    "meta": {"visitors_are": "daily_sum"}, "query": {"site_id": "shop.example"}
}))]
pub(crate) struct Answer {
    results: Vec<AnswerRow>,
    /// How visitors were counted, the number of rows, warnings.
    meta: Map<String, Value>,
    /// The question with every choice made.
    query: Map<String, Value>,
}

/// A group and its metrics, both in the order of the question.
#[derive(ToSchema)]
pub(crate) struct AnswerRow {
    dimensions: Vec<Value>,
    metrics: Vec<Value>,
    /// The same of the period it is compared with.
    comparison: Option<Map<String, Value>>,
}

/// A question about steps.
#[derive(ToSchema)]
#[schema(example = json!({
    "site_id": "1", "date_range": "30d", "order": "loose", "window": "7d",
    "steps": [
        {"name": "Pricing", "filters": [["is", "event:page", ["/pricing"]]]}, {"goal": "Signup"}
    ]
}))]
pub(crate) struct FunnelQuestion {
    site_id: String,
    date_range: DateRange,
    filters: Option<Vec<Value>>,
    /// 2 to 16 steps: `{name, filters}` or `{goal}`.
    steps: Vec<Map<String, Value>>,
    /// `loose` or `strict`.
    order: Option<String>,
    /// A number with `s`, `m`, `h` or `d`.
    window: Option<String>,
    breakdown: Option<String>,
    limit: Option<u64>,
}

/// How many went how far.
#[derive(ToSchema)]
#[schema(example = json!({
    "steps": [{"name": "Pricing", "visitors": 3, "conversion_rate": 100.0,
        "step_conversion_rate": 100.0, "dropped": 0, "time_from_previous_s": null}],
    "conversion_rate": 66.7, "time_to_convert_s": {"median": 240, "mean": 86580},
    "query": {"site_id": "1"}
}))]
pub(crate) struct Funnel {
    steps: Vec<FunnelStep>,
    /// Percent.
    conversion_rate: f64,
    time_to_convert_s: Option<Map<String, Value>>,
    total_groups: Option<u64>,
    groups: Option<Vec<Map<String, Value>>>,
    query: Map<String, Value>,
}

/// One step.
#[derive(ToSchema)]
pub(crate) struct FunnelStep {
    name: String,
    visitors: u64,
    /// Percent of those of the first step.
    conversion_rate: f64,
    /// Percent of those of the step before.
    step_conversion_rate: f64,
    dropped: u64,
    time_from_previous_s: Option<Map<String, Value>>,
}

/// A question about coming back.
#[derive(ToSchema)]
#[schema(example = json!({"site_id": "1", "date_range": "12mo", "unit": "week"}))]
pub(crate) struct RetentionQuestion {
    site_id: String,
    date_range: DateRange,
    filters: Option<Vec<Value>>,
    /// `day`, `week` or `month`.
    unit: Option<String>,
    /// Filters of the first event.
    start: Option<Vec<Value>>,
    /// Filters of the events that count as coming back.
    #[serde(rename = "return")]
    come_back: Option<Vec<Value>>,
}

/// Cohorts and how many of each came back.
#[derive(ToSchema)]
#[schema(example = json!({
    "cohorts": [
        {"cohort": "2025-06-02", "visitors": 3, "returned": [3, 1], "rates": [100.0, 33.3]}
    ],
    "query": {"site_id": "1"}
}))]
pub(crate) struct Retention {
    cohorts: Vec<Cohort>,
    query: Map<String, Value>,
}

/// Those who began in one period.
#[derive(ToSchema)]
pub(crate) struct Cohort {
    /// First day of the period.
    cohort: String,
    visitors: u64,
    /// Visitors who were there that many periods later.
    returned: Vec<u64>,
    /// The same in percent.
    rates: Vec<f64>,
}

/// A question about ways.
#[derive(ToSchema)]
#[schema(example = json!({
    "site_id": "1", "date_range": "30d", "by": "event:page", "from": "/pricing", "depth": 3
}))]
pub(crate) struct JourneyQuestion {
    site_id: String,
    date_range: DateRange,
    filters: Option<Vec<Value>>,
    by: Option<String>,
    from: Option<String>,
    to: Option<String>,
    depth: Option<u64>,
    limit: Option<u64>,
    groups: Option<Vec<Map<String, Value>>>,
}

/// Steps of visits and the ways between them.
#[derive(ToSchema)]
#[schema(example = json!({
    "visits": 3, "nodes": [{"step": 0, "name": "/pricing", "visits": 3, "ends": 1}],
    "links": [{"step": 0, "from": "/pricing", "to": "/", "visits": 2}], "query": {"site_id": "1"}
}))]
pub(crate) struct Journey {
    visits: u64,
    nodes: Vec<Map<String, Value>>,
    links: Vec<Map<String, Value>>,
    query: Map<String, Value>,
}

/// A question about what led to conversions.
#[derive(ToSchema)]
#[schema(example = json!({
    "site_id": "1", "date_range": "30d", "conversion": [["is", "event:goal", ["Signup"]]],
    "by": "visit:source", "lookback": "30d", "half_life": "7d"
}))]
pub(crate) struct AttributionQuestion {
    site_id: String,
    date_range: DateRange,
    filters: Option<Vec<Value>>,
    conversion: Vec<Value>,
    by: Option<String>,
    lookback: Option<String>,
    half_life: Option<String>,
}

/// Conversions shared out among what led to them.
#[derive(ToSchema)]
#[schema(example = json!({
    "conversions": 3, "total_rows": 1, "query": {"site_id": "1"},
    "results": [{"value": "Google", "first": 2.0, "last": 2.0, "linear": 2.0, "time_decay": 1.81}]
}))]
pub(crate) struct Attribution {
    conversions: u64,
    results: Vec<Map<String, Value>>,
    total_rows: u64,
    query: Map<String, Value>,
}

/// A question about which names there are.
#[derive(ToSchema)]
#[schema(example = json!({"site_id": "1", "date_range": "30d"}))]
pub(crate) struct InventoryQuestion {
    site_id: String,
    date_range: DateRange,
}

/// Names of everything that can be asked for, the most common first.
#[derive(ToSchema)]
#[schema(example = json!({
    "event_names": [{"name": "pageview", "events": 9, "visitors": 3}],
    "properties": [{"name": "plan", "events": 4}], "tools": [], "services": [], "providers": [],
    "models": [], "currencies": [], "query": {"site_id": "1"}
}))]
pub(crate) struct Inventory {
    event_names: Vec<Map<String, Value>>,
    properties: Vec<Map<String, Value>>,
    tools: Vec<Map<String, Value>>,
    services: Vec<Map<String, Value>>,
    providers: Vec<Map<String, Value>>,
    models: Vec<Map<String, Value>>,
    currencies: Vec<Map<String, Value>>,
    query: Map<String, Value>,
}
