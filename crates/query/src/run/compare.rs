//! Puts beside each row the one of another time (rule 26).

use std::collections::{BTreeMap, BTreeSet};

use almanac_model::TimeRange;

use super::beside::Beside;
use super::{Answer, AnswerRow, Cell, OtherRow, Run};
use crate::build::Built;
use crate::parse::OrderKey;
use crate::{EngineError, Row, bucket};

/// The cells of the other time, by dimensions.
type Others = BTreeMap<Vec<String>, Vec<Cell>>;

/// Asks about the other time and finds the row of each row.
pub(super) fn compare(run: &Run, range: TimeRange, answer: &mut Answer) -> Result<(), EngineError> {
    let built = run.built;
    let rows: Vec<&[String]> = answer
        .rows
        .iter()
        .map(|row| row.dimensions.as_slice())
        .collect();
    let filter = run.narrowed(built.plan.filter.clone(), &rows);
    let found = run.rows(&run.all_rows(range, filter))?.rows;
    let beside = Beside::ask(run, range, Some(rows))?;
    let cells = found
        .iter()
        .map(|row| (row.dimensions.clone(), beside.cells(row)));
    let others: Others = cells.collect();
    let pairs = TimePairs::new(built, range);
    let nothing = nothing(built, &beside);
    add_rows_of_the_other_time(built, &pairs, &others, &nothing, answer);
    for row in &mut answer.rows {
        let Some(dimensions) = pairs.other(&row.dimensions) else {
            continue;
        };
        let cells = others
            .get(&dimensions)
            .cloned()
            .unwrap_or_else(|| nothing.clone());
        row.comparison = Some(OtherRow { dimensions, cells });
    }
    Ok(())
}

/// The cells of a row in which nothing happened.
fn nothing(built: &Built, beside: &Beside) -> Vec<Cell> {
    let zero = |metric: &almanac_model::Metric| (!metric.is_empty_without_events()).then_some(0.0);
    let row = Row {
        dimensions: vec![String::new(); built.dimensions.len()],
        metrics: built.plan.metrics.iter().map(zero).collect(),
    };
    beside.cells(&row)
}

/// Split by time alone, a whole answer also has the buckets in which only the other time counts
/// something, so that nothing of it is lost.
fn add_rows_of_the_other_time(
    built: &Built,
    pairs: &TimePairs,
    others: &Others,
    nothing: &[Cell],
    answer: &mut Answer,
) {
    let is_whole = built.plan.offset == 0 && answer.rows.len() == answer.total_rows;
    let by_time = built
        .order
        .first()
        .filter(|part| part.by == OrderKey::Dimension(0));
    let Some(by_time) = by_time.filter(|_| built.dimensions.len() == 1 && is_whole) else {
        return;
    };
    let known = answer.rows.iter().map(|row| row.dimensions[0].clone());
    let known: BTreeSet<String> = known.collect();
    for (label, other) in &pairs.labels {
        if !known.contains(label) && others.contains_key(&vec![other.clone()]) {
            answer.rows.push(AnswerRow {
                dimensions: vec![label.clone()],
                cells: nothing.to_vec(),
                comparison: None,
            });
        }
    }
    answer
        .rows
        .sort_by(|left, right| left.dimensions.cmp(&right.dimensions));
    if by_time.descending {
        answer.rows.reverse();
    }
    answer.rows.truncate(built.plan.limit);
    answer.total_rows = answer.rows.len().max(answer.total_rows);
}

/// Which bucket of the other time belongs to which bucket of the range: the first to the first, and
/// so on.
struct TimePairs {
    /// The position of time among the dimensions; none without time.
    position: Option<usize>,
    labels: BTreeMap<String, String>,
}

impl TimePairs {
    fn new(built: &Built, other: TimeRange) -> Self {
        let Some((position, unit)) = built.time() else {
            return Self {
                position: None,
                labels: BTreeMap::new(),
            };
        };
        let zone = &built.plan.project.zone;
        let own = bucket::labels(unit, built.plan.range, zone);
        let others = bucket::labels(unit, other, zone);
        Self {
            position: Some(position),
            labels: own.into_iter().zip(others).collect(),
        }
    }

    /// The dimensions of the row that a row is compared with; none when the other time has no such
    /// bucket.
    fn other(&self, dimensions: &[String]) -> Option<Vec<String>> {
        let mut other = dimensions.to_vec();
        if let Some(position) = self.position {
            other[position] = self.labels.get(&dimensions[position])?.clone();
        }
        Some(other)
    }
}
