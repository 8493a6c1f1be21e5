//! Reads filters: `[operator, dimension, values, modifiers]`, and `and`, `or`, `not` around them.
//! Their depth, number and size are bounded here, so that no later stage has to.

use almanac_model::MatchOp;
use regex::RegexBuilder;
use serde_json::Value;

use super::value::{array, flag, object, text, wrong_type};
use super::{Clause, Comparison, Reference, SavedKind, dimension};
use crate::limits;
use crate::names::DimensionName;
use crate::refusal::{Pointer, Refusal, quoted};

/// The operators that compare: name, meaning, negation.
const OPERATORS: [(&str, MatchOp, bool); 6] = [
    ("is", MatchOp::Is, false),
    ("is_not", MatchOp::Is, true),
    ("contains", MatchOp::Contains, false),
    ("contains_not", MatchOp::Contains, true),
    ("matches", MatchOp::Matches, false),
    ("matches_not", MatchOp::Matches, true),
];

pub(crate) fn filters(value: Option<&Value>, at: &Pointer) -> Result<Vec<Clause>, Refusal> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let mut clauses_left = limits::FILTER_CLAUSES_MAX;
    clauses(
        array(value, at)?,
        at,
        limits::FILTER_DEPTH_MAX,
        &mut clauses_left,
    )
}

fn clauses(
    values: &[Value],
    at: &Pointer,
    depth_left: usize,
    clauses_left: &mut usize,
) -> Result<Vec<Clause>, Refusal> {
    let read = |(position, value)| clause(value, &at.at(position), depth_left, clauses_left);
    values.iter().enumerate().map(read).collect()
}

fn clause(
    value: &Value,
    at: &Pointer,
    depth_left: usize,
    clauses_left: &mut usize,
) -> Result<Clause, Refusal> {
    let parts = array(value, at)?;
    let Some((operator, rest)) = parts.split_first() else {
        return Err(Refusal::new(
            at,
            "is empty; write [operator, dimension, [values]]",
        ));
    };
    let name = text(operator, &at.at(0))?;
    if let Some((_, op, negated)) = OPERATORS.iter().find(|(known, _, _)| *known == name) {
        if *clauses_left == 0 {
            let most = limits::FILTER_CLAUSES_MAX;
            return Err(Refusal::new(
                at,
                format!("more than {most} comparisons; leave some out"),
            ));
        }
        *clauses_left -= 1;
        if let Some(reference) = reference(rest, at, *op, *negated)? {
            return Ok(Clause::Saved(reference));
        }
        return comparison(rest, at, *op, *negated).map(Clause::Compare);
    }
    let Some(depth_left) = depth_left.checked_sub(1) else {
        let most = limits::FILTER_DEPTH_MAX;
        return Err(Refusal::new(
            at,
            format!("filters are nested deeper than {most} levels"),
        ));
    };
    joint((name, rest), at, depth_left, clauses_left)
}

/// A filter made of others.
fn joint(
    (name, rest): (&str, &[Value]),
    at: &Pointer,
    depth_left: usize,
    clauses_left: &mut usize,
) -> Result<Clause, Refusal> {
    match (name, rest) {
        ("not", [part]) => {
            let part = clause(part, &at.at(1), depth_left, clauses_left)?;
            Ok(Clause::Not(Box::new(part)))
        }
        ("and" | "or", [parts]) => {
            let at = at.at(1);
            let parts = array(parts, &at)?;
            if parts.is_empty() {
                return Err(Refusal::new(
                    &at,
                    format!("is empty; give {name} at least one filter"),
                ));
            }
            let parts = clauses(parts, &at, depth_left, clauses_left)?;
            Ok(if name == "and" {
                Clause::And(parts)
            } else {
                Clause::Or(parts)
            })
        }
        ("has_done" | "has_not_done", [part]) => {
            let part = clause(part, &at.at(1), depth_left, clauses_left)?;
            let done = Clause::Done(Box::new(part));
            Ok(if name == "has_done" {
                done
            } else {
                Clause::Not(Box::new(done))
            })
        }
        ("has_done" | "has_not_done", _) => {
            Err(Refusal::new(at, format!("expected [\"{name}\", filter]")))
        }
        ("not", _) => Err(Refusal::new(at, "expected [\"not\", filter]")),
        ("and" | "or", _) => Err(Refusal::new(
            at,
            format!("expected [\"{name}\", [filter, filter, …]]"),
        )),
        _ => {
            let reason = format!(
                "unknown operator {}; one of is, is_not, contains, contains_not, matches, \
                 matches_not, and, or, not, has_done, has_not_done",
                quoted(name)
            );
            Err(Refusal::new(&at.at(0), reason))
        }
    }
}

