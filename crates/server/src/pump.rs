//! The pump: durable records out of the queue, events into the store. One thread, in order. It
//! never drops a record: what cannot be read or stored for a reason of its own goes to the dead
//! letters, and what the store cannot take at this moment is tried again.

mod deliver;
mod parcel;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use almanac_api::{App, Fate};
use almanac_model::{Instant, ProjectId, VisitorId};
use almanac_queue::ReadError;
use tokio::sync::watch;

use crate::dead_letters::DeadLetters;
use crate::dedupe_log::DedupeLog;
use parcel::Parcel;

/// Records taken from the queue at once.
const RECORDS_MAX: usize = 10_000;
/// The same, bytes.
const BYTES_MAX: u64 = 16 << 20;
/// Records for which the pump does not wait any longer: appending few at a time costs the store
/// more than it gains anybody.
const RECORDS_WANTED: u64 = 1_000;
/// How long it waits for that many, once there is one.
const BATCH_AGE_MAX: Duration = Duration::from_millis(20);
/// How long the pump sleeps at most before it looks whether the server is stopping.
const IDLE: Duration = Duration::from_millis(200);
/// How long it waits for the store to seal before it looks again.
const HELD: Duration = Duration::from_millis(20);
/// Waits between attempts after the store or the queue failed, doubling from the first to the last;
/// each is shortened by up to a half at random.
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
    /// When the pump last went round.
    pub(crate) pulse: Arc<Pulse>,
}

/// When the pump last went round, microseconds since the epoch; zero before its first round.
#[derive(Debug, Default)]
pub(crate) struct Pulse(AtomicI64);

impl Pulse {
    fn beat(&self, now: Instant) {
        self.0.store(now.0, Ordering::Relaxed);
    }

    /// How long ago that was, microseconds.
    pub(crate) fn age_us(&self, now: Instant) -> i64 {
        now.0.saturating_sub(self.0.load(Ordering::Relaxed)).max(0)
    }
}

/// What the pump works with.
pub(crate) struct Pump {
    pub(crate) app: Arc<App>,
    pub(crate) dead: DeadLetters,
    pub(crate) log: Arc<DedupeLog>,
    pub(crate) signals: Signals,
    /// Rows that the store may hold in memory; beyond, the pump waits.
    pub(crate) hot_rows_max: u64,
    /// Where replaying begins: every record before is stored, counted, and its id known.
    pub(crate) start: u64,
}

impl Pump {
    /// Runs until the server stops and the queue is empty.
    pub(crate) fn run(&self) {
        let app = &self.app;
        let replay_end = app.queue.stats().durable_end;
        let mut next = self.start;
        let mut retry = RETRY_FIRST;
        loop {
            self.signals.pulse.beat(app.now());
            if next >= replay_end && !app.dedupe.is_complete() {
                app.dedupe.complete();
                self.signals.ready.send_replace(true);
            }
            if self.app.store.hot_rows() >= self.hot_rows_max && !*self.signals.stop.borrow() {
                // The queue is on disk and has a limit, memory has neither: until the store has
                // sealed what it holds, the rest waits where it is safe.
                metrics::counter!("almanac_pump_held_total").increment(1);
                std::thread::park_timeout(HELD);
                continue;
            }
            match self.step(next, next < replay_end) {
                Ok(after) if after > next => {
                    next = after;
                    retry = RETRY_FIRST;
                    self.signals.seen.send_replace(next);
                }
                Ok(_) if *self.signals.stop.borrow() => return,
                Ok(_) => self.rest(next),
                Err(error) => {
                    if *self.signals.stop.borrow() {
                        // What is left stays in the queue and is taken up at the next start.
                        return;
                    }
                    self.wait_after(&error, retry);
                    retry = (retry * 2).min(RETRY_LAST);
                }
            }
        }
    }

    /// Waits for a record, and then a little for others to come with it.
    fn rest(&self, next: u64) {
        let queue = &self.app.queue;
        if queue.wait_for(next, IDLE) && !*self.signals.stop.borrow() {
            queue.wait_for(next + RECORDS_WANTED - 1, BATCH_AGE_MAX);
        }
    }

    fn wait_after(&self, error: &anyhow::Error, retry: Duration) {
        // Half of the wait is left to chance, so that several things that failed together do not
        // come back together.
        let chance = (uuid::Uuid::new_v4().as_u128() % 1_000) as u32;
        let wait = retry / 2 + retry / 2 * chance / 1_000;
        tracing::error!(
            error = format!("{error:#}"),
            retry_ms = wait.as_millis() as u64,
            "the pump could not go on and will try again"
        );
        metrics::counter!("almanac_pump_failures_total").increment(1);
        std::thread::park_timeout(wait);
    }

