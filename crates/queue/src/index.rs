//! What is known of the segments, shared by writer, reader and callers: which exist, how far they
//! are durable, what was released. It does no input or output.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::layout::SegmentId;

/// One segment file.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) id: SegmentId,
    /// Where its durable content ends, bytes. A file that failed may be longer.
    pub(crate) bytes: u64,
    /// How long the file may be, bytes; counts against the queue's limit.
    pub(crate) file_bytes: u64,
}

/// Figures of a queue at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueStats {
    /// Durable records not yet released.
    pub depth_records: u64,
    /// Bytes of all segment files, headers and released parts of segments included.
    pub queue_bytes: u64,
    /// The limit on them.
    pub queue_bytes_max: u64,
    /// Segment files.
    pub segments: usize,
    /// Sequence of the oldest record not yet released.
    pub oldest: u64,
    /// One past the sequence of the newest durable record.
    pub durable_end: u64,
    /// Appends that wait for their commit.
    pub waiting_appends: usize,
    /// Their bytes.
    pub waiting_bytes: u64,
    /// Successful syncs of segment content since the queue was opened.
    pub syncs: u64,
    /// Time spent in them, microseconds.
    pub sync_us_total: u64,
    /// The longest of them, microseconds.
    pub sync_us_max: u64,
    /// Segments left behind because a write or a sync failed, since the queue was opened.
    pub poisoned: u64,
    /// Appends refused because the disk failed, since the queue was opened.
    pub suspect_appends: u64,
    /// Whether nothing is taken any more: the queue was closed, or its thread panicked.
    pub is_closed: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Index {
    /// In order of number; the last is the one that is written. Never empty once opened.
    pub(crate) segments: VecDeque<Segment>,
    /// One past the newest durable sequence.
    pub(crate) durable_end: u64,
    /// Everything below was released by the consumer.
    pub(crate) released: u64,
    pub(crate) stats: QueueStats,
}

impl Index {
    pub(crate) fn queue_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.file_bytes).sum()
    }

    /// Position in `segments` of the segment that holds a sequence, and where that segment's
    /// sequences end.
    pub(crate) fn segment_of(&self, sequence: u64) -> Option<(usize, u64)> {
        let after = self
            .segments
            .partition_point(|segment| segment.id.first <= sequence);
        let at = after.checked_sub(1)?;
        let stop = self
            .segments
            .get(after)
            .map_or(self.durable_end, |next| next.id.first);
        Some((at, stop))
    }

    /// Takes the oldest segment off the list if all its records are below `sequence`.
    pub(crate) fn take_released(&mut self, sequence: u64) -> Option<Segment> {
        let next = self.segments.get(1)?;
        if next.id.first <= sequence {
            self.segments.pop_front()
        } else {
            None
        }
    }
}

/// The index with what wakes those who wait for records.
#[derive(Debug)]
pub(crate) struct SharedIndex {
    pub(crate) dir: PathBuf,
    index: Mutex<Index>,
    grown: Condvar,
    durable_end: watch::Sender<u64>,
}

impl SharedIndex {
    pub(crate) fn new(dir: &Path, index: Index) -> Self {
        let (durable_end, _) = watch::channel(index.durable_end);
        Self {
            dir: dir.to_owned(),
            index: Mutex::new(index),
            grown: Condvar::new(),
            durable_end,
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Index> {
        locked(&self.index)
    }

    pub(crate) fn path(&self, id: SegmentId) -> PathBuf {
        self.dir.join(id.file_name())
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.durable_end.subscribe()
    }

    /// Makes records readable: they are durable up to `bytes` of the newest segment.
    pub(crate) fn publish(&self, durable_end: u64, bytes: u64) {
        let mut index = self.lock();
        if let Some(active) = index.segments.back_mut() {
            active.bytes = bytes;
            active.file_bytes = active.file_bytes.max(bytes);
        }
        index.durable_end = durable_end;
        drop(index);
        self.announce(durable_end);
    }

    /// The same for records that a new segment was made with.
    pub(crate) fn publish_segment(&self, segment: Segment, durable_end: u64) {
        let mut index = self.lock();
        index.segments.push_back(segment);
        index.durable_end = durable_end;
        drop(index);
        self.announce(durable_end);
    }

    fn announce(&self, durable_end: u64) {
        self.durable_end.send_replace(durable_end);
        self.grown.notify_all();
    }

    /// Blocks until a record at or past `sequence` is durable, or the time is over.
    pub(crate) fn wait_for(&self, sequence: u64, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut index = self.lock();
        while index.durable_end <= sequence {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let woken = self.grown.wait_timeout(index, left);
            index = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    pub(crate) fn stats(&self) -> QueueStats {
        let index = self.lock();
        let first = index.segments.front().map_or(0, |segment| segment.id.first);
        let oldest = first.max(index.released);
        QueueStats {
            depth_records: index.durable_end.saturating_sub(oldest),
            queue_bytes: index.queue_bytes(),
            segments: index.segments.len(),
            oldest,
            durable_end: index.durable_end,
            ..index.stats
        }
    }
}

/// A panic elsewhere must not take the queue down with it: every update of what these mutexes
/// guard is complete before the guard is dropped.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
