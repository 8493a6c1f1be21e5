//! Letters that wait: bounded, tried again after growing rests, and given up after the last. They
//! are kept in memory only, because each holds a secret of which the catalog has only a hash.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use almanac_api::{Mail, MailState};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::Trouble;

/// Letters that wait for their first or next attempt; further ones stay with the API, which is told
/// so when its own few places are full.
const WAITING_MAX: usize = 256;
/// Rests between attempts. After the last one a letter is given up: the link of a reset works for
/// an hour, and whoever waits for it has asked again by then.
const RESTS: [Duration; 5] = [
    Duration::from_secs(2),
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(900),
];
/// Longest that a stopping server goes on sending.
const LAST_ROUND: Duration = Duration::from_secs(5);

/// What became of letters, shared with whoever shows it.
#[derive(Debug, Default)]
pub(super) struct State {
    waiting: AtomicU64,
    sent: AtomicU64,
    failed: AtomicU64,
    trouble: Mutex<Option<String>>,
}

impl State {
    /// One more waits.
    pub(super) fn took_one(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// One that was to wait found no place.
    pub(super) fn refused_one(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        count("refused");
    }

    /// As people are shown it.
    pub(super) fn shown(&self) -> MailState {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        MailState {
            waiting: self.waiting.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            trouble: trouble.clone(),
        }
    }

    fn ended(&self, is_sent: bool) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let counter = if is_sent { &self.sent } else { &self.failed };
        counter.fetch_add(1, Ordering::Relaxed);
        count(if is_sent { "sent" } else { "failed" });
    }

    fn says(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// Counts what became of a letter.
fn count(outcome: &'static str) {
    metrics::counter!("almanac_mails_total", "outcome" => outcome).increment(1);
}

/// A letter and when it is tried next.
struct Waiting {
    mail: Mail,
    /// Attempts that failed.
    attempts: usize,
    due: Instant,
}

/// Sends what comes until `stop`, then once more what waits, for a short while.
pub(super) async fn run<Sent>(
    mut letters: mpsc::Receiver<Mail>,
    state: Arc<State>,
    mut stop: watch::Receiver<bool>,
    deliver: impl Fn(Mail) -> Sent,
) where
    Sent: Future<Output = Result<(), Trouble>>,
{
    let mut waiting: Vec<Waiting> = Vec::new();
    loop {
        let due = waiting.iter().map(|each| each.due).min();
        let next = async {
            match due {
                Some(due) => sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        let is_due = tokio::select! {
            mail = letters.recv(), if waiting.len() < WAITING_MAX => match mail {
                Some(mail) => {
                    waiting.push(fresh(mail));
                    false
                }
                None => break,
            },
            () = next => true,
            _ = stop.wait_for(|stopping| *stopping) => break,
        };
        if is_due {
            attempt(&mut waiting, &state, &deliver).await;
        }
    }
    while let Ok(mail) = letters.try_recv() {
        waiting.push(fresh(mail));
    }
    let last = async {
        for each in &mut waiting {
            each.due = Instant::now();
        }
        for _ in 0..waiting.len() {
            attempt(&mut waiting, &state, &deliver).await;
        }
    };
    if timeout(LAST_ROUND, last).await.is_err() || !waiting.is_empty() {
        let letters = state.shown().waiting;
        tracing::warn!(letters, "letters were not sent before the server stopped");
    }
}

fn fresh(mail: Mail) -> Waiting {
    Waiting {
        mail,
        attempts: 0,
        due: Instant::now(),
    }
}

/// Tries the letter that is due first.
async fn attempt<Sent>(waiting: &mut Vec<Waiting>, state: &State, deliver: &impl Fn(Mail) -> Sent)
where
    Sent: Future<Output = Result<(), Trouble>>,
{
    let first = (0..waiting.len()).min_by_key(|index| waiting.get(*index).map(|each| each.due));
    let Some(index) = first else { return };
    let mut letter = waiting.swap_remove(index);
    match deliver(letter.mail.clone()).await {
        Ok(()) => {
            state.says(None);
            state.ended(true);
        }
        Err(trouble) => {
            let rest = RESTS.get(letter.attempts).filter(|_| !trouble.is_final);
            let (reason, attempts) = (trouble.reason.as_str(), letter.attempts + 1);
            state.says(Some(trouble.reason.clone()));
            if let Some(rest) = rest {
                let rest_s = rest.as_secs();
                tracing::warn!(reason, attempts, rest_s, "a letter is tried again later");
                letter.attempts = attempts;
                letter.due = Instant::now() + *rest;
                waiting.push(letter);
            } else {
                tracing::error!(reason, attempts, "a letter was given up");
                state.ended(false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(to: &str) -> Mail {
        let (to, subject, text) = (to.to_owned(), "s".to_owned(), "t".to_owned());
        Mail { to, subject, text }
    }

    fn trouble(is_final: bool) -> Trouble {
        let reason = "no".to_owned();
        Trouble { reason, is_final }
    }

    /// Runs a queue whose deliveries end as `answers` says, by the number of the attempt, and gives
    /// the seconds after which each attempt was made, and what became of the letters.
    async fn check(
        letters: usize,
        answers: impl Fn(usize) -> Result<(), Trouble>,
    ) -> (Vec<u64>, MailState) {
        let (sender, receiver) = mpsc::channel(8);
        let state = Arc::new(State::default());
        for _ in 0..letters {
            sender.try_send(letter("a@b.example")).unwrap();
            state.took_one();
        }
        let (_running, stop) = watch::channel(false);
        let attempts = Mutex::new(Vec::new());
        let begun = Instant::now();
        let deliver = |_| {
            let mut attempts = attempts.lock().unwrap();
            attempts.push(begun.elapsed().as_secs());
            std::future::ready(answers(attempts.len()))
        };
        let running = run(receiver, Arc::clone(&state), stop, deliver);
        let ended = async {
            while state.shown().waiting > 0 {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        tokio::select! { () = running => {}, () = ended => {} }
        let attempts = attempts.lock().unwrap().clone();
        (attempts, state.shown())
    }

    #[tokio::test(start_paused = true)]
    async fn a_letter_is_tried_again_after_growing_rests_until_it_is_taken() {
        let third = |attempt| {
            if attempt < 3 {
                Err(trouble(false))
            } else {
                Ok(())
            }
        };
        let (attempts, state) = check(1, third).await;
        assert_eq!(attempts, [0, 2, 17]);
        assert_eq!((state.sent, state.failed, state.trouble), (1, 0, None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_letter_is_given_up_after_the_last_rest() {
        let (attempts, state) = check(1, |_| Err(trouble(false))).await;
        assert_eq!(attempts, [0, 2, 17, 77, 377, 1277]);
        assert_eq!((state.sent, state.failed), (0, 1));
        assert_eq!(state.trouble.as_deref(), Some("no"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_for_good_is_not_tried_again() {
        let (attempts, state) = check(2, |_| Err(trouble(true))).await;
        assert_eq!(attempts, [0, 0]);
        assert_eq!((state.sent, state.failed, state.waiting), (0, 2, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stopping_server_tries_once_more_and_ends() {
        let (sender, receiver) = mpsc::channel(8);
        let (running, stop) = watch::channel(false);
        let state = Arc::new(State::default());
        for _ in 0..3 {
            sender.try_send(letter("a@b.example")).unwrap();
            state.took_one();
        }
        running.send_replace(true);
        run(receiver, Arc::clone(&state), stop, |_| {
            std::future::ready(Ok(()))
        })
        .await;
        assert_eq!((state.shown().sent, state.shown().waiting), (3, 0));
    }
}
