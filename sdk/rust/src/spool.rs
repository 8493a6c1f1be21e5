//! Unsent events in a folder: one file per batch, named after the time it was written, so that
//! processes never write to the same file. Two processes may send the same batch; the server counts
//! it once. No function fails: a disk that does costs events, no more.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::limits::{SPOOL_AGE_MAX, SPOOL_FILE_BYTES_MAX, SPOOL_FILES_MAX};
use crate::world;

const PREFIX: &str = "almanac-";
const SUFFIX: &str = ".json";

/// Keeps a batch, a JSON array; false when it could not be written.
pub(crate) fn put(folder: &Path, events: &str) -> bool {
    let id = Uuid::now_v7().simple().to_string();
    // The end of such an id is random.
    let random = id.get(24..).unwrap_or_default();
    let name = format!("{PREFIX}{:015}-{random}", world::now_ms());
    let written = folder.join(format!("{name}.tmp"));
    let kept = fs::create_dir_all(folder)
        .and_then(|()| fs::write(&written, events))
        // Whoever lists the folder sees whole batches only.
        .and_then(|()| fs::rename(&written, folder.join(name + SUFFIX)));
    if kept.is_err() {
        remove(&written);
    }
    let batches = batches(folder);
    for surplus in batches.iter().rev().skip(SPOOL_FILES_MAX) {
        remove(surplus);
    }
    kept.is_ok()
}

/// The batches that may still be sent, oldest first; those too old are removed.
pub(crate) fn batches(folder: &Path) -> Vec<PathBuf> {
    let oldest_ms = world::since_1970()
        .saturating_sub(SPOOL_AGE_MAX)
        .as_millis();
    let mut fresh = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(written_ms) = name.to_str().and_then(written_ms) else {
            continue;
        };
        if u128::from(written_ms) >= oldest_ms {
            fresh.push(entry.path());
        } else {
            remove(&entry.path());
        }
    }
    fresh.sort();
    fresh
}

/// The events of a batch, a JSON array; nothing when it is gone or spoilt.
pub(crate) fn load(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = fs::File::open(path).ok()?;
    file.take(SPOOL_FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .ok()?;
    let is_whole = text.starts_with('[') && text.ends_with(']') && text.len() > 2;
    is_whole.then_some(text)
}

/// Forgets a batch. One that is gone, or cannot be removed, is sent again at worst.
pub(crate) fn remove(path: &Path) {
    drop(fs::remove_file(path));
}

/// When a file of the spool was written; nothing for files of others.
fn written_ms(name: &str) -> Option<u64> {
    let rest = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    rest.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spool_is_bounded_and_skips_what_is_old_or_spoilt() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("almanac-000000000000001-x.json");
        fs::write(&old, "[{}]").unwrap();
        fs::write(folder.path().join("someone-elses.json"), "{}").unwrap();
        for _ in 0..SPOOL_FILES_MAX + 3 {
            assert!(put(folder.path(), "[{}]"));
        }
        let kept = batches(folder.path());
        assert_eq!(kept.len(), SPOOL_FILES_MAX);
        assert!(!old.exists() && folder.path().join("someone-elses.json").exists());
        assert_eq!(load(&kept[0]).as_deref(), Some("[{}]"));
        fs::write(&kept[0], "[{").unwrap();
        assert_eq!(load(&kept[0]), None);
        assert_eq!(load(&old), None);
    }

    #[test]
    fn a_folder_that_cannot_be_is_no_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(!put(file.path(), "[{}]"));
        assert_eq!(batches(file.path()), Vec::<PathBuf>::new());
    }
}
