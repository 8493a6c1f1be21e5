//! Slows down guessing without locking anybody out: wrong passwords and codes make the next attempt
//! for the same account from the same network wait, twice as long each time. Elsewhere the owner
//! signs in as always. Names and addresses are kept as hashes, in memory, and within a bound.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use almanac_model::Instant;
use almanac_model::time::SECOND_US;

use crate::rate_limit::network;

/// Attempts before anybody has to wait.
const FREE_ATTEMPTS: u32 = 5;
/// Longest wait: 15 minutes, seconds.
const WAIT_MAX_S: i64 = 900;
/// After a day without an attempt everything is forgotten, seconds.
const MEMORY_S: i64 = 86_400;
/// Pairs of account and network that are remembered.
const PAIRS_MAX: usize = 20_000;

/// What is remembered of one account from one network.
#[derive(Debug, Clone, Copy)]
struct Attempts {
    count: u32,
    last: Instant,
    next: Instant,
}

/// The memory of attempts.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    hasher: RandomState,
    pairs: Mutex<HashMap<u64, Attempts>>,
}

/// The answer to an attempt that came too soon: seconds to wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooSoon(pub(crate) u32);

impl Throttle {
    /// Counts an attempt before it is made, so that many at once are many. Gives how many there
    /// were since the last success.
    pub(crate) fn attempt(
        &self,
        email: &str,
        ip: Option<IpAddr>,
        now: Instant,
    ) -> Result<u32, TooSoon> {
        let key = self.key(email, ip);
        let mut pairs = self.pairs.lock().unwrap_or_else(PoisonError::into_inner);
        let known = pairs.get(&key).copied();
        let known = known.filter(|known| now.0 - known.last.0 < MEMORY_S * SECOND_US);
        if let Some(known) = known
            && now < known.next
        {
            let wait_s = (known.next.0 - now.0).div_euclid(SECOND_US) + 1;
            return Err(TooSoon(u32::try_from(wait_s).unwrap_or(u32::MAX)));
        }
        let count = known.map_or(0, |known| known.count).saturating_add(1);
        if known.is_none() && pairs.len() >= PAIRS_MAX {
            make_room(&mut pairs, now);
        }
        let next = now.plus_us(wait_s(count) * SECOND_US);
        pairs.insert(
            key,
            Attempts {
                count,
                last: now,
                next,
            },
        );
        Ok(count)
    }

    /// Forgets the attempts of somebody who has proved to be the one.
    pub(crate) fn succeeded(&self, email: &str, ip: Option<IpAddr>) {
        let key = self.key(email, ip);
        let mut pairs = self.pairs.lock().unwrap_or_else(PoisonError::into_inner);
        pairs.remove(&key);
    }

    fn key(&self, email: &str, ip: Option<IpAddr>) -> u64 {
        self.hasher
            .hash_one((email.trim().to_lowercase(), ip.map(network)))
    }
}

/// How long the next attempt has to wait after that many.
fn wait_s(count: u32) -> i64 {
    match count.checked_sub(FREE_ATTEMPTS) {
        None | Some(0) => 0,
        Some(over) => 2_i64.saturating_pow(over).min(WAIT_MAX_S),
    }
}

/// Forgets what is old, or else the pair that was quiet for longest.
fn make_room(pairs: &mut HashMap<u64, Attempts>, now: Instant) {
    pairs.retain(|_, known| now.0 - known.last.0 < MEMORY_S * SECOND_US);
    if pairs.len() < PAIRS_MAX {
        return;
    }
    let quietest = pairs.iter().min_by_key(|(_, known)| known.last);
    if let Some(key) = quietest.map(|(key, _)| *key) {
        pairs.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMAIL: &str = "ada@shop.example";

    fn ip(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(1_800_000_000 + seconds)
    }

    #[test]
    fn each_wrong_attempt_doubles_the_wait_up_to_a_quarter_of_an_hour() {
        let throttle = Throttle::default();
        let home = ip("192.0.2.1");
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..18 {
            while let Err(TooSoon(wait_s)) = throttle.attempt(EMAIL, home, at(now)) {
                waits.push(i64::from(wait_s));
                now += i64::from(wait_s);
            }
        }
        assert_eq!(waits, [3, 5, 9, 17, 33, 65, 129, 257, 513, 901, 901, 901]);
    }

    #[test]
    fn the_owner_is_not_locked_out_from_elsewhere_nor_other_accounts_from_here() {
        let throttle = Throttle::default();
        let (home, evil) = (ip("192.0.2.1"), ip("203.0.113.7"));
        for _ in 0..6 {
            let _told = throttle.attempt(EMAIL, evil, at(0));
        }
        assert!(throttle.attempt(EMAIL, evil, at(0)).is_err());
        assert!(throttle.attempt(" ADA@shop.example", evil, at(0)).is_err());
        assert_eq!(throttle.attempt(EMAIL, home, at(0)), Ok(1));
        assert_eq!(throttle.attempt("bob@shop.example", evil, at(0)), Ok(1));
        let (one, other) = (ip("2001:db8::1"), ip("2001:db8::2"));
        assert_eq!(throttle.attempt(EMAIL, one, at(0)), Ok(1));
        assert_eq!(throttle.attempt(EMAIL, other, at(0)), Ok(2), "one network");
    }

    #[test]
    fn success_and_a_day_of_quiet_forget() {
        let throttle = Throttle::default();
        let home = ip("192.0.2.1");
        for _ in 0..6 {
            assert!(throttle.attempt(EMAIL, home, at(0)).is_ok());
        }
        assert!(throttle.attempt(EMAIL, home, at(1)).is_err());
        assert_eq!(throttle.attempt(EMAIL, home, at(MEMORY_S)), Ok(1));
        assert_eq!(throttle.attempt(EMAIL, home, at(MEMORY_S)), Ok(2));
        throttle.succeeded(EMAIL, home);
        assert_eq!(throttle.attempt(EMAIL, home, at(MEMORY_S)), Ok(1));
    }

    #[test]
    fn memory_is_bounded_and_the_quietest_go_first() {
        let throttle = Throttle::default();
        let home = ip("192.0.2.1");
        for second in 0..=i64::try_from(PAIRS_MAX).unwrap() {
            let email = format!("{second}@shop.example");
            assert_eq!(throttle.attempt(&email, home, at(second / 1_000)), Ok(1));
        }
        assert_eq!(throttle.pairs.lock().unwrap().len(), PAIRS_MAX);
        let newest = format!("{PAIRS_MAX}@shop.example");
        assert_eq!(throttle.attempt(&newest, home, at(30)), Ok(2));
    }
}
