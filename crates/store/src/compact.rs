//! Compaction: small runs of a day become one. Rows never change by it, so it is right at any time,
//! and how much memory one step takes is bounded.

use std::collections::HashSet;
use std::sync::Arc;

use almanac_model::ProjectId;
use jiff::civil::Date;

use crate::file::{FileRun, Merged};
use crate::manifest::Change;
use crate::options::{COMPACT_FAN_IN, COMPACT_ROWS_MAX, COMPACT_SIZE_RATIO};
use crate::{Store, StoreError, fingerprint};

/// What one step of compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// Whose day.
    pub project: ProjectId,
    /// Which day.
    pub day: Date,
    /// Files that became one.
    pub files: usize,
    /// Rows in it.
    pub rows: u64,
}

impl Store {
    /// Merges some small files of one day into one, where there is a day that needs it. Call it
    /// until it returns `None`. A step merges up to 2 million rows and holds one column of them in
    /// memory.
    ///
    /// # Errors
    /// When a file could not be read or written, or the manifest not be committed; then nothing has
    /// changed.
    pub fn compact_once(&self) -> Result<Option<Compacted>, StoreError> {
        let _writer = self.lock_writer();
        self.manifest.heal()?;
        let Some((project, day, files)) = self.find_work() else {
            return Ok(None);
        };
        let merged = Merged::new(&files)?;
        let mut fingerprints = HashSet::new();
        for path in files.iter().filter_map(|file| file.ids_path()) {
            fingerprint::read(&path, &mut fingerprints)?;
        }
        let fingerprints = fingerprints.into_iter().collect();
        let Some(entry) = self.write_run(project, day, &merged, fingerprints)? else {
            return Ok(None);
        };
        let removed: Vec<_> = files.iter().map(|file| file.entry.clone()).collect();
        self.manifest.commit(&Change {
            added: std::slice::from_ref(&entry),
            removed: &removed,
            position: None,
        })?;
        let mut state = self.state_mut();
        self.change(&mut state, project, day, |partition| {
            partition
                .files
                .retain(|kept| removed.iter().all(|gone| gone.run != kept.entry.run));
        });
        let rows = entry.rows;
        self.add_file(&mut state, entry)?;
        for file in &files {
            file.set_replaced();
        }
        Ok(Some(Compacted {
            project,
            day,
            files: files.len(),
            rows,
        }))
    }

    /// The files that should become one: those of the day that has most of them to merge.
    fn find_work(&self) -> Option<(ProjectId, Date, Vec<Arc<FileRun>>)> {
        let state = self.state();
        let mut best: Option<(ProjectId, Date, Vec<Arc<FileRun>>)> = None;
        for (id, project) in &state.projects {
            let last = project.days.last_key_value().map(|(day, _)| *day);
            for (day, partition) in &project.days {
                let is_finished = Some(*day) != last && !state.hot.contains(&(*id, *day));
                let files = mergeable(&partition.files, is_finished);
                if files.len() > best.as_ref().map_or(0, |(_, _, files)| files.len()) {
                    best = Some((*id, *day, files));
                }
            }
        }
        best
    }
}

/// The smallest files of a day, as many as may be merged at once. A much larger file is rewritten
/// only once the day is finished, so a row is rewritten about log4(rows of the day) times.
fn mergeable(files: &[Arc<FileRun>], is_finished: bool) -> Vec<Arc<FileRun>> {
    let mut sorted = files.to_vec();
    sorted.sort_by_key(|file| (file.entry.rows, file.entry.run));
    let mut rows = 0;
    let mut chosen = Vec::new();
    for file in sorted {
        let next = file.entry.rows;
        let is_too_large = chosen.len() > 1 && !is_finished && next > COMPACT_SIZE_RATIO * rows;
        if is_too_large || rows + next > COMPACT_ROWS_MAX {
            break;
        }
        rows += next;
        chosen.push(file);
    }
    let least = if is_finished { 2 } else { COMPACT_FAN_IN };
    if chosen.len() >= least {
        chosen
    } else {
        Vec::new()
    }
}
