//! What the server tells of itself once a second: whether it is fit, and the gauges of `/metrics`.
//! It judges by what the pump, the queue and the jobs show, and changes nothing else.

use almanac_api::App;

use super::JobParts;
use crate::readiness::{Readiness, Signs};

/// Tells whether the server is fit. Before everything from the last run can be seen, the pump alone
/// decides.
pub(super) fn judge(app: &App, parts: &JobParts, readiness: &mut Readiness) {
    let queue = app.queue.stats();
    let signs = Signs {
        now: app.now(),
        durable_end: queue.durable_end,
        moved_to: *app.seen.borrow(),
        pulse_age_us: parts.pulse.age_us(app.now()),
        queue_bytes: queue.queue_bytes,
        queue_bytes_max: queue.queue_bytes_max,
        is_broken: parts.health.is_broken() || queue.is_closed,
    };
    let is_fit = readiness.look(&signs);
    if app.dedupe.is_complete() {
        parts.ready.send_if_modified(|ready| {
            let changes = *ready != is_fit;
            *ready = is_fit;
            changes
        });
    }
    let lag_records = signs.durable_end.saturating_sub(signs.moved_to);
    let record_bytes = queue.queue_bytes as f64 / queue.depth_records.max(1) as f64;
    metrics::gauge!("almanac_ready").set(f64::from(u8::from(*app.ready.borrow())));
    metrics::gauge!("almanac_pump_lag_seconds").set(readiness.lag_s(&signs));
    metrics::gauge!("almanac_pump_lag_records").set(lag_records as f64);
    // Segments are not told apart by record, so the bytes are those of an average record.
    metrics::gauge!("almanac_pump_lag_bytes").set(lag_records as f64 * record_bytes);
    metrics::gauge!("almanac_pump_pulse_age_seconds").set(signs.pulse_age_us as f64 / 1e6);
    let stalled = f64::from(u8::from(readiness.is_stalled(&signs)));
    metrics::gauge!("almanac_pump_stalled").set(stalled);
}

pub(super) fn gauges(app: &App) {
    let queue = app.queue.stats();
    metrics::gauge!("almanac_queue_records").set(queue.depth_records as f64);
    metrics::gauge!("almanac_queue_bytes").set(queue.queue_bytes as f64);
    metrics::gauge!("almanac_queue_bytes_max").set(queue.queue_bytes_max as f64);
    metrics::gauge!("almanac_queue_waiting_appends").set(queue.waiting_appends as f64);
    metrics::gauge!("almanac_queue_waiting_bytes").set(queue.waiting_bytes as f64);
    metrics::counter!("almanac_queue_syncs_total").absolute(queue.syncs);
    metrics::gauge!("almanac_queue_sync_seconds_sum").set(queue.sync_us_total as f64 / 1e6);
    metrics::gauge!("almanac_queue_sync_seconds_max").set(queue.sync_us_max as f64 / 1e6);
    metrics::counter!("almanac_queue_poisoned_segments_total").absolute(queue.poisoned);
    metrics::counter!("almanac_queue_suspect_appends_total").absolute(queue.suspect_appends);
    if let Some(oldest) = app.store.hot_oldest() {
        let age_us = app.now().0.saturating_sub(oldest.0).max(0);
        metrics::gauge!("almanac_store_hot_age_seconds").set(age_us as f64 / 1e6);
    }
    metrics::gauge!("almanac_store_hot_rows").set(app.store.hot_rows() as f64);
    metrics::gauge!("almanac_dedupe_ids").set(app.dedupe.len() as f64);
}
