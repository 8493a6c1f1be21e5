//! A sealed file: one run as Parquet, and beside it the fingerprints of the events in it that were
//! bulk-loaded. It is removed from disk when it was replaced and nobody reads it any more.

mod checks;
mod columns;
mod read;
mod write;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use almanac_model::ProjectId;
use jiff::civil::Date;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;

use crate::manifest::FileEntry;
use crate::summary::Summary;

pub(crate) use checks::Checks;
pub(crate) use columns::{Columns, Merged};
pub(crate) use write::{
    ZSTD_LEVEL, create_dir, kinds, map_type, maps, microseconds, replace, sync_dir, texts, write,
};

/// Names of the columns that are not in the model's tables of columns.
pub(crate) const VISITOR: &str = "visitor";
pub(crate) const TIME: &str = "time";
pub(crate) const KIND: &str = "kind";
/// Left out when every event is interactive.
pub(crate) const INTERACTIVE: &str = "interactive";
pub(crate) const PROPERTIES: &str = "properties";

/// Microseconds in a millisecond.
pub(crate) const MILLISECOND_US: i64 = 1_000;

/// A file that the manifest names, or is about to.
#[derive(Debug)]
pub(crate) struct FileRun {
    /// Its number among everything that the cache knows.
    pub(crate) number: u64,
    pub(crate) entry: FileEntry,
    path: PathBuf,
    metadata: OnceLock<ArrowReaderMetadata>,
    summary: RwLock<Option<Arc<Summary>>>,
    is_replaced: AtomicBool,
}

impl FileRun {
    pub(crate) fn new(number: u64, entry: FileEntry, events_dir: &Path) -> Self {
        let path = path_of(events_dir, &entry);
        Self::at(number, entry, path)
    }

    /// A file at a path of its own.
    pub(crate) fn at(number: u64, entry: FileEntry, path: PathBuf) -> Self {
        Self {
            number,
            entry,
            path,
            metadata: OnceLock::new(),
            summary: RwLock::default(),
            is_replaced: AtomicBool::new(false),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where its fingerprints are, if it has any.
    pub(crate) fn ids_path(&self) -> Option<PathBuf> {
        (self.entry.ids_bytes > 0).then(|| self.path.with_extension("ids"))
    }

    /// Bytes on disk, fingerprints and summary included.
    pub(crate) fn bytes(&self) -> u64 {
        let summary = self.summary().map_or(0, |summary| summary.bytes());
        self.entry.bytes + self.entry.ids_bytes + summary
    }

    /// The summary of its events, if one was made.
    pub(crate) fn summary(&self) -> Option<Arc<Summary>> {
        let summary = self.summary.read().unwrap_or_else(PoisonError::into_inner);
        summary.clone()
    }

    /// Takes a summary that the manifest names. The one before goes when nobody reads it any more.
    pub(crate) fn set_summary(&self, summary: Arc<Summary>) {
        let mut kept = self.summary.write().unwrap_or_else(PoisonError::into_inner);
        let gap_s = summary.entry.gap_s;
        // One for the same gap has the same paths, and is there already.
        if let Some(before) = kept.replace(summary).filter(|one| one.entry.gap_s != gap_s) {
            before.set_replaced();
        }
    }

    /// Marks the file as no longer named by the manifest.
    pub(crate) fn set_replaced(&self) {
        self.is_replaced.store(true, Ordering::Relaxed);
        if let Some(summary) = self.summary() {
            summary.set_replaced();
        }
    }
}

impl Drop for FileRun {
    fn drop(&mut self) {
        if !self.is_replaced.load(Ordering::Relaxed) {
            return;
        }
        let ids = self.ids_path();
        for path in std::iter::once(self.path.clone()).chain(ids) {
            remove(&path);
        }
    }
}

/// Removes a file that was replaced. One that stays is removed when the store is opened next.
pub(crate) fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        tracing::warn!(path = %path.display(), %error, "could not remove a replaced file");
    }
}

/// The directory of a partition.
pub(crate) fn dir_of(events_dir: &Path, project: ProjectId, day: Date) -> PathBuf {
    events_dir.join(project.0.to_string()).join(day.to_string())
}

/// The file of an entry.
pub(crate) fn path_of(events_dir: &Path, entry: &FileEntry) -> PathBuf {
    dir_of(events_dir, entry.project, entry.day).join(format!("{:010}.parquet", entry.run))
}
