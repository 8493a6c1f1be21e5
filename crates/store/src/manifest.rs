//! The manifest: which files hold the events, what projects there are, and up to which queue record
//! everything is in those files. One transaction moves all of it together. It does not touch the
//! files themselves.

mod format;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use almanac_model::{ProjectId, ProjectSettings};
use jiff::civil::Date;
use redb::{Database, WriteTransaction};

use crate::StoreError;
use crate::file::{Checks, sync_dir};
use crate::summary::SummaryEntry;
use format::FORMAT;
pub(crate) use tables::{day_number, day_of_number};

/// One sealed file, as the manifest knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileEntry {
    pub(crate) project: ProjectId,
    pub(crate) day: Date,
    pub(crate) run: u64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// Earliest and latest time, UTC microseconds.
    pub(crate) span: (i64, i64),
    /// Bytes of the fingerprints beside it, 0 when no event of it was bulk-loaded.
    pub(crate) ids_bytes: u64,
    /// Checksums of its parts, empty when none are known.
    pub(crate) checks: Checks,
}

/// What one transaction changes.
#[derive(Debug, Default)]
pub(crate) struct Change<'a> {
    pub(crate) added: &'a [FileEntry],
    pub(crate) removed: &'a [FileEntry],
    pub(crate) position: Option<u64>,
}

/// Everything the manifest says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    pub(crate) position: u64,
    pub(crate) projects: BTreeMap<u32, ProjectSettings>,
    /// Each with its summary, if it has one.
    pub(crate) files: BTreeMap<tables::FileKey, (FileEntry, Option<SummaryEntry>)>,
}

impl Content {
    fn change(&mut self, change: &Change<'_>) {
        for file in change.added {
            self.files.insert(tables::key(file), (file.clone(), None));
        }
        for file in change.removed {
            self.files.remove(&tables::key(file));
        }
        self.position = change.position.unwrap_or(self.position);
    }
}

/// The manifest's database, and what it says.
#[derive(Debug)]
pub(crate) struct Manifest {
    path: PathBuf,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    database: Database,
    /// Whether a write has failed, so that nobody knows what the file holds: some file systems
    /// forget what a failed sync was to keep, and the database refuses to go on.
    is_suspect: bool,
    /// What was committed.
    content: Content,
}

impl Manifest {
    /// Opens the manifest, or makes an empty one. Gives what it says, too.
    pub(crate) fn open(path: &Path) -> Result<(Self, Content), StoreError> {
        let database = Database::create(path).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => StoreError::Locked {
                path: path.to_owned(),
            },
            other => StoreError::manifest(other),
        })?;
        format::copy_aside(path, &database, FORMAT)?;
        format::bring_up_to_date(path, &database, &format::STEPS)?;
        let content = tables::read(&database, path)?;
        let manifest = Self {
            path: path.to_owned(),
            kept: Mutex::new(Kept {
                database,
                is_suspect: false,
                content: content.clone(),
            }),
        };
        Ok((manifest, content))
    }

    /// Begins with a new file where a write has failed, so that whoever goes on to write files that
    /// are to be named finds out before.
    pub(crate) fn heal(&self) -> Result<(), StoreError> {
        self.healed().map(drop)
    }

    /// Commits a change; durable when it returns.
    pub(crate) fn commit(&self, change: &Change<'_>) -> Result<(), StoreError> {
        self.write(|write| tables::put(write, change))?
            .content
            .change(change);
        Ok(())
    }

    /// Names the summary of a file in place of the one before.
    pub(crate) fn commit_summary(
        &self,
        file: &FileEntry,
        summary: &SummaryEntry,
    ) -> Result<(), StoreError> {
        let mut kept = self.write(|write| tables::put_summary(write, file, summary))?;
        if let Some((_, named)) = kept.content.files.get_mut(&tables::key(file)) {
            *named = Some(summary.clone());
        }
        Ok(())
    }

    /// Keeps the settings of a project.
    pub(crate) fn put_project(&self, settings: &ProjectSettings) -> Result<(), StoreError> {
        self.write(|write| tables::put_project(write, settings))?
            .content
            .projects
            .insert(settings.id.0, settings.clone());
        Ok(())
    }

    /// Commits what is put. After an error the content is as before, and the next write begins
    /// with a new file.
    fn write(
        &self,
        put: impl FnOnce(&WriteTransaction) -> Result<(), StoreError>,
    ) -> Result<MutexGuard<'_, Kept>, StoreError> {
        let mut kept = self.healed()?;
        kept.is_suspect = true;
        let write = kept.database.begin_write().map_err(StoreError::manifest)?;
        put(&write)?;
        write.commit().map_err(StoreError::manifest)?;
        kept.is_suspect = false;
        Ok(kept)
    }

    fn healed(&self) -> Result<MutexGuard<'_, Kept>, StoreError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_suspect {
            kept.begin_anew(&self.path)?;
        }
        Ok(kept)
    }
}

