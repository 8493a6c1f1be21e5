//! When each request should leave. One counter for all connections: whichever is free takes the
//! next moment, and lateness counts against the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Settings;

/// The moments at which requests leave.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    began: Instant,
    ends: Instant,
    rate: u32,
    next: Arc<AtomicU64>,
}

impl Schedule {
    pub(crate) fn start(settings: &Settings) -> Self {
        let began = Instant::now();
        let ends = began + Duration::from_secs(settings.seconds.into());
        Self {
            began,
            ends,
            rate: settings.rate,
            next: Arc::default(),
        }
    }

    /// The moment of the next request; nothing when the time is over. Without a rate it is now.
    pub(crate) fn next(&self) -> Option<Instant> {
        if self.rate == 0 {
            return Some(Instant::now()).filter(|now| *now < self.ends);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let after = Duration::from_nanos(number * 1_000_000_000 / u64::from(self.rate));
        Some(self.began + after).filter(|moment| *moment < self.ends)
    }

    /// How long sending has gone on.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}
