//! Any bytes in place of a segment of the queue: the queue opens, hands out what is whole, reports
//! what is not, and takes new records either way. The disk is simulated.
#![no_main]

use std::path::Path;
use std::sync::Arc;

use almanac_queue::testing::SimDisk;
use almanac_queue::{OpenError, Queue, QueueOptions};
use libfuzzer_sys::fuzz_target;

const DIR: &str = "/queue";

fn open(disk: &SimDisk) -> Result<Queue, OpenError> {
    let options = QueueOptions {
        segment_bytes: 1_024,
        queue_bytes_max: 1 << 20,
        record_bytes_max: 300,
        batch_window_us_max: 0,
        ..QueueOptions::default()
    };
    Queue::open(Path::new(DIR), options, Arc::new(disk.clone()))
}

/// Reads everything; the number of records.
fn read_all(queue: &Queue) -> usize {
    let (mut next, mut count) = (0, 0);
    loop {
        let batch = queue.read(next, 7, 500).expect("a simulated disk is read");
        if batch.next == next {
            return count;
        }
        count += batch.records.len();
        next = batch.next;
    }
}

fuzz_target!(|bytes: &[u8]| {
    let disk = SimDisk::new(1);
    let queue = open(&disk).expect("an empty queue opens");
    for _ in 0..4 {
        let record = vec![7; 100].into();
        queue.append_blocking(vec![record]).expect("there is room");
    }
    drop(queue);
    let disk = disk.after_kill();
    let is_segment = |path: &&std::path::PathBuf| !path.ends_with("lock");
    let Some(path) = disk.paths().iter().find(is_segment).cloned() else {
        return;
    };
    // The first byte says how much of the true segment stays before the invented bytes.
    let (kept, invented) = bytes.split_first().unwrap_or((&0, &[]));
    let mut content = disk.content(&path);
    content.truncate(usize::from(*kept));
    content.extend_from_slice(invented);
    disk.overwrite(&path, content);

    // A segment of a newer program is refused; everything else opens.
    let Ok(queue) = open(&disk) else { return };
    let before = read_all(&queue);
    queue
        .append_blocking(vec![vec![8; 50].into()])
        .expect("there is room");
    assert_eq!(read_all(&queue), before + 1);
});
