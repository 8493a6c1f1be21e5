//! Erasing: the events of a visitor, of a user or of a day, or everything before a day, are gone
//! from the files when it returns. All of it happens in one commit, or nothing does. Whoever reads
//! an older state at that moment reads it to the end; its files go then.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

use almanac_model::{ProjectId, TextColumn, VisitorId};
use arrow_array::RecordBatch;
use jiff::civil::Date;

use crate::dictionary::CodeColumn;
use crate::file::FileRun;
use crate::manifest::{Change, FileEntry};
use crate::rows::to_batch;
use crate::{Store, StoreError, fingerprint};

/// Whose events are to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erase {
    /// Those of a visitor.
    Visitor(VisitorId),
    /// Those that carry a user's id.
    User(String),
    /// Those of a local day.
    Day(Date),
    /// Those of local days before this one.
    Before(Date),
}

/// What was erased, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Events.
    pub rows: u64,
    /// Local days that had some.
    pub days: u64,
    /// Files that were written anew or removed.
    pub files: u64,
}

impl Erased {
    /// This and what was erased elsewhere. A day that had some in both places counts once.
    pub fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            days: self.days.max(other.days),
            files: self.files + other.files,
        }
    }
}

/// A file with rows to erase, and which of its rows stay.
struct Found {
    entry: FileEntry,
    kept: Vec<u32>,
}

impl Store {
    /// What [`Store::erase`] would erase now. Changes no answer: events that are in memory only are
    /// sealed first, so that they are counted too.
    ///
    /// # Errors
    /// When the project was not put, or a file could not be read or written.
    pub fn would_erase(&self, project: ProjectId, what: &Erase) -> Result<Erased, StoreError> {
        self.seal()?;
        Ok(sum(&self.find_erasable(project, what)?))
    }

    /// The events that [`Store::erase`] would erase now, a batch for each file that has some, in
    /// the schema of [`rows_schema`](crate::rows_schema). Events in memory only are sealed first.
    ///
    /// # Errors
    /// As [`Store::would_erase`].
    pub fn events_of(
        &self,
        project: ProjectId,
        what: &Erase,
    ) -> Result<Vec<RecordBatch>, StoreError> {
        self.seal()?;
        let found = self.find_erasable(project, what)?;
        let rows = |(file, one): &(Arc<FileRun>, Found)| {
            let kept: HashSet<u32> = one.kept.iter().copied().collect();
            let run = file.run()?;
            let own: Vec<u32> = (0..run.rows() as u32)
                .filter(|row| !kept.contains(row))
                .collect();
            to_batch(&run.pick(&own))
        };
        found.iter().map(rows).collect()
    }

    /// Erases events of a project. Events that are in memory only are sealed first, so that a
    /// replay of the queue does not bring them back; those that arrive while it runs stay. What was
    /// erased is known to later loads of the same events and not taken again, as far as its file
    /// has other events left.
    ///
    /// # Errors
    /// When the project was not put, or a file or the manifest could not be read or written; then
    /// nothing has changed.
    pub fn erase(&self, project: ProjectId, what: &Erase) -> Result<Erased, StoreError> {
        self.seal()?;
        let _writer = self.lock_writer();
        let found = self.find_erasable(project, what)?;
        if found.is_empty() {
            return Ok(Erased::default());
        }
        let mut added = Vec::with_capacity(found.len());
        for (file, one) in &found {
            added.extend(self.write_kept(file, one)?);
        }
        let removed: Vec<FileEntry> = found.iter().map(|(_, one)| one.entry.clone()).collect();
        self.manifest.commit(&Change {
            added: &added,
            removed: &removed,
            position: None,
        })?;
        let mut state = self.state_mut();
        for entry in &removed {
            self.change(&mut state, project, entry.day, |partition| {
                partition.files.retain(|kept| kept.entry.run != entry.run);
            });
        }
        added
            .iter()
            .try_for_each(|entry| self.add_file(&mut state, entry.clone()))?;
        for (file, _) in &found {
            file.set_replaced();
        }
        Ok(sum(&found))
    }

    /// The files that have rows to erase.
    fn find_erasable(
        &self,
        project: ProjectId,
        what: &Erase,
    ) -> Result<Vec<(Arc<FileRun>, Found)>, StoreError> {
        let Some(known) = self.project(project) else {
            return Err(StoreError::UnknownProject(project));
        };
        let mut found = Vec::new();
        for (day, partition) in &known.days {
            for file in &partition.files {
                let kept = match what {
                    Erase::Before(first) => (day < first).then(Vec::new),
                    Erase::Day(wanted) => (day == wanted).then(Vec::new),
                    Erase::Visitor(visitor) => rows_without_visitor(file, *visitor)?,
                    Erase::User(user) => self.rows_without_user(file, user)?,
                };
                if let Some(kept) = kept {
                    let entry = file.entry.clone();
                    found.push((Arc::clone(file), Found { entry, kept }));
                }
            }
        }
        Ok(found)
    }

    fn rows_without_user(
        &self,
        file: &FileRun,
        user: &str,
    ) -> Result<Option<Vec<u32>>, StoreError> {
        let column = CodeColumn::Text(TextColumn::User);
        let dictionary = self.dictionaries.of(file.entry.project, &column);
        let Some(codes) = file.codes(&column, &dictionary)? else {
            return Ok(None);
        };
        let [wanted] = dictionary.codes([user].into_iter())[..] else {
            return Ok(None);
        };
        let is_kept = |row: &u32| codes[*row as usize] != wanted;
        let kept: Vec<u32> = (0..codes.len() as u32).filter(is_kept).collect();
        Ok((kept.len() < codes.len()).then_some(kept))
    }

    /// Writes the rows of a file that stay, with the fingerprints of all.
    fn write_kept(&self, file: &FileRun, one: &Found) -> Result<Option<FileEntry>, StoreError> {
        if one.kept.is_empty() {
            return Ok(None);
        }
        let mut fingerprints = HashSet::new();
        if let Some(path) = file.ids_path() {
            fingerprint::read(&path, &mut fingerprints)?;
        }
        let run = file.run()?.pick(&one.kept);
        let fingerprints = fingerprints.into_iter().collect();
        self.write_run(one.entry.project, one.entry.day, &run, fingerprints)
    }
}

/// The rows of a file that are not of a visitor, who may have one run of them as the file is
/// sorted; `None` when none is.
fn rows_without_visitor(
    file: &FileRun,
    visitor: VisitorId,
) -> Result<Option<Vec<u32>>, StoreError> {
    let visitors = file.visitors()?;
    let own: Range<usize> = visitors.partition_point(|other| *other < visitor.0)
        ..visitors.partition_point(|other| *other <= visitor.0);
    if own.is_empty() {
        return Ok(None);
    }
    let rows = 0..visitors.len();
    let kept = rows.filter(|row| !own.contains(row));
    Ok(Some(kept.map(|row| row as u32).collect()))
}

fn sum(found: &[(Arc<FileRun>, Found)]) -> Erased {
    let days: BTreeSet<Date> = found.iter().map(|(_, one)| one.entry.day).collect();
    let rows = |one: &Found| one.entry.rows - one.kept.len() as u64;
    Erased {
        rows: found.iter().map(|(_, one)| rows(one)).sum(),
        days: days.len() as u64,
        files: found.len() as u64,
    }
}
