//! Passwords: which are accepted, and how they are hashed (argon2id) and checked. Hashing takes
//! 19 MiB and many milliseconds, so it runs off the async threads, few at a time, and a flood of
//! sign-ins is turned away instead of filling the memory.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

use crate::error::{CatalogError, Result};
use crate::limits;

/// The 3,000 most common passwords of acceptable length; source beside the file.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../data/common_passwords.txt")
        .lines()
        .collect()
});

/// Checks a new password against the rules: 8 to 256 characters, not among the most common ones.
/// There are no rules of composition, because they make passwords worse.
///
/// # Errors
/// `Invalid` for the field `password`, with the rule.
pub fn check_policy(password: &str) -> Result<()> {
    let length = password.chars().count();
    let invalid = |reason: String| Err(CatalogError::invalid("password", reason));
    if length < limits::PASSWORD_CHARS_MIN {
        let min = limits::PASSWORD_CHARS_MIN;
        return invalid(format!(
            "has {length} characters, at least {min} are needed"
        ));
    }
    if length > limits::PASSWORD_CHARS_MAX {
        let max = limits::PASSWORD_CHARS_MAX;
        return invalid(format!(
            "has {length} characters, at most {max} are allowed"
        ));
    }
    if COMMON.contains(password.to_lowercase().as_str()) {
        return invalid("is among the most common passwords; choose another".into());
    }
    Ok(())
}

/// A random password that somebody is shown once: 24 characters, 96 bits.
///
/// # Errors
/// The operating system gave no randomness.
pub fn generate() -> Result<String> {
    crate::random::hex::<12>()
}

/// Hashes and checks passwords within bounds that its clones share.
#[derive(Debug, Clone)]
pub(crate) struct PasswordHasher {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl PasswordHasher {
    pub(crate) fn new() -> Self {
        let at_once = limits::PASSWORD_HASHES_AT_ONCE;
        Self {
            running: Arc::new(Semaphore::new(at_once)),
            admitted: Arc::new(Semaphore::new(
                at_once + limits::PASSWORD_HASHES_WAITING_MAX,
            )),
        }
    }

    /// The argon2id hash of a password in PHC text, with a fresh salt.
    pub(crate) async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        self.run(move || hash_now(&password)).await?
    }

    /// Whether the password belongs to the hash. Without a hash the same work is done in vain, so
    /// that the time taken does not tell whether a user exists.
    pub(crate) async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool> {
        if password.chars().count() > limits::PASSWORD_CHARS_MAX {
            return Ok(false);
        }
        let password = password.to_owned();
        self.run(move || {
            let Some(text) = hash else {
                return hash_now(&password).map(|_| false);
            };
            let parsed = PasswordHash::new(&text)
                .map_err(|error| CatalogError::corrupt("password hash", error))?;
            Ok(Argon2::default()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok())
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _admitted = self
            .admitted
            .try_acquire()
            .map_err(|_| CatalogError::Overloaded)?;
        let running = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| CatalogError::Overloaded)?;
        // The permit travels with the work: a caller who goes away does not free memory in use.
        let work = move || {
            let value = work();
            drop(running);
            value
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| CatalogError::Overloaded)
    }
}

fn hash_now(password: &str) -> Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| CatalogError::corrupt("password", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_length_and_commonness_are_judged() {
        let reason = |password: &str| check_policy(password).unwrap_err().to_string();
        assert_eq!(
            reason("short12"),
            "password: has 7 characters, at least 8 are needed"
        );
        assert_eq!(
            reason("PassWord"),
            "password: is among the most common passwords; choose another"
        );
        assert!(reason(&"ü".repeat(257)).contains("at most 256"));
        for good in ["ünïcödé!", "all lower case words", &"x".repeat(256)] {
            check_policy(good).unwrap();
        }
    }

    #[test]
    fn the_list_holds_three_thousand_passwords_that_the_length_rule_lets_through() {
        assert_eq!(COMMON.len(), 3_000);
        assert!(
            COMMON
                .iter()
                .all(|word| word.chars().count() >= limits::PASSWORD_CHARS_MIN)
        );
        assert!(COMMON.iter().all(|word| **word == word.to_lowercase()));
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let hasher = PasswordHasher::new();
        let hash = hasher.hash("correct horse").await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            hasher
                .verify("correct horse", Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!hasher.verify("correct house", Some(hash)).await.unwrap());
        assert!(!hasher.verify("correct horse", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_instead_of_queued() {
        let hasher = PasswordHasher::new();
        let room = limits::PASSWORD_HASHES_AT_ONCE + limits::PASSWORD_HASHES_WAITING_MAX;
        let all = u32::try_from(room).unwrap();
        let _taken = hasher.admitted.acquire_many(all).await.unwrap();
        let refused = hasher.verify("correct horse", None).await;
        assert!(matches!(refused, Err(CatalogError::Overloaded)));
    }
}
