//! Export: all events of some local days of a project as Arrow batches, as they were when the
//! export began. It holds one day's file in memory at a time and changes nothing.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use almanac_model::ProjectId;
use arrow_array::RecordBatch;
use jiff::civil::Date;

use crate::partition::Partition;
use crate::rows::to_batch;
use crate::run::Run;
use crate::{Store, StoreError};

/// Rows of one batch at most.
const BATCH_ROWS_MAX: usize = 1 << 16;

/// The events of some days, as they were at one moment. Files that are compacted meanwhile stay
/// until it is dropped.
#[derive(Debug)]
pub struct Export {
    days: BTreeMap<Date, Arc<Partition>>,
}

impl Store {
    /// The events of a project on those local days, hot ones included.
    ///
    /// # Errors
    /// When the project was not put.
    pub fn export(
        &self,
        project: ProjectId,
        days: RangeInclusive<Date>,
    ) -> Result<Export, StoreError> {
        let Some(known) = self.project(project) else {
            return Err(StoreError::UnknownProject(project));
        };
        let inside = known
            .days
            .iter()
            .filter(|(day, partition)| days.contains(day) && partition.rows() > 0);
        Ok(Export {
            days: inside
                .map(|(day, partition)| (*day, Arc::clone(partition)))
                .collect(),
        })
    }
}

impl Export {
    /// The days that have events, ascending, with how many.
    pub fn days(&self) -> impl Iterator<Item = (Date, u64)> {
        self.days
            .iter()
            .map(|(day, partition)| (*day, partition.rows()))
    }

    /// The events of a day in the schema of [`rows_schema`](crate::rows_schema), sorted by visitor
    /// and time where the day was compacted. A day without events has no batches.
    pub fn batches(&self, day: Date) -> impl Iterator<Item = Result<RecordBatch, StoreError>> {
        let partition = self.days.get(&day);
        let files = partition.into_iter().flat_map(|one| &one.files);
        let hot = partition.into_iter().flat_map(|one| one.hot_runs());
        let of_files = files.flat_map(|file| match file.run() {
            Ok(run) => slices(run),
            Err(error) => Box::new(std::iter::once(Err(error))),
        });
        of_files.chain(hot.flat_map(|hot| {
            let rows = all_rows(&hot.run);
            slices(hot.run.pick(&rows))
        }))
    }
}

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, StoreError>>>;

/// The rows of a run, some at a time.
fn slices(run: Run) -> Batches {
    let rows = all_rows(&run);
    let count = rows.len().div_ceil(BATCH_ROWS_MAX);
    Box::new((0..count).map(move |number| {
        let from = number * BATCH_ROWS_MAX;
        let some = &rows[from..rows.len().min(from + BATCH_ROWS_MAX)];
        to_batch(&run.pick(some))
    }))
}

fn all_rows(run: &Run) -> Vec<u32> {
    (0..run.rows() as u32).collect()
}
