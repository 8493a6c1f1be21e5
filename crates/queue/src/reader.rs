//! Hands durable records to the one consumer, in order, and tells it of every one that is lost.
//! It reads files only; what is durable comes from the index.
//!
//! A consumer close behind reads from the page cache through a file kept open: 256 KiB at a time
//! that costs less than the checksum, so there is no second copy of the tail in memory.

use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use crate::error::ReadError;
use crate::files::{Files, SegmentFile};
use crate::index::{Segment, SharedIndex, locked};
use crate::layout::{Frame, decode_payload};
use crate::limits::CHUNK_BYTES;
use crate::scan::{Position, Scan, Skipped, Step};

/// Records in order, and what is missing between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Sequence and content of each record.
    pub records: Vec<(u64, Bytes)>,
    /// Where to read on: one past the last record or the last one skipped.
    pub next: u64,
    /// Acknowledged records in the range of this batch that are damaged on disk.
    pub skipped: Vec<Skipped>,
}

/// Where the last read ended, so that the next need not search.
#[derive(Debug)]
struct Cursor {
    number: u64,
    file: Box<dyn SegmentFile>,
    at: Position,
}

#[derive(Debug)]
pub(crate) struct Reader {
    files: Arc<dyn Files>,
    index: Arc<SharedIndex>,
    cursor: Mutex<Option<Cursor>>,
}

/// What is still wanted of a read.
struct Wanted {
    records_max: usize,
    bytes_max: u64,
    bytes: u64,
    batch: Batch,
}

impl Reader {
    pub(crate) fn new(files: Arc<dyn Files>, index: Arc<SharedIndex>) -> Self {
        Self {
            files,
            index,
            cursor: Mutex::new(None),
        }
    }

    pub(crate) fn read(
        &self,
        from: u64,
        records_max: usize,
        bytes_max: u64,
    ) -> Result<Batch, ReadError> {
        let batch = Batch {
            next: from,
            ..Batch::default()
        };
        let mut wanted = Wanted {
            records_max: records_max.max(1),
            bytes_max,
            bytes: 0,
            batch,
        };
        let mut cursor = locked(&self.cursor);
        while let Some((segment, stop)) = self.segment_for(wanted.batch.next)? {
            let path = self.index.path(segment.id);
            let done = self
                .read_segment(&segment, stop, &mut cursor, &mut wanted)
                .map_err(|source| ReadError::Io { path, source })?;
            if done {
                break;
            }
        }
        Ok(wanted.batch)
    }

    /// The segment that holds a sequence and where it stops; None if that is not durable yet.
    fn segment_for(&self, from: u64) -> Result<Option<(Segment, u64)>, ReadError> {
        let index = self.index.lock();
        if from >= index.durable_end {
            return Ok(None);
        }
        let found = index.segment_of(from);
        match found.and_then(|(at, stop)| Some((index.segments.get(at)?.clone(), stop))) {
            Some(found) => Ok(Some(found)),
            None => {
                let oldest = index.segments.front().map_or(0, |segment| segment.id.first);
                Err(ReadError::Released { from, oldest })
            }
        }
    }

    /// True when the batch is as large as it may be; false when the segment ended first.
    fn read_segment(
        &self,
        segment: &Segment,
        stop: u64,
        cursor: &mut Option<Cursor>,
        wanted: &mut Wanted,
    ) -> io::Result<bool> {
        let number = segment.id.number;
        let usable = |at: &Cursor| at.number == number && at.at.expected <= wanted.batch.next;
        if !cursor.as_ref().is_some_and(usable) {
            *cursor = match self.files.open(&self.index.path(segment.id)) {
                Ok(file) => Some(Cursor {
                    number,
                    file,
                    at: Position::start(segment.id.first),
                }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    wanted.skip(number, stop, stop, "the segment file is missing");
                    return Ok(false);
                }
                Err(error) => return Err(error),
            };
        }
        let Some(Cursor { file, at, .. }) = cursor else {
            return Ok(false);
        };
        let chunk_bytes = wanted.bytes_max.saturating_add(CHUNK_BYTES / 8);
        let mut scan = Scan::new(&**file, segment.id.salt, *at, segment.bytes, chunk_bytes);
        while wanted.batch.next < stop {
            let before = scan.at;
            match scan.step()? {
                Step::Frame(frame, payload) => {
                    if !wanted.take(number, frame, payload) {
                        // The rest of this frame is for the next read.
                        *at = before;
                        return Ok(true);
                    }
                }
                Step::Skipped(lost, reason) => wanted.skip(number, lost.end, stop, reason),
                Step::End => wanted.skip(number, stop, stop, "the segment ends too early"),
            }
            *at = scan.at;
        }
        Ok(wanted.is_full())
    }
}

impl Wanted {
    fn is_full(&self) -> bool {
        let records = self.batch.records.len();
        records >= self.records_max || (records > 0 && self.bytes >= self.bytes_max)
    }

    /// False when the batch was full before the frame's last record.
    fn take(&mut self, segment: u64, frame: Frame, payload: Bytes) -> bool {
        if frame.end() <= self.batch.next {
            return true;
        }
        let Some(records) = decode_payload(payload, frame.records) else {
            self.skip(
                segment,
                frame.end(),
                frame.end(),
                "a payload that does not add up",
            );
            return true;
        };
        for (sequence, record) in (frame.first..).zip(records) {
            if sequence < self.batch.next {
                continue;
            }
            let bytes = self.bytes.saturating_add(record.len() as u64);
            let overflows = !self.batch.records.is_empty() && bytes > self.bytes_max;
            if self.is_full() || overflows {
                return false;
            }
            self.bytes = bytes;
            self.batch.records.push((sequence, record));
            self.batch.next = sequence + 1;
        }
        true
    }

    /// Notes that nothing can be read up to `end`, and goes on behind it.
    fn skip(&mut self, segment: u64, end: u64, stop: u64, reason: &'static str) {
        let end = end.min(stop);
        let first = self.batch.next;
        if end <= first {
            return;
        }
        tracing::error!(segment, first, end, reason, "queue records are lost");
        self.batch.skipped.push(Skipped {
            segment,
            sequences: first..end,
            reason,
        });
        self.batch.next = end;
    }
}
