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
