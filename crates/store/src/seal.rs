//! Sealing: hot rows become files, and the queue position moves with them in one transaction.
//! Appends and questions go on meanwhile. When to seal is the caller's policy.

use std::collections::BTreeMap;
use std::sync::Arc;

use almanac_model::ProjectId;
use jiff::civil::Date;

use crate::file::{self, Checks, Columns, path_of};
use crate::manifest::{Change, FileEntry};
use crate::partition::HotRun;
use crate::run::{self, Run};
use crate::{Store, StoreError, fingerprint};

/// What was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// Rows that are in files now and were not before.
    pub rows: u64,
    /// Files that were written.
    pub files: u64,
    /// The queue position from now on: records before it need not be kept.
    pub position: u64,
}

impl Store {
    /// Writes all hot rows to one file per project and local day, and commits them together with
    /// the queue position. After an error everything is as before, and sealing may be tried again.
    ///
    /// # Errors
    /// When a file could not be written or the manifest not be committed.
    pub fn seal(&self) -> Result<Sealed, StoreError> {
        let _writer = self.lock_writer();
        self.manifest.heal()?;
        let (taken, position) = self.take_hot();
        if taken.is_empty() {
            return Ok(Sealed {
                rows: 0,
                files: 0,
                position: self.position(),
            });
        }
        let written = self.write_all(&taken).and_then(|added| {
            let change = Change {
                added: &added,
                removed: &[],
                position: Some(position),
            };
            self.manifest.commit(&change)?;
            Ok(added)
        });
        match written {
            Ok(added) => {
                let mut state = self.state_mut();
                for entry in &added {
                    self.add_file(&mut state, entry.clone())?;
                    self.change(&mut state, entry.project, entry.day, |one| {
                        one.sealing.clear()
                    });
                    let key = (entry.project, entry.day);
                    let has_hot = state.projects.get(&entry.project).is_some_and(|project| {
                        project
                            .days
                            .get(&entry.day)
                            .is_some_and(|day| !day.hot.is_empty())
                    });
                    if !has_hot {
                        state.hot.remove(&key);
                    }
                }
                state.position = position;
                let rows = added.iter().map(|entry| entry.rows).sum();
                Ok(Sealed {
                    rows,
                    files: added.len() as u64,
                    position,
                })
            }
            Err(error) => {
                self.give_back(taken);
                Err(error)
            }
        }
    }

    /// Commits the queue position that is known once more, and returns it. What a start has read
    /// may be what the last run wrote and could not sync: it is a reason to forget records only
    /// after this.
    ///
    /// # Errors
    /// When the manifest could not be committed.
    pub fn confirm_position(&self) -> Result<u64, StoreError> {
        let _writer = self.lock_writer();
        let position = self.position();
        self.manifest.commit(&Change {
            position: Some(position),
            ..Change::default()
        })?;
        Ok(position)
    }

    /// Sets the hot runs apart, still visible, so that appends no longer merge with them.
    fn take_hot(&self) -> (Taken, u64) {
        let next = self.lock_appender();
        let mut state = self.state_mut();
        let mut taken = Taken::new();
        for (project, day) in state.hot.clone() {
            self.change(&mut state, project, day, |partition| {
                partition.sealing = std::mem::take(&mut partition.hot);
                taken.insert((project, day), partition.sealing.clone());
            });
        }
        (taken, *next)
    }

    fn give_back(&self, taken: Taken) {
        let _appender = self.lock_appender();
        let mut state = self.state_mut();
        for (project, day) in taken.into_keys() {
            self.change(&mut state, project, day, |partition| {
                let newer = std::mem::take(&mut partition.hot);
                partition.hot = std::mem::take(&mut partition.sealing);
                partition.hot.extend(newer);
            });
        }
    }

    fn write_all(&self, taken: &Taken) -> Result<Vec<FileEntry>, StoreError> {
        let mut added = Vec::with_capacity(taken.len());
        for ((project, day), hot) in taken {
            let runs: Vec<&Run> = hot.iter().map(|hot| &hot.run).collect();
            let merged = run::merge(&runs);
            match self.write_run(*project, *day, &merged, Vec::new()) {
                Ok(entry) => added.extend(entry),
                Err(error) => {
                    self.remove_unnamed(&added);
                    return Err(error);
                }
            }
        }
        Ok(added)
    }

    /// Removes files that no manifest has ever named. What stays is removed by the next start.
    fn remove_unnamed(&self, files: &[FileEntry]) {
        for file in files {
            std::fs::remove_file(path_of(&self.events_dir, file)).ok();
        }
    }

    /// Writes a run and, if there are any, its fingerprints. The manifest does not name them yet.
    /// `None` for a run without rows.
    pub(crate) fn write_run(
        &self,
        project: ProjectId,
        day: Date,
        run: &impl Columns,
        fingerprints: Vec<u64>,
    ) -> Result<Option<FileEntry>, StoreError> {
        let Some(span) = run.span() else {
            return Ok(None);
        };
        let dir = file::dir_of(&self.events_dir, project, day);
        let known = self.partition(project, day);
        if known.is_none_or(|partition| partition.files.is_empty()) {
            file::create_dir(&self.events_dir, &dir)?;
        }
        let (rows, number) = (run.rows() as u64, self.next_run());
        let mut entry = FileEntry {
            project,
            day,
            run: number,
            rows,
            bytes: 0,
            span,
            ids_bytes: 0,
            checks: Checks::default(),
        };
        let path = path_of(&self.events_dir, &entry);
        if !fingerprints.is_empty() {
            entry.ids_bytes = fingerprint::write(&path.with_extension("ids"), fingerprints)?;
        }
        (entry.bytes, entry.checks) = file::write(&path, run)?;
        Ok(Some(entry))
    }
}

/// Hot runs set apart for sealing, by partition.
type Taken = BTreeMap<(ProjectId, Date), Vec<Arc<HotRun>>>;
