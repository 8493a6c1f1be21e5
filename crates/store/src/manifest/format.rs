//! The format of a store's directory, and the way from older ones to the newest: a list of steps,
//! each of which is one transaction together with the number of the format that it leads to. A kill
//! at any moment leaves a whole format behind, and the next start goes on from there. Before the
//! first step the manifest is copied, so that the older program can be put back.

use std::path::{Path, PathBuf};

use redb::{Database, ReadableDatabase, WriteTransaction};

use super::tables::{CHECKS, FILES, FORMAT_KEY, NUMBERS, PROJECTS, SUMMARIES};
use crate::StoreError;

/// The newest format: what this code writes.
///
/// 1: files, projects, numbers. 2: checksums of files beside them. 3: summaries of files.
pub(super) const FORMAT: u64 = 3;

/// One step, from the format of its position (counted from 1) to the next.
pub(super) type Step = fn(&WriteTransaction) -> Result<(), StoreError>;

/// From format 1 on.
pub(super) const STEPS: [Step; FORMAT as usize - 1] = [add_checks, add_summaries];

/// Files of format 1 have no checksums; they get some when they are written anew.
fn add_checks(write: &WriteTransaction) -> Result<(), StoreError> {
    write.open_table(CHECKS).map_err(StoreError::manifest)?;
    Ok(())
}

/// Summaries are made by and by.
fn add_summaries(write: &WriteTransaction) -> Result<(), StoreError> {
    write.open_table(SUMMARIES).map_err(StoreError::manifest)?;
    Ok(())
}

/// Brings a manifest to the newest format, or makes a new one of it.
pub(super) fn bring_up_to_date(
    path: &Path,
    database: &Database,
    steps: &[Step],
) -> Result<(), StoreError> {
    let newest = steps.len() as u64 + 1;
    let Some(found) = format_of(database)? else {
        return make(database, newest);
    };
    if found > newest {
        return Err(StoreError::Format {
            found,
            supported: newest,
        });
    }
    for (from, step) in (1..).zip(steps).skip_while(|(from, _)| *from < found) {
        let write = database.begin_write().map_err(StoreError::manifest)?;
        step(&write)?;
        set_format(&write, from + 1)?;
        write.commit().map_err(StoreError::manifest)?;
        let (path, format) = (path.display(), from + 1);
        tracing::info!(%path, format, "the store was brought to a newer format");
    }
    Ok(())
}

/// Copies a manifest of an older format aside, before anything is changed. Does nothing where a
/// copy is there already, because the manifest may have been changed since.
pub(super) fn copy_aside(path: &Path, database: &Database, newest: u64) -> Result<(), StoreError> {
    let Some(found) = format_of(database)?.filter(|found| *found < newest) else {
        return Ok(());
    };
    let copy = copy_of(path, found);
    if copy.exists() {
        return Ok(());
    }
    crate::file::replace(&copy, |to| {
        let copied = std::fs::File::open(path).and_then(|mut from| std::io::copy(&mut from, to));
        copied.map(|_| ()).map_err(StoreError::io("copy", path))
    })?;
    Ok(())
}

/// Where the manifest of an older format is copied to.
pub(super) fn copy_of(path: &Path, format: u64) -> PathBuf {
    path.with_extension(format!("format{format}.redb"))
}

/// The format that a manifest says it has; `None` for a new one.
fn format_of(database: &Database) -> Result<Option<u64>, StoreError> {
    let read = database.begin_read().map_err(StoreError::manifest)?;
    let numbers = match read.open_table(NUMBERS) {
        Ok(numbers) => numbers,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(error) => return Err(StoreError::manifest(error)),
    };
    let found = numbers.get(FORMAT_KEY).map_err(StoreError::manifest)?;
    Ok(found.map(|value| value.value()))
}

/// Makes an empty manifest.
pub(super) fn make(database: &Database, format: u64) -> Result<(), StoreError> {
    let write = database.begin_write().map_err(StoreError::manifest)?;
    write.open_table(FILES).map_err(StoreError::manifest)?;
    write.open_table(PROJECTS).map_err(StoreError::manifest)?;
    write.open_table(CHECKS).map_err(StoreError::manifest)?;
    write.open_table(SUMMARIES).map_err(StoreError::manifest)?;
    set_format(&write, format)?;
    write.commit().map_err(StoreError::manifest)
}

fn set_format(write: &WriteTransaction, format: u64) -> Result<(), StoreError> {
    let mut numbers = write.open_table(NUMBERS).map_err(StoreError::manifest)?;
    numbers
        .insert(FORMAT_KEY, format)
        .map_err(StoreError::manifest)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use redb::{ReadableTable, TableDefinition};

    use super::*;

    const TRACE: TableDefinition<u64, u64> = TableDefinition::new("trace");
    /// The step that fails, as a kill in its middle would; 0: none.
    static FAILS: AtomicU64 = AtomicU64::new(0);

    /// Writes down that a step was done, and fails after that where it is told to.
    fn trace(write: &WriteTransaction, step: u64) -> Result<(), StoreError> {
        let mut done = write.open_table(TRACE).map_err(StoreError::manifest)?;
        let before = done.get(step).map_err(StoreError::manifest)?;
        let before = before.map_or(0, |times| times.value());
        done.insert(step, before + 1)
            .map_err(StoreError::manifest)?;
        if FAILS.load(Ordering::Relaxed) == step {
            return Err(StoreError::damaged(Path::new("here"))("killed"));
        }
        Ok(())
    }

    const STEPS: [Step; 3] = [
        |write| trace(write, 1),
        |write| trace(write, 2),
        |write| trace(write, 3),
    ];

    #[test]
    fn a_kill_in_the_middle_of_any_step_is_made_good_by_the_next_start() {
        for killed in 1..=3 {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("manifest.redb");
            let database = Database::create(&path).unwrap();
            make(&database, 1).unwrap();
            FAILS.store(killed, Ordering::Relaxed);
            assert!(bring_up_to_date(&path, &database, &STEPS).is_err());
            assert_eq!(format_of(&database).unwrap(), Some(killed));
            drop(database);
            FAILS.store(0, Ordering::Relaxed);
            let database = Database::create(&path).unwrap();
            bring_up_to_date(&path, &database, &STEPS).unwrap();
            bring_up_to_date(&path, &database, &STEPS).unwrap();
            assert_eq!(format_of(&database).unwrap(), Some(4));
            let read = database.begin_read().unwrap();
            let done = read.open_table(TRACE).unwrap();
            let done: Vec<_> = done
                .iter()
                .unwrap()
                .map(|row| row.unwrap().1.value())
                .collect();
            assert_eq!(done, [1, 1, 1], "each step is done once");
        }
    }

    #[test]
    fn the_older_manifest_is_kept_beside_the_newer_one_and_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest.redb");
        let database = Database::create(&path).unwrap();
        make(&database, 1).unwrap();
        copy_aside(&path, &database, 2).unwrap();
        let copy = copy_of(&path, 1);
        let older = Database::open(&copy).unwrap();
        assert_eq!(format_of(&older).unwrap(), Some(1));
        drop(older);
        let kept = std::fs::read(&copy).unwrap();
        bring_up_to_date(&path, &database, &super::STEPS).unwrap();
        copy_aside(&path, &database, 3).unwrap();
        assert_eq!(std::fs::read(&copy).unwrap(), kept);
        let newer = bring_up_to_date(&path, &database, &[]);
        assert!(matches!(
            newer,
            Err(StoreError::Format {
                found: FORMAT,
                supported: 1
            })
        ));
    }
}
