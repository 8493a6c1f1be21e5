//! The only file that looks at the world outside: the clock, the environment, chance.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Time since 1970 by the system's clock; zero when it stands before that.
#[expect(
    clippy::disallowed_methods,
    reason = "a client in other people's programs has no clock but the system's"
)]
pub(crate) fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    u64::try_from(since_1970().as_millis()).unwrap_or(u64::MAX)
}

/// What the user of this machine says about being counted, if anything.
#[expect(
    clippy::disallowed_methods,
    reason = "DO_NOT_TRACK belongs to the user of the machine, not to the program's configuration"
)]
pub(crate) fn do_not_track() -> Option<String> {
    std::env::var("DO_NOT_TRACK").ok()
}

/// A number from 0 up to 1, good enough to spread clients over time.
pub(crate) fn chance() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
}
