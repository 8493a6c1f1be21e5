//! Puts frames into segments and decides what is durable: one write and one sync for a commit, a
//! new segment when one is full or has failed. Owned by one thread; it takes no lock while it
//! waits for the disk, and it never syncs a file again after that file's sync failed.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::files::{Files, SegmentFile};
use crate::index::{Segment, SharedIndex};
use crate::layout::{FRAME_HEADER_BYTES, Frame, HEADER_BYTES, SegmentId, reseal};

/// One append on its way to the disk.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) records: u32,
    pub(crate) payload: Vec<u8>,
    pub(crate) payload_crc: u32,
}

/// The segment that is written.
#[derive(Debug)]
struct Active {
    id: SegmentId,
    file: Box<dyn SegmentFile>,
    /// How far it was written, bytes.
    bytes: u64,
}

#[derive(Debug)]
pub(crate) struct Writer {
    files: Arc<dyn Files>,
    index: Arc<SharedIndex>,
    segment_bytes: u64,
    /// None after a failure: the next commit begins a new segment.
    active: Option<Active>,
    /// Number for the next segment; counts failed attempts too, so that names are never reused.
    next_number: u64,
    /// Sequence for the next record.
    next: u64,
    /// All below is durable.
    durable_end: u64,
    /// The frames of `durable_end..next`, sealed with `salt`: what must be written again elsewhere
    /// if the sync that should cover them fails.
    unsynced: Vec<u8>,
    salt: u32,
}

impl Writer {
    /// A writer without a segment; [`Writer::begin`] makes the first.
    pub(crate) fn new(
        files: Arc<dyn Files>,
        index: Arc<SharedIndex>,
        segment_bytes: u64,
        next_number: u64,
        next: u64,
    ) -> Self {
        Self {
            files,
            index,
            segment_bytes,
            active: None,
            next_number,
            next,
            durable_end: next,
            unsynced: Vec::new(),
            salt: 0,
        }
    }

    /// Begins the first segment of this process, with the frames of `first..next` that the last
    /// one could not prove durable.
    pub(crate) fn begin(&mut self, first: u64, frames: &[u8], salt: u32) -> io::Result<()> {
        self.durable_end = first;
        self.unsynced = frames.to_vec();
        self.salt = salt;
        self.begin_segment()
    }

    pub(crate) fn unsynced_bytes(&self) -> usize {
        self.unsynced.len()
    }

    /// Writes the entries, durably if `sync`, whole or not at all, and returns the sequence of the
    /// first. After an error nothing of them is kept, and the next commit tries a new segment.
    pub(crate) fn commit(&mut self, entries: &[Entry], sync: bool) -> io::Result<u64> {
        let frames_bytes = entries
            .iter()
            .map(|entry| entry.payload.len() as u64 + FRAME_HEADER_BYTES)
            .sum::<u64>();
        let full = |active: &Active| {
            active.bytes > HEADER_BYTES && active.bytes + frames_bytes > self.segment_bytes
        };
        if self.active.as_ref().is_some_and(full) {
            self.sync()?;
            self.active = None;
        }
        let (first, kept_bytes) = (self.next, self.unsynced.len());
        self.encode(entries);
        let done = self
            .write_from(kept_bytes)
            .and_then(|()| if sync { self.sync() } else { Ok(()) });
        if done.is_err() {
            self.next = first;
            self.unsynced.truncate(kept_bytes);
        }
        done.map(|()| first)
    }

