// Owns every bound and interval of the client, with its unit. The three clients share these numbers.

/** Events in one request; the server takes no more. */
export const BATCH_EVENTS_MAX = 100;
/** Events that wait in memory; beyond it the oldest goes. */
export const WAITING_EVENTS_MAX = 1_000;
/** Events that are sent without waiting for the interval. */
export const FLUSH_EVENTS = 50;
/** Batches in the spool; beyond it the oldest goes. */
export const SPOOL_FILES_MAX = 50;
/** Oldest spooled batch that is sent: the server takes, and knows again, events of 72 hours. */
export const SPOOL_AGE_MS_MAX = 72 * 3_600_000;
/** First and longest pause after a failure, less up to half. */
export const BACKOFF_MS_MIN = 1_000;
export const BACKOFF_MS_MAX = 30_000;
/** Longest pause that a server may ask for with Retry-After. */
export const RETRY_AFTER_MS_MAX = 300_000;