impl Kept {
    /// Writes what was committed to a new file in place of the suspect one.
    fn begin_anew(&mut self, path: &Path) -> Result<(), StoreError> {
        let fresh = path.with_extension("new");
        match std::fs::remove_file(&fresh) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::io("remove", &fresh)(error));
            }
            _ => {}
        }
        let database = Database::create(&fresh).map_err(StoreError::manifest)?;
        format::make(&database, FORMAT)?;
        let write = database.begin_write().map_err(StoreError::manifest)?;
        tables::put_all(&write, &self.content)?;
        write.commit().map_err(StoreError::manifest)?;
        // The old one is held until the new one has its name: no other process gets in between.
        std::fs::rename(&fresh, path).map_err(StoreError::io("rename to", path))?;
        self.database = database;
        sync_dir(path.parent().unwrap_or(path))?;
        self.is_suspect = false;
        tracing::info!(path = %path.display(), "the manifest was written anew after a failure");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use almanac_model::Identity;
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    fn file(run: u64) -> FileEntry {
        FileEntry {
            project: ProjectId(1),
            day: date(2026, 3, 14),
            run,
            rows: 10,
            bytes: 100,
            span: (1, 2),
            ids_bytes: 8,
            checks: vec![run as u32, 7].into(),
        }
    }

    fn fail(manifest: &Manifest) {
        let failed = manifest.write(|write| {
            let gone = [file(1)];
            let change = Change {
                removed: &gone,
                position: Some(99),
                ..Change::default()
            };
            tables::put(write, &change)?;
            Err(StoreError::damaged(Path::new("here"))("the disk failed"))
        });
        assert!(failed.is_err());
    }

    #[test]
    fn after_a_failure_a_new_file_says_what_was_committed_and_what_came_later() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest.redb");
        let (manifest, _) = Manifest::open(&path).unwrap();
        let settings = ProjectSettings {
            id: ProjectId(1),
            hosts: vec!["shop.example".to_owned()],
            zone: TimeZone::get("Europe/Berlin").unwrap(),
            query_parameters: Vec::new(),
            identity: Identity::Stable,
            visit_gap_s: 60,
        };
        manifest.put_project(&settings).unwrap();
        let summary = SummaryEntry {
            format: 1,
            gap_s: 60,
            tables: 3,
            sums: (5, 6),
            edges: (7, 8),
            edge_checks: vec![9].into(),
        };
        let added = [file(1), file(2)];
        let change = Change {
            added: &added,
            position: Some(5),
            ..Change::default()
        };
        manifest.commit(&change).unwrap();
        manifest.commit_summary(&added[0], &summary).unwrap();
        fail(&manifest);
        fail(&manifest);
        let later = [file(3)];
        let change = Change {
            added: &later,
            removed: &added[1..],
            position: Some(6),
        };
        manifest.commit(&change).unwrap();
        let locked = Manifest::open(&path).unwrap_err();
        assert!(matches!(locked, StoreError::Locked { .. }), "{locked}");
        drop(manifest);
        let (_, content) = Manifest::open(&path).unwrap();
        let files: Vec<_> = content.files.into_values().collect();
        assert_eq!(files, [(file(1), Some(summary)), (file(3), None)]);
        assert_eq!(content.position, 6);
        assert!(content.projects[&1] == settings);
        assert!(!path.with_extension("new").exists());
    }
}
