//! The background thread: waiting events, batches, retries with backoff, the spool. Adding an event
//! takes a lock for the time of a push, and waits for nothing else.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::Agent;

use crate::limits::{BATCH_EVENTS_MAX, FLUSH_EVENTS, WAITING_EVENTS_MAX};
use crate::options::Options;
use crate::post::{agent, backoff, post};
use crate::spool;

/// What the host's threads and the background thread share.
#[derive(Debug)]
pub(crate) struct Sender {
    options: Options,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<String>,
    /// In the request that is under way.
    sending: Vec<String>,
    /// Attempts that have ended, whichever way.
    attempts: u64,
    failures: u32,
    is_urgent: bool,
    is_closed: bool,
    is_running: bool,
    has_spooled: bool,
}

impl Sender {
    /// Opens the way out; no thread is started before the first event.
    pub(crate) fn open(options: Options) -> Arc<Self> {
        let state = State {
            // An earlier process may have left something.
            has_spooled: options.spool_dir.is_some(),
            ..State::default()
        };
        Arc::new(Self {
            options,
            state: Mutex::new(state),
            changed: Condvar::new(),
        })
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Takes an event; the oldest goes when too many wait.
    pub(crate) fn add(self: &Arc<Self>, event: String) {
        let mut state = self.lock();
        if state.is_closed {
            return;
        }
        state.waiting.push_back(event);
        if state.waiting.len() > WAITING_EVENTS_MAX {
            state.waiting.pop_front();
        }
        self.ensure_thread(&mut state);
        if [1, FLUSH_EVENTS].contains(&state.waiting.len()) {
            self.changed.notify_all();
        }
    }

    /// Tries at once to send what waits; true when nothing is left, in the spool neither.
    pub(crate) fn flush(self: &Arc<Self>, limit: Duration) -> bool {
        let mut state = self.lock();
        if state.is_closed {
            return state.is_idle();
        }
        self.ensure_thread(&mut state);
        state.is_urgent = true;
        self.changed.notify_all();
        let before = state.attempts;
        let waited = self
            .changed
            .wait_timeout_while(state, limit, |state| state.attempts == before);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_idle()
    }

    /// Sends what waits, within a time, and spools the rest. Nothing is taken any more.
    pub(crate) fn close(self: &Arc<Self>, limit: Duration) {
        let has_unsent = {
            let state = self.lock();
            !state.waiting.is_empty() || !state.sending.is_empty()
        };
        if has_unsent && !limit.is_zero() {
            self.flush(limit);
        }
        let unsent: Vec<String> = {
            let mut state = self.lock();
            if state.is_closed {
                return;
            }
            state.is_closed = true;
            self.changed.notify_all();
            let sending = std::mem::take(&mut state.sending);
            sending.into_iter().chain(state.waiting.drain(..)).collect()
        };
        if let Some(folder) = &self.options.spool_dir {
            for batch in unsent.chunks(BATCH_EVENTS_MAX) {
                spool::put(folder, &array(batch));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that panicked left counts that may be old, and nothing that is broken.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ensure_thread(self: &Arc<Self>, state: &mut State) {
        if state.is_running {
            return;
        }
        let sender = Arc::clone(self);
        let builder = std::thread::Builder::new().name("almanac-telemetry".to_owned());
        // Without a thread events wait, and are spooled at the end.
        state.is_running = builder.spawn(move || sender.run()).is_ok();
    }

    fn run(&self) {
        let agent = agent(&self.options);
        // The first event goes at once: a command may have ended before it had company.
        let mut pause = Duration::ZERO;
        while self.await_work(pause) {
            let outcome = self.send_waiting(&agent);
            let outcome = outcome.and_then(|()| self.send_spooled(&agent));
            let mut state = self.lock();
            pause = match outcome {
                Ok(()) => {
                    state.failures = 0;
                    self.options.flush_interval
                }
                Err(retry_after) => {
                    state.failures = state.failures.saturating_add(1);
                    backoff(state.failures - 1).max(retry_after)
                }
            };
            state.is_urgent = false;
            state.attempts += 1;
            self.changed.notify_all();
        }
    }

    /// Waits for a flush, for enough events, or for the pause to end with something to do. False
    /// when there will be no more work.
    fn await_work(&self, pause: Duration) -> bool {
        let start = Instant::now();
        let mut state = self.lock();
        while !state.is_due() {
            let left = pause.saturating_sub(start.elapsed());
            let has_work = !state.waiting.is_empty() || state.has_spooled;
            if left.is_zero() && has_work {
                break;
            }
            state = if left.is_zero() {
                let woken = self.changed.wait(state);
                woken.unwrap_or_else(PoisonError::into_inner)
            } else {
                let woken = self.changed.wait_timeout(state, left);
                woken.unwrap_or_else(PoisonError::into_inner).0
            };
        }
        !state.is_closed
    }

    /// Sends what waits, batch by batch. After a failure: the pause that the server asked for.
    fn send_waiting(&self, agent: &Agent) -> Result<(), Duration> {
        loop {
            let batch = {
                let mut state = self.lock();
                let size = state.waiting.len().min(BATCH_EVENTS_MAX);
                state.sending = state.waiting.drain(..size).collect();
                state.sending.clone()
            };
            if batch.is_empty() {
                return Ok(());
            }
            let answer = post(agent, &self.options, &array(&batch));
            if !answer.is_final {
                self.put_back(&batch);
                return Err(answer.retry_after);
            }
            self.lock().sending.clear();
        }
    }

    /// Keeps an unsent batch: on disk where there is a spool, else in memory while there is room.
    fn put_back(&self, batch: &[String]) {
        let folder = self.options.spool_dir.as_deref();
        // Disks may be slow, so nobody who adds an event waits for this.
        let is_spooled = folder.is_some_and(|folder| spool::put(folder, &array(batch)));
        let mut state = self.lock();
        state.has_spooled |= is_spooled;
        // Empty when `close` has taken charge of it meanwhile.
        let unsent = std::mem::take(&mut state.sending);
        for event in unsent.into_iter().rev().filter(|_| !is_spooled) {
            if state.waiting.len() < WAITING_EVENTS_MAX {
                state.waiting.push_front(event);
            }
        }
    }

    fn send_spooled(&self, agent: &Agent) -> Result<(), Duration> {
        let has_spooled = self.lock().has_spooled;
        let Some(folder) = self.options.spool_dir.as_ref().filter(|_| has_spooled) else {
            return Ok(());
        };
        for path in spool::batches(folder) {
            if let Some(events) = spool::load(&path) {
                let answer = post(agent, &self.options, &events);
                if !answer.is_final {
                    return Err(answer.retry_after);
                }
            }
            spool::remove(&path);
        }
        self.lock().has_spooled = false;
        Ok(())
    }
}

impl State {
    fn is_due(&self) -> bool {
        // Many events do not shorten a pause after a failure.
        let is_full = self.failures == 0 && self.waiting.len() >= FLUSH_EVENTS;
        self.is_closed || self.is_urgent || is_full
    }

    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.sending.is_empty() && !self.has_spooled
    }
}

/// A JSON array of events that are JSON already.
fn array(events: &[String]) -> String {
    format!("[{}]", events.join(","))
}