    /// Moves one batch. Answers where the next one begins.
    fn step(&self, next: u64, is_replay: bool) -> anyhow::Result<u64> {
        let batch = match self.app.queue.read(next, RECORDS_MAX, BYTES_MAX) {
            Ok(batch) => batch,
            // Before the first record that is left there is nothing that could be read again.
            Err(ReadError::Released { oldest, .. }) if is_replay && oldest > next => {
                self.app
                    .ledger
                    .enter_stored(self.app.now(), next..oldest, None);
                return Ok(oldest);
            }
            Err(error) => return Err(error.into()),
        };
        for lost in &batch.skipped {
            tracing::error!(
                ?lost,
                "acknowledged records are damaged on disk and were skipped"
            );
            metrics::counter!("almanac_pump_damaged_total").increment(1);
        }
        if batch.next == next {
            return Ok(next);
        }
        let mut parcel = Parcel::unpack(&batch.records, &self.dead)?;
        let recalled = is_replay.then(|| self.recall(next..batch.next, &mut parcel));
        let ids = parcel.letters.iter();
        let ids = ids.filter_map(|letter| Some((letter.sequence, letter.fingerprint?)));
        // Before the store: a seal may take the events at once, and then needs their ids here.
        self.log.write(batch.next, ids.collect(), self.app.now())?;
        let count = parcel.events.len() as u64;
        deliver::deliver(&self.app, &self.dead, parcel)?;
        metrics::counter!("almanac_pump_events_total").increment(count);
        if let Some(recalled) = recalled {
            self.remember(recalled);
        }
        Ok(batch.next)
    }

    /// What the last run knew in memory only: ids, visitors, and counts that it had not saved. A
    /// record whose id is known already is a copy, written by a client that got no answer; it is
    /// counted as one and goes no further. Only looks: a batch that fails is recalled again.
    fn recall(&self, sequences: Range<u64>, parcel: &mut Parcel) -> Recalled {
        let app = &self.app;
        let ids = parcel.letters.iter().map(|letter| letter.fingerprint);
        let is_new = app.dedupe.are_new(ids, app.now());
        // What lies before was counted, and the counts were saved.
        let uncounted = app.ledger.saved_to().clamp(sequences.start, sequences.end);
        let mut recalled = Recalled {
            uncounted: uncounted..sequences.end,
            ..Recalled::default()
        };
        let events = parcel.letters.iter().zip(&parcel.events);
        for ((letter, (_, event)), is_new) in events.zip(&is_new) {
            let fate = if *is_new {
                recalled.ids.extend(letter.fingerprint);
                let active = (event.project, event.visitor, event.time);
                recalled.active.push(active);
                Fate::Accepted
            } else {
                recalled.copies += 1;
                Fate::Duplicate
            };
            // A dead letter was counted when it came first.
            if letter.sequence >= uncounted && !letter.is_dead {
                recalled.fates.push((event.project, fate));
            }
        }
        parcel.keep(&is_new);
        recalled
    }

    /// Takes to memory what was recalled, once the store has the events.
    fn remember(&self, recalled: Recalled) {
        let (app, now) = (&self.app, self.app.now());
        app.dedupe.remember(recalled.ids, now);
        for (project, visitor, at) in recalled.active {
            app.recent.saw(project, visitor, at);
        }
        // In one piece, with the numbers that had no readable record: those are done with too.
        app.ledger
            .enter_stored(now, recalled.uncounted, recalled.fates);
        metrics::counter!("almanac_pump_copies_total").increment(recalled.copies);
    }
}

/// What a batch of an earlier run says about what that run knew.
#[derive(Debug, Default)]
struct Recalled {
    /// Fingerprints of the events that are no copies.
    ids: Vec<u64>,
    /// Who did them, and when.
    active: Vec<(ProjectId, VisitorId, Instant)>,
    /// Records whose counts were not saved, and what became of their events.
    uncounted: Range<u64>,
    fates: Vec<(ProjectId, Fate)>,
    copies: u64,
}

/// When unsealed rows should go to files: enough of them, or old enough.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SealPolicy {
    pub(crate) rows_max: u64,
    pub(crate) age_max_us: i64,
}

impl SealPolicy {
    /// Rows that may be in memory: what one seal takes, and what comes meanwhile.
    pub(crate) fn hot_rows_max(&self) -> u64 {
        self.rows_max.saturating_mul(2)
    }

    /// Whether to seal now, given since when there have been unsealed rows.
    pub(crate) fn is_due(&self, rows: u64, since: Option<Instant>, now: Instant) -> bool {
        rows >= self.rows_max || since.is_some_and(|since| now.0 - since.0 >= self.age_max_us)
    }
}
