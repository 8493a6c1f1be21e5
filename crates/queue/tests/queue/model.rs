//! Seeded random actions against the ledger, with crashes, power cuts, failing syncs and full
//! disks between and inside them. A failure names the seed that repeats it.

use almanac_queue::testing::{Random, SimDisk};
use almanac_queue::{AppendError, Durability, Queue};
use bytes::Bytes;

use crate::support::{Ledger, open, small};

/// Raised for a release by the environment of the build, as the constant of a soak run.
const SEEDS: u64 = 2_000;

#[test]
fn acknowledged_records_survive_any_history() {
    let seeds = option_env!("ALMANAC_QUEUE_SEEDS").and_then(|text| text.parse().ok());
    let seeds = seeds.unwrap_or(SEEDS);
    for seed in 0..seeds {
        let told = std::panic::catch_unwind(|| History::new(seed).run());
        assert!(told.is_ok(), "seed {seed} fails");
    }
    println!("figure | histories of the queue with crashes and power cuts | {seeds}, 0 lost");
}

struct History {
    random: Random,
    disk: SimDisk,
    queue: Option<Queue>,
    ledger: Ledger,
    /// The consumer's position: it has stored what is below.
    consumed: u64,
    relaxed: bool,
}

impl History {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let relaxed = random.below(4) == 0;
        let disk = SimDisk::new(seed);
        Self {
            random,
            disk,
            queue: None,
            ledger: Ledger::default(),
            consumed: 0,
            relaxed,
        }
    }

    fn run(mut self) {
        self.reopen();
        for _ in 0..self.random.below(40) {
            match self.random.below(13) {
                0..=5 => self.append(),
                6 => self.append_many(),
                7 => self.consume(),
                8 => self.crash(true),
                9 => self.crash(false),
                10 => self.disk.fail_syncs(self.random.below(2) * 60),
                11 => self.fail_soon(),
                _ => self.fill_disk(),
            }
        }
        self.crash(false);
        // In the end the disk is well again and the queue works.
        let queue = self.queue.as_ref().unwrap();
        let records = self.ledger.records(&mut self.random, 3);
        self.ledger.append(queue, records).unwrap();
        queue.close().unwrap();
    }

    fn reopen(&mut self) {
        let mut options = small();
        options.resume_from = self.consumed;
        if self.relaxed {
            options.durability = Durability::Relaxed {
                sync_interval_ms: 60_000,
            };
        }
        let queue = open(&self.disk, &options).unwrap();
        assert_eq!(queue.recovery().skipped, []);
        self.ledger.check(&queue, self.consumed);
        self.queue = Some(queue);
    }

    fn append(&mut self) {
        let count = 1 + self.random.below(4);
        let records = self.ledger.records(&mut self.random, count);
        let queue = self.queue.as_ref().unwrap();
        let done = if self.relaxed {
            // Acknowledged before the sync: only what a read hands out must survive.
            queue.append_blocking(records)
        } else {
            self.ledger.append(queue, records)
        };
        assert!(
            matches!(done, Ok(_) | Err(AppendError::Suspect { .. })),
            "{done:?}"
        );
    }

    /// Several appenders at once, so that they share commits.
    fn append_many(&mut self) {
        let queue = self.queue.as_ref().unwrap();
        let batches: Vec<Vec<Bytes>> = (0..4)
            .map(|_| self.ledger.records(&mut self.random, 2))
            .collect();
        let done: Vec<_> = std::thread::scope(|scope| {
            let append = |records: &Vec<Bytes>| {
                let records = records.clone();
                scope.spawn(|| queue.append_blocking(records))
            };
            let threads: Vec<_> = batches.iter().map(append).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        for (records, done) in batches.into_iter().zip(done) {
            if let (Ok(appended), false) = (done, self.relaxed) {
                self.ledger.acknowledged(appended, records);
            }
        }
    }

    fn consume(&mut self) {
        let queue = self.queue.as_ref().unwrap();
        let at_most = 1 + usize::try_from(self.random.below(20)).unwrap();
        let Ok(batch) = queue.read(self.consumed, at_most, 1_000) else {
            return;
        };
        assert_eq!(batch.skipped, []);
        for (sequence, record) in batch.records {
            let known = self
                .ledger
                .kept
                .entry(sequence)
                .or_insert_with(|| record.clone());
            assert_eq!(
                *known, record,
                "sequence {sequence} was read with other content"
            );
        }
        self.consumed = batch.next;
        // A segment that cannot be removed now is removed later.
        drop(queue.release(batch.next));
    }

    /// Ends the process at an operation to come, or at once, in the middle of whatever it does.
    fn crash(&mut self, power_cut: bool) {
        if self.random.below(2) == 0 {
            self.disk
                .cut_power_at(self.disk.operations() + 1 + self.random.below(8));
            self.append();
            self.append();
        }
        self.disk.cut_power_at(0);
        self.queue = None;
        self.disk = if power_cut {
            self.disk.after_power_cut(self.random.below(u64::MAX))
        } else {
            self.disk.after_kill()
        };
        self.reopen();
    }

    fn fail_soon(&mut self) {
        let from = self.disk.operations() + 1 + self.random.below(4);
        self.disk.fail(from..from + 1 + self.random.below(4));
    }

    fn fill_disk(&mut self) {
        let room = if self.random.below(2) == 0 {
            None
        } else {
            Some(self.random.below(3_000))
        };
        self.disk.set_capacity(room);
    }
}
