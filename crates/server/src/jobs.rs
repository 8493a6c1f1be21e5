//! The work that goes on beside requests: sealing, merging files, saving the ledger, noticing
//! changes of the catalog, destroying old salts. Each job says what it does and how often, and none
//! of them can take the server down.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use almanac_api::{App, Counts, Ledger, NOBODY, Page, forecast, keeping};
use almanac_catalog::event_count::{self, EventCount, Outcome};
use almanac_catalog::{Catalog, CatalogError, salt, session};
use almanac_model::Instant;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::dedupe_log::DedupeLog;
use crate::pump::{Pulse, SealPolicy};
use crate::readiness::{Readiness, Signs};

/// Jobs that keep numbers fresh.
const OFTEN: Duration = Duration::from_secs(1);
/// Jobs that clean up; old salts live on for no longer than this.
const CLEAN_UP: Duration = Duration::from_secs(300);
/// Forecasts are looked after: kept for the day, trained again when old or adrift.
const FORECAST_UPKEEP: Duration = Duration::from_secs(3_600);
/// The newest hours of every project are looked at for anomalies.
const WATCH: Duration = Duration::from_secs(600);
/// Rest between two merges of files, so that they never take a whole core.
const MERGE_PAUSE: Duration = Duration::from_secs(2);

/// What the jobs work with beside the app.
#[derive(Debug, Clone)]
pub(crate) struct JobParts {
    pub(crate) seal: SealPolicy,
    pub(crate) log: Arc<DedupeLog>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) ready: watch::Sender<bool>,
}

/// Starts every job. They end when the server stops.
pub(crate) fn start(app: &Arc<App>, parts: &JobParts) -> Vec<tokio::task::JoinHandle<()>> {
    vec![
        tokio::spawn(often(Arc::clone(app), parts.clone())),
        tokio::spawn(sealing(Arc::clone(app), parts.clone())),
        tokio::spawn(merging(Arc::clone(app))),
        tokio::spawn(cleaning_up(Arc::clone(app))),
        tokio::spawn(training(Arc::clone(app))),
        tokio::spawn(upkeep_of_forecasts(Arc::clone(app))),
        tokio::spawn(watching(Arc::clone(app))),
    ]
}

/// Waits for the next tick; false when the server stops.
async fn tick(ticker: &mut tokio::time::Interval, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        _ = ticker.tick() => true,
        _ = stop.wait_for(|stopping| *stopping) => false,
    }
}

fn ticker(period: Duration) -> tokio::time::Interval {
    let mut ticker = interval(period);
    ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticker
}

async fn often(app: Arc<App>, parts: JobParts) {
    let (mut ticker, mut stop) = (ticker(OFTEN), app.stop.clone());
    let mut readiness = Readiness::default();
    while tick(&mut ticker, &mut stop).await {
        save_ledger(&app).await;
        if let Err(error) = app.refresh().await {
            tracing::error!(%error, "changes of the catalog could not be read");
        }
        judge(&app, &parts, &mut readiness);
        gauges(&app);
    }
}

async fn cleaning_up(app: Arc<App>) {
    let (mut ticker, mut stop) = (ticker(CLEAN_UP), app.stop.clone());
    while tick(&mut ticker, &mut stop).await {
        match salt::destroy_old(&app.catalog, app.now()).await {
            Ok(0) => {}
            Ok(count) => {
                app.forget_salts();
                tracing::info!(count, "old salts were destroyed");
            }
            Err(error) => tracing::error!(%error, "old salts could not be destroyed"),
        }
        if let Err(error) = session::remove_expired(&app.catalog, app.now()).await {
            tracing::error!(%error, "expired sessions could not be removed");
        }
        if let Err(error) = keeping::expire(&app).await {
            tracing::error!(%error, "events that are too old could not be removed");
        }
    }
}

async fn sealing(app: Arc<App>, parts: JobParts) {
    let (mut ticker, mut stop) = (ticker(OFTEN), app.stop.clone());
    let mut since: Option<Instant> = None;
    while tick(&mut ticker, &mut stop).await {
        let rows = app.store.hot_rows();
        since = if rows == 0 {
            None
        } else {
            since.or_else(|| Some(app.now()))
        };
        if parts.seal.is_due(rows, since, app.now()) {
            since = None;
            let (sealing, log) = (Arc::clone(&app), Arc::clone(&parts.log));
            let sealed = tokio::task::spawn_blocking(move || seal(&sealing, &log)).await;
            report(sealed, "sealing");
            save_ledger(&app).await;
        }
    }
}

/// Writes the rows in memory to files and lets the queue forget what is needed no more: what is in
/// files, whose ids are on disk, and what is counted.
pub(crate) fn seal(app: &App, log: &DedupeLog) -> anyhow::Result<()> {
    let started = std::time::Instant::now();
    let sealed = app.store.seal()?;
    let known_to = log.sync()?;
    let needless_to = sealed.position.min(known_to).min(app.ledger.saved_to());
    app.queue.release(needless_to)?;
    if sealed.rows > 0 {
        let duration_ms = started.elapsed().as_millis() as u64;
        tracing::info!(
            rows = sealed.rows,
            files = sealed.files,
            duration_ms,
            "sealed"
        );
        metrics::histogram!("almanac_seal_seconds").record(started.elapsed().as_secs_f64());
    }
    Ok(())
}

