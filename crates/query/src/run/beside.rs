//! What shares and amounts of money need beside the plan: visitors of the whole, visitors of each
//! group whatever their goal, and the money of each currency. Makes the cells of rows from it.

use std::collections::{BTreeMap, HashMap};

use almanac_model::{Dimension, Filter, Match, MatchOp, Metric, TextColumn, TimeRange};

use super::{Cell, ROWS_MAX, Run};
use crate::build::{Built, Column};
use crate::{EngineError, Order, OrderBy, Plan, Row, limits};

/// Metrics of money of each row, by the row's dimensions.
type Amounts = HashMap<Vec<String>, Vec<Option<f64>>>;

/// The answers to the plans beside the main one.
pub(super) struct Beside<'a> {
    built: &'a Built,
    /// Visitors of the question without its dimensions.
    total: f64,
    /// The same, whether they reached the goal or not.
    total_without_goals: f64,
    /// Visitors of each group without its goal, whether they reached it or not.
    groups: HashMap<Vec<String>, f64>,
    /// The currencies, that with the most events first, with their amounts.
    money: Vec<(String, Amounts)>,
}

/// The metrics of money, in the order in which their plans have them.
const MONEY: [Metric; 2] = [Metric::TotalRevenue, Metric::AverageRevenue];

impl<'a> Beside<'a> {
    /// Asks for what the columns need, about these rows or about all.
    pub(super) fn ask(
        run: &Run<'a>,
        range: TimeRange,
        rows: Option<Vec<&[String]>>,
    ) -> Result<Self, EngineError> {
        let built = run.built;
        let mut beside = Self {
            built,
            total: 0.0,
            total_without_goals: 0.0,
            groups: HashMap::new(),
            money: Vec::new(),
        };
        if run.needs(|column| matches!(column, Column::Share(_))) {
            beside.total = visitors(run, range, built.plan.filter.clone())?;
        }
        if run.needs(|column| matches!(column, Column::Conversion(_))) {
            beside.total_without_goals = visitors(run, range, built.without_goals.clone())?;
        }
        let narrow = |filter: Filter| match &rows {
            Some(rows) => run.narrowed(filter, rows),
            None => filter,
        };
        if run.needs(|column| matches!(column, Column::GroupConversion(_))) {
            let mut plan = run.all_rows(range, narrow(built.without_goals.clone()));
            plan.metrics = vec![Metric::Visitors];
            for row in run.plain(plan)?.rows {
                beside
                    .groups
                    .insert(row.dimensions, first(&row.metrics).unwrap_or(0.0));
            }
        }
        if run.needs(|column| matches!(column, Column::Money(_))) {
            for currency in currencies(run, range)? {
                let filter = narrow(built.plan.filter.clone());
                let mut plan = run.all_rows(range, Filter::And(vec![filter, is(&currency)]));
                plan.metrics = MONEY.to_vec();
                let found = run.rows(&plan)?.rows;
                let amounts = found.into_iter().map(|row| (row.dimensions, row.metrics));
                beside.money.push((currency, amounts.collect()));
            }
        }
        Ok(beside)
    }

    /// The metrics that were asked for, of a row of the plan.
    pub(super) fn cells(&self, row: &Row) -> Vec<Cell> {
        let columns = self.built.columns.iter();
        columns.map(|column| self.cell(column, row)).collect()
    }

    fn cell(&self, column: &Column, row: &Row) -> Cell {
        let share = |at: usize, whole: f64| {
            let share = |visitors: f64| {
                if whole == 0.0 {
                    0.0
                } else {
                    visitors * 100.0 / whole
                }
            };
            Cell::Number(row.metrics[at].map(share))
        };
        match column {
            Column::Plain(at) => Cell::Number(row.metrics[*at]),
            Column::Share(at) => share(*at, self.total),
            Column::Conversion(at) => share(*at, self.total_without_goals),
            Column::GroupConversion(at) => {
                let mut group = row.dimensions.clone();
                if let Some((position, _)) = &self.built.goals {
                    group.remove(*position);
                }
                share(*at, self.groups.get(&group).copied().unwrap_or(0.0))
            }
            Column::Money(metric) => Cell::Money(self.amounts(*metric, row)),
            Column::Formula(expression, inputs) => {
                let values: BTreeMap<Metric, Option<f64>> = inputs
                    .iter()
                    .map(|(metric, input)| (*metric, self.cell(input, row).number()))
                    .collect();
                let value = |metric: Metric| values.get(&metric).copied().flatten();
                Cell::Number(expression.value(&value))
            }
        }
    }

    fn amounts(&self, metric: Metric, row: &Row) -> Vec<(String, f64)> {
        let at = usize::from(metric == Metric::AverageRevenue);
        let amount = |(currency, amounts): &(String, Amounts)| {
            let amount = amounts.get(&row.dimensions)?.get(at).copied().flatten()?;
            Some((currency.clone(), amount))
        };
        self.money.iter().filter_map(amount).collect()
    }
}

/// Rule 13: the visitors of a question without its dimensions.
fn visitors(run: &Run, range: TimeRange, filter: Filter) -> Result<f64, EngineError> {
    let found = run.plain(Plan {
        metrics: vec![Metric::Visitors],
        dimensions: Vec::new(),
        ..run.all_rows(range, filter)
    })?;
    Ok(found
        .rows
        .first()
        .and_then(|row| first(&row.metrics))
        .unwrap_or(0.0))
}

/// The currencies of the matching events, that with the most events first.
fn currencies(run: &Run, range: TimeRange) -> Result<Vec<String>, EngineError> {
    let has_one = Filter::Not(Box::new(is("")));
    let filter = Filter::And(vec![run.built.plan.filter.clone(), has_one]);
    let found = run.plain(Plan {
        metrics: vec![Metric::Events],
        dimensions: vec![Dimension::Event(TextColumn::Currency)],
        order: vec![Order {
            by: OrderBy::Metric(0),
            descending: true,
        }],
        limit: limits::CURRENCIES_MAX.min(ROWS_MAX),
        ..run.all_rows(range, filter)
    })?;
    Ok(found
        .rows
        .into_iter()
        .flat_map(|row| row.dimensions)
        .collect())
}

fn is(currency: &str) -> Filter {
    Filter::Match(Match {
        dimension: Dimension::Event(TextColumn::Currency),
        op: MatchOp::Is,
        values: vec![currency.to_owned()],
        case_sensitive: true,
    })
}

fn first(metrics: &[Option<f64>]) -> Option<f64> {
    metrics.first().copied().flatten()
}
