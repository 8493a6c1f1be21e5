//! Each limit at its edge and one past it: nothing is taken by halves.

use almanac_queue::testing::SimDisk;
use almanac_queue::{AppendError, OpenError, QueueOptions, limits};
use bytes::Bytes;

use crate::support::{open, read_all, small};

fn record(bytes: usize) -> Bytes {
    Bytes::from(vec![b'x'; bytes])
}

#[test]
fn the_largest_record_and_append_are_taken_and_one_more_byte_is_not() {
    let queue = open(&SimDisk::new(0), &small()).unwrap();
    let refused = |records| queue.append_blocking(records).unwrap_err();
    queue.append_blocking(vec![record(300)]).unwrap();
    let message = "record, in bytes, has 301, the most is 300: send less at once";
    assert_eq!(refused(vec![record(301)]).to_string(), message);
    // A segment of 1,024 less two headers, 40 and 32, and four bytes for each record.
    let largest = |more: usize| vec![record(300), record(300), record(300), record(36 + more)];
    queue.append_blocking(largest(0)).unwrap();
    let message = "append, in bytes, has 953, the most is 952: send less at once";
    assert_eq!(refused(largest(1)).to_string(), message);
    assert!(matches!(refused(vec![]), AppendError::Empty));
    let too_many = vec![Bytes::new(); limits::APPEND_RECORDS_MAX + 1];
    assert!(matches!(
        refused(too_many),
        AppendError::TooLarge { size: 100_001, .. }
    ));
    assert_eq!(read_all(&queue, 0).0.len(), 5);
}

#[test]
fn a_full_queue_refuses_whole_appends_until_the_consumer_releases() {
    let options = QueueOptions {
        queue_bytes_max: 2_048,
        ..small()
    };
    let queue = open(&SimDisk::new(0), &options).unwrap();
    let mut taken = 0;
    let full = loop {
        match queue.append_blocking(vec![record(100), record(100)]) {
            Ok(_) => taken += 2,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(
            full,
            AppendError::Full {
                queue_bytes_max: 2_048,
                ..
            }
        ),
        "{full}"
    );
    assert!(queue.stats().queue_bytes <= 2_048);
    assert_eq!(read_all(&queue, 0).0.len(), taken, "nothing half-taken");
    queue.release(u64::MAX).unwrap();
    let appended = queue.append_blocking(vec![record(100)]).unwrap();
    assert_eq!(
        appended.first, taken as u64,
        "a refused append used up no number"
    );
}

#[test]
fn a_read_keeps_its_limits_and_always_gets_on() {
    let queue = open(&SimDisk::new(0), &small()).unwrap();
    queue
        .append_blocking(vec![record(10), record(10), record(200)])
        .unwrap();
    let ends = |from, records, bytes| queue.read(from, records, bytes).unwrap().next;
    assert_eq!(ends(0, 2, 1_000), 2, "so many records");
    assert_eq!(ends(0, 9, 20), 2, "so many bytes");
    assert_eq!(ends(0, 9, 19), 1, "not one byte more");
    assert_eq!(
        ends(2, 9, 1),
        3,
        "a record larger than asked for comes alone"
    );
    assert_eq!(ends(1, 9, 1_000), 3, "from the middle of an append");
    assert_eq!(ends(3, 9, 1_000), 3, "nothing yet");
}

#[test]
fn options_out_of_range_are_refused_with_the_remedy() {
    let check = |options: QueueOptions, expected: &str| {
        let refused = open(&SimDisk::new(0), &options).unwrap_err();
        assert!(matches!(refused, OpenError::Option { .. }));
        assert_eq!(refused.to_string(), expected);
    };
    check(
        QueueOptions {
            segment_bytes: 255,
            ..small()
        },
        "queue option segment_bytes is 255: set it between 256 and 1073741824",
    );
    check(
        QueueOptions {
            queue_bytes_max: 2_047,
            ..small()
        },
        "queue option queue_bytes_max is 2047: set it to at least two segments, 2048",
    );
    check(
        QueueOptions {
            record_bytes_max: 949,
            ..small()
        },
        "queue option record_bytes_max is 949: set it to at most 948 or make segments larger",
    );
    check(
        QueueOptions {
            batch_window_us_max: 5_001,
            ..small()
        },
        "queue option batch_window_us_max is 5001: set it to at most 5000",
    );
    open(
        &SimDisk::new(0),
        &QueueOptions {
            record_bytes_max: 948,
            ..small()
        },
    )
    .unwrap();
}

#[test]
fn a_rotation_lets_every_record_so_far_be_removed() {
    let disk = SimDisk::new(0);
    let queue = open(&disk, &small()).unwrap();
    assert_eq!(queue.rotate().unwrap(), 0);
    assert_eq!(
        queue.stats().segments,
        1,
        "an empty segment is as good as a new one"
    );
    queue.append_blocking(vec![record(10), record(10)]).unwrap();
    assert_eq!(queue.rotate().unwrap(), 2);
    assert_eq!(queue.stats().segments, 2);
    queue.release(2).unwrap();
    assert_eq!(queue.stats().segments, 1, "its file is gone");
    assert_eq!(queue.append_blocking(vec![record(10)]).unwrap().first, 2);
    assert_eq!(read_all(&queue, 2).0.len(), 1);
    queue.close().unwrap();
    assert!(queue.rotate().is_err(), "nobody serves a closed queue");
}