/// Goals or segments, which are named where a dimension would stand.
fn reference(
    rest: &[Value],
    at: &Pointer,
    op: MatchOp,
    negated: bool,
) -> Result<Option<Reference>, Refusal> {
    let (of, given) = match rest {
        [Value::String(name), given] if name == "event:goal" => (SavedKind::Goal, given),
        [Value::String(name), given] if name == "segment" => (SavedKind::Segment, given),
        _ => return Ok(None),
    };
    let fits = match of {
        SavedKind::Goal => op != MatchOp::Matches,
        SavedKind::Segment => op == MatchOp::Is,
    };
    if negated || !fits {
        let reason = match of {
            SavedKind::Goal => "goals take only is and contains; put not around them",
            SavedKind::Segment => "segments take only is; put not around them",
        };
        return Err(Refusal::new(&at.at(0), reason));
    }
    let names_at = at.at(2);
    // Ids of segments may be given as numbers, too.
    let as_text = |value: &Value| match value {
        Value::Number(number) if of == SavedKind::Segment => Value::from(number.to_string()),
        other => other.clone(),
    };
    let given: Value = array(given, &names_at)?.iter().map(as_text).collect();
    Ok(Some(Reference {
        of,
        contains: op == MatchOp::Contains,
        names: values(&given, &names_at, op)?,
        at: names_at,
    }))
}

fn comparison(
    rest: &[Value],
    at: &Pointer,
    op: MatchOp,
    negated: bool,
) -> Result<Comparison, Refusal> {
    let (named, given, modifiers) = match rest {
        [named, given] => (named, given, None),
        [named, given, modifiers] => (named, given, Some(modifiers)),
        _ => {
            return Err(Refusal::new(
                at,
                "expected [operator, dimension, [values], modifiers?]",
            ));
        }
    };
    let dimension = dimension(named, &at.at(1))?;
    if dimension.name == DimensionName::Goal {
        return Err(Refusal::new(at, "goals take no modifiers; leave them out"));
    }
    if dimension.name.is_time() {
        let reason = "time cannot be filtered; use date_range";
        return Err(Refusal::new(&at.at(1), reason));
    }
    let values = values(given, &at.at(2), op)?;
    let case_sensitive = match modifiers {
        Some(modifiers) => case_sensitive(modifiers, &at.at(3), op)?,
        None => true,
    };
    Ok(Comparison {
        dimension,
        op,
        negated,
        values,
        case_sensitive,
    })
}

fn values(value: &Value, at: &Pointer, op: MatchOp) -> Result<Vec<String>, Refusal> {
    let items = array(value, at)?;
    if items.is_empty() {
        return Err(Refusal::new(at, "is empty; give at least one value"));
    }
    if items.len() > limits::FILTER_VALUES_MAX {
        let reason = format!(
            "{} values are more than {}; leave some out",
            items.len(),
            limits::FILTER_VALUES_MAX
        );
        return Err(Refusal::new(at, reason));
    }
    let mut values = Vec::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        let at = at.at(position);
        let value = text(item, &at)?;
        if value.len() > limits::FILTER_VALUE_BYTES_MAX {
            let most = limits::FILTER_VALUE_BYTES_MAX;
            let reason = format!("is {} bytes long, more than {most}", value.len());
            return Err(Refusal::new(&at, reason));
        }
        if op == MatchOp::Matches {
            check_pattern(value, &at)?;
        }
        values.push(value.to_owned());
    }
    Ok(values)
}

fn check_pattern(pattern: &str, at: &Pointer) -> Result<(), Refusal> {
    if pattern.len() > limits::PATTERN_BYTES_MAX {
        let most = limits::PATTERN_BYTES_MAX;
        let reason = format!(
            "the pattern is {} bytes long, more than {most}",
            pattern.len()
        );
        return Err(Refusal::new(at, reason));
    }
    let mut builder = RegexBuilder::new(pattern);
    match builder
        .size_limit(limits::PATTERN_COMPILED_BYTES_MAX)
        .build()
    {
        Ok(_) => Ok(()),
        Err(regex::Error::CompiledTooBig(_)) => {
            let reason = format!("the pattern {} is too costly; repeat less", quoted(pattern));
            Err(Refusal::new(at, reason))
        }
        Err(_) => {
            let reason = format!(
                "{} is not a regular expression of the RE2 family; escape special characters \
                 with a backslash",
                quoted(pattern)
            );
            Err(Refusal::new(at, reason))
        }
    }
}

fn case_sensitive(value: &Value, at: &Pointer, op: MatchOp) -> Result<bool, Refusal> {
    let fields = object(value, at, &["case_sensitive"])?;
    if fields.is_empty() {
        return Err(wrong_type(value, at, "{\"case_sensitive\": true or false}"));
    }
    let at = at.key("case_sensitive");
    let given = flag(fields.get("case_sensitive"), &at)?;
    if op == MatchOp::Matches {
        return Err(Refusal::new(
            &at,
            "patterns say it themselves; begin the pattern with (?i)",
        ));
    }
    Ok(given.unwrap_or(true))
}
