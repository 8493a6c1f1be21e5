//! Every limit of the queue that is not an option, and the defaults of those that are, with the
//! unit in the name. Nothing here depends on what a record means.

/// Default size at which a segment file is full, bytes.
pub const SEGMENT_BYTES_DEFAULT: u64 = 64 << 20;
/// Smallest segment that an option may ask for, bytes: room for a few frames, so tests can roll.
pub const SEGMENT_BYTES_MIN: u64 = 256;
/// Largest segment that an option may ask for, bytes: opening a queue reads one whole segment.
pub const SEGMENT_BYTES_MAX: u64 = 1 << 30;
/// Default limit on all segment files together, bytes.
pub const QUEUE_BYTES_MAX_DEFAULT: u64 = 4 << 30;
/// Default limit on one record, bytes.
pub const RECORD_BYTES_MAX_DEFAULT: usize = 1 << 20;
/// Most records in one append.
pub const APPEND_RECORDS_MAX: usize = 100_000;
/// Longest that a commit may be held back for others to join it, microseconds.
pub const BATCH_WINDOW_US_MAX: u64 = 5_000;
/// Default limit on the bytes of appends that wait in memory.
pub const WAITING_BYTES_MAX_DEFAULT: u64 = 32 << 20;
/// Default limit on the number of appends that wait in memory.
pub const WAITING_APPENDS_MAX_DEFAULT: usize = 16_384;
/// One commit takes at most this many waiting bytes (one append is always taken), so that the
/// first to wait is not held up by everyone behind it.
pub const COMMIT_BYTES_MAX: u64 = 4 << 20;
/// Relaxed durability: bytes written but not yet synced, after which a sync does not wait.
pub const UNSYNCED_BYTES_MAX: usize = 8 << 20;
/// Relaxed durability: longest time between syncs that an option may ask for, milliseconds.
pub const SYNC_INTERVAL_MS_MAX: u64 = 60_000;
/// Read size of the scanner, bytes.
pub(crate) const CHUNK_BYTES: u64 = 256 << 10;
