//! Every bound and interval of the client, with its unit. The three clients share these numbers.

use std::time::Duration;

/// Events in one request; the server takes no more.
pub(crate) const BATCH_EVENTS_MAX: usize = 100;
/// Events that wait in memory; beyond it the oldest goes.
pub(crate) const WAITING_EVENTS_MAX: usize = 1_000;
/// Events that are sent without waiting for the interval.
pub(crate) const FLUSH_EVENTS: usize = 50;
/// Batches in the spool; beyond it the oldest goes.
pub(crate) const SPOOL_FILES_MAX: usize = 50;
/// Largest spooled batch that is read, bytes; the server takes a body of 1 MiB.
pub(crate) const SPOOL_FILE_BYTES_MAX: u64 = 1 << 20;
/// Oldest spooled batch that is sent: the server takes, and knows again, events of 72 hours.
pub(crate) const SPOOL_AGE_MAX: Duration = Duration::from_secs(72 * 3600);
/// First and longest pause after a failure, less up to half.
pub(crate) const BACKOFF_MIN: Duration = Duration::from_secs(1);
pub(crate) const BACKOFF_MAX: Duration = Duration::from_secs(30);
/// Longest pause that a server may ask for with `Retry-After`.
pub(crate) const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);
/// Longest name of an error's class, bytes.
pub(crate) const ERROR_TYPE_BYTES_MAX: usize = 100;
