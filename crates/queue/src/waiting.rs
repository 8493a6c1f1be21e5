//! The bounded room in which appends wait for their commit. It refuses early, in memory, what
//! cannot be taken, and it decides when the committer has waited long enough for company.

use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::error::AppendError;
use crate::index::{SharedIndex, locked};
use crate::layout::FRAME_HEADER_BYTES;
use crate::queue::Appended;
use crate::writer::Entry;

/// An append and whoever waits for it.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) entry: Entry,
    pub(crate) reply: oneshot::Sender<Result<Appended, AppendError>>,
}

impl Pending {
    fn bytes(&self) -> u64 {
        self.entry.payload.len() as u64 + FRAME_HEADER_BYTES
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct WaitingLimits {
    pub(crate) appends_max: usize,
    pub(crate) bytes_max: u64,
    pub(crate) queue_bytes_max: u64,
    pub(crate) commit_bytes_max: u64,
}

/// How the committer gathers its next commit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gather {
    /// Appends worth waiting for, as many as came lately.
    pub(crate) expected: usize,
    /// How long to wait for them once there is one.
    pub(crate) window: Duration,
    /// When what was written must be synced, if nothing comes.
    pub(crate) sync_due: Option<Instant>,
}

/// What the committer is to do.
#[derive(Debug)]
pub(crate) enum Turn {
    Commit(Vec<Pending>),
    Rotate(Vec<oneshot::Sender<io::Result<u64>>>),
    SyncDue,
    Closed,
}

#[derive(Debug, Default)]
struct Room {
    appends: VecDeque<Pending>,
    /// Those who wait for a new segment.
    rotations: Vec<oneshot::Sender<io::Result<u64>>>,
    /// Of those in the room and those being committed.
    bytes: u64,
    committing: usize,
    /// The committer sleeps until this many wait; out of reach while it works.
    wake_at: usize,
    closed: bool,
}

#[derive(Debug)]
pub(crate) struct Waiting {
    room: Mutex<Room>,
    arrived: Condvar,
    limits: WaitingLimits,
}

impl Waiting {
    pub(crate) fn new(limits: WaitingLimits) -> Self {
        let room = Room {
            wake_at: usize::MAX,
            ..Room::default()
        };
        Self {
            room: Mutex::new(room),
            arrived: Condvar::new(),
            limits,
        }
    }

