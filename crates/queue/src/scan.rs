//! Walks the frames of one segment and gets past damage without guessing. It reads; it never
//! writes, and it reports every sequence that it could not deliver.

use std::io;
use std::ops::Range;

use bytes::Bytes;

use crate::files::SegmentFile;
use crate::layout::{FRAME_HEADER_BYTES, Frame, HEADER_BYTES};
use crate::limits::CHUNK_BYTES;

/// Records that were once acknowledged, as far as one can tell, and cannot be read any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Number of the segment file they were in.
    pub segment: u64,
    /// Their sequences, end excluded.
    pub sequences: Range<u64>,
    /// What was found instead.
    pub reason: &'static str,
}

/// Where a scan stands; kept by the reader between reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) offset: u64,
    /// Sequence that the frame at the offset should begin with.
    pub(crate) expected: u64,
}

impl Position {
    pub(crate) fn start(first: u64) -> Self {
        Self {
            offset: HEADER_BYTES,
            expected: first,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Step {
    /// A whole frame with the expected sequence.
    Frame(Frame, Bytes),
    /// These sequences are gone; the scan goes on behind them.
    Skipped(Range<u64>, &'static str),
    /// No good frame from here to the end.
    End,
}

/// One walk over a segment, from a position to a byte offset.
#[derive(Debug)]
pub(crate) struct Scan<'f> {
    pub(crate) at: Position,
    salt: u32,
    window: Window<'f>,
}

impl<'f> Scan<'f> {
    /// `end` is where the known content ends, bytes; `chunk_bytes` a hint how much will be read.
    pub(crate) fn new(
        file: &'f dyn SegmentFile,
        salt: u32,
        at: Position,
        end: u64,
        chunk_bytes: u64,
    ) -> Self {
        let chunk_bytes = chunk_bytes.clamp(FRAME_HEADER_BYTES, CHUNK_BYTES);
        Self {
            at,
            salt,
            window: Window {
                file,
                end,
                chunk_bytes,
                start: 0,
                bytes: Bytes::new(),
            },
        }
    }

    /// Advances past what it returns.
    pub(crate) fn step(&mut self) -> io::Result<Step> {
        let Position { offset, expected } = self.at;
        let Some(frame) = self.frame_at(offset)? else {
            return self.resume_behind(offset + 1, "a damaged frame header");
        };
        if frame.first != expected {
            return if frame.first > expected {
                self.at.expected = frame.first;
                Ok(Step::Skipped(expected..frame.first, "missing frames"))
            } else {
                self.resume_behind(offset + frame.bytes(), "a frame out of order")
            };
        }
        match self
            .window
            .get(offset + FRAME_HEADER_BYTES, u64::from(frame.payload_bytes))?
        {
            Some(payload) if crc32c::crc32c(&payload) == frame.payload_crc => {
                self.at = Position {
                    offset: offset + frame.bytes(),
                    expected: frame.end(),
                };
                Ok(Step::Frame(frame, payload))
            }
            Some(_) => self.resume_behind(offset + frame.bytes(), "a damaged payload"),
            // The length is right, so nothing can follow a payload that the file cuts off.
            None => Ok(Step::End),
        }
    }

    fn frame_at(&mut self, offset: u64) -> io::Result<Option<Frame>> {
        let header = self.window.get(offset, FRAME_HEADER_BYTES)?;
        Ok(header.and_then(|header| Frame::decode(&header, self.salt)))
    }

    /// Finds the next frame header. Only a header whose salted checksum is right counts, so the
    /// content of records cannot lead the search astray.
    fn resume_behind(&mut self, from: u64, reason: &'static str) -> io::Result<Step> {
        let expected = self.at.expected;
        let mut offset = from;
        while offset + FRAME_HEADER_BYTES <= self.window.end {
            let Some(header) = self.window.get(offset, FRAME_HEADER_BYTES)? else {
                break;
            };
            match Frame::decode(&header, self.salt) {
                Some(frame) if frame.first > expected => {
                    self.at = Position {
                        offset,
                        expected: frame.first,
                    };
                    return Ok(Step::Skipped(expected..frame.first, reason));
                }
                _ => offset += 1,
            }
        }
        Ok(Step::End)
    }
}

/// A stretch of the file, read ahead in chunks. Slices of it are shared, not copied.
#[derive(Debug)]
struct Window<'f> {
    file: &'f dyn SegmentFile,
    end: u64,
    chunk_bytes: u64,
    start: u64,
    bytes: Bytes,
}

impl Window<'_> {
    /// None when the file ends before. Lengths come from checked headers, and the end of the file
    /// bounds them once more before anything is allocated.
    fn get(&mut self, offset: u64, length: u64) -> io::Result<Option<Bytes>> {
        let Some(stop) = offset.checked_add(length).filter(|stop| *stop <= self.end) else {
            return Ok(None);
        };
        if offset < self.start || stop > self.start + self.bytes.len() as u64 {
            let wanted = length.max(self.chunk_bytes).min(self.end - offset);
            self.bytes = read_up_to(self.file, offset, wanted)?;
            self.start = offset;
            if stop > offset + self.bytes.len() as u64 {
                return Ok(None);
            }
        }
        let from = usize::try_from(offset - self.start).map_err(io::Error::other)?;
        let length = usize::try_from(length).map_err(io::Error::other)?;
        Ok(Some(self.bytes.slice(from..from + length)))
    }
}

/// Fewer bytes only at the end of the file.
pub(crate) fn read_up_to(file: &dyn SegmentFile, offset: u64, wanted: u64) -> io::Result<Bytes> {
    let mut buffer = vec![0; usize::try_from(wanted).map_err(io::Error::other)?];
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(filled);
    Ok(buffer.into())
}
