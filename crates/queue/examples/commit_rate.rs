//! Prints what a queue on the real disk carries: 64 appenders, one record of 600 bytes each, every
//! append acknowledged after its sync. `cargo run --release -p almanac-queue --example
//! commit_rate [seconds] [window_us]`
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measuring tool for a terminal"
)]

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use almanac_queue::{DiskFiles, Queue, QueueOptions, limits};
use bytes::Bytes;

const APPENDERS: usize = 64;
const RECORD_BYTES: usize = 600;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<u64>().unwrap());
    let seconds = arguments.next().unwrap_or(5);
    let batch_window_us_max = arguments.next().unwrap_or(limits::BATCH_WINDOW_US_MAX);
    let dir = tempfile::tempdir_in(".").unwrap();
    let options = QueueOptions {
        batch_window_us_max,
        ..QueueOptions::default()
    };
    let queue = Queue::open(dir.path(), options, Arc::new(DiskFiles)).unwrap();
    for appenders in [1, APPENDERS] {
        measure(&queue, appenders, Duration::from_secs(seconds));
    }
    read_back(&queue);
    queue.close().unwrap();
}

fn measure(queue: &Queue, appenders: usize, time: Duration) {
    let before = queue.stats();
    let started = Instant::now();
    let append = || {
        let mut acks_us = Vec::new();
        while started.elapsed() < time {
            let sent = Instant::now();
            queue
                .append_blocking(vec![Bytes::from(vec![b'x'; RECORD_BYTES])])
                .unwrap();
            acks_us.push(sent.elapsed().as_micros());
        }
        acks_us
    };
    let mut acks_us: Vec<u128> = thread::scope(|scope| {
        let threads: Vec<_> = (0..appenders).map(|_| scope.spawn(append)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let elapsed = started.elapsed().as_secs_f64();
    acks_us.sort_unstable();
    let after = queue.stats();
    let syncs = after.syncs - before.syncs;
    let rate = |count: u64| (count as f64 / elapsed).round();
    println!(
        "{appenders} appenders: {} records/s, {} syncs/s of {} µs, ack p50 {} µs p99 {} µs",
        rate(acks_us.len() as u64),
        rate(syncs),
        (after.sync_us_total - before.sync_us_total) / syncs.max(1),
        acks_us[acks_us.len() / 2],
        acks_us[acks_us.len() * 99 / 100],
    );
}

fn read_back(queue: &Queue) {
    let started = Instant::now();
    let (mut next, mut records) = (0, 0_u64);
    loop {
        let batch = queue.read(next, 10_000, 8 << 20).unwrap();
        if batch.next == next {
            break;
        }
        records += batch.records.len() as u64;
        next = batch.next;
    }
    let rate = records as f64 / started.elapsed().as_secs_f64();
    println!(
        "read back: {records} records, {} records/s, page cache warm",
        rate.round()
    );
}
