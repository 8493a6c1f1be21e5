//! The thread that commits: takes all that wait, has them written and synced once, answers each.
//! It knows nothing of segments and never answers before the writer says the records are safe.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::AppendError;
use crate::index::SharedIndex;
use crate::limits::UNSYNCED_BYTES_MAX;
use crate::options::Durability;
use crate::queue::Appended;
use crate::waiting::{Gather, Pending, Turn, Waiting, batch_bytes};
use crate::writer::Writer;

/// Runs until the waiting room is closed and empty; the result is that of the last sync.
pub(crate) fn run(
    waiting: &Waiting,
    index: &SharedIndex,
    mut writer: Writer,
    durability: Durability,
    window_max: Duration,
) -> io::Result<()> {
    let _leaving = Leaving(waiting);
    let mut pace = Pace::new(window_max);
    let mut written_at: Option<Instant> = None;
    loop {
        let sync_due = match durability {
            Durability::Strict => None,
            Durability::Relaxed { sync_interval_ms } => {
                written_at.map(|at| at + Duration::from_millis(sync_interval_ms))
            }
        };
        match waiting.next(pace.gather(sync_due)) {
            Turn::Commit(batch) => {
                let overdue = sync_due.is_some_and(|due| due <= Instant::now())
                    || writer.unsynced_bytes() >= UNSYNCED_BYTES_MAX;
                let started = Instant::now();
                let appends = batch.len();
                commit(
                    waiting,
                    index,
                    &mut writer,
                    batch,
                    durability == Durability::Strict || overdue,
                );
                pace.committed(appends, started.elapsed());
            }
            Turn::Rotate(replies) => {
                for reply in replies {
                    // Whoever gave up waiting does not need the answer.
                    drop(reply.send(writer.rotate()));
                }
            }
            Turn::SyncDue => {
                written_at = None;
                if let Err(error) = writer.sync() {
                    tracing::error!(%error, "acknowledged records are not durable yet");
                }
            }
            Turn::Closed => return writer.sync(),
        }
        if writer.unsynced_bytes() == 0 {
            written_at = None;
        } else if written_at.is_none() {
            written_at = Some(Instant::now());
        }
    }
}

fn commit(
    waiting: &Waiting,
    index: &SharedIndex,
    writer: &mut Writer,
    batch: Vec<Pending>,
    sync: bool,
) {
    let bytes = batch_bytes(&batch);
    let (entries, replies): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|pending| (pending.entry, pending.reply))
        .unzip();
    let done = writer.commit(&entries, sync).map_err(Arc::new);
    // Before the answers, so that whoever was answered finds room for the next append.
    waiting.leave(bytes);
    if done.is_err() {
        index.lock().stats.suspect_appends += replies.len() as u64;
    }
    let mut next = *done.as_ref().unwrap_or(&0);
    for (entry, reply) in entries.iter().zip(replies) {
        let answer = match &done {
            Ok(_) => {
                let first = next;
                next += u64::from(entry.records);
                Ok(Appended {
                    first,
                    last: next - 1,
                })
            }
            Err(source) => Err(AppendError::Suspect {
                source: Arc::clone(source),
            }),
        };
        // Whoever gave up waiting does not need the answer.
        drop(reply.send(answer));
    }
}

/// How long to hold a commit back. One sync costs the same for one append as for a hundred, so
/// while appends come in crowds the first to arrive after a commit waits for most of its crowd
/// (for all of it would be to wait for the slowest), but no longer than half a commit takes: what
/// comes later shares the next. Alone it never waits.
#[derive(Debug)]
struct Pace {
    window_max: Duration,
    last: usize,
    before: usize,
    /// Moving average of the time of a commit.
    commit: Duration,
}

impl Pace {
    fn new(window_max: Duration) -> Self {
        Self {
            window_max,
            last: 0,
            before: 0,
            commit: Duration::ZERO,
        }
    }

    fn gather(&self, sync_due: Option<Instant>) -> Gather {
        let expected = self.last.max(self.before);
        Gather {
            expected,
            window: self.commit.min(self.window_max),
            sync_due,
        }
    }

    fn committed(&mut self, appends: usize, took: Duration) {
        self.before = self.last;
        self.last = appends;
        self.commit = (self.commit * 7 + took) / 8;
    }
}

/// If this thread panics, those who wait are told rather than left waiting.
struct Leaving<'w>(&'w Waiting);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_opens_with_a_crowd_and_never_for_one() {
        let mut pace = Pace::new(Duration::from_millis(5));
        let ms = Duration::from_millis;
        assert!(pace.gather(None).expected <= 1);
        for _ in 0..100 {
            pace.committed(1, ms(100));
        }
        assert_eq!(
            pace.gather(None).expected,
            1,
            "one at a time expects no company"
        );
        assert_eq!(
            pace.gather(None).window,
            ms(5),
            "a slow disk does not widen the window"
        );
        pace.committed(64, ms(100));
        pace.committed(1, ms(100));
        assert_eq!(
            pace.gather(None).expected,
            64,
            "a straggler does not end the crowd"
        );
        pace.committed(1, ms(100));
        assert_eq!(pace.gather(None).expected, 1, "two do");
    }
}
