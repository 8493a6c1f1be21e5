//! Filters on codes: each comparison is worked out once per distinct value, and a row is then only
//! a look-up. Semantics are those of `docs/semantics.md`, rule 3.

use std::sync::{Arc, Mutex, PoisonError};

use almanac_model::{Filter, Match, MatchOp};
use almanac_query::EngineError;
use regex::Regex;

use super::compile::{Compiler, Slot};
use crate::dictionary::Dictionary;

/// A filter whose comparisons are numbered.
#[derive(Debug)]
pub(super) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Leaf(usize),
}

/// One comparison, and what is known of its outcome.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) slot: Slot,
    dictionary: Option<Arc<Dictionary>>,
    test: Test,
    /// The outcome for each code that was in the dictionary when last looked.
    outcomes: Mutex<Arc<Vec<bool>>>,
}

#[derive(Debug)]
enum Test {
    Is { values: Vec<String>, folds: bool },
    Contains { values: Vec<String>, folds: bool },
    Matches(Vec<Regex>),
}

impl Node {
    /// Numbers the comparisons of a filter and puts them into the compiler's list.
    pub(super) fn compile(filter: &Filter, compiler: &mut Compiler) -> Result<Self, EngineError> {
        let mut all = |parts: &[Filter]| {
            parts
                .iter()
                .map(|part| Self::compile(part, compiler))
                .collect::<Result<_, _>>()
        };
        Ok(match filter {
            Filter::And(parts) => Self::And(all(parts)?),
            Filter::Or(parts) => Self::Or(all(parts)?),
            Filter::Not(part) => Self::Not(Box::new(Self::compile(part, compiler)?)),
            Filter::Match(wanted) => Self::Leaf(Leaf::compile(wanted, compiler)?),
            // Such filters go the way of `view`.
            Filter::Done(_) | Filter::Scrolled(_) => {
                let what = "what else a visitor did by counting alone";
                return Err(EngineError::Unsupported { what });
            }
        })
    }

    /// Whether the filter holds, given the outcome of each comparison.
    pub(super) fn holds(&self, outcome: &impl Fn(usize) -> bool) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(outcome)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(outcome)),
            Self::Not(part) => !part.holds(outcome),
            Self::Leaf(leaf) => outcome(*leaf),
        }
    }

    /// Whether the filter looks at nothing but facts of visits.
    pub(super) fn is_of_visits(&self, leaves: &[Leaf]) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().all(|part| part.is_of_visits(leaves))
            }
            Self::Not(part) => part.is_of_visits(leaves),
            Self::Leaf(leaf) => matches!(leaves[*leaf].slot, Slot::Visit(_)),
        }
    }

    /// The parts that must all hold.
    pub(super) fn conjuncts(&self) -> &[Node] {
        match self {
            Self::And(parts) => parts,
            other => std::slice::from_ref(other),
        }
    }
}

impl Leaf {
    /// Puts a comparison into the compiler's list, and gives its number.
    pub(super) fn compile(wanted: &Match, compiler: &mut Compiler) -> Result<usize, EngineError> {
        let slot = compiler.slot(&wanted.dimension);
        let leaf = Self {
            slot,
            dictionary: compiler.dictionary(slot),
            test: Test::new(wanted)?,
            outcomes: Mutex::default(),
        };
        compiler.leaves.push(leaf);
        Ok(compiler.leaves.len() - 1)
    }

    /// The outcome for every code that the dictionary has now. Ask after the codes of a segment
    /// were decoded, and it covers all of them.
    pub(super) fn outcomes(&self) -> Arc<Vec<bool>> {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dictionary) = &self.dictionary {
            let added = dictionary.values_from(outcomes.len());
            if !added.is_empty() {
                let fits = added.iter().map(|value| self.test.fits(value));
                Arc::make_mut(&mut outcomes).extend(fits);
            }
        }
        Arc::clone(&outcomes)
    }
}

impl Test {
    fn new(wanted: &Match) -> Result<Self, EngineError> {
        let folds = !wanted.case_sensitive;
        let folded = || {
            let fold = |value: &String| {
                if folds {
                    value.to_lowercase()
                } else {
                    value.clone()
                }
            };
            wanted.values.iter().map(fold).collect()
        };
        Ok(match wanted.op {
            MatchOp::Is => Self::Is {
                values: folded(),
                folds,
            },
            MatchOp::Contains => Self::Contains {
                values: folded(),
                folds,
            },
            MatchOp::Matches => {
                let compile = |pattern: &String| {
                    Regex::new(pattern).map_err(|_| EngineError::Pattern {
                        pattern: pattern.clone(),
                    })
                };
                Self::Matches(
                    wanted
                        .values
                        .iter()
                        .map(compile)
                        .collect::<Result<_, _>>()?,
                )
            }
        })
    }

    fn fits(&self, actual: &str) -> bool {
        match self {
            Self::Is { values, folds } => with_folded(actual, *folds, |actual| {
                values.iter().any(|value| value == actual)
            }),
            Self::Contains { values, folds } => with_folded(actual, *folds, |actual| {
                values.iter().any(|value| actual.contains(value.as_str()))
            }),
            Self::Matches(patterns) => patterns.iter().any(|pattern| pattern.is_match(actual)),
        }
    }
}

fn with_folded(text: &str, folds: bool, check: impl FnOnce(&str) -> bool) -> bool {
    if folds {
        check(&text.to_lowercase())
    } else {
        check(text)
    }
}
