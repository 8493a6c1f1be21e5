//! Runs what was built: the plan itself, what shares and amounts of money need beside it, and the
//! same about another time where a comparison is asked for. Its rows are raw numbers still.

mod beside;
mod compare;
mod page;

use std::cell::RefCell;

use almanac_model::{Filter, Match, MatchOp, TimeRange};

use crate::build::{Built, Column};
use crate::optimise::{Optimised, optimise};
use crate::{Cancel, Engine, EngineError, Plan, ResultSet, Row, ScanStats, VisitorsAre};
use beside::Beside;

/// Everything that an answer is made of.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The page of rows, in order, with the metrics that were asked for.
    pub rows: Vec<AnswerRow>,
    /// How many rows there are in all.
    pub total_rows: usize,
    /// How visitors were counted.
    pub visitors_are: VisitorsAre,
    /// What each plan took that the answer is made of; the plan itself is the first.
    pub stats: Vec<ScanStats>,
    /// The plan that was run.
    pub optimised: Optimised,
}

/// One row of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerRow {
    /// The values of the dimensions, blank as the empty text.
    pub dimensions: Vec<String>,
    /// The metrics, in the order of the question.
    pub cells: Vec<Cell>,
    /// The row it is compared with, where there is another time.
    pub comparison: Option<OtherRow>,
}

/// The row of the other time.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherRow {
    /// The values of its dimensions.
    pub dimensions: Vec<String>,
    /// Its metrics.
    pub cells: Vec<Cell>,
}

/// One metric of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A number; none where the metric has no meaning.
    Number(Option<f64>),
    /// Amounts of money by currency, that with the most events first.
    Money(Vec<(String, f64)>),
}

impl Cell {
    /// The number that the cell is compared and calculated by: of money that in the first currency.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => *number,
            Self::Money(amounts) => amounts.first().map(|(_, amount)| *amount),
        }
    }
}

/// Most rows of a plan whose answer is put in order or compared here: more than the pairs of values
/// in one page can make, less than would fill the memory.
const ROWS_MAX: usize = 1_000_000;

/// Runs everything that the answer needs.
///
/// # Errors
/// When one of the plans failed.
pub fn run(engine: &dyn Engine, built: &Built, cancel: &Cancel) -> Result<Answer, EngineError> {
    let run = Run {
        engine,
        built,
        cancel,
        stats: RefCell::default(),
    };
    let plan = if built.is_ordered_late {
        run.all_rows(built.plan.range, built.plan.filter.clone())
    } else {
        built.plan.clone()
    };
    let found = run.rows(&plan)?;
    let beside = Beside::ask(&run, built.plan.range, limits_of(&plan, &found.rows))?;
    let rows = found.rows.iter().map(|row| AnswerRow {
        dimensions: row.dimensions.clone(),
        cells: beside.cells(row),
        comparison: None,
    });
    let mut answer = Answer {
        rows: rows.collect(),
        total_rows: found.total_rows,
        visitors_are: found.visitors_are,
        stats: Vec::new(),
        optimised: optimise(plan),
    };
    if built.is_ordered_late {
        page::cut(built, &mut answer);
    }
    if let Some(other) = built.compared_with {
        compare::compare(&run, other.range, &mut answer)?;
    }
    answer.stats = run.stats.take();
    Ok(answer)
}

/// The rows that plans beside the main one are limited to; none when all rows are wanted anyway.
fn limits_of<'a>(plan: &Plan, rows: &'a [Row]) -> Option<Vec<&'a [String]>> {
    let is_whole = plan.limit == ROWS_MAX;
    (!is_whole).then(|| rows.iter().map(|row| row.dimensions.as_slice()).collect())
}

/// What every plan of one answer needs.
struct Run<'a> {
    engine: &'a dyn Engine,
    built: &'a Built,
    cancel: &'a Cancel,
    /// What each plan took, in the order in which they were run.
    stats: RefCell<Vec<ScanStats>>,
}

impl Run<'_> {
    /// The plan for all rows of a range, in no order.
    fn all_rows(&self, range: TimeRange, filter: Filter) -> Plan {
        Plan {
            range,
            filter,
            order: Vec::new(),
            limit: ROWS_MAX,
            offset: 0,
            ..self.built.plan.clone()
        }
    }

    /// Runs a plan.
    fn plain(&self, plan: Plan) -> Result<ResultSet, EngineError> {
        let found = self.engine.run(&optimise(plan).plan, self.cancel)?;
        self.stats.borrow_mut().push(found.stats);
        Ok(found)
    }

    /// Runs a plan for each goal that the answer is split by, and puts the goal into each row.
    fn rows(&self, plan: &Plan) -> Result<ResultSet, EngineError> {
        let Some((position, goals)) = &self.built.goals else {
            return self.plain(plan.clone());
        };
        let mut all: Option<ResultSet> = None;
        for goal in goals {
            let filter = Filter::And(vec![plan.filter.clone(), goal.filter.clone()]);
            let mut found = self.plain(Plan {
                filter,
                ..plan.clone()
            })?;
            for row in &mut found.rows {
                row.dimensions.insert(*position, goal.name.clone());
            }
            match &mut all {
                None => all = Some(found),
                Some(all) => {
                    all.rows.extend(found.rows);
                    all.total_rows += found.total_rows;
                }
            }
        }
        match all {
            Some(all) => Ok(all),
            // Without goals there is nothing, but how visitors are counted is known all the same.
            None => {
                let filter = Filter::nothing();
                let mut found = self.plain(Plan {
                    filter,
                    ..plan.clone()
                })?;
                found.rows.clear();
                found.total_rows = 0;
                Ok(found)
            }
        }
    }

    /// A filter with a condition for each dimension that it has one of the values of these rows, so
    /// that nothing is searched for what nobody sees.
    fn narrowed(&self, filter: Filter, rows: &[&[String]]) -> Filter {
        let goal = self.built.goals.as_ref().map(|(position, _)| *position);
        let shown = (0..self.built.dimensions.len()).filter(|position| Some(*position) != goal);
        let mut parts = vec![filter];
        for (position, dimension) in shown.zip(&self.built.plan.dimensions) {
            if dimension.scope() == almanac_model::Scope::Time {
                continue;
            }
            let mut values: Vec<String> = rows.iter().map(|row| row[position].clone()).collect();
            values.sort_unstable();
            values.dedup();
            parts.push(Filter::Match(Match {
                dimension: dimension.clone(),
                op: MatchOp::Is,
                values,
                case_sensitive: true,
            }));
        }
        Filter::And(parts)
    }

    /// Whether a column of some sort is asked for.
    fn needs(&self, sort: fn(&Column) -> bool) -> bool {
        self.built.columns.iter().any(|column| column.needs(sort))
    }
}
