//! How the metrics that were asked for follow from those of a plan. The plan holds each metric that
//! is needed once; shares, money and formulas are worked out from answers to plans.

use almanac_model::Metric;

use crate::formula::Expression;
use crate::parse::Asked;

/// How a metric that was asked for follows from the metrics of a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// It is the one at that position.
    Plain(usize),
    /// The visitors at that position as a share of the same without dimensions, percent.
    Share(usize),
    /// The same as a share of all visitors, whether they reached the goal or not.
    Conversion(usize),
    /// The same as a share of the visitors of the row's own group, percent.
    GroupConversion(usize),
    /// An amount of money, which each currency has its own plan for.
    Money(Metric),
    /// A formula over other columns.
    Formula(Expression, Vec<(Metric, Column)>),
}

impl Column {
    /// The position in the plan whose order is the order of the column, if there is one.
    pub(super) fn orders_like(&self) -> Option<usize> {
        match self {
            Self::Plain(at) | Self::Share(at) | Self::Conversion(at) => Some(*at),
            Self::GroupConversion(_) | Self::Money(_) | Self::Formula(..) => None,
        }
    }

    /// Whether the column, or one that it is made of, is of that sort.
    pub(crate) fn needs(&self, sort: fn(&Column) -> bool) -> bool {
        match self {
            Self::Formula(_, inputs) => inputs.iter().any(|(_, column)| column.needs(sort)),
            other => sort(other),
        }
    }
}

/// The metrics of the plan, and where those asked for are found among them.
pub(super) fn columns(asked: &[Asked]) -> (Vec<Metric>, Vec<Column>) {
    let mut metrics = Vec::new();
    let columns = asked
        .iter()
        .map(|one| match one {
            Asked::Known(metric) => column(*metric, &mut metrics),
            Asked::Formula(formula) => {
                let inputs = formula.expression.metrics().into_iter();
                let inputs = inputs.map(|metric| (metric, column(metric, &mut metrics)));
                Column::Formula(formula.expression.clone(), inputs.collect())
            }
        })
        .collect();
    if metrics.is_empty() {
        // Money alone: the events decide which rows there are.
        metrics.push(Metric::Events);
    }
    (metrics, columns)
}

fn column(metric: Metric, metrics: &mut Vec<Metric>) -> Column {
    let mut place = |wanted: Metric| {
        let known = metrics.iter().position(|own| *own == wanted);
        known.unwrap_or_else(|| {
            metrics.push(wanted);
            metrics.len() - 1
        })
    };
    match metric {
        Metric::Percentage => Column::Share(place(Metric::Visitors)),
        Metric::ConversionRate => Column::Conversion(place(Metric::Visitors)),
        Metric::GroupConversionRate => Column::GroupConversion(place(Metric::Visitors)),
        money if money.is_money() => Column::Money(money),
        other => Column::Plain(place(other)),
    }
}
