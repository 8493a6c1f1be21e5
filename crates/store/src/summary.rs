//! Summaries of finished days: two small files beside a large file of events, from which common
//! questions about whole days are answered without it. One holds totals by the common dimensions,
//! without the visitors who were there near midnight; the other holds the events of these, whose
//! visits may reach into other days. Both are derived from the events: a summary that cannot be
//! read is dropped and made anew. When to make them is the caller's policy.

mod make;
mod sums;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use almanac_model::{Dimension, TextColumn, TimeUnit};

use crate::StoreError;
use crate::file::{Checks, FileRun};
use crate::manifest::FileEntry;

pub use make::Summarised;
pub(crate) use sums::{Sums, Table};

/// What there are totals of and how they are written. A summary of another format is made anew.
const FORMAT: u64 = 1;
/// A dimension with more values than this on a day is left out of the day's summary.
const VALUES_MAX: usize = 20_000;

/// What there are totals of: everything together, each hour, and the values of each dimension. A
/// table is known by its position here, so another order is another format.
pub(crate) const TABLES: [Option<Dimension>; 24] = [
    None,
    Some(Dimension::Time(TimeUnit::Hour)),
    Some(Dimension::Event(TextColumn::Path)),
    Some(Dimension::Event(TextColumn::Hostname)),
    Some(Dimension::Event(TextColumn::Name)),
    Some(Dimension::Event(TextColumn::Tool)),
    Some(Dimension::EntryPage),
    Some(Dimension::ExitPage),
    Some(Dimension::Visit(TextColumn::Source)),
    Some(Dimension::Visit(TextColumn::Channel)),
    Some(Dimension::Visit(TextColumn::Referrer)),
    Some(Dimension::Visit(TextColumn::UtmSource)),
    Some(Dimension::Visit(TextColumn::UtmMedium)),
    Some(Dimension::Visit(TextColumn::UtmCampaign)),
    Some(Dimension::Visit(TextColumn::UtmTerm)),
    Some(Dimension::Visit(TextColumn::UtmContent)),
    Some(Dimension::Visit(TextColumn::Country)),
    Some(Dimension::Visit(TextColumn::Region)),
    Some(Dimension::Visit(TextColumn::City)),
    Some(Dimension::Visit(TextColumn::Browser)),
    Some(Dimension::Visit(TextColumn::Os)),
    Some(Dimension::Visit(TextColumn::Device)),
    Some(Dimension::Visit(TextColumn::Screen)),
    Some(Dimension::Visit(TextColumn::Language)),
];

/// A summary, as the manifest knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SummaryEntry {
    pub(crate) format: u64,
    /// The gap of visits that it was made for, seconds.
    pub(crate) gap_s: i64,
    /// A bit for each of [`TABLES`] that is in it.
    pub(crate) tables: u64,
    /// Bytes of the totals, and the CRC-32C of their head.
    pub(crate) sums: (u64, u32),
    /// Rows and bytes of the events near midnight.
    pub(crate) edges: (u64, u64),
    pub(crate) edge_checks: Checks,
}

/// The summary beside a file. Its files are removed when it was replaced and nobody reads them.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) entry: SummaryEntry,
    /// The events of visitors who were there near midnight, as a file like others.
    pub(crate) edges: Arc<FileRun>,
    sums_path: PathBuf,
    is_replaced: AtomicBool,
    is_given_up: AtomicBool,
}

impl Summary {
    /// The summary of a file of events at that path; `number` is the one of its events in the
    /// cache.
    pub(crate) fn new(number: u64, entry: SummaryEntry, of: &FileEntry, path: &Path) -> Self {
        let edges = FileEntry {
            rows: entry.edges.0,
            bytes: entry.edges.1,
            ids_bytes: 0,
            checks: Arc::clone(&entry.edge_checks),
            ..of.clone()
        };
        Self {
            edges: Arc::new(FileRun::at(number, edges, edges_path(path, entry.gap_s))),
            sums_path: sums_path(path, entry.gap_s),
            entry,
            is_replaced: AtomicBool::new(false),
            is_given_up: AtomicBool::new(false),
        }
    }

    /// Whether it has that one of [`TABLES`], for visits with that gap in seconds.
    pub(crate) fn has(&self, table: usize, gap_s: i64) -> bool {
        self.is_current(gap_s) && self.entry.tables >> table & 1 != 0
    }

    /// Whether it is of this format, for that gap in seconds and not given up.
    pub(crate) fn is_current(&self, gap_s: i64) -> bool {
        let is_given_up = self.is_given_up.load(Ordering::Relaxed);
        self.entry.format == FORMAT && self.entry.gap_s == gap_s && !is_given_up
    }

    /// Whether its files are as they were written.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        for table in 0..TABLES.len() {
            self.table(table)?;
        }
        self.edges.check_all()
    }

    /// From here on no question reads it, and another one is made.
    pub(crate) fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
    }

    /// Its totals by one of [`TABLES`]; none where it has not that one.
    pub(crate) fn table(&self, wanted: usize) -> Result<Table, StoreError> {
        let tables = self.entry.tables.count_ones();
        sums::read(&self.sums_path, self.entry.sums, tables, wanted)
    }

    /// Bytes on disk.
    pub(crate) fn bytes(&self) -> u64 {
        self.entry.sums.0 + self.entry.edges.1
    }

    /// Marks it as no longer named by the manifest.
    pub(crate) fn set_replaced(&self) {
        self.is_replaced.store(true, Ordering::Relaxed);
        self.edges.set_replaced();
    }
}

impl Drop for Summary {
    fn drop(&mut self) {
        if self.is_replaced.load(Ordering::Relaxed) {
            crate::file::remove(&self.sums_path);
        }
    }
}

/// The paths of a summary's files, for a gap in seconds.
pub(crate) fn paths(path: &Path, gap_s: i64) -> [PathBuf; 2] {
    [sums_path(path, gap_s), edges_path(path, gap_s)]
}

/// Neither ends in `.parquet`, so that whoever reads all files of events does not read them too.
fn sums_path(path: &Path, gap_s: i64) -> PathBuf {
    path.with_extension(format!("{gap_s}.sums"))
}

fn edges_path(path: &Path, gap_s: i64) -> PathBuf {
    path.with_extension(format!("{gap_s}.edges"))
}
