"""Every bound and interval of the client, with its unit. The three clients share these numbers."""

# Events in one request; the server takes no more.
BATCH_EVENTS_MAX = 100
# Events that wait in memory; beyond it the oldest goes.
WAITING_EVENTS_MAX = 1_000
# Batches in the spool; beyond it the oldest goes.
SPOOL_FILES_MAX = 50
# Oldest spooled batch that is sent: the server takes, and knows again, events of 72 hours.
SPOOL_AGE_S_MAX = 72 * 3600
# First and longest pause after a failure, less up to half.
BACKOFF_S_MIN = 1.0
BACKOFF_S_MAX = 30.0
# Longest pause that a server may ask for with Retry-After.
RETRY_AFTER_S_MAX = 300.0
# Most events that may wait before they are sent without waiting for the interval.
FLUSH_EVENTS = 50
