//! The settings of a queue and the check that they make sense together.
//! It reads no file and no environment: values come in resolved.

use crate::error::OpenError;
use crate::layout::{FRAME_HEADER_BYTES, HEADER_BYTES, RECORD_OVERHEAD_BYTES};
use crate::limits;

/// When an append is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// After the sync that covers it. Survives a power cut.
    Strict,
    /// After the write; a sync follows within `sync_interval_ms` (or 8 MiB). Survives a crash of
    /// the process (the operating system has the bytes), but a power cut or a crash of the machine
    /// loses up to that interval of acknowledged appends. Readers see a record only once synced.
    Relaxed {
        /// Longest time from a write to its sync, milliseconds.
        sync_interval_ms: u64,
    },
}

/// Settings of a queue; `Default` is right for a server.
#[derive(Debug, Clone)]
pub struct QueueOptions {
    /// A segment that reaches this is full; the next append begins another. Bytes.
    pub segment_bytes: u64,
    /// Appends that would take the files past this are refused as full. Bytes, at least two
    /// segments. Failed writes that are written again may pass it by one commit each.
    pub queue_bytes_max: u64,
    /// Largest record, bytes; must fit a segment.
    pub record_bytes_max: usize,
    /// Longest that a commit waits for others to join it while the queue is busy, microseconds,
    /// at most [`limits::BATCH_WINDOW_US_MAX`]. An idle queue never waits.
    pub batch_window_us_max: u64,
    /// When an append is acknowledged.
    pub durability: Durability,
    /// Appends that wait in memory for their commit, bytes; more are refused as busy. An append
    /// that finds nobody waiting is always let in.
    pub waiting_bytes_max: u64,
    /// The same, as a number of appends.
    pub waiting_appends_max: usize,
    /// Where the consumer stands: every record below was stored elsewhere. Numbering resumes no
    /// lower than this, so a queue that was lost or restored from a backup cannot give a new
    /// record a number that the consumer believes to be done.
    pub resume_from: u64,
    /// Whether opening removes the segments that lie below `resume_from`. A consumer that needs old
    /// records again before it can go on says no, and releases them itself later.
    pub release_on_open: bool,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            segment_bytes: limits::SEGMENT_BYTES_DEFAULT,
            queue_bytes_max: limits::QUEUE_BYTES_MAX_DEFAULT,
            record_bytes_max: limits::RECORD_BYTES_MAX_DEFAULT,
            batch_window_us_max: limits::BATCH_WINDOW_US_MAX,
            durability: Durability::Strict,
            waiting_bytes_max: limits::WAITING_BYTES_MAX_DEFAULT,
            waiting_appends_max: limits::WAITING_APPENDS_MAX_DEFAULT,
            resume_from: 0,
            release_on_open: true,
        }
    }
}

impl QueueOptions {
    /// The largest payload of one append: it must fit a segment of its own.
    pub(crate) fn payload_bytes_max(&self) -> u64 {
        self.segment_bytes - HEADER_BYTES - FRAME_HEADER_BYTES
    }

    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let refuse = |name, value: u64, remedy: String| {
            Err(OpenError::Option {
                name,
                value,
                remedy,
            })
        };
        let (least, most) = (limits::SEGMENT_BYTES_MIN, limits::SEGMENT_BYTES_MAX);
        if !(least..=most).contains(&self.segment_bytes) {
            let remedy = format!("set it between {least} and {most}");
            return refuse("segment_bytes", self.segment_bytes, remedy);
        }
        if self.queue_bytes_max < 2 * self.segment_bytes {
            let remedy = format!(
                "set it to at least two segments, {}",
                2 * self.segment_bytes
            );
            return refuse("queue_bytes_max", self.queue_bytes_max, remedy);
        }
        let record_bytes_max = self.record_bytes_max as u64;
        let most = self.payload_bytes_max() - RECORD_OVERHEAD_BYTES;
        if record_bytes_max > most {
            let remedy = format!("set it to at most {most} or make segments larger");
            return refuse("record_bytes_max", record_bytes_max, remedy);
        }
        let most = limits::BATCH_WINDOW_US_MAX;
        if self.batch_window_us_max > most {
            let remedy = format!("set it to at most {most}");
            return refuse("batch_window_us_max", self.batch_window_us_max, remedy);
        }
        if let Durability::Relaxed { sync_interval_ms } = self.durability {
            let most = limits::SYNC_INTERVAL_MS_MAX;
            if !(1..=most).contains(&sync_interval_ms) {
                let remedy = format!("set it between 1 and {most}");
                return refuse("sync_interval_ms", sync_interval_ms, remedy);
            }
        }
        if self.waiting_appends_max == 0 {
            return refuse("waiting_appends_max", 0, "set it to at least 1".to_owned());
        }
        Ok(())
    }
}
