//! Runs a job round by round until the server stops. A round that fails or panics ends that round
//! alone: it is counted, logged, and tried again after a rest that grows. What a round does is not
//! known here.

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// Rests after a round that failed, doubling from the first to the last.
const REST_FIRST: Duration = Duration::from_secs(1);
const REST_LAST: Duration = Duration::from_secs(4);

/// Which of the loops that collection cannot do without ended their last round by a panic.
#[derive(Debug, Default)]
pub(crate) struct Health(Mutex<BTreeSet<&'static str>>);

impl Health {
    /// A round went well, or failed for a reason that it knew.
    pub(crate) fn is_sound(&self, name: &'static str) {
        self.lock().remove(name);
    }

    /// A round panicked.
    pub(crate) fn panicked(&self, name: &'static str) {
        self.lock().insert(name);
    }

    /// Whether the last round of any of them panicked.
    pub(crate) fn is_broken(&self) -> bool {
        !self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<&'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does one round of a loop that is a thread of its own. A panic becomes an error with its text.
pub(crate) fn contain<T>(
    name: &'static str,
    health: &Health,
    round: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    match catch_unwind(AssertUnwindSafe(round)) {
        Ok(result) => {
            health.is_sound(name);
            result
        }
        Err(panic) => {
            health.panicked(name);
            count_panic(name);
            Err(anyhow::anyhow!("panicked: {}", text_of(&*panic)))
        }
    }
}

fn count_panic(name: &'static str) {
    metrics::counter!("almanac_job_panics_total", "job" => name).increment(1);
}

/// What a panic says.
pub(crate) fn text_of(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

/// A job: its name in logs and metrics, and how often it runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) name: &'static str,
    pub(super) period: Duration,
}

/// Runs `round` again and again until `stop` turns true. `told` hears of each round whether it
/// panicked.
pub(super) async fn run<Round>(
    job: Job,
    mut stop: watch::Receiver<bool>,
    told: impl Fn(bool),
    round: impl Fn() -> Round,
) where
    Round: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let mut ticker = interval(job.period);
    ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut rest = REST_FIRST;
    loop {
        tokio::select! {
            _ = ticker.tick() => {}
            _ = stop.wait_for(|stopping| *stopping) => return,
        }
        // A task of its own, so that a panic ends there.
        let ended = tokio::spawn(round()).await;
        let is_panic = ended.is_err();
        told(is_panic);
        if is_panic {
            count_panic(job.name);
        }
        let Some(failure) = failure_of(ended) else {
            rest = REST_FIRST;
            continue;
        };
        let (name, rest_s) = (job.name, rest.as_secs());
        tracing::error!(
            job = name,
            error = failure,
            rest_s,
            "a job failed and will be tried again"
        );
        metrics::counter!("almanac_job_failures_total", "job" => name).increment(1);
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            _ = stop.wait_for(|stopping| *stopping) => return,
        }
        rest = (rest * 2).min(REST_LAST);
    }
}

fn failure_of(ended: Result<anyhow::Result<()>, tokio::task::JoinError>) -> Option<String> {
    match ended {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("{error:#}")),
        Err(ended) => Some(match ended.try_into_panic() {
            Ok(panic) => format!("panicked: {}", text_of(&*panic)),
            Err(cancelled) => cancelled.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const JOB: Job = Job {
        name: "test",
        period: Duration::from_secs(1),
    };

    #[tokio::test(start_paused = true)]
    async fn a_round_that_panics_is_followed_by_another_after_a_growing_rest() {
        let (stop, stopping) = watch::channel(false);
        let rounds = Arc::new(AtomicU32::new(0));
        let told = Arc::new(Mutex::new(Vec::new()));
        let (counted, heard) = (Arc::clone(&rounds), Arc::clone(&told));
        let round = move || {
            let number = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                assert!(number >= 2, "round {number}");
                anyhow::ensure!(number != 2, "known");
                Ok(())
            }
        };
        let hears = move |is_panic| heard.lock().unwrap().push(is_panic);
        let started = tokio::time::Instant::now();
        let job = tokio::spawn(run(JOB, stopping, hears, round));
        while rounds.load(Ordering::Relaxed) < 5 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // Rests of 1, 2 and 4 seconds, then a period.
        assert_eq!(started.elapsed().as_secs(), 8);
        assert_eq!(told.lock().unwrap()[..4], [true, true, false, false]);
        stop.send_replace(true);
        job.await.unwrap();
    }

    #[test]
    fn a_panic_is_an_error_with_its_text_and_shows_until_a_round_does_not_panic() {
        let health = Health::default();
        let fails = || -> anyhow::Result<()> { panic!("number {}", 7) };
        let error = contain("pump", &health, fails).unwrap_err();
        assert_eq!(error.to_string(), "panicked: number 7");
        assert!(health.is_broken());
        let known = || -> anyhow::Result<()> { anyhow::bail!("known") };
        assert!(contain("pump", &health, known).is_err());
        assert!(!health.is_broken());
    }
}
