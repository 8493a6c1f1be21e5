//! What an engine answers: rows of raw numbers, unrounded and unlabelled, and an honest account of
//! how they were found. Rounding and labels belong to shaping.

use crate::Table;

/// The rows of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultSet {
    /// The page of rows that was asked for, in order.
    pub rows: Vec<Row>,
    /// How many rows there are in all, before the page was cut.
    pub total_rows: usize,
    /// How visitors were counted.
    pub visitors_are: VisitorsAre,
    /// What it took.
    pub stats: ScanStats,
}

/// One row: dimension values and metric values in the order of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The value of each dimension, blank as the empty text. Time buckets are labels in the
    /// project's zone: `2025-03-30 01:00:00` for hours and minutes, `2025-03-30` for longer ones.
    pub dimensions: Vec<String>,
    /// The value of each metric; `None` where it has no meaning. Ratios without visits are 0
    /// (rule 18 of `docs/semantics.md`).
    pub metrics: Vec<Option<f64>>,
}

/// How visitors were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitorsAre {
    /// Each visitor once over the whole range.
    Exact,
    /// Each visitor once per local day, days added up.
    DailySum,
}

/// What a plan touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanStats {
    /// The richest table that was read.
    pub table: Table,
    /// Why no poorer one was enough.
    pub because: &'static str,
    /// Day partitions that were opened.
    pub partitions: u64,
    /// Those of them that were answered from summaries, but for events near midnight.
    pub summarised: u64,
    /// Rows that were looked at.
    pub rows: u64,
    /// Bytes read from files, 0 when everything was in memory.
    pub bytes: u64,
}
