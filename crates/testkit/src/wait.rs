//! Waiting for something to become true, with a deadline and a reason. Nothing here waits for luck:
//! a wait ends when its condition holds, and fails by name when that takes too long.

use std::time::{Duration, Instant};

/// Pause between two looks at a condition that nothing announces.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Asks until there is an answer, and gives it with the time that it took.
///
/// # Panics
/// When there is none within the limit; the message names what was waited for.
pub fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> (T, Duration) {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return (found, started.elapsed());
        }
        assert!(started.elapsed() < limit, "{what}: not within {limit:?}");
        pause(LOOK_AGAIN);
    }
}

/// Lets that time pass: for faults that are made of time, such as a delay or the age of a process
/// that is about to be killed.
pub fn pause(length: Duration) {
    let end = Instant::now() + length;
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(left);
    }
}
