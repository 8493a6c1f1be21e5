//! Makes summaries, one day at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use almanac_model::{ProjectId, ProjectSettings};
use almanac_query::EngineError;
use jiff::civil::Date;
use rayon::prelude::*;

use super::{FORMAT, Summary, SummaryEntry, VALUES_MAX, paths, sums};
use crate::engine::summed;
use crate::file::{self, Columns, FileRun, Merged};
use crate::partition::Partition;
use crate::segment::Segment;
use crate::visits::Pieces;
use crate::{Store, StoreError};

/// What was summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summarised {
    /// Whose day.
    pub project: ProjectId,
    /// Which day.
    pub day: Date,
    /// Events of the day.
    pub rows: u64,
    /// Those of them that stand in the summary too, because their visitors were there near
    /// midnight.
    pub edge_rows: u64,
}

/// A day that needs a summary.
struct Work {
    settings: ProjectSettings,
    day: Date,
    partition: Arc<Partition>,
    file: Arc<FileRun>,
}

impl Store {
    /// Sums up one finished day that is one large file, where there is one without a summary. Call
    /// it until it returns `None`. A step reads the columns of the common dimensions, one after
    /// another, through the cache.
    ///
    /// # Errors
    /// When a file could not be read or written, or the manifest not be committed; then nothing has
    /// changed.
    pub fn summarise_once(&self) -> Result<Option<Summarised>, EngineError> {
        let work = self.days_to_sum_up(1).pop();
        work.map(|work| self.sum_up(&work)).transpose()
    }

    /// Sums up every such day, as many at a time as there are threads. `told` is given how many are
    /// done, and of how many.
    ///
    /// # Errors
    /// Like [`Store::summarise_once`]; the days that were done are.
    pub fn summarise_all(&self, told: impl Fn(u64, u64) + Sync) -> Result<(), EngineError> {
        let all = self.days_to_sum_up(usize::MAX);
        let (done, days) = (AtomicU64::new(0), all.len() as u64);
        all.into_par_iter().try_for_each(|work| {
            self.sum_up(&work)?;
            told(done.fetch_add(1, Ordering::Relaxed) + 1, days);
            Ok(())
        })
    }

    fn sum_up(&self, work: &Work) -> Result<Summarised, EngineError> {
        let Work {
            settings,
            day,
            partition,
            file,
        } = work;
        let gap_s = settings.visit_gap_s;
        let segment = Segment::new(self, settings.id, *day, Arc::clone(partition));
        let pieces = segment.pieces(gap_s)?;
        let mut all = summed::count(self, settings, segment, &pieces)?;
        all.retain(|sums| sums.values.len() <= VALUES_MAX);
        let [sums_path, edges_path] = paths(file.path(), gap_s);
        let sums = sums::write(&sums_path, &all)?;
        let files = [Arc::clone(file)];
        let edges = Merged::some(&files, rows_near_ends(&pieces));
        let edge_rows = edges.rows() as u64;
        let (edge_bytes, edge_checks) = file::write(&edges_path, &edges)?;
        let entry = SummaryEntry {
            format: FORMAT,
            gap_s,
            tables: all.iter().fold(0, |bits, sums| bits | 1 << sums.table),
            sums,
            edges: (edge_rows, edge_bytes),
            edge_checks,
        };
        self.commit_summary(file, entry)?;
        Ok(Summarised {
            project: settings.id,
            day: *day,
            rows: file.entry.rows,
            edge_rows,
        })
    }

    /// The first finished days of one file that are worth a summary and have none of today's
    /// making, so many at most.
    fn days_to_sum_up(&self, most: usize) -> Vec<Work> {
        let state = self.state();
        let mut found = Vec::new();
        for (id, project) in &state.projects {
            let last = project.days.last_key_value().map(|(day, _)| *day);
            for (day, partition) in &project.days {
                let is_finished = Some(*day) != last && !state.hot.contains(&(*id, *day));
                if is_finished && found.len() < most {
                    found.extend(self.work_of(&project.settings, *day, partition));
                }
            }
        }
        found
    }

    fn work_of(
        &self,
        settings: &ProjectSettings,
        day: Date,
        partition: &Arc<Partition>,
    ) -> Option<Work> {
        let [file] = partition.files.as_slice() else {
            return None;
        };
        let is_large = file.entry.rows >= self.options.summary_rows_min;
        let has_one = || {
            let summary = file.summary();
            summary.is_some_and(|one| one.is_current(settings.visit_gap_s))
        };
        (is_large && !has_one()).then(|| Work {
            settings: settings.clone(),
            day,
            partition: Arc::clone(partition),
            file: Arc::clone(file),
        })
    }

    /// Names a summary in the manifest, unless its file was replaced meanwhile.
    fn commit_summary(&self, file: &FileRun, entry: SummaryEntry) -> Result<(), StoreError> {
        let _writer = self.lock_writer();
        let number = self.next_number();
        let summary = Summary::new(number, entry, &file.entry, file.path());
        let day = self.partition(file.entry.project, file.entry.day);
        let is_there = day.is_some_and(|day| {
            let mut runs = day.files.iter().map(|one| one.entry.run);
            runs.any(|run| run == file.entry.run)
        });
        if !is_there {
            summary.set_replaced();
            return Ok(());
        }
        self.manifest.commit_summary(&file.entry, &summary.entry)?;
        file.set_summary(Arc::new(summary));
        Ok(())
    }
}

/// The rows of the visitors whose visits may go on in other days, in their order.
fn rows_near_ends(pieces: &Pieces) -> Vec<u32> {
    let visitors = pieces.visitors_near_ends().into_iter();
    let rows = visitors.flat_map(|at| pieces.of_visitor(at).flat_map(|piece| pieces.rows(piece)));
    rows.map(|row| row as u32).collect()
}
