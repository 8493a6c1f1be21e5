//! One fault at a time, at every operation: the N-th fails, the power goes at the N-th, syncs
//! fail, the disk runs full and is emptied again, two processes want one directory.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use almanac_queue::testing::{Random, SimDisk};
use almanac_queue::{AppendError, DiskFiles, OpenError, Queue, ReadError};

use crate::support::{Ledger, open, read_all, small};

/// A day in the life: open, append over several segments, read, release, close, again.
/// Every step may fail; what was acknowledged is in the ledger. Returns the consumer's position.
fn workload(disk: &SimDisk, ledger: &mut Ledger) -> u64 {
    let mut random = Random::new(9);
    let mut consumed = 0;
    for _ in 0..2 {
        let mut options = small();
        options.resume_from = consumed;
        let Ok(queue) = open(disk, &options) else {
            continue;
        };
        for _ in 0..12 {
            let records = ledger.records(&mut random, 2);
            drop(ledger.append(&queue, records));
        }
        if let Ok(batch) = queue.read(consumed, 15, 10_000) {
            consumed = batch.next;
            drop(queue.release(consumed));
        }
        drop(queue.close());
    }
    consumed
}

fn operations_of_workload() -> u64 {
    let disk = SimDisk::new(1);
    let mut ledger = Ledger::default();
    let consumed = workload(&disk, &mut ledger);
    assert_eq!(
        (consumed, ledger.kept.len()),
        (30, 48),
        "without faults all is acknowledged"
    );
    disk.operations()
}

fn check_after(disk: &SimDisk, ledger: &mut Ledger, consumed: u64) {
    let mut options = small();
    options.resume_from = consumed;
    let queue = open(disk, &options).unwrap();
    ledger.check(&queue, consumed);
    let records = ledger.records(&mut Random::new(3), 2);
    ledger.append(&queue, records).unwrap();
    ledger.check(&queue, consumed);
}

#[test]
fn the_nth_operation_fails_alone_or_with_all_after_it() {
    for n in 1..=operations_of_workload() {
        for until in [n + 1, n + 2, n + 5, u64::MAX] {
            let disk = SimDisk::new(n);
            disk.fail(n..until);
            let mut ledger = Ledger::default();
            let consumed = workload(&disk, &mut ledger);
            for disk in [disk.after_kill(), disk.after_power_cut(n)] {
                let mut found = Ledger {
                    submitted: ledger.submitted,
                    kept: ledger.kept.clone(),
                };
                check_after(&disk, &mut found, consumed);
            }
        }
    }
}

#[test]
fn the_power_goes_at_the_nth_operation() {
    for n in 1..=operations_of_workload() {
        for seed in 0..6 {
            let disk = SimDisk::new(n);
            disk.cut_power_at(n);
            let mut ledger = Ledger::default();
            let consumed = workload(&disk, &mut ledger);
            check_after(&disk.after_power_cut(seed), &mut ledger, consumed);
        }
    }
}

#[test]
fn a_failed_sync_is_never_an_acknowledgement() {
    for seed in 0..200 {
        let disk = SimDisk::new(seed);
        let queue = open(&disk, &small()).unwrap();
        disk.fail_syncs(1 + seed % 100);
        let mut ledger = Ledger::default();
        let mut random = Random::new(seed);
        for _ in 0..20 {
            let records = ledger.records(&mut random, 2);
            drop(ledger.append(&queue, records));
        }
        drop(queue);
        check_after(&disk.after_power_cut(seed), &mut ledger, 0);
    }
}

#[test]
fn one_failed_sync_poisons_its_segment_and_costs_no_append() {
    let disk = SimDisk::new(0);
    let queue = open(&disk, &small()).unwrap();
    queue.append_blocking(vec!["before".into()]).unwrap();
    // The next two operations are the write and the sync.
    disk.fail(disk.operations() + 2..disk.operations() + 3);
    let appended = queue.append_blocking(vec!["during".into()]).unwrap();
    assert_eq!(appended.first, 1);
    let stats = queue.stats();
    assert_eq!(
        (stats.poisoned, stats.segments, stats.suspect_appends),
        (1, 2, 0)
    );
    let (records, skipped) = read_all(&queue, 0);
    assert_eq!(records, [(0, "before".into()), (1, "during".into())]);
    assert_eq!(skipped, []);
}

#[test]
fn a_full_disk_refuses_keeps_reading_and_heals() {
    let disk = SimDisk::new(4);
    let queue = open(&disk, &small()).unwrap();
    let mut ledger = Ledger::default();
    let mut random = Random::new(4);
    disk.set_capacity(Some(2_500));
    let mut refused = 0;
    for _ in 0..60 {
        let records = ledger.records(&mut random, 1);
        match ledger.append(&queue, records) {
            Ok(_) => {}
            Err(AppendError::Suspect { .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 0, "the disk was full");
    ledger.check(&queue, 0);
    disk.set_capacity(None);
    let records = ledger.records(&mut random, 1);
    ledger.append(&queue, records).unwrap();
    ledger.check(&queue, 0);
}

#[test]
fn a_second_process_is_turned_away_until_the_first_closes() {
    let dir = tempfile::tempdir().unwrap();
    let open = |dir: &Path| Queue::open(&dir.join("a/b"), small(), Arc::new(DiskFiles));
    let first = open(dir.path()).unwrap();
    first.append_blocking(vec!["kept".into()]).unwrap();
    assert!(matches!(open(dir.path()), Err(OpenError::Locked { .. })));
    first.close().unwrap();
    let second = open(dir.path()).unwrap();
    assert_eq!(read_all(&second, 0).0, [(0, "kept".into())]);
    assert!(matches!(
        first.append_blocking(vec!["late".into()]),
        Err(AppendError::Closed)
    ));
}

#[test]
fn segments_go_when_released_and_numbers_never_come_back() {
    let disk = SimDisk::new(5);
    let queue = open(&disk, &small()).unwrap();
    let mut ledger = Ledger::default();
    let mut random = Random::new(5);
    for _ in 0..40 {
        let records = ledger.records(&mut random, 2);
        ledger.append(&queue, records).unwrap();
    }
    let before = queue.stats();
    assert!(before.segments > 3);
    queue.release(u64::MAX).unwrap();
    let after = queue.stats();
    assert_eq!(
        (after.segments, after.depth_records, after.oldest),
        (1, 0, 80)
    );
    assert!(after.queue_bytes < before.queue_bytes);
    assert!(matches!(
        queue.read(0, 1, 1),
        Err(ReadError::Released { from: 0, .. })
    ));
    drop(queue);
    let queue = open(&disk, &small()).unwrap();
    assert_eq!(
        queue.append_blocking(vec!["next".into()]).unwrap().first,
        80
    );
    drop(queue);
    // The queue was lost, the consumer was not.
    let mut options = small();
    options.resume_from = 500;
    let queue = open(&SimDisk::new(6), &options).unwrap();
    assert_eq!(
        queue.append_blocking(vec!["anew".into()]).unwrap().first,
        500
    );
}

#[test]
fn readers_are_woken_by_durable_records() {
    let queue = open(&SimDisk::new(7), &small()).unwrap();
    let watched = queue.durable_end();
    assert!(!queue.wait_for(0, Duration::ZERO));
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| queue.wait_for(0, Duration::from_secs(60)));
        queue.append_blocking(vec!["wake up".into()]).unwrap();
        assert!(waiter.join().unwrap());
    });
    assert_eq!(*watched.borrow(), 1);
    assert_eq!(queue.read(0, 10, 10).unwrap().next, 1);
}
