//! Damage to files: every bit flipped, every length cut, whole segments gone. What is read is
//! right, and what cannot be read is reported.

use std::collections::BTreeMap;
use std::path::PathBuf;

use almanac_queue::OpenError;
use almanac_queue::testing::SimDisk;
use bytes::Bytes;

use crate::support::{open, read_all, small};

/// Twelve appends in a closed queue, in as many segments as their size asks for.
fn written(segment_bytes: u64) -> (SimDisk, BTreeMap<u64, Bytes>) {
    let disk = SimDisk::new(0);
    let mut options = small();
    options.segment_bytes = segment_bytes;
    options.record_bytes_max = 100;
    let queue = open(&disk, &options).unwrap();
    let mut sent = BTreeMap::new();
    for number in 0..12_u64 {
        let record = Bytes::from(format!("record {number}"));
        queue
            .append_blocking(vec![record.clone(), Bytes::new()])
            .unwrap();
        sent.insert(2 * number, record);
        sent.insert(2 * number + 1, Bytes::new());
    }
    queue.close().unwrap();
    (disk, sent)
}

fn segment_paths(disk: &SimDisk) -> Vec<PathBuf> {
    let is_segment = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "seg");
    disk.paths().into_iter().filter(is_segment).collect()
}

/// Opens a damaged disk: nothing wrong is read, and each missing record is accounted for as
/// skipped or as part of a torn end. Returns how many were missing.
fn check(disk: &SimDisk, sent: &BTreeMap<u64, Bytes>, case: &str) -> usize {
    let queue = open(disk, &small()).unwrap();
    let (records, skipped) = read_all(&queue, 0);
    for (sequence, record) in &records {
        assert_eq!(
            sent.get(sequence),
            Some(record),
            "{case}: wrong record {sequence}"
        );
    }
    let recovery = queue.recovery();
    let end = queue.stats().durable_end;
    let found: BTreeMap<u64, Bytes> = records.into_iter().collect();
    let missing: Vec<u64> = sent
        .keys()
        .filter(|at| !found.contains_key(at))
        .copied()
        .collect();
    for sequence in &missing {
        let reported = skipped.iter().any(|lost| lost.sequences.contains(sequence));
        assert!(
            reported || *sequence >= end,
            "{case}: {sequence} vanished, {recovery:?}"
        );
    }
    for lost in &recovery.skipped {
        let told = skipped
            .iter()
            .any(|again| again.sequences == lost.sequences);
        assert!(
            told,
            "{case}: opening and reading agree about {lost:?}, {skipped:?}"
        );
    }
    missing.len()
}

#[test]
fn every_flipped_bit_is_detected_or_harmless() {
    for segment_bytes in [1_024, 256] {
        let (disk, sent) = written(segment_bytes);
        for path in segment_paths(&disk) {
            let content = disk.content(&path);
            for bit in 0..content.len() * 8 {
                let disk = disk.after_kill();
                let mut damaged = content.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                disk.overwrite(&path, damaged);
                let missing = check(&disk, &sent, &format!("{} bit {bit}", path.display()));
                assert!(missing <= 2, "one bit costs at most the append it is in");
            }
        }
    }
}

#[test]
fn every_truncation_is_detected_or_harmless() {
    for segment_bytes in [1_024, 256] {
        let (disk, sent) = written(segment_bytes);
        for path in segment_paths(&disk) {
            let content = disk.content(&path);
            for length in 0..content.len() {
                let disk = disk.after_kill();
                disk.overwrite(&path, content[..length].to_vec());
                check(&disk, &sent, &format!("{} cut at {length}", path.display()));
            }
        }
    }
}

#[test]
fn damage_in_the_middle_is_skipped_and_reported() {
    let (disk, sent) = written(1_024);
    let path = segment_paths(&disk).remove(0);
    let mut content = disk.content(&path);
    // The third frame's payload: a header of 40, frames of 32 and a payload of 16.
    content[40 + 2 * 48 + 36] ^= 1;
    disk.overwrite(&path, content);
    let queue = open(&disk, &small()).unwrap();
    let lost = &queue.recovery().skipped;
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert_eq!(
        (lost[0].sequences.clone(), lost[0].reason),
        (4..6, "a damaged payload")
    );
    let (records, skipped) = read_all(&queue, 0);
    assert_eq!((records.len(), &skipped), (sent.len() - 2, lost));
    assert_eq!(queue.append_blocking(vec!["on".into()]).unwrap().first, 24);
}

#[test]
fn a_missing_segment_is_reported() {
    let (disk, sent) = written(256);
    let paths = segment_paths(&disk);
    assert!(paths.len() >= 3);
    almanac_queue::Files::remove(&disk, &paths[1]).unwrap();
    assert!(check(&disk, &sent, "segment gone") > 0);
}

#[test]
fn a_torn_end_is_left_out_and_counted() {
    let (disk, sent) = written(1_024);
    let path = segment_paths(&disk).pop().unwrap();
    let mut content = disk.content(&path);
    content.extend_from_slice(b"half a frame");
    disk.overwrite(&path, content);
    let queue = open(&disk, &small()).unwrap();
    assert_eq!(queue.recovery().torn_bytes, 12);
    assert_eq!(read_all(&queue, 0).0.len(), sent.len());
}

#[test]
fn a_record_cannot_pose_as_a_frame() {
    let disk = SimDisk::new(0);
    let queue = open(&disk, &small()).unwrap();
    queue.append_blocking(vec!["first".into()]).unwrap();
    // A frame as it stands on the disk, sent as the content of a record.
    let path = segment_paths(&disk).pop().unwrap();
    let frame = Bytes::from(disk.content(&path)[40..].to_vec());
    queue.append_blocking(vec![frame.clone(), frame]).unwrap();
    queue.append_blocking(vec!["last".into()]).unwrap();
    queue.close().unwrap();
    let mut content = disk.content(&path);
    content[40 + 41] ^= 1; // the header of the second frame
    disk.overwrite(&path, content);
    let queue = open(&disk, &small()).unwrap();
    let (records, skipped) = read_all(&queue, 0);
    assert_eq!(records, [(0, "first".into()), (3, "last".into())]);
    assert_eq!(skipped[0].sequences, 1..3);
}

#[test]
fn a_segment_of_a_newer_program_is_refused_by_name() {
    let (disk, _) = written(1_024);
    let path = segment_paths(&disk).remove(0);
    let mut content = disk.content(&path);
    content[8] = 9;
    let checksum = crc32c::crc32c(&content[..36]).to_le_bytes();
    content[36..40].copy_from_slice(&checksum);
    disk.overwrite(&path, content);
    let refused = open(&disk, &small()).unwrap_err();
    assert!(
        matches!(refused, OpenError::UnsupportedVersion { version: 9, .. }),
        "{refused}"
    );
}
