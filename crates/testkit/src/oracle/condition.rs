//! Whether a filter holds for one event together with its visit (rule 3).

use almanac_model::{Event, Filter, Match, MatchOp};
use almanac_query::EngineError;
use regex::Regex;

use super::Visit;
use super::visits::value;

/// A filter whose patterns are compiled; otherwise the same tree.
#[derive(Debug)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Match(Match, Vec<Regex>),
}

impl Condition {
    pub(super) fn new(filter: &Filter) -> Result<Self, EngineError> {
        Ok(match filter {
            Filter::And(parts) => Self::And(all(parts)?),
            Filter::Or(parts) => Self::Or(all(parts)?),
            Filter::Not(part) => Self::Not(Box::new(Self::new(part)?)),
            Filter::Match(wanted) => Self::Match(wanted.clone(), patterns(wanted)?),
        })
    }

    pub(super) fn holds(&self, event: &Event, visit: &Visit) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(event, visit)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(event, visit)),
            Self::Not(part) => !part.holds(event, visit),
            Self::Match(wanted, patterns) => {
                fits(wanted, patterns, &value(&wanted.dimension, event, visit))
            }
        }
    }
}

fn all(parts: &[Filter]) -> Result<Vec<Condition>, EngineError> {
    parts.iter().map(Condition::new).collect()
}

fn patterns(wanted: &Match) -> Result<Vec<Regex>, EngineError> {
    if wanted.op != MatchOp::Matches {
        return Ok(Vec::new());
    }
    let compile = |pattern: &String| {
        Regex::new(pattern).map_err(|_| EngineError::Pattern {
            pattern: pattern.clone(),
        })
    };
    wanted.values.iter().map(compile).collect()
}

fn fits(wanted: &Match, patterns: &[Regex], actual: &str) -> bool {
    let fold = |text: &str| {
        if wanted.case_sensitive {
            text.to_owned()
        } else {
            text.to_lowercase()
        }
    };
    match wanted.op {
        MatchOp::Is => wanted
            .values
            .iter()
            .any(|value| fold(value) == fold(actual)),
        MatchOp::Contains => wanted
            .values
            .iter()
            .any(|value| fold(actual).contains(&fold(value))),
        MatchOp::Matches => patterns.iter().any(|pattern| pattern.is_match(actual)),
    }
}
