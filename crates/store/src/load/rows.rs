//! Bulk loading of rows that are enriched already. Rows have no ids: one that is there already,
//! equal in every column, is the same event, so importing a file twice changes nothing. Equal rows
//! of one import are told apart by how many came before, as far as they lie near each other.

use std::collections::HashMap;
use std::sync::Arc;

use almanac_model::ProjectId;
use jiff::civil::Date;
use rayon::prelude::*;

use super::{Loaded, rows_by_day};
use crate::cache::{Key, Part};
use crate::manifest::FileEntry;
use crate::options::LOAD_DAYS_MAX;
use crate::rows::Rows;
use crate::run::Run;
use crate::{Store, StoreError};

/// Rows at the end of a batch that are remembered for the next one.
const ROWS_REMEMBERED: usize = 1 << 16;

/// What one import remembers of its last rows between two batches.
#[derive(Debug, Default)]
pub struct SeenRows {
    counts: HashMap<u64, u32>,
}

impl Store {
    /// Adds rows to a project, except those that it has already. All of them are in when it
    /// returns, or none after an error or a crash. Each call makes a file per local day: give it
    /// rows in order of time and many at once, and the same `seen` for all batches of one import.
    ///
    /// # Errors
    /// When the project was not put, the rows lie in too many days, or a file or the manifest could
    /// not be written.
    pub fn load_rows(
        &self,
        project: ProjectId,
        rows: &Rows,
        seen: &mut SeenRows,
    ) -> Result<Loaded, StoreError> {
        let _writer = self.lock_writer();
        let Some(known) = self.project(project) else {
            return Err(StoreError::UnknownProject(project));
        };
        let run = &rows.run;
        let hashes = self.row_hasher.of_run(run);
        let by_day = rows_by_day(&run.times, &known.settings.zone);
        if by_day.len() > LOAD_DAYS_MAX {
            let days = by_day.len();
            return Err(StoreError::Rows {
                detail: format!(
                    "{} rows lie in {days} days, more than {LOAD_DAYS_MAX}; sort them by time, \
                     and look whether their times are in the unit that they should be",
                    rows.len()
                ),
            });
        }
        let days: Vec<_> = by_day.into_iter().collect();
        let counts = &seen.counts;
        let added: Vec<Option<FileEntry>> = days
            .into_par_iter()
            .map(|(day, own)| {
                let order = run.order(own);
                let fresh = self.fresh_rows((project, day), order, &hashes, counts)?;
                self.write_run(project, day, &run.pick(&fresh), Vec::new())
            })
            .collect::<Result<_, _>>()?;
        let added: Vec<FileEntry> = added.into_iter().flatten().collect();
        self.commit_added(&added)?;
        seen.remember(&hashes);
        let fresh: u64 = added.iter().map(|entry| entry.rows).sum();
        Ok(Loaded {
            added: fresh,
            duplicate: rows.len() as u64 - fresh,
        })
    }

    /// The rows of a day that it does not have yet, in their order.
    fn fresh_rows(
        &self,
        (project, day): (ProjectId, Date),
        order: Vec<u32>,
        hashes: &[u64],
        seen: &HashMap<u64, u32>,
    ) -> Result<Vec<u32>, StoreError> {
        let known = self.known_hashes(project, day)?;
        if known.is_empty() {
            return Ok(order);
        }
        // Equal rows are neighbours in this order.
        let mut last: Option<(u64, u32)> = None;
        let is_fresh = |row: &u32| {
            let hash = hashes[*row as usize];
            let number = match last {
                Some((before, number)) if before == hash => number + 1,
                _ => 1 + seen.get(&hash).copied().unwrap_or(0),
            };
            last = Some((hash, number));
            let had: usize = known.iter().map(|sorted| count_of(sorted, hash)).sum();
            number as usize > had
        };
        Ok(order.into_iter().filter(is_fresh).collect())
    }

    /// The hashes of all rows of a day, sorted within each run.
    fn known_hashes(
        &self,
        project: ProjectId,
        day: Date,
    ) -> Result<Vec<Arc<Vec<u64>>>, StoreError> {
        let Some(partition) = self.partition(project, day) else {
            return Ok(Vec::new());
        };
        let sorted = |run: &Run| {
            let mut hashes = self.row_hasher.of_run(run);
            hashes.sort_unstable();
            hashes
        };
        let mut known = Vec::new();
        for file in &partition.files {
            let key = Key {
                of: file.number,
                part: Part::RowHashes,
            };
            let size = |hashes: &Vec<u64>| 8 * hashes.len();
            let make = || Ok::<_, StoreError>(sorted(&file.run()?));
            known.push(self.cache.get_or_make(key, size, make)?);
        }
        known.extend(partition.hot_runs().map(|hot| Arc::new(sorted(&hot.run))));
        Ok(known)
    }
}

impl SeenRows {
    fn remember(&mut self, hashes: &[u64]) {
        let from = hashes.len().saturating_sub(ROWS_REMEMBERED);
        let mut counts: HashMap<u64, u32> = HashMap::with_capacity(hashes.len() - from);
        for hash in &hashes[from..] {
            let before = self.counts.get(hash).copied().unwrap_or(0);
            *counts.entry(*hash).or_insert(before) += 1;
        }
        self.counts = counts;
    }
}

fn count_of(sorted: &[u64], hash: u64) -> usize {
    let from = sorted.partition_point(|other| *other < hash);
    sorted[from..]
        .iter()
        .take_while(|other| **other == hash)
        .count()
}
