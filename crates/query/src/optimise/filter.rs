//! Rewrites of filters that keep their meaning.

use almanac_model::{Filter, MatchOp};

/// `not not a` is `a`.
pub(super) fn remove_double_negation(filter: Filter) -> Filter {
    match filter {
        Filter::Not(part) => match remove_double_negation(*part) {
            Filter::Not(inner) => *inner,
            other => Filter::Not(Box::new(other)),
        },
        other => inside(other, remove_double_negation),
    }
}

/// `a and (b and c)` is `a and b and c`; an `and` of one part is that part. So for `or`.
pub(super) fn flatten(filter: Filter) -> Filter {
    match inside(filter, flatten) {
        Filter::And(parts) => joined(parts, Filter::And, |part| match part {
            Filter::And(inner) => Ok(inner),
            other => Err(other),
        }),
        Filter::Or(parts) => joined(parts, Filter::Or, |part| match part {
            Filter::Or(inner) => Ok(inner),
            other => Err(other),
        }),
        other => other,
    }
}

/// A part that stands twice in the same list says nothing more, nor does a value.
pub(super) fn drop_repeated(filter: Filter) -> Filter {
    match inside(filter, drop_repeated) {
        Filter::And(parts) => Filter::And(without_repeats(parts)),
        Filter::Or(parts) => Filter::Or(without_repeats(parts)),
        Filter::Match(mut wanted) => {
            wanted.values = without_repeats(wanted.values);
            Filter::Match(wanted)
        }
        other => other,
    }
}

/// An `and` drops parts that always hold and fails with one that never does; `or` the other way
/// round. Every text contains the empty one, and nothing is one of no values.
pub(super) fn drop_constants(filter: Filter) -> Filter {
    let always = Filter::And(Vec::new());
    let never = Filter::Or(Vec::new());
    match inside(filter, drop_constants) {
        Filter::And(parts) if parts.contains(&never) => never,
        Filter::Or(parts) if parts.contains(&always) => always,
        Filter::And(parts) => single(parts, &always, Filter::And),
        Filter::Or(parts) => single(parts, &never, Filter::Or),
        Filter::Not(part) if *part == always => never,
        Filter::Not(part) if *part == never => always,
        Filter::Match(wanted) if wanted.values.is_empty() => never,
        Filter::Match(wanted)
            if wanted.op == MatchOp::Contains && wanted.values.iter().any(String::is_empty) =>
        {
            always
        }
        other => other,
    }
}

/// The same filter with its direct parts rewritten.
fn inside(filter: Filter, step: fn(Filter) -> Filter) -> Filter {
    match filter {
        Filter::And(parts) => Filter::And(parts.into_iter().map(step).collect()),
        Filter::Or(parts) => Filter::Or(parts.into_iter().map(step).collect()),
        Filter::Not(part) => Filter::Not(Box::new(step(*part))),
        Filter::Done(part) => Filter::Done(Box::new(step(*part))),
        Filter::Match(_) | Filter::Scrolled(_) => filter,
    }
}

fn joined(
    parts: Vec<Filter>,
    join: fn(Vec<Filter>) -> Filter,
    open: fn(Filter) -> Result<Vec<Filter>, Filter>,
) -> Filter {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match open(part) {
            Ok(inner) => flat.extend(inner),
            Err(other) => flat.push(other),
        }
    }
    one_or(flat, join)
}

fn single(parts: Vec<Filter>, neutral: &Filter, join: fn(Vec<Filter>) -> Filter) -> Filter {
    one_or(
        parts.into_iter().filter(|part| part != neutral).collect(),
        join,
    )
}

fn one_or(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn without_repeats<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}
