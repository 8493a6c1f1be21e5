//! The pump: durable records out of the queue, events into the store. One thread, in order. It
//! never drops a record: what cannot be read goes to the dead letters with its reason, and what
//! cannot be stored is tried again.

use std::sync::Arc;
use std::time::Duration;

use almanac_api::App;
use almanac_ingest::record;
use almanac_model::{Event, Instant};
use tokio::sync::watch;

use crate::dead_letters::DeadLetters;

/// Records taken from the queue at once.
const RECORDS_MAX: usize = 10_000;
/// The same, bytes.
const BYTES_MAX: u64 = 16 << 20;
/// How long the pump sleeps at most before it looks whether the server is stopping.
const IDLE: Duration = Duration::from_millis(200);
/// Waits between attempts after the store or the queue failed, doubling from the first to the last.
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_LAST: Duration = Duration::from_secs(5);

/// What the pump tells the rest of the server.
#[derive(Debug)]
pub(crate) struct Signals {
    /// One past the last record that questions can see.
    pub(crate) seen: watch::Sender<u64>,
    /// Turns true when all that was durable at the start can be seen.
    pub(crate) ready: watch::Sender<bool>,
    /// Turns true when the pump should empty the queue and end.
    pub(crate) stop: watch::Receiver<bool>,
}

/// Runs until the server stops and the queue is empty.
pub(crate) fn run(app: &Arc<App>, dead: &DeadLetters, signals: &Signals) {
    let replay_end = app.queue.stats().durable_end;
    let mut next = app.store.position();
    let mut retry = RETRY_FIRST;
    loop {
        if next >= replay_end && !*signals.ready.borrow() {
            signals.ready.send_replace(true);
        }
        match step(app, dead, next, replay_end) {
            Ok(after) if after > next => {
                next = after;
                retry = RETRY_FIRST;
                signals.seen.send_replace(next);
            }
            Ok(_) if *signals.stop.borrow() => return,
            Ok(_) => drop(app.queue.wait_for(next, IDLE)),
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    retry_ms = retry.as_millis() as u64,
                    "the pump could not go on and will try again"
                );
                metrics::counter!("almanac_pump_failures_total").increment(1);
                if *signals.stop.borrow() {
                    // What is left stays in the queue and is taken up at the next start.
                    return;
                }
                std::thread::park_timeout(retry);
                retry = (retry * 2).min(RETRY_LAST);
            }
        }
    }
}

/// Moves one batch. Answers where the next one begins.
fn step(app: &App, dead: &DeadLetters, next: u64, replay_end: u64) -> anyhow::Result<u64> {
    let batch = app.queue.read(next, RECORDS_MAX, BYTES_MAX)?;
    if batch.records.is_empty() {
        return Ok(batch.next);
    }
    let mut events = Vec::with_capacity(batch.records.len());
    for (sequence, bytes) in &batch.records {
        match record::decode(bytes) {
            Ok(event) => events.push((*sequence, event)),
            Err(error) => dead.bury(*sequence, bytes, &error.to_string())?,
        }
    }
    let replayed = next < replay_end;
    if replayed {
        remember(app, events.iter().map(|(_, event)| event));
    }
    let count = events.len() as u64;
    app.store.append(events)?;
    metrics::counter!("almanac_pump_events_total").increment(count);
    Ok(batch.next)
}

/// What the last run knew in memory only: the ids it had taken and the visitors it had seen.
fn remember<'a>(app: &App, events: impl Iterator<Item = &'a Event>) {
    for event in events {
        app.dedupe.settle(event.project, event.id, event.time);
        app.recent.saw(event.project, event.visitor, event.time);
    }
}

/// How long the oldest record has waited to be seen, for the metrics.
pub(crate) fn lag_records(app: &App) -> u64 {
    app.queue
        .stats()
        .durable_end
        .saturating_sub(*app.seen.borrow())
}

/// When unsealed rows should go to files: enough of them, or old enough.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SealPolicy {
    pub(crate) rows_max: u64,
    pub(crate) age_max_us: i64,
}

impl SealPolicy {
    /// Whether to seal now, given since when there have been unsealed rows.
    pub(crate) fn is_due(&self, rows: u64, since: Option<Instant>, now: Instant) -> bool {
        rows >= self.rows_max || since.is_some_and(|since| now.0 - since.0 >= self.age_max_us)
    }
}
