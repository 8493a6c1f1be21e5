//! Shapes of what is kept and what goes.

use utoipa::ToSchema;

/// What was erased, or would be.
#[derive(ToSchema)]
#[schema(example = json!({
    "events": 12, "days": 3, "files": 3, "dead_letters": 0, "unreadable_dead_letters": 0,
    "decisions": 2, "is_queue_emptied": true, "dry_run": false
}))]
pub(crate) struct Erased {
    events: u64,
    /// Local days that had some.
    days: u64,
    /// Files that are written anew or removed.
    files: u64,
    /// Events that could not be stored and waited for somebody to look at them.
    dead_letters: u64,
    /// Dead letters of which nobody can tell whose they are: look at them, and drop them.
    unreadable_dead_letters: u64,
    /// Entries of the log of what the visitor decided.
    decisions: u64,
    /// Whether the queue's files hold nothing any more of what was taken before.
    is_queue_emptied: bool,
    dry_run: bool,
}

/// What is known of a person.
#[derive(ToSchema)]
#[schema(example = json!({
    "events": [{"visitor": "8112233", "time": "2026-11-21T08:00:00Z", "kind": "pageview"}],
    "decisions": [{"at": "2026-11-21T08:00:00Z", "state": "granted"}],
    "dead_letters": 0
}))]
pub(crate) struct Person {
    /// Events with the columns of an export that are not blank, by file.
    #[schema(value_type = Vec<Object>)]
    events: Vec<serde_json::Value>,
    /// What the visitor decided, oldest first.
    decisions: Vec<DecisionOfPerson>,
    /// Events that could not be stored; `almanac dead-letters` shows them.
    dead_letters: u64,
}

/// What a visitor decided.
#[derive(ToSchema)]
struct DecisionOfPerson {
    /// RFC 3339.
    at: String,
    /// `granted` or `denied`.
    state: String,
}

/// How long events are kept.
#[derive(ToSchema)]
#[schema(example = json!({
    "days": 730, "first_kept_day": "2024-11-21", "expired": {"events": 0, "days": 0}
}))]
pub(crate) struct KeptEvents {
    /// Whole local days beside today; null: for ever.
    #[schema(required)]
    days: Option<u32>,
    /// The first local day that stays.
    #[schema(required)]
    first_kept_day: Option<String>,
    expired: Expired,
}

/// Events that are too old and go with the next clean-up.
#[derive(ToSchema)]
#[schema(example = json!({"events": 0, "days": 0}))]
pub(crate) struct Expired {
    events: u64,
    days: u64,
}

/// How much disk a project takes.
#[derive(ToSchema)]
#[schema(example = json!({
    "events": 5000000, "bytes": 98000000, "days": 365, "bytes_per_event": 19.6
}))]
pub(crate) struct Disk {
    events: u64,
    bytes: u64,
    /// Local days with events.
    days: u64,
    bytes_per_event: Option<f64>,
}
