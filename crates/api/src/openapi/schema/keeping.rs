//! Shapes of what is kept and what goes.

use utoipa::ToSchema;

/// What was erased, or would be.
#[derive(ToSchema)]
#[schema(example = json!({"events": 12, "days": 3, "files": 3, "dry_run": true}))]
pub(crate) struct Erased {
    events: u64,
    /// Local days that had some.
    days: u64,
    /// Files that are written anew or removed.
    files: u64,
    dry_run: bool,
}

/// How long events are kept.
#[derive(ToSchema)]
#[schema(example = json!({
    "days": 730, "first_kept_day": "2024-11-21", "expired": {"events": 0, "days": 0}
}))]
pub(crate) struct KeptEvents {
    /// Whole local days beside today; null: for ever.
    days: Option<u32>,
    /// The first local day that stays.
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
