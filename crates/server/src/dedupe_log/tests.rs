//! Ids that outlive the queue, with torn and damaged files.

use super::*;

fn at(seconds: i64) -> Instant {
    Instant::from_seconds(seconds)
}

fn known(dir: &Path, before: u64) -> Vec<u64> {
    let (_, known) = DedupeLog::open(dir).unwrap();
    known
        .before(before)
        .map(|(_, fingerprint)| fingerprint)
        .collect()
}

fn newest(dir: &Path) -> PathBuf {
    files(&dir.join("dedupe")).unwrap().pop().unwrap().1
}

#[test]
fn what_was_written_is_known_up_to_a_record() {
    let dir = tempfile::tempdir().unwrap();
    let (log, known_at_first) = DedupeLog::open(dir.path()).unwrap();
    assert_eq!(known_at_first.end(), 0);
    log.write(4, vec![(1, 11), (3, 33)], at(0)).unwrap();
    log.write(9, vec![], at(1)).unwrap();
    assert_eq!(log.sync().unwrap(), 9);
    let (_, known_then) = DedupeLog::open(dir.path()).unwrap();
    assert_eq!(known_then.end(), 9);
    assert_eq!(known(dir.path(), 9), [11, 33]);
    assert_eq!(known(dir.path(), 3), [11]);
}

#[test]
fn a_file_cut_or_damaged_anywhere_gives_whole_blocks_only() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = DedupeLog::open(dir.path()).unwrap();
    log.write(1, vec![(0, 10)], at(0)).unwrap();
    log.write(2, vec![(1, 11)], at(0)).unwrap();
    let path = newest(dir.path());
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let ids = known(dir.path(), 9);
        assert!(
            [&[][..], &[10]].contains(&ids.as_slice()),
            "{length}: {ids:?}"
        );
    }
    for place in MAGIC.len()..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 1;
        fs::write(&path, &damaged).unwrap();
        let ids = known(dir.path(), 9);
        assert!(
            [&[][..], &[10]].contains(&ids.as_slice()),
            "{place}: {ids:?}"
        );
    }
}

#[test]
fn a_torn_tail_does_not_hide_what_the_next_process_writes() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = DedupeLog::open(dir.path()).unwrap();
    log.write(1, vec![(0, 10)], at(0)).unwrap();
    let path = newest(dir.path());
    let mut torn = fs::read(&path).unwrap();
    torn.extend([7; 20]);
    fs::write(&path, torn).unwrap();
    let (log, _) = DedupeLog::open(dir.path()).unwrap();
    log.write(2, vec![(1, 11)], at(0)).unwrap();
    assert_eq!(known(dir.path(), 9), [10, 11]);
}

#[test]
fn files_older_than_the_window_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    for (record, hour) in [(0, 0), (1, 1), (2, 100)] {
        let (log, _) = DedupeLog::open(dir.path()).unwrap();
        log.write(record + 1, vec![(record, record)], at(hour * 3600))
            .unwrap();
        log.sync().unwrap();
    }
    assert_eq!(known(dir.path(), 9), [2]);
}

/// Lets the open file of the log be another one, which fails.
fn replace_file(log: &DedupeLog, other: File) {
    log.lock().file = Some(other);
}

/// What a power cut leaves of a file that was never synced: its name.
fn lose_content(path: &Path) {
    fs::write(path, MAGIC).unwrap();
}

#[test]
fn what_a_file_held_that_failed_to_be_written_is_written_again_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = DedupeLog::open(dir.path()).unwrap();
    log.write(1, vec![(0, 10)], at(0)).unwrap();
    let failed = newest(dir.path());
    replace_file(&log, File::open(&failed).unwrap());
    assert!(
        log.write(2, vec![(1, 11)], at(0)).is_err(),
        "it is not writable"
    );
    log.write(2, vec![(1, 11)], at(0)).unwrap();
    assert_eq!(log.sync().unwrap(), 2);
    lose_content(&failed);
    assert_eq!(known(dir.path(), 9), [10, 11]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_failed_sync_is_not_tried_again_on_the_same_file() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _) = DedupeLog::open(dir.path()).unwrap();
    log.write(1, vec![(0, 10)], at(0)).unwrap();
    let failed = newest(dir.path());
    // It takes every byte and refuses to sync.
    let null = File::options().write(true).open("/dev/null").unwrap();
    replace_file(&log, null);
    assert!(log.sync().is_err());
    assert_eq!(log.sync().unwrap(), 1);
    lose_content(&failed);
    assert_eq!(known(dir.path(), 9), [10]);
}

#[test]
fn what_a_replay_wrote_again_replaces_what_earlier_processes_wrote() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        let (log, _) = DedupeLog::open(dir.path()).unwrap();
        log.write(3, vec![(1, 10), (2, 11)], at(0)).unwrap();
        log.sync().unwrap();
    }
    assert_eq!(known(dir.path(), 9), [10, 11, 10, 11, 10, 11]);
    let (log, _) = DedupeLog::open(dir.path()).unwrap();
    log.write(3, vec![(2, 11)], at(0)).unwrap();
    log.replayed(2).unwrap();
    assert_eq!(
        known(dir.path(), 9),
        [10, 11, 10, 11, 10, 11, 11],
        "only they know of record 1"
    );
    log.write(3, vec![(1, 10)], at(0)).unwrap();
    log.replayed(1).unwrap();
    assert_eq!(known(dir.path(), 9), [11, 10]);
}
