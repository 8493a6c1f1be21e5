//! The plan: a question with every choice made — dates are instants, names are columns, defaults
//! are filled in. An engine runs it without asking anybody anything.

use almanac_model::{Dimension, Filter, Metric, ProjectSettings, TimeRange};

/// A question ready to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whose events, with the zone, identity and visit gap that decide what numbers mean.
    pub project: ProjectSettings,
    /// Event metrics count events inside; visit metrics count visits that start inside (by time
    /// bucket: visits active inside).
    pub range: TimeRange,
    /// Which events.
    pub filter: Filter,
    /// What is computed, in the order of the answer. Never `percentage`, which the runner works out
    /// from two counts of visitors.
    pub metrics: Vec<Metric>,
    /// What the answer is split by, in the order of the answer. At most one is a time unit.
    pub dimensions: Vec<Dimension>,
    /// The order of the rows. Ties end in ascending order of all dimension values, so that an
    /// answer is always the same.
    pub order: Vec<Order>,
    /// Most rows to return.
    pub limit: usize,
    /// Rows to leave out before the first.
    pub offset: usize,
    /// The cheapest table that can answer. An engine may use a richer one, never a poorer one.
    pub table: Table,
}

/// One part of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// What is compared.
    pub by: OrderBy,
    /// Largest first.
    pub descending: bool,
}

/// What rows are compared by: a position in the plan's own lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderBy {
    /// The metric at that position.
    Metric(usize),
    /// The dimension at that position.
    Dimension(usize),
}

/// What a plan has to read, from the poorest to the richest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Hourly and daily totals by dimension.
    Summary,
    /// One row per visit.
    Visits,
    /// One row per event.
    Events,
}