async fn merging(app: Arc<App>) {
    let (mut ticker, mut stop) = (ticker(MERGE_PAUSE), app.stop.clone());
    while tick(&mut ticker, &mut stop).await {
        let merging = Arc::clone(&app);
        let merge = move || {
            merging.store.compact_once()?;
            Ok(())
        };
        report(tokio::task::spawn_blocking(merge).await, "merging files");
    }
}

/// Trains forecasts, one at a time, whenever one is asked for.
async fn training(app: Arc<App>) {
    let mut stop = app.stop.clone();
    loop {
        tokio::select! {
            () = app.trainer.wake.notified() => {}
            _ = stop.wait_for(|stopping| *stopping) => return,
        }
        let all = async { while forecast::train_next(&app, step_back).await {} };
        let mut stop = app.stop.clone();
        tokio::select! {
            () = all => {}
            _ = stop.wait_for(|stopping| *stopping) => return,
        }
    }
}

/// Lets everything else go first on this thread: a training is never urgent.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(19) {
        tracing::warn!(%error, "a training runs at full priority");
    }
}

async fn upkeep_of_forecasts(app: Arc<App>) {
    let (mut ticker, mut stop) = (ticker(FORECAST_UPKEEP), app.stop.clone());
    while tick(&mut ticker, &mut stop).await {
        forecast::look_after(&app).await;
    }
}

async fn watching(app: Arc<App>) {
    let (mut ticker, mut stop) = (ticker(WATCH), app.stop.clone());
    while tick(&mut ticker, &mut stop).await {
        // A server that stops before it was ready does not wait for it here.
        tokio::select! {
            () = forecast::watch(&app) => {}
            _ = stop.wait_for(|stopping| *stopping) => return,
        }
    }
}

fn report(result: Result<anyhow::Result<()>, tokio::task::JoinError>, job: &str) {
    let failure = match result {
        Ok(Ok(())) => return,
        Ok(Err(error)) => format!("{error:#}"),
        Err(panicked) => panicked.to_string(),
    };
    tracing::error!(job, error = failure, "a job failed and will be tried again");
    metrics::counter!("almanac_job_failures_total", "job" => job.to_owned()).increment(1);
}

/// Saves what the ledger holds and says so in the log when it cannot.
pub(crate) async fn save_ledger(app: &App) {
    if let Err(error) = save_counts(&app.catalog, &app.ledger).await {
        tracing::error!(%error, "the ledger could not be saved and will be tried again");
    }
}

/// Saves what a ledger holds; what cannot be saved goes back to it. What counts records of the
/// queue is saved in one piece with the place up to which it counts.
pub(crate) async fn save_counts(catalog: &Catalog, ledger: &Ledger) -> Result<(), CatalogError> {
    let _alone = ledger.while_saving().await;
    let unsaved = ledger.take_unsaved();
    if unsaved.pages.is_empty() && unsaved.counted_to.is_none_or(|to| to == ledger.saved_to()) {
        return Ok(());
    }
    let rows = rows(&unsaved.pages);
    let saved = match unsaved.counted_to {
        Some(record) => event_count::add_up_to(catalog, &rows, record).await,
        None => event_count::add(catalog, &rows).await,
    };
    match (&saved, unsaved.counted_to) {
        (Ok(()), Some(record)) => ledger.saved(record),
        (Ok(()), None) => {}
        (Err(_), _) => ledger.restore(unsaved),
    }
    saved
}

fn rows(pages: &HashMap<Page, Counts>) -> Vec<EventCount> {
    let mut rows = Vec::new();
    for ((project, hour), counts) in pages {
        let mut push = |outcome, events| {
            if events > 0 {
                let project = (*project != NOBODY).then_some(*project);
                rows.push(EventCount {
                    project,
                    at: Instant::from_seconds(*hour),
                    outcome,
                    events,
                });
            }
        };
        push(Outcome::Received, counts.received());
        push(Outcome::Accepted, counts.accepted);
        push(Outcome::Duplicate, counts.duplicate);
        for (reason, count) in &counts.refused {
            push(Outcome::Refused(reason.name().to_owned()), *count);
        }
    }
    rows
}

/// Tells whether the server is fit. Before everything from the last run can be seen, the pump alone
/// decides.
fn judge(app: &App, parts: &JobParts, readiness: &mut Readiness) {
    let queue = app.queue.stats();
    let signs = Signs {
        now: app.now(),
        durable_end: queue.durable_end,
        moved_to: *app.seen.borrow(),
        pulse_age_us: parts.pulse.age_us(app.now()),
        queue_bytes: queue.queue_bytes,
        queue_bytes_max: queue.queue_bytes_max,
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

fn gauges(app: &App) {
    let queue = app.queue.stats();
    metrics::gauge!("almanac_queue_records").set(queue.depth_records as f64);
    metrics::gauge!("almanac_queue_bytes").set(queue.queue_bytes as f64);
    metrics::gauge!("almanac_queue_bytes_max").set(queue.queue_bytes_max as f64);
    metrics::gauge!("almanac_queue_waiting_appends").set(queue.waiting_appends as f64);
    metrics::gauge!("almanac_queue_waiting_bytes").set(queue.waiting_bytes as f64);
    metrics::counter!("almanac_queue_syncs_total").absolute(queue.syncs);
    metrics::gauge!("almanac_queue_sync_seconds_total").set(queue.sync_us_total as f64 / 1e6);
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
