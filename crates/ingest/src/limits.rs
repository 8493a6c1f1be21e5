//! Limits of ingestion, each with its unit. Limits on the shape of an event are the model's.

/// Longest part of a user agent that is looked at, bytes.
pub(crate) const USER_AGENT_BYTES_MAX: usize = 1_000;
/// Parsed user agents kept, entries. Common browsers number in the low thousands at any time.
pub(crate) const AGENT_CACHE_ENTRIES_MAX: usize = 16_384;
/// Longest revenue amount, micros of the currency's unit: a billion units.
pub(crate) const REVENUE_MICROS_MAX: i64 = 1_000_000_000 * 1_000_000;
/// Longest host name, bytes (RFC 1035).
pub(crate) const HOST_BYTES_MAX: usize = 253;
/// How long event ids are remembered, seconds.
pub(crate) const WINDOW_AGE_MAX_S: i64 = 72 * 3600;
/// Event ids remembered at most. At 16 bytes each, 160 MB when full.
pub(crate) const WINDOW_ENTRIES_MAX: usize = 10_000_000;
/// Longest value of one tool or model number (tokens, microseconds, nanos).
pub(crate) const NUMBER_MAX: i64 = 1_000_000_000_000_000;
/// Longest line of an access log that is read, bytes.
pub(crate) const LOG_LINE_BYTES_MAX: usize = 64 * 1024;
/// Ranges of data centres that are kept, lines of the list; 32 MB when full.
pub(crate) const DATA_CENTRE_RANGES_MAX: usize = 1_000_000;
/// Longest client hint that is looked at, bytes.
pub(crate) const HINT_BYTES_MAX: usize = 500;
