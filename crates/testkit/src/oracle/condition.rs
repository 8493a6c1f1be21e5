//! Whether a filter holds for one event together with its visit (rules 3, 36 and 37).

use std::collections::BTreeSet;

use almanac_model::{Event, Filter, Match, MatchOp, TimeRange, VisitorId};
use almanac_query::EngineError;
use jiff::tz::TimeZone;
use regex::Regex;

use super::visits::value;
use super::{Visit, pages};

/// A filter whose patterns are compiled and whose visitors are known; otherwise the same tree.
#[derive(Debug)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Match(Match, Vec<Regex>),
    Done(BTreeSet<VisitorId>),
    Scrolled(u8, TimeZone),
}

/// What a filter is judged by beside single events.
#[derive(Clone, Copy)]
pub(super) struct World<'a> {
    pub(super) visits: &'a [Visit<'a>],
    pub(super) range: TimeRange,
    pub(super) zone: &'a TimeZone,
}

impl Condition {
    pub(super) fn new(filter: &Filter, world: World) -> Result<Self, EngineError> {
        let all = |parts: &[Filter]| -> Result<Vec<Self>, EngineError> {
            parts.iter().map(|part| Self::new(part, world)).collect()
        };
        Ok(match filter {
            Filter::And(parts) => Self::And(all(parts)?),
            Filter::Or(parts) => Self::Or(all(parts)?),
            Filter::Not(part) => Self::Not(Box::new(Self::new(part, world)?)),
            Filter::Match(wanted) => Self::Match(wanted.clone(), patterns(wanted)?),
            Filter::Done(part) => Self::Done(who_has_done(&Self::new(part, world)?, world)),
            Filter::Scrolled(least) => Self::Scrolled(*least, world.zone.clone()),
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
            Self::Done(visitors) => visitors.contains(&event.visitor),
            Self::Scrolled(least, zone) => {
                let depth = pages::view(event, visit, zone).depth;
                depth.is_some_and(|depth| depth >= i64::from(*least))
            }
        }
    }
}

/// Rule 36: the visitors with a counted event inside the range for which a condition holds.
fn who_has_done(condition: &Condition, world: World) -> BTreeSet<VisitorId> {
    let mut found = BTreeSet::new();
    for visit in world.visits {
        for event in visit.counted() {
            if world.range.contains(event.time) && condition.holds(event, visit) {
                found.insert(event.visitor);
            }
        }
    }
    found
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
