//! Bulk loading: events go straight to files, and loading the same events again adds nothing. The
//! queue and its position are not touched.

mod rows;

use std::collections::{BTreeMap, HashSet};

use almanac_model::{Event, EventId, Instant, ProjectId, TimeRange};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rayon::prelude::*;

pub use rows::SeenRows;

use crate::manifest::{Change, FileEntry};
use crate::run::Run;
use crate::{Store, StoreError, fingerprint};

/// What a load did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// Events that are in files now and were not before.
    pub added: u64,
    /// Events that were loaded before, or came twice.
    pub duplicate: u64,
}

impl Store {
    /// Adds events of one project, except those whose id was loaded on the same day before. All of
    /// them are in when it returns, or none after an error or a crash. Each call makes a file per
    /// local day: give it events in order of time and many at once.
    ///
    /// # Errors
    /// When the project was not put, an event belongs to another one, or a file or the manifest
    /// could not be written.
    pub fn load(&self, project: ProjectId, events: Vec<Event>) -> Result<Loaded, StoreError> {
        if let Some(foreign) = events.iter().find(|event| event.project != project) {
            return Err(StoreError::ForeignEvent {
                found: foreign.project,
                wanted: project,
            });
        }
        let _writer = self.lock_writer();
        self.manifest.heal()?;
        let Some(known) = self.project(project) else {
            return Err(StoreError::UnknownProject(project));
        };
        let columns = Run::unsorted(events.iter());
        let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
        let total = events.len() as u64;
        drop(events);
        let days: Vec<_> = rows_by_day(&columns.times, &known.settings.zone)
            .into_iter()
            .collect();
        let added: Vec<Option<FileEntry>> = days
            .into_par_iter()
            .map(|(day, rows)| self.load_day(project, day, &columns, &ids, rows))
            .collect::<Result<_, _>>()?;
        let added: Vec<FileEntry> = added.into_iter().flatten().collect();
        self.commit_added(&added)?;
        let rows: u64 = added.iter().map(|entry| entry.rows).sum();
        Ok(Loaded {
            added: rows,
            duplicate: total - rows,
        })
    }

    /// Makes written files part of the store, all at once.
    fn commit_added(&self, added: &[FileEntry]) -> Result<(), StoreError> {
        if added.is_empty() {
            return Ok(());
        }
        self.manifest.commit(&Change {
            added,
            ..Change::default()
        })?;
        let mut state = self.state_mut();
        added
            .iter()
            .try_for_each(|entry| self.add_file(&mut state, entry.clone()))
    }

    /// Writes the events of a day that are not known yet.
    fn load_day(
        &self,
        project: ProjectId,
        day: Date,
        columns: &Run,
        ids: &[EventId],
        rows: Vec<u32>,
    ) -> Result<Option<FileEntry>, StoreError> {
        let mut known = HashSet::new();
        if let Some(partition) = self.partition(project, day) {
            for path in partition.files.iter().filter_map(|file| file.ids_path()) {
                fingerprint::read(&path, &mut known)?;
            }
        }
        let mut fingerprints = Vec::with_capacity(rows.len());
        let mut fresh = Vec::with_capacity(rows.len());
        for row in rows {
            let fingerprint = fingerprint::of(ids[row as usize]);
            if known.insert(fingerprint) {
                fingerprints.push(fingerprint);
                fresh.push(row);
            }
        }
        let run = columns.pick(&columns.order(fresh));
        self.write_run(project, day, &run, fingerprints)
    }
}

/// The rows of each local day. Neighbouring rows are mostly of one day, whose ends are then known.
fn rows_by_day(times: &[i64], zone: &TimeZone) -> BTreeMap<Date, Vec<u32>> {
    let mut by_day: BTreeMap<Date, Vec<u32>> = BTreeMap::new();
    let mut current: Option<(Date, TimeRange)> = None;
    for (row, time) in (0u32..).zip(times) {
        let time = Instant(*time);
        let day = match current {
            Some((day, range)) if range.contains(time) => day,
            _ => {
                let day = time.local_day(zone);
                current = Some((day, TimeRange::of_days(day, day, zone)));
                day
            }
        };
        by_day.entry(day).or_default().push(row);
    }
    by_day
}
