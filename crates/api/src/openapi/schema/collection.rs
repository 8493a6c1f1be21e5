//! Events on their way in, and what became of them.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::ToSchema;

use crate::openapi::problem::Problem;

/// An event. Every field may also have its short name; `docs/api.md` lists them.
#[derive(ToSchema)]
#[schema(example = json!({
    "name": "Signup", "url": "https://shop.example/welcome", "domain": "shop.example",
    "props": {"plan": "team"}, "revenue": {"currency": "EUR", "amount": 12.5}
}))]
pub(crate) struct Event {
    /// `pageview`, or any name of your own.
    name: String,
    /// Address of the page.
    url: String,
    /// The project's domain, or several with commas; else the host of `url`.
    domain: Option<String>,
    /// Address that led here.
    referrer: Option<String>,
    /// Properties: texts, numbers and truth values, 30 at most.
    props: Option<BTreeMap<String, Value>>,
    /// Money.
    revenue: Option<Revenue>,
    /// False: does not end a bounce.
    interactive: Option<bool>,
    /// UUID of the client's choice: sending again changes nothing.
    event_id: Option<String>,
}

/// An amount of money.
#[derive(ToSchema)]
pub(crate) struct Revenue {
    /// Three letters of ISO 4217.
    currency: String,
    /// Units of the currency.
    amount: f64,
}

/// One event, or up to 100.
#[derive(ToSchema)]
#[schema(example = json!({"name": "pageview", "url": "https://shop.example/", "domain": "shop.example"}))]
#[serde(untagged)]
pub(crate) enum Events {
    /// One.
    One(Box<Event>),
    /// Several.
    Several(Vec<Event>),
}

/// The page-visit form.
#[derive(ToSchema)]
#[schema(example = json!({"page_url": "https://shop.example/", "time_on_page": 12}))]
pub(crate) struct PageVisit {
    /// Address of the page.
    page_url: String,
    /// Seconds on the page.
    time_on_page: Option<f64>,
    /// Consented visitor id.
    visitor_id: Option<String>,
    /// The client's session.
    session_id: Option<String>,
    /// Address that led here.
    referrer: Option<String>,
    /// The browser's user agent, where the request's own is not it.
    user_agent: Option<String>,
    /// `1920x1080`.
    screen_resolution: Option<String>,
    /// `de-DE`.
    language: Option<String>,
    /// Properties.
    metadata: Option<BTreeMap<String, Value>>,
}

/// What became of a page visit.
#[derive(ToSchema)]
#[schema(example = json!({"status": "accepted"}))]
pub(crate) struct PageVisitTaken {
    /// `accepted`, `duplicate` or `dropped`.
    status: String,
}

/// Calls of tools, at the level that each says.
#[derive(ToSchema)]
#[schema(example = json!({
    "project": "tool.example",
    "events": [{"level": "minimal", "tool": "search", "status": "success", "version": "1.2.0"}]
}))]
pub(crate) struct TelemetryBatch {
    /// The project, unless an ingest key names it.
    project: Option<String>,
    /// 1 to 100 events; `docs/collection.md` has the fields of each level.
    events: Vec<BTreeMap<String, Value>>,
}

/// What became of each event.
#[derive(ToSchema)]
#[schema(example = json!({
    "accepted": 1, "duplicate": 0, "dropped": 0, "results": ["accepted", "rejected"],
    "rejected": [{"index": 1, "reason": "invalid",
        "errors": [{"pointer": "/1/url", "reason": "must be an address"}]}]
}))]
pub(crate) struct BatchTaken {
    accepted: u64,
    duplicate: u64,
    dropped: u64,
    rejected: Vec<Rejected>,
    /// One word for each event, in their order: `accepted`, `duplicate`, `dropped`, `rejected`.
    results: Vec<String>,
}

/// Why nothing was taken: of the request as a whole, or of each event.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum NothingTaken {
    /// It cannot be understood.
    Problem(Problem),
    /// None of several events was taken.
    Batch(BatchTaken),
}

/// An event that was not taken.
#[derive(ToSchema)]
pub(crate) struct Rejected {
    /// Which event, from 0.
    index: u64,
    /// The reason's one word.
    reason: String,
    errors: Vec<RejectedField>,
}

/// What was wrong where.
#[derive(ToSchema)]
pub(crate) struct RejectedField {
    /// JSON pointer into the body.
    pointer: String,
    reason: String,
}
