//! What all tests of the queue share: small queues on a simulated disk, and the one check of what
//! a queue may have lost.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use almanac_queue::testing::{Random, SimDisk};
use almanac_queue::{AppendError, Appended, OpenError, Queue, QueueOptions, Skipped};
use bytes::Bytes;

pub(crate) const DIR: &str = "/queue";

/// Small enough that a few appends fill a segment.
pub(crate) fn small() -> QueueOptions {
    QueueOptions {
        segment_bytes: 1_024,
        queue_bytes_max: 1 << 20,
        record_bytes_max: 300,
        batch_window_us_max: 0,
        ..QueueOptions::default()
    }
}

pub(crate) fn open(disk: &SimDisk, options: &QueueOptions) -> Result<Queue, OpenError> {
    Queue::open(Path::new(DIR), options.clone(), Arc::new(disk.clone()))
}

/// All that can be read from a sequence on.
pub(crate) fn read_all(queue: &Queue, from: u64) -> (Vec<(u64, Bytes)>, Vec<Skipped>) {
    let (mut records, mut skipped, mut next) = (Vec::new(), Vec::new(), from);
    loop {
        let batch = queue.read(next, 7, 500).unwrap();
        if batch.next == next {
            return (records, skipped);
        }
        records.extend(batch.records);
        skipped.extend(batch.skipped);
        next = batch.next;
    }
}

/// What a naive observer knows: a vector would do, were it not for what was released.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) submitted: u64,
    /// Records that must not be lost: acknowledged, or handed out by a read.
    pub(crate) kept: BTreeMap<u64, Bytes>,
}

impl Ledger {
    /// Records that exist once in a test, of many lengths.
    pub(crate) fn records(&mut self, random: &mut Random, count: u64) -> Vec<Bytes> {
        let record = |_| {
            self.submitted += 1;
            let padding = ".".repeat(usize::try_from(random.below(120)).unwrap());
            Bytes::from(format!("{:08}{padding}", self.submitted))
        };
        (0..count).map(record).collect()
    }

    pub(crate) fn append(
        &mut self,
        queue: &Queue,
        records: Vec<Bytes>,
    ) -> Result<Appended, AppendError> {
        let done = queue.append_blocking(records.clone());
        if let Ok(appended) = &done {
            self.acknowledged(*appended, records);
        }
        done
    }

    pub(crate) fn acknowledged(&mut self, appended: Appended, records: Vec<Bytes>) {
        assert_eq!(appended.last - appended.first + 1, records.len() as u64);
        for (sequence, record) in (appended.first..).zip(records) {
            let before = self.kept.insert(sequence, record);
            assert_eq!(before, None, "sequence {sequence} was given twice");
        }
    }

    /// Acknowledged ⊆ readable, the same bytes under the same number, in order, none twice, none
    /// invented. What is readable is from now on known, so it must stay.
    pub(crate) fn check(&mut self, queue: &Queue, from: u64) {
        let (records, skipped) = read_all(queue, from);
        assert_eq!(
            skipped,
            [],
            "nothing was damaged, so nothing may be skipped"
        );
        let mut contents = std::collections::BTreeSet::new();
        for pair in records.windows(2) {
            assert_eq!(pair[0].0 + 1, pair[1].0, "numbers are contiguous");
        }
        for (sequence, record) in &records {
            let number: u64 = std::str::from_utf8(&record[..8]).unwrap().parse().unwrap();
            assert!(
                (1..=self.submitted).contains(&number),
                "record {number} was never sent"
            );
            assert!(contents.insert(number), "record {number} is there twice");
            let known = self.kept.entry(*sequence).or_insert_with(|| record.clone());
            assert_eq!(known, record, "sequence {sequence} changed its content");
        }
        let found: BTreeMap<u64, Bytes> = records.into_iter().collect();
        for (sequence, record) in self.kept.range(from..) {
            assert_eq!(
                found.get(sequence),
                Some(record),
                "sequence {sequence} is lost"
            );
        }
    }
}
