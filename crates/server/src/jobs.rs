//! The work that goes on beside requests: sealing, merging files, saving the ledger, noticing
//! changes of the catalog, destroying old salts. Each job says what it does and how often, and none
//! of them can take the server down.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use almanac_api::{App, Counts, Ledger, NOBODY, Page};
use almanac_catalog::event_count::{self, EventCount, Outcome};
use almanac_catalog::{Catalog, CatalogError, salt, session};
use almanac_model::Instant;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::pump::{self, SealPolicy};

/// Jobs that keep numbers fresh.
const OFTEN: Duration = Duration::from_secs(1);
/// Jobs that clean up.
const HOURLY: Duration = Duration::from_secs(3600);
/// Rest between two merges of files, so that they never take a whole core.
const MERGE_PAUSE: Duration = Duration::from_secs(2);

/// Starts every job. They end when the server stops.
pub(crate) fn start(app: &Arc<App>, seal: SealPolicy) -> Vec<tokio::task::JoinHandle<()>> {
    vec![
        tokio::spawn(often(Arc::clone(app))),
        tokio::spawn(sealing(Arc::clone(app), seal)),
        tokio::spawn(merging(Arc::clone(app))),
        tokio::spawn(hourly(Arc::clone(app))),
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

async fn often(app: Arc<App>) {
    let (mut ticker, mut stop) = (ticker(OFTEN), app.stop.clone());
    while tick(&mut ticker, &mut stop).await {
        save_ledger(&app).await;
        if let Err(error) = app.refresh().await {
            tracing::error!(%error, "changes of the catalog could not be read");
        }
        gauges(&app);
    }
}

async fn hourly(app: Arc<App>) {
    let (mut ticker, mut stop) = (ticker(HOURLY), app.stop.clone());
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
    }
}

async fn sealing(app: Arc<App>, policy: SealPolicy) {
    let (mut ticker, mut stop) = (ticker(OFTEN), app.stop.clone());
    let mut since: Option<Instant> = None;
    while tick(&mut ticker, &mut stop).await {
        let rows = app.store.hot_rows();
        since = if rows == 0 {
            None
        } else {
            since.or_else(|| Some(app.now()))
        };
        if policy.is_due(rows, since, app.now()) {
            since = None;
            let sealing = Arc::clone(&app);
            report(
                tokio::task::spawn_blocking(move || seal(&sealing)).await,
                "sealing",
            );
        }
    }
}

/// Writes the rows in memory to files and lets the queue forget them.
pub(crate) fn seal(app: &App) -> anyhow::Result<()> {
    let started = std::time::Instant::now();
    let sealed = app.store.seal()?;
    app.queue.release(sealed.position)?;
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

/// Saves what a ledger holds; what cannot be saved goes back to it. What counts records of the queue
/// is saved in one piece with the place up to which it counts.
pub(crate) async fn save_counts(catalog: &Catalog, ledger: &Ledger) -> Result<(), CatalogError> {
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

fn gauges(app: &App) {
    let queue = app.queue.stats();
    metrics::gauge!("almanac_queue_records").set(queue.depth_records as f64);
    metrics::gauge!("almanac_queue_bytes").set(queue.queue_bytes as f64);
    metrics::gauge!("almanac_queue_syncs").set(queue.syncs as f64);
    metrics::gauge!("almanac_pump_lag_records").set(pump::lag_records(app) as f64);
    metrics::gauge!("almanac_store_hot_rows").set(app.store.hot_rows() as f64);
    metrics::gauge!("almanac_dedupe_ids").set(app.dedupe.len() as f64);
}
