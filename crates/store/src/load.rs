//! Bulk loading: events go straight to files, and loading the same events again adds nothing. The
//! queue and its position are not touched.

use std::collections::HashSet;

use almanac_model::{Event, ProjectId};
use jiff::civil::Date;
use rayon::prelude::*;

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
        if self.project(project).is_none() {
            return Err(StoreError::UnknownProject(project));
        }
        let by_day: Vec<_> = self.by_day(events.iter())?.into_iter().collect();
        let added: Vec<Option<FileEntry>> = by_day
            .par_iter()
            .map(|((_, day), events)| self.load_day(project, *day, events))
            .collect::<Result<_, _>>()?;
        let added: Vec<FileEntry> = added.into_iter().flatten().collect();
        if !added.is_empty() {
            self.manifest.commit(&Change {
                added: &added,
                ..Change::default()
            })?;
        }
        let mut state = self.state_mut();
        for entry in &added {
            self.add_file(&mut state, *entry)?;
        }
        let rows: u64 = added.iter().map(|entry| entry.rows).sum();
        Ok(Loaded {
            added: rows,
            duplicate: events.len() as u64 - rows,
        })
    }

    /// Writes the events of a day that are not known yet.
    fn load_day(
        &self,
        project: ProjectId,
        day: Date,
        events: &[&Event],
    ) -> Result<Option<FileEntry>, StoreError> {
        let mut known = HashSet::new();
        if let Some(partition) = self.partition(project, day) {
            for path in partition.files.iter().filter_map(|file| file.ids_path()) {
                fingerprint::read(&path, &mut known)?;
            }
        }
        let mut fingerprints = Vec::with_capacity(events.len());
        let mut fresh = Vec::with_capacity(events.len());
        for event in events {
            let fingerprint = fingerprint::of(event.id);
            if known.insert(fingerprint) {
                fingerprints.push(fingerprint);
                fresh.push(*event);
            }
        }
        self.write_run(project, day, &Run::of(&fresh), fingerprints)
    }
}
