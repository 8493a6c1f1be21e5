//! Compares an engine with the oracle on one plan and explains where they differ. It does not stop
//! at yes or no, because a random counter-example is useless without its cause.

use std::fmt::{Debug, Write as _};

use almanac_model::Event;
use almanac_query::{AttributionAnswer, Cancel, Credit, Engine, Plan, ResultSet, Row, ScanStats};

use crate::Oracle;

/// How far apart two metrics may lie, absolute and relative: room for a different order of the same
/// additions, not for a different rule.
pub const TOLERANCE: f64 = 1e-9;

/// Runs the plan on both, and tells what the engine took; nothing where both refused.
///
/// # Errors
/// The plan and the first differences, as text for a person.
pub fn agree(
    engine: &dyn Engine,
    oracle: &Oracle,
    plan: &Plan,
) -> Result<Option<ScanStats>, String> {
    let expected = oracle.run(plan, &Cancel::default());
    let actual = engine.run(plan, &Cancel::default());
    let (expected, actual) = match (expected, actual) {
        (Ok(expected), Ok(actual)) => (expected, actual),
        (Err(_), Err(_)) => return Ok(None),
        (expected, actual) => {
            let oracle_says = expected.err().map(|error| error.to_string());
            let engine_says = actual.err().map(|error| error.to_string());
            return Err(format!(
                "errors differ: {oracle_says:?}, {engine_says:?}\n{plan:#?}"
            ));
        }
    };
    let differences = differences(&expected, &actual);
    if differences.is_empty() {
        return Ok(Some(actual.stats));
    }
    Err(format!("{}\n{plan:#?}", differences.join("\n")))
}

/// Whether two answers to the same question are the same.
///
/// # Errors
/// The question and both answers, as text for a person.
pub fn same<A: PartialEq + Debug>(
    question: &impl Debug,
    expected: &A,
    actual: &A,
) -> Result<(), String> {
    if expected == actual {
        return Ok(());
    }
    Err(format!(
        "oracle {expected:#?}\nengine {actual:#?}\n{question:#?}"
    ))
}

/// The same for credit, which is added up in any order.
///
/// # Errors
/// As [`same`].
pub fn same_credit(
    question: &impl Debug,
    expected: &AttributionAnswer,
    actual: &AttributionAnswer,
) -> Result<(), String> {
    let numbers = |row: &Credit| [row.first, row.last, row.linear, row.decay];
    let is_same = |(one, two): (&Credit, &Credit)| {
        let near = |(one, two): (f64, f64)| (one - two).abs() <= TOLERANCE * one.abs().max(1.0);
        one.value == two.value && numbers(one).into_iter().zip(numbers(two)).all(near)
    };
    let same_rows = expected.rows.len() == actual.rows.len()
        && expected.rows.iter().zip(&actual.rows).all(is_same);
    if same_rows && expected.conversions == actual.conversions {
        return Ok(());
    }
    same(question, expected, actual)
}

/// Leaves out events for as long as an engine built from the rest still disagrees, so that a person
/// can follow the counter-example. Gives the remaining events and the last explanation; `None` when
/// the two agree from the start.
pub fn smallest_disagreement<E: Engine>(
    build: impl Fn(&[Event]) -> E,
    events: &[Event],
    plan: &Plan,
) -> Option<(Vec<Event>, String)> {
    let disagreement =
        |kept: &[Event]| agree(&build(kept), &Oracle::new(kept.to_vec()), plan).err();
    let mut explanation = disagreement(events)?;
    let mut kept = events.to_vec();
    let mut step = kept.len().div_ceil(2);
    while step > 0 {
        let mut from = 0;
        while from < kept.len() {
            let mut fewer = kept.clone();
            fewer.drain(from..(from + step).min(kept.len()));
            match disagreement(&fewer) {
                Some(found) => (kept, explanation) = (fewer, found),
                None => from += step,
            }
        }
        step /= 2;
    }
    Some((kept, explanation))
}

fn differences(expected: &ResultSet, actual: &ResultSet) -> Vec<String> {
    let mut found = Vec::new();
    if expected.total_rows != actual.total_rows {
        let (want, have) = (expected.total_rows, actual.total_rows);
        found.push(format!("total_rows: oracle {want}, engine {have}"));
    }
    if expected.visitors_are != actual.visitors_are {
        let (want, have) = (expected.visitors_are, actual.visitors_are);
        found.push(format!("visitors_are: oracle {want:?}, engine {have:?}"));
    }
    for at in 0..expected.rows.len().max(actual.rows.len()) {
        let (want, have) = (expected.rows.get(at), actual.rows.get(at));
        if !same_row(want, have) {
            let mut line = format!("row {at}:");
            // Writing to a text cannot fail.
            write!(line, "\n  oracle {}\n  engine {}", show(want), show(have)).ok();
            found.push(line);
        }
    }
    found
}

fn same_row(left: Option<&Row>, right: Option<&Row>) -> bool {
    let (Some(left), Some(right)) = (left, right) else {
        return left == right;
    };
    left.dimensions == right.dimensions
        && left.metrics.len() == right.metrics.len()
        && left
            .metrics
            .iter()
            .zip(&right.metrics)
            .all(|pair| match pair {
                (Some(left), Some(right)) => {
                    (left - right).abs() <= TOLERANCE * left.abs().max(right.abs()).max(1.0)
                }
                (left, right) => left == right,
            })
}

fn show(row: Option<&Row>) -> String {
    row.map_or_else(
        || "-".to_owned(),
        |row| format!("{:?} {:?}", row.dimensions, row.metrics),
    )
}
