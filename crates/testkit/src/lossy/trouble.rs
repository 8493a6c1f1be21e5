//! Trouble on a lossy disk: which steps of a program meet it, and what happens to them. It changes
//! nothing itself: `serve` asks before every step and does as it is told.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Random;

/// What happens to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// The process that takes it is killed before it has any effect.
    Kill,
    /// It has no effect and fails with an input/output error. What a failed sync was to make safe
    /// is not made safe by a later sync either: systems forget which pages they could not write.
    Fail,
    /// It takes so much longer, and so does everything after it.
    Stall(Duration),
}

/// Which steps meet trouble. Steps are counted from when it begins, from 1.
#[derive(Debug, Clone, PartialEq)]
pub enum Aim {
    /// The first of that name, as [`super::LossyDisk::steps`] tells them.
    Named(String),
    /// The one of that number.
    Nth(u64),
    /// That one and all that follow.
    From(u64),
    /// Each sync of a file, with that probability.
    Syncs(f64),
}

/// Steps below a folder of this name are counted; a log beside it is not what tests are about.
const WATCHED: &str = "/data/";
/// Steps of a probability.
const DRAWS: usize = 10_000;
/// How the sync of a file is called.
pub(super) const SYNC: &str = "sync";

#[derive(Debug)]
pub(super) struct Trouble {
    planned: Option<(Aim, Strike)>,
    steps: BTreeMap<String, u64>,
    taken: u64,
    struck: u64,
    random: Random,
}

impl Trouble {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            planned: None,
            steps: BTreeMap::new(),
            taken: 0,
            struck: 0,
            random: Random::new(seed),
        }
    }

    /// Begins anew, with trouble or without.
    pub(super) fn plan(&mut self, planned: Option<(Aim, Strike)>) {
        self.planned = planned;
        self.steps.clear();
        (self.taken, self.struck) = (0, 0);
    }

    pub(super) fn steps(&self) -> BTreeMap<String, u64> {
        self.steps.clone()
    }

    pub(super) fn struck(&self) -> u64 {
        self.struck
    }

    /// What happens to this step.
    pub(super) fn meets(&mut self, operation: &str, path: &str) -> Option<Strike> {
        let (_, place) = path.split_once(WATCHED)?;
        let name = format!("{operation} {}", without_numbers(place));
        self.taken += 1;
        let seen = self.steps.entry(name.clone()).or_default();
        *seen += 1;
        let (aim, strike) = self.planned.as_ref()?;
        let is_hit = match aim {
            Aim::Named(named) => *named == name && self.struck == 0,
            Aim::Nth(number) => self.taken == *number,
            Aim::From(number) => self.taken >= *number,
            Aim::Syncs(probability) => {
                let drawn = self.random.below(DRAWS) as f64 / DRAWS as f64;
                operation == SYNC && drawn < *probability
            }
        };
        let strike = is_hit.then_some(*strike);
        self.struck += u64::from(is_hit);
        strike
    }
}

/// The path with `N` for each word that has a digit: files of one kind have one name.
fn without_numbers(path: &str) -> String {
    let word = |word: &str| match word.contains(|letter: char| letter.is_ascii_digit()) {
        true => "N".to_owned(),
        false => word.to_owned(),
    };
    let separators = ['/', '.', '-', '_'];
    path.split_inclusive(separators)
        .map(|part| match part.strip_suffix(separators) {
            Some(before) => word(before) + part.get(before.len()..).unwrap_or_default(),
            None => word(part),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_kind_have_one_name() {
        assert_eq!(without_numbers("queue/0017.seg.tmp"), "queue/N.seg.tmp");
        assert_eq!(
            without_numbers("store/2026-11-21/a_b2-c"),
            "store/N-N-N/a_N-c"
        );
        assert_eq!(without_numbers("secret"), "secret");
    }

    #[test]
    fn trouble_strikes_where_it_is_aimed_and_counts_what_it_sees() {
        let mut trouble = Trouble::new(1);
        let mut run = |aim| {
            trouble.plan(Some((aim, Strike::Fail)));
            let steps = ["write", SYNC, "write", SYNC];
            let struck = steps.map(|step| trouble.meets(step, "/x/data/a1").is_some());
            assert_eq!(trouble.meets("write", "/x/log"), None);
            assert_eq!(trouble.steps().values().sum::<u64>(), 4);
            struck
        };
        let named = Aim::Named("write N".to_owned());
        assert_eq!(run(named), [true, false, false, false]);
        assert_eq!(run(Aim::Nth(3)), [false, false, true, false]);
        assert_eq!(run(Aim::From(3)), [false, false, true, true]);
        assert_eq!(run(Aim::Syncs(1.0)), [false, true, false, true]);
        assert_eq!(run(Aim::Syncs(0.0)), [false; 4]);
    }
}
