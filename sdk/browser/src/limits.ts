// Owns every bound and interval of the SDK, with its unit. Refuses to hold anything else: a file
// without imports is one whose constants the bundler can write in place.

/** Version of the events this script sends. */
export const SCRIPT_VERSION = 1;
/** Longest address the server takes; an address is ASCII, so characters are bytes. */
export const URL_BYTES_MAX = 2000;
/** Events in one request, unless set. */
export const BATCH_EVENTS = 10;
/** Most events held while the server cannot be reached; beyond it the oldest goes. */
export const WAITING_EVENTS_MAX = 500;
/** Oldest event kept: the server accepts late events, and recognises repeated ones, for 72 hours. */
export const WAITING_MS_MAX = 259_200_000;
/** Browsers refuse keepalive requests above 64 KiB in flight; larger bodies go without. */
export const KEEPALIVE_CHARS_MAX = 50_000;
/** Attempts after a failure, unless set, before waiting for the next event or for the network. */
export const RETRIES_MAX = 10;
/** Longest pause between two attempts. */
export const BACKOFF_MS_MAX = 30_000;
/** Shorter engagement is not worth an event of its own. */
export const ENGAGED_MS_MIN = 1000;
/** Silence that ends a consented session, unless set. */
export const SESSION_TIMEOUT_MS = 1_800_000;
/** Errors that one page reports; each says something new. */
export const ERRORS_MAX = 10;
/** Longest message or source of an error. */
export const ERROR_CHARS_MAX = 200;
/** Faster interactions are not told apart. */
export const INTERACTION_MS_MIN = 40;
/** Interactions whose delay is remembered, slowest first. */
export const INTERACTIONS_KEPT = 10;
/** One interaction in so many may be slow without counting. */
export const INTERACTIONS_PER_OUTLIER = 50;
/** Silence that ends a burst of layout shifts, and the longest burst. */
export const SHIFT_GAP_MS_MAX = 1000;
export const SHIFT_WINDOW_MS_MAX = 5000;