    /// Lets an append in, or refuses it and keeps nothing of it.
    pub(crate) fn admit(&self, pending: Pending, index: &SharedIndex) -> Result<(), AppendError> {
        let bytes = pending.bytes();
        let limits = self.limits;
        let mut room = locked(&self.room);
        if room.closed {
            return Err(AppendError::Closed);
        }
        let appends = room.appends.len() + room.committing;
        let crowded = appends >= limits.appends_max || room.bytes + bytes > limits.bytes_max;
        if appends > 0 && crowded {
            return Err(AppendError::Busy {
                appends,
                waiting_bytes: room.bytes,
            });
        }
        let queue_bytes = index.lock().queue_bytes() + room.bytes;
        if queue_bytes + bytes > limits.queue_bytes_max {
            let queue_bytes_max = limits.queue_bytes_max;
            return Err(AppendError::Full {
                queue_bytes,
                queue_bytes_max,
            });
        }
        room.bytes += bytes;
        room.appends.push_back(pending);
        if room.appends.len() >= room.wake_at {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// Asks for a new segment.
    pub(crate) fn rotate(&self) -> oneshot::Receiver<io::Result<u64>> {
        let (reply, receipt) = oneshot::channel();
        let mut room = locked(&self.room);
        // A closed room serves nobody: the reply is dropped, and the receipt says so.
        if !room.closed {
            room.rotations.push(reply);
            self.arrived.notify_one();
        }
        receipt
    }

    /// Blocks until there is something to do. A lone append goes at once; one that comes while the
    /// queue is busy waits, within the window, for as many as came lately.
    pub(crate) fn next(&self, gather: Gather) -> Turn {
        let mut room = locked(&self.room);
        while room.appends.is_empty() || !room.rotations.is_empty() {
            if !room.rotations.is_empty() {
                return Turn::Rotate(std::mem::take(&mut room.rotations));
            }
            if room.closed {
                return Turn::Closed;
            }
            room = match self.sleep(room, 1, gather.sync_due) {
                Some(room) => room,
                None => return Turn::SyncDue,
            };
        }
        let until = Instant::now() + gather.window;
        while room.appends.len() < gather.expected && !room.closed {
            room = match self.sleep(room, gather.expected, Some(until)) {
                Some(room) => room,
                None => {
                    room = locked(&self.room);
                    break;
                }
            };
        }
        Turn::Commit(take(&mut room, self.limits.commit_bytes_max))
    }

    /// Makes room again for what was committed.
    pub(crate) fn leave(&self, batch_bytes: u64) {
        let mut room = locked(&self.room);
        room.bytes -= batch_bytes;
        room.committing = 0;
    }

    /// Lets nobody in any more; those inside are still served.
    pub(crate) fn close(&self) {
        locked(&self.room).closed = true;
        self.arrived.notify_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        locked(&self.room).closed
    }

    /// Sends everybody home, when nobody is left to serve them.
    pub(crate) fn abandon(&self) {
        self.close();
        let mut room = locked(&self.room);
        room.appends.clear();
        room.rotations.clear();
    }

    /// Appends that wait or are being committed, and their bytes.
    pub(crate) fn load(&self) -> (usize, u64) {
        let room = locked(&self.room);
        (room.appends.len() + room.committing, room.bytes)
    }

    /// None when the time is over.
    fn sleep<'r>(
        &'r self,
        mut room: MutexGuard<'r, Room>,
        wake_at: usize,
        until: Option<Instant>,
    ) -> Option<MutexGuard<'r, Room>> {
        room.wake_at = wake_at;
        let mut woken = match until {
            None => self
                .arrived
                .wait(room)
                .unwrap_or_else(PoisonError::into_inner),
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    room.wake_at = usize::MAX;
                    return None;
                }
                let woken = self.arrived.wait_timeout(room, left);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        woken.wake_at = usize::MAX;
        Some(woken)
    }
}

fn take(room: &mut Room, bytes_max: u64) -> Vec<Pending> {
    let mut bytes = 0;
    let fits = |pending: &&Pending| {
        bytes += pending.bytes();
        bytes <= bytes_max
    };
    let count = room.appends.iter().take_while(fits).count().max(1);
    room.committing = count;
    room.appends.drain(..count).collect()
}

/// Bytes of a batch as the room counts them.
pub(crate) fn batch_bytes(batch: &[Pending]) -> u64 {
    batch.iter().map(Pending::bytes).sum()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::index::Index;

    fn admit(waiting: &Waiting, bytes: usize) -> Result<(), AppendError> {
        let entry = Entry {
            records: 1,
            payload: vec![0; bytes],
            payload_crc: 0,
        };
        let (reply, _) = oneshot::channel();
        let index = SharedIndex::new(Path::new("/queue"), Index::default());
        waiting.admit(Pending { entry, reply }, &index)
    }

    #[test]
    fn a_crowded_room_is_busy_and_an_empty_one_takes_any_append() {
        let (queue_bytes_max, commit_bytes_max) = (10_000, 10_000);
        let limits = WaitingLimits {
            appends_max: 2,
            bytes_max: 200,
            queue_bytes_max,
            commit_bytes_max,
        };
        let waiting = Waiting::new(limits);
        admit(&waiting, 1_000).unwrap();
        assert!(
            matches!(
                admit(&waiting, 1),
                Err(AppendError::Busy { appends: 1, .. })
            ),
            "bytes"
        );
        let waiting = Waiting::new(limits);
        admit(&waiting, 68).unwrap();
        admit(&waiting, 68).unwrap();
        assert!(
            matches!(
                admit(&waiting, 0),
                Err(AppendError::Busy { appends: 2, .. })
            ),
            "count"
        );
        assert_eq!(waiting.load(), (2, 200));
    }
}
