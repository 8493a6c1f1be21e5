//! The limits of the store, each with its unit, and those of them that a caller may set.

/// What a caller may set.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Bound of the decoded columns kept for later questions, bytes. Default 512 MiB.
    pub cache_bytes: usize,
    /// Bound of what one question may hold in memory beside the cache, bytes. Default 1 GiB.
    pub query_bytes: usize,
    /// Bound of what all questions at one time may hold together, bytes. Default 2 GiB.
    pub queries_bytes: usize,
    /// Whether totals of days and whole answers are kept for later questions. Off, every question
    /// is worked out from columns, which is what benchmarks of the scan want. Default on.
    pub keeps_answers: bool,
    /// From how many events on a finished day gets a summary, which takes a few per cent of the
    /// bytes of its events. Default 20,000: less is scanned as fast as a summary is read.
    pub summary_rows_min: u64,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 512 << 20,
            query_bytes: 1 << 30,
            queries_bytes: 2 << 30,
            keeps_answers: true,
            summary_rows_min: 20_000,
        }
    }
}

/// Most rows of a column that are decoded at once.
pub(crate) const READ_ROWS_MAX: usize = 1 << 20;
/// Runs are merged by compaction only up to this many rows together. A merge holds the order of its
/// rows and one column of them, in three stages at worst: at most 56 bytes a row.
pub(crate) const COMPACT_ROWS_MAX: u64 = 2_000_000;
/// Runs of a day that events still arrive for are merged when this many of similar size have
/// gathered, so each row is rewritten about log4(rows) times.
pub(crate) const COMPACT_FAN_IN: usize = 4;
/// A run is left out of a merge when it has more than this many times the rows of all smaller ones.
pub(crate) const COMPACT_SIZE_RATIO: u64 = 4;
/// Most local days that the rows of one bulk load may lie in: twenty years, sorted by no time at
/// all. Beyond it, times are most likely in another unit than they should be.
pub(crate) const LOAD_DAYS_MAX: usize = 7_500;
/// Bound of the dictionaries shared by questions, bytes; beyond it they start afresh.
pub(crate) const DICTIONARY_BYTES_MAX: usize = 512 << 20;
/// Most dictionaries shared by questions, one for each column and property that was asked about;
/// beyond it they start afresh, as questions may invent names of properties.
pub(crate) const DICTIONARIES_MAX: usize = 4_096;
/// Dictionary codes below this are grouped through a dense table, others through a hash table.
pub(crate) const DENSE_CODES_MAX: usize = 1 << 20;