    /// Makes durable all that was written. A failure is made good by writing it again to a new
    /// segment; an error means that this failed too, and what was not durable is still held.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        if self.unsynced.is_empty() {
            return Ok(());
        }
        let Some(active) = &self.active else {
            return self.begin_segment();
        };
        let started = Instant::now();
        if let Err(error) = active.file.sync_data() {
            self.poison("sync", &error);
            return self.begin_segment();
        }
        let bytes = active.bytes;
        self.count_sync(started);
        self.durable_end = self.next;
        self.unsynced.clear();
        self.index.publish(self.durable_end, bytes);
        Ok(())
    }

    /// Goes on in a new segment, unless this one has no record yet, so that the records so far can
    /// be removed from the disk once they are released. Answers the sequence that it begins with.
    pub(crate) fn rotate(&mut self) -> io::Result<u64> {
        self.sync()?;
        let has_records = |active: &Active| active.bytes > HEADER_BYTES;
        if self.active.as_ref().is_none_or(has_records) {
            self.active = None;
            self.begin_segment()?;
        }
        Ok(self.durable_end)
    }

    fn encode(&mut self, entries: &[Entry]) {
        for entry in entries {
            let frame = Frame {
                payload_bytes: u32::try_from(entry.payload.len()).unwrap_or(u32::MAX),
                records: entry.records,
                first: self.next,
                durable: self.durable_end,
                payload_crc: entry.payload_crc,
            };
            frame.encode_into(&mut self.unsynced, self.salt);
            self.unsynced.extend_from_slice(&entry.payload);
            self.next = frame.end();
        }
    }

    /// Writes the unsynced frames from an offset on, or all of them to a new segment.
    fn write_from(&mut self, kept_bytes: usize) -> io::Result<()> {
        let Some(active) = &mut self.active else {
            return self.begin_segment();
        };
        let frames = self.unsynced.get(kept_bytes..).unwrap_or_default();
        match active.file.write_all_at(frames, active.bytes) {
            Ok(()) => {
                active.bytes += frames.len() as u64;
                Ok(())
            }
            Err(error) => {
                self.poison("write", &error);
                self.begin_segment()
            }
        }
    }

    /// Leaves the active segment behind. Its durable part stays readable; its successor begins
    /// where that ends, which hides the rest.
    fn poison(&mut self, action: &'static str, error: &io::Error) {
        let Some(active) = self.active.take() else {
            return;
        };
        // What failed may have reached the file, so it counts against the limit.
        let file_bytes = active.bytes.max(active.file.bytes().unwrap_or(0));
        let mut index = self.index.lock();
        index.stats.poisoned += 1;
        if let Some(segment) = index.segments.back_mut() {
            segment.file_bytes = file_bytes;
        }
        drop(index);
        let (segment, reason) = (active.id.number, error.to_string());
        tracing::error!(
            segment,
            action,
            reason,
            "segment is suspect, going on in a new one"
        );
    }

    /// Makes a segment that starts with all that is not durable yet, durably.
    fn begin_segment(&mut self) -> io::Result<()> {
        let number = self.next_number;
        self.next_number += 1;
        let salt = random_salt();
        let id = SegmentId {
            number,
            first: self.durable_end,
            salt,
        };
        let frames = reseal(&self.unsynced, self.salt, salt);
        let mut content = id.encode_header();
        content.extend_from_slice(&frames);
        let path = self.index.path(id);
        let unfinished = path.with_extension("seg.tmp");
        let file = self.create(&path, &unfinished, &content).inspect_err(|_| {
            // Best effort: what stays is removed or superseded when the queue is next opened.
            for leftover in [&unfinished, &path] {
                if let Err(error) = self.files.remove(leftover) {
                    tracing::debug!(path = %leftover.display(), %error, "leftover stays");
                }
            }
        })?;
        let bytes = content.len() as u64;
        self.active = Some(Active { id, file, bytes });
        self.salt = salt;
        self.durable_end = self.next;
        self.unsynced.clear();
        self.index.publish_segment(
            Segment {
                id,
                bytes,
                file_bytes: bytes,
            },
            self.durable_end,
        );
        Ok(())
    }

    fn create(
        &self,
        path: &Path,
        unfinished: &Path,
        content: &[u8],
    ) -> io::Result<Box<dyn SegmentFile>> {
        let file = self.files.create_new(unfinished)?;
        file.write_all_at(content, 0)?;
        let started = Instant::now();
        file.sync_data()?;
        self.count_sync(started);
        self.files.rename(unfinished, path)?;
        self.files.sync_dir(&self.index.dir)?;
        Ok(file)
    }

    fn count_sync(&self, started: Instant) {
        let sync_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let mut index = self.index.lock();
        index.stats.syncs += 1;
        index.stats.sync_us_total += sync_us;
        index.stats.sync_us_max = index.stats.sync_us_max.max(sync_us);
    }
}

/// Unpredictable to whoever sends records; need not be cryptographic.
fn random_salt() -> u32 {
    let random = RandomState::new().build_hasher().finish();
    u32::try_from(random & u64::from(u32::MAX)).unwrap_or_default()
}
