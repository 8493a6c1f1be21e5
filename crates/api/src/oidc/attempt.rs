//! Sign-ins on their way: what was told to the provider, kept until the browser that began comes
//! back with the answer. In memory only; each can be taken once, by that browser, for ten minutes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use almanac_model::Instant;
use almanac_model::time::SECOND_US;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// How long somebody may take at the provider, microseconds.
const AGE_MAX_US: i64 = 600 * SECOND_US;
/// Attempts at the same time; one more takes the place of the oldest.
const ATTEMPTS_MAX: usize = 10_000;

/// What a sign-in is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A session for whoever it is.
    SignIn,
    /// The account of that session is to be known by the provider's person too.
    Link {
        /// The session that asked.
        session: i64,
    },
}

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) purpose: Purpose,
    /// What the ID token has to repeat.
    pub(crate) nonce: String,
    /// What proves to the provider that the code came back to whoever asked (RFC 7636).
    pub(crate) verifier: String,
    /// The hash of what only the browser that began has, in a cookie.
    browser: blake3::Hash,
    began_at: Instant,
}

/// What the browser takes along.
#[derive(Debug)]
pub(crate) struct Begun {
    /// Through the provider and back.
    pub(crate) state: String,
    /// In a cookie.
    pub(crate) browser: String,
    pub(crate) attempt: Attempt,
}

/// All of them, by the hash of their state.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<HashMap<blake3::Hash, Attempt>>);

impl Attempts {
    /// Begins one.
    pub(crate) fn begin(&self, purpose: Purpose, now: Instant) -> Begun {
        let (state, browser) = (secret(), secret());
        let attempt = Attempt {
            purpose,
            nonce: secret(),
            verifier: secret(),
            browser: hash(&browser),
            began_at: now,
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, attempt| attempt.is_young(now));
        if all.len() >= ATTEMPTS_MAX {
            let oldest = all.iter().min_by_key(|(_, attempt)| attempt.began_at);
            if let Some(state) = oldest.map(|(state, _)| *state) {
                all.remove(&state);
            }
        }
        all.insert(hash(&state), attempt.clone());
        Begun {
            state,
            browser,
            attempt,
        }
    }

    /// The attempt with that state, if this browser began it and not too long ago. Whatever the
    /// answer, the state is spent.
    pub(crate) fn take(&self, state: &str, browser: &str, now: Instant) -> Option<Attempt> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = all.remove(&hash(state))?;
        // Comparing two hashes takes the same time wherever they differ.
        (attempt.browser == hash(browser) && attempt.is_young(now)).then_some(attempt)
    }
}

impl Attempt {
    fn is_young(&self, now: Instant) -> bool {
        now < self.began_at.plus_us(AGE_MAX_US)
    }
}

/// 244 random bits as 43 characters: two random UUIDs, in the alphabet that PKCE asks for.
fn secret() -> String {
    let halves = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()];
    BASE64_URL_SAFE_NO_PAD.encode(halves.map(uuid::Uuid::into_bytes).concat())
}

fn hash(text: &str) -> blake3::Hash {
    blake3::hash(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(seconds)
    }

    #[test]
    fn an_attempt_is_taken_once_by_its_browser_within_its_time() {
        let attempts = Attempts::default();
        let begin = || attempts.begin(Purpose::SignIn, at(0));
        let good = begin();
        assert_eq!(good.attempt.verifier.len(), 43);
        let taken = attempts.take(&good.state, &good.browser, at(599)).unwrap();
        assert_eq!(taken.nonce, good.attempt.nonce);
        assert!(
            attempts.take(&good.state, &good.browser, at(599)).is_none(),
            "once"
        );

        let (one, other) = (begin(), begin());
        assert!(
            attempts.take(&one.state, &other.browser, at(1)).is_none(),
            "another browser"
        );
        assert!(
            attempts.take(&one.state, &one.browser, at(1)).is_none(),
            "it is spent"
        );
        assert!(
            attempts
                .take(&other.state, &other.browser, at(600))
                .is_none(),
            "too late"
        );
        assert!(attempts.take("", "", at(1)).is_none());
    }

    #[test]
    fn one_too_many_takes_the_place_of_the_oldest() {
        let attempts = Attempts::default();
        let first = attempts.begin(Purpose::SignIn, at(0));
        let second = attempts.begin(Purpose::SignIn, at(1));
        for _ in 0..ATTEMPTS_MAX - 1 {
            attempts.begin(Purpose::SignIn, at(2));
        }
        assert!(attempts.take(&first.state, &first.browser, at(3)).is_none());
        assert!(
            attempts
                .take(&second.state, &second.browser, at(3))
                .is_some()
        );
    }
}
