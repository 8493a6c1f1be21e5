//! The outcome of a run as one line of JSON, for whoever prints tables.

use std::io::Write;

use serde_json::{Value, json};

use crate::Settings;
use crate::connection::Outcome;
use crate::histogram::Histogram;

/// Writes the report.
pub(crate) fn print(
    settings: &Settings,
    outcome: &Outcome,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let seconds = outcome.took.as_secs_f64().max(1e-9);
    let requests_s = outcome.accepted as f64 / seconds;
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
        "ms": percentiles(&outcome.latencies),
    });
    writeln!(out, "{report}")?;
    Ok(())
}

/// Writes how long probes took to be visible.
pub(crate) fn print_probes(
    settings: &Settings,
    visible: &Histogram,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let report = json!({ "probes": settings.probes, "ms": percentiles(visible) });
    writeln!(out, "{report}")?;
    Ok(())
}

fn percentiles(latencies: &Histogram) -> Value {
    let latency = |share| (latencies.percentile_ms(share) * 100.0).round() / 100.0;
    json!({
        "p50": latency(0.5),
        "p90": latency(0.9),
        "p99": latency(0.99),
        "p999": latency(0.999),
        "max": latencies.max.as_millis() as u64,
    })
}
