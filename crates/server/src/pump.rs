//! The pump: durable records out of the queue, events into the store. One thread, in order. It
//! never drops a record: what cannot be read or stored for a reason of its own goes to the dead
//! letters, and what the store cannot take at this moment is tried again, as is a turn that panics.

mod deliver;
mod parcel;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use almanac_api::{App, Fate, Sighting};
use almanac_ingest::Refusal;
use almanac_model::{Instant, ProjectId};
use almanac_queue::ReadError;
use tokio::sync::watch;

use crate::dead_letters::DeadLetters;
use crate::dedupe_log::DedupeLog;
use crate::jobs::{self, Health};
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
    pub(crate) dead: Arc<DeadLetters>,
    pub(crate) log: Arc<DedupeLog>,
    pub(crate) health: Arc<Health>,
    pub(crate) signals: Signals,
    /// Rows that the store may hold in memory; beyond, the pump waits.
    pub(crate) hot_rows_max: u64,
    /// Where replaying begins: every record before is stored, counted, and its id known.
    pub(crate) start: u64,
}

impl Pump {
    /// Runs until the server stops and the queue is empty.
    pub(crate) fn run(&self) {
        let mut place = Place {
            next: self.start,
            replay_end: self.app.queue.stats().durable_end,
            handled: None,
            ahead: None,
        };
        let mut retry = RETRY_FIRST;
        loop {
            match jobs::contain("pump", &self.health, || self.turn(&mut place)) {
                Ok(Turn::Moved) => retry = RETRY_FIRST,
                Ok(Turn::Waited) => {}
                Ok(Turn::Done) => return,
                Err(_) if *self.signals.stop.borrow() => {
                    // What is left stays in the queue and is taken up at the next start.
                    return;
                }
                Err(error) => {
                    wait_after(&error, retry);
                    retry = (retry * 2).min(RETRY_LAST);
                }
            }
        }
    }

    /// Moves a batch, or waits for one. `place` is only changed when everything went well.
    fn turn(&self, place: &mut Place) -> anyhow::Result<Turn> {
        let app = &self.app;
        self.signals.pulse.beat(app.now());
        if place.next >= place.replay_end && !app.dedupe.is_complete() {
            app.dedupe.complete();
            self.signals.ready.send_replace(true);
            (place.handled, place.ahead) = (None, None);
            if self.start < place.replay_end {
                self.log.replayed(self.start)?;
            }
        }
        let is_stopping = *self.signals.stop.borrow();
        if app.store.hot_rows() >= self.hot_rows_max && !is_stopping {
            // The queue is on disk and has a limit, memory has neither: until the store has
            // sealed what it holds, the rest waits where it is safe.
            metrics::counter!("almanac_pump_held_total").increment(1);
            std::thread::park_timeout(HELD);
            return Ok(Turn::Waited);
        }
        let after = self.step(place)?;
        if after > place.next {
            place.next = after;
            self.signals.seen.send_replace(after);
            return Ok(Turn::Moved);
        }
        if is_stopping {
            return Ok(Turn::Done);
        }
        self.rest(after);
        Ok(Turn::Waited)
    }

    /// Waits for a record, and then a little for others to come with it.
    fn rest(&self, next: u64) {
        let queue = &self.app.queue;
        if queue.wait_for(next, IDLE) && !*self.signals.stop.borrow() {
            queue.wait_for(next + RECORDS_WANTED - 1, BATCH_AGE_MAX);
        }
    }

    /// Moves one batch. Answers where the next one begins.
    fn step(&self, place: &mut Place) -> anyhow::Result<u64> {
        let next = place.next;
        let ahead = place.ahead.take().filter(|ahead| ahead.first == next);
        let opened = match ahead.map_or_else(|| self.open(next), Ok) {
            Ok(opened) => opened,
            Err(error) => return self.pass_released(place, error),
        };
        let end = opened.end;
        if end == next {
            return Ok(next);
        }
        if next >= place.replay_end {
            self.store(opened, None)?;
            return Ok(end);
        }
        let handled = match place.handled.take() {
            Some(handled) => handled,
            None => self.dead.handled()?,
        };
        // A server is not ready before it has seen everything again, so one core opens the next
        // batch while another stores this one.
        let stored = std::thread::scope(|scope| {
            let opening = scope.spawn(|| self.open(end));
            let stored = self.store(opened, Some(&handled));
            // If that failed it is tried again when it is this batch's turn.
            place.ahead = opening.join().ok().and_then(Result::ok);
            stored
        });
        place.handled = Some(handled);
        stored.map(|()| end)
    }

