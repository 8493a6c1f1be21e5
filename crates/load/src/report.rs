//! The outcome of a run as one line of JSON, for whoever prints tables.

use std::io::Write;

use serde_json::json;

use crate::Settings;
use crate::connection::Outcome;

/// Writes the report.
pub(crate) fn print(
    settings: &Settings,
    outcome: &Outcome,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let seconds = outcome.took.as_secs_f64().max(1e-9);
    let requests_s = outcome.accepted as f64 / seconds;
    let latency = |share| (outcome.latencies.percentile_ms(share) * 100.0).round() / 100.0;
    let report = json!({
        "rate": settings.rate,
        "batch": settings.batch,
        "connections": settings.connections,
        "seconds": (seconds * 10.0).round() / 10.0,
        "accepted": outcome.accepted,
        "shed": outcome.shed,
        "other": outcome.other,
        "broken": outcome.broken,
        "requests_s": requests_s.round(),
        "events_s": (requests_s * f64::from(settings.batch)).round(),
        "ms": {
            "p50": latency(0.5),
            "p90": latency(0.9),
            "p99": latency(0.99),
            "p999": latency(0.999),
            "max": outcome.latencies.max.as_millis() as u64,
        },
    });
    writeln!(out, "{report}")?;
    Ok(())
}
