//! From the caller's filters to conditions: labels of blank values become the empty text, names of
//! places become their codes, negated operators become `Not` around the positive ones.

use almanac_model::{Filter, Match, MatchOp};
use regex::Regex;

use super::stored;
use crate::ask::Setting;
use crate::names::{DimensionName, Place};
use crate::parse::{Clause, Comparison, Reference, SavedKind};
use crate::places;
use crate::refusal::{Pointer, Refusal, quoted};
use crate::saved::Saved;

/// The filter that is meant, if whoever asks may see all that it compares.
pub(crate) fn build(clauses: &[Clause], setting: Setting) -> Result<Filter, Refusal> {
    let filter = plain(clauses, setting.saved)?;
    setting
        .mask
        .refuse(&filter, &Pointer::root().key("filters"))?;
    Ok(filter)
}

/// The filter that is meant, whoever asks.
pub(crate) fn plain(clauses: &[Clause], saved: &Saved) -> Result<Filter, Refusal> {
    all(clauses, saved).map(Filter::And)
}

fn all(clauses: &[Clause], saved: &Saved) -> Result<Vec<Filter>, Refusal> {
    clauses
        .iter()
        .map(|clause| condition(clause, saved))
        .collect()
}

fn condition(clause: &Clause, saved: &Saved) -> Result<Filter, Refusal> {
    Ok(match clause {
        Clause::And(parts) => Filter::And(all(parts, saved)?),
        Clause::Or(parts) => Filter::Or(all(parts, saved)?),
        Clause::Not(part) => Filter::Not(Box::new(condition(part, saved)?)),
        Clause::Done(part) => Filter::Done(Box::new(condition(part, saved)?)),
        Clause::Saved(reference) => Filter::Or(referred(reference, saved)?),
        Clause::Compare(comparison) => {
            let wanted = Filter::Match(wanted(comparison));
            if comparison.negated {
                Filter::Not(Box::new(wanted))
            } else {
                wanted
            }
        }
    })
}

/// The filters that a reference means.
fn referred(reference: &Reference, saved: &Saved) -> Result<Vec<Filter>, Refusal> {
    let (word, known): (_, Vec<(&str, &str, &Filter)>) = match reference.of {
        SavedKind::Goal => {
            let goals = saved.goals.iter();
            let known = goals.map(|one| (one.name.as_str(), one.name.as_str(), &one.filter));
            ("goal", known.collect())
        }
        SavedKind::Segment => {
            let segments = saved.segments.iter();
            let known = segments.map(|one| (one.id.as_str(), one.name.as_str(), &one.filter));
            ("segment", known.collect())
        }
    };
    let mut found = Vec::new();
    for (position, wanted) in reference.names.iter().enumerate() {
        let before = found.len();
        let fits = |id: &str, name: &str| match reference.contains {
            true => name.contains(wanted.as_str()),
            false => id == wanted || name == wanted,
        };
        let own = known.iter().filter(|(id, name, _)| fits(id, name));
        found.extend(own.map(|(_, _, filter)| (*filter).clone()));
        if found.len() == before && !reference.contains {
            let names: Vec<&str> = known.iter().map(|(_, name, _)| *name).collect();
            let reason = format!(
                "there is no {word} {}; the project has {}",
                quoted(wanted),
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                }
            );
            return Err(Refusal::new(&reference.at.at(position), reason));
        }
    }
    Ok(found)
}

fn wanted(comparison: &Comparison) -> Match {
    let name = &comparison.dimension.name;
    let is_blank = |value: &str| comparison.op == MatchOp::Is && value == name.blank_label();
    let value = |value: &String| {
        if is_blank(value) {
            String::new()
        } else {
            value.clone()
        }
    };
    let wanted = Match {
        dimension: stored(name),
        op: comparison.op,
        values: comparison.values.iter().map(value).collect(),
        case_sensitive: comparison.case_sensitive,
    };
    match name {
        DimensionName::Place(place) => by_code(wanted, *place),
        _ => wanted,
    }
}

/// The codes of the places whose names fit, as values to be equal to. A value that is no known name
/// stays, because an unknown code is its own name.
fn by_code(wanted: Match, place: Place) -> Match {
    let fold = |text: &str| {
        if wanted.case_sensitive {
            text.to_owned()
        } else {
            text.to_lowercase()
        }
    };
    let values: Vec<String> = wanted.values.iter().map(|value| fold(value)).collect();
    // The parser has tried every pattern, so none is left out here.
    let patterns: Vec<Regex> = match wanted.op {
        MatchOp::Matches => wanted
            .values
            .iter()
            .filter_map(|value| Regex::new(value).ok())
            .collect(),
        _ => Vec::new(),
    };
    let fits = |name: &str| match wanted.op {
        MatchOp::Is => values.contains(&fold(name)),
        MatchOp::Contains => values
            .iter()
            .any(|value| fold(name).contains(value.as_str())),
        MatchOp::Matches => patterns.iter().any(|pattern| pattern.is_match(name)),
    };
    let known = places::names(place);
    let mut codes: Vec<String> = Vec::new();
    if wanted.op == MatchOp::Is {
        let is_free = |value: &&String| !known.contains_key(value.as_str());
        codes.extend(wanted.values.iter().filter(is_free).cloned());
    } else if fits("") {
        codes.push(String::new());
    }
    codes.extend(
        known
            .iter()
            .filter(|(_, name)| fits(name))
            .map(|(code, _)| (*code).to_owned()),
    );
    Match {
        dimension: wanted.dimension,
        op: MatchOp::Is,
        values: codes,
        case_sensitive: true,
    }
}