    /// Before the first record that is left there is nothing that could be read again.
    fn pass_released(&self, place: &Place, error: anyhow::Error) -> anyhow::Result<u64> {
        match error.downcast_ref::<ReadError>() {
            Some(ReadError::Released { oldest, .. })
                if place.next < place.replay_end && *oldest > place.next =>
            {
                let ledger = &self.app.ledger;
                ledger.enter_stored(self.app.now(), place.next..*oldest, None);
                Ok(*oldest)
            }
            _ => Err(error),
        }
    }

    /// Reads a batch of records and the events in them.
    fn open(&self, first: u64) -> anyhow::Result<Opened> {
        let batch = self.app.queue.read(first, RECORDS_MAX, BYTES_MAX)?;
        for lost in &batch.skipped {
            tracing::error!(
                ?lost,
                "acknowledged records are damaged on disk and were skipped"
            );
            metrics::counter!("almanac_pump_damaged_total").increment(1);
        }
        Ok(Opened {
            first,
            end: batch.next,
            parcel: Parcel::unpack(&batch.records, &self.dead)?,
        })
    }

    /// Gives a batch to the store. `handled` is there when an earlier run may have done so, and
    /// says which of its records that run gave to the dead letters.
    fn store(&self, opened: Opened, handled: Option<&BTreeSet<u64>>) -> anyhow::Result<()> {
        let Opened {
            first,
            end,
            mut parcel,
        } = opened;
        let recalled = handled.map(|_| self.recall(first..end, &mut parcel));
        let ids = parcel.letters.iter();
        let ids = ids.filter_map(|letter| Some((letter.sequence, letter.fingerprint?)));
        // Before the store: a seal may take the events at once, and then needs their ids here.
        self.log.write(end, ids.collect(), self.app.now())?;
        if let Some(handled) = handled {
            parcel.leave_out(handled);
        }
        let count = parcel.events.len() as u64;
        deliver::deliver(&self.app, &self.dead, parcel)?;
        metrics::counter!("almanac_pump_events_total").increment(count);
        if let Some(recalled) = recalled {
            self.remember(recalled);
        }
        Ok(())
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
            let is_of_bots = event.project.is_of_bots();
            let fate = if *is_new {
                recalled.ids.extend(letter.fingerprint);
                if is_of_bots {
                    refused_as_bot()
                } else {
                    recalled.active.push(Sighting::of(event));
                    Fate::Accepted
                }
            } else {
                recalled.copies += 1;
                Fate::Duplicate
            };
            // A dead letter was counted when it came first.
            if letter.sequence >= uncounted && !letter.is_dead {
                recalled.fates.push((event.project.of_people(), fate));
            }
        }
        parcel.keep(&is_new);
        recalled
    }

    /// Takes to memory what was recalled, once the store has the events.
    fn remember(&self, recalled: Recalled) {
        let (app, now) = (&self.app, self.app.now());
        app.dedupe.remember(recalled.ids, now);
        for sighting in recalled.active {
            app.recent.saw(&sighting, sighting.at);
        }
        // In one piece, with the numbers that had no readable record: those are done with too.
        app.ledger
            .enter_stored(now, recalled.uncounted, recalled.fates);
        metrics::counter!("almanac_pump_copies_total").increment(recalled.copies);
    }
}

/// What became of an event that is kept among those of bots: among those of people it was refused.
fn refused_as_bot() -> Fate {
    Fate::Refused {
        reason: Refusal::Bot,
        detail: "a bot, before the server was started".to_owned(),
    }
}

/// Waits before the next attempt.
fn wait_after(error: &anyhow::Error, retry: Duration) {
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

/// How far the pump is.
struct Place {
    /// The next record to move.
    next: u64,
    /// Records before were durable when the server started: an earlier run may have moved them.
    replay_end: u64,
    /// Records that an earlier run gave to the dead letters, once they are needed.
    handled: Option<BTreeSet<u64>>,
    /// The batch that begins where the last one ended, if there was time to open it.
    ahead: Option<Opened>,
}

/// A batch of the queue, with the events of its records.
struct Opened {
    first: u64,
    /// Where the next batch begins.
    end: u64,
    parcel: Parcel,
}

/// How a turn of the pump ended.
enum Turn {
    Moved,
    Waited,
    /// The server is stopping, and the queue is empty.
    Done,
}

/// What a batch of an earlier run says about what that run knew.
#[derive(Debug, Default)]
struct Recalled {
    /// Fingerprints of the events that are no copies.
    ids: Vec<u64>,
    /// Who did them, and when.
    active: Vec<Sighting>,
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

#[cfg(test)]
mod tests;
