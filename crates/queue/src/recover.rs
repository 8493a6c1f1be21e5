//! Rebuilds the index from the files when a queue is opened. Only the newest segment is read
//! whole; older ones are checked when they are read. It repairs nothing in place.
//!
//! What the newest segment cannot prove durable is written again to a new one, even though it can
//! be read: after a crash of the process the page cache may hold frames whose sync had failed, and
//! a sync of them now would succeed without writing anything.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::OpenError;
use crate::files::{Files, SegmentFile};
use crate::index::{Index, Segment, SharedIndex};
use crate::layout::{HEADER_BYTES, Header, SUFFIX_UNFINISHED, SegmentId, VERSION, check_header};
use crate::limits::CHUNK_BYTES;
use crate::options::QueueOptions;
use crate::scan::{Position, Scan, Skipped, Step, read_up_to};
use crate::writer::Writer;

/// What opening a queue found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Durable records, released ones in segments that still exist included.
    pub records: u64,
    /// Bytes at the end of the newest segment that belong to no whole frame: an append that a
    /// crash cut short, and that was never acknowledged. They are left out from now on.
    pub torn_bytes: u64,
    /// Acknowledged records of the newest segment that are damaged. Older segments are checked
    /// when they are read, and report in [`crate::Batch::skipped`].
    pub skipped: Vec<Skipped>,
    /// Numbers of segments whose header is damaged; their frames are read all the same.
    pub damaged_headers: Vec<u64>,
}

/// An index and a writer that agree with the files.
pub(crate) fn recover(
    dir: &Path,
    options: &QueueOptions,
    files: Arc<dyn Files>,
) -> Result<(Arc<SharedIndex>, Writer, Recovery), OpenError> {
    let mut recovery = Recovery::default();
    let mut segments = find_segments(dir, &*files)?;
    for segment in &mut segments {
        inspect(dir, &*files, segment, &mut recovery)?;
    }
    let next_number = segments.last().map_or(1, |newest| newest.id.number + 1);
    let tail = match segments.last() {
        Some(newest) => read_tail(dir, &*files, newest, &mut recovery)?,
        None => Tail {
            first: options.resume_from,
            ..Tail::default()
        },
    };
    let consumed = tail.next() < options.resume_from;
    let tail = if consumed {
        Tail::empty(options.resume_from)
    } else {
        tail
    };
    if let (Some(newest), false) = (segments.last_mut(), consumed) {
        newest.bytes = newest.bytes.min(tail.offset);
    }
    let superseded = split_superseded(&mut segments, tail.first);
    let index = Index {
        segments: segments.into(),
        durable_end: tail.first,
        released: options.resume_from,
        ..Index::default()
    };
    let index = Arc::new(SharedIndex::new(dir, index));
    let next = tail.next();
    let (segment_bytes, shared) = (options.segment_bytes, Arc::clone(&index));
    let mut writer = Writer::new(Arc::clone(&files), shared, segment_bytes, next_number, next);
    writer
        .begin(tail.first, &tail.frames, tail.salt)
        .map_err(at("begin a segment in", dir.to_owned()))?;
    // Only now: until the new segment was durable, the tail existed nowhere else.
    for segment in superseded {
        let path = index.path(segment.id);
        files
            .remove(&path)
            .map_err(at("remove superseded segment", path))?;
    }
    recovery.records = index.stats().durable_end
        - index
            .lock()
            .segments
            .front()
            .map_or(next, |oldest| oldest.id.first);
    Ok((index, writer, recovery))
}

/// In order of number, without those that were never finished.
fn find_segments(dir: &Path, files: &dyn Files) -> Result<Vec<Segment>, OpenError> {
    let mut found = Vec::new();
    for name in files.list(dir).map_err(at("list", dir.to_owned()))? {
        if name.ends_with(SUFFIX_UNFINISHED) {
            let path = dir.join(&name);
            files
                .remove(&path)
                .map_err(at("remove unfinished segment", path))?;
        } else if let Some(id) = SegmentId::parse(&name) {
            found.push(Segment {
                id,
                bytes: 0,
                file_bytes: 0,
            });
        }
    }
    found.sort_by_key(|segment| (segment.id.number, segment.id.first));
    Ok(found)
}

fn inspect(
    dir: &Path,
    files: &dyn Files,
    segment: &mut Segment,
    recovery: &mut Recovery,
) -> Result<(), OpenError> {
    let path = dir.join(segment.id.file_name());
    let read = || -> io::Result<(u64, Header)> {
        let file = files.open(&path)?;
        let header = read_up_to(&*file, 0, HEADER_BYTES)?;
        Ok((file.bytes()?, check_header(&header, segment.id)))
    };
    let (file_bytes, header) = read().map_err(at("read segment", path.clone()))?;
    (segment.bytes, segment.file_bytes) = (file_bytes, file_bytes);
    match header {
        Header::Good => {}
        Header::Version(version) => {
            return Err(OpenError::UnsupportedVersion {
                path,
                version,
                version_max: VERSION,
            });
        }
        Header::Bad => {
            tracing::error!(segment = segment.id.number, "segment header is damaged");
            recovery.damaged_headers.push(segment.id.number);
        }
    }
    Ok(())
}

/// The end of the newest segment that is whole but not proven durable.
#[derive(Debug, Default)]
struct Tail {
    /// Sequence of its first record; everything below is durable.
    first: u64,
    records: u64,
    /// Where it begins in the file.
    offset: u64,
    frames: Vec<u8>,
    salt: u32,
}

impl Tail {
    fn empty(first: u64) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    fn next(&self) -> u64 {
        self.first + self.records
    }
}

fn read_tail(
    dir: &Path,
    files: &dyn Files,
    newest: &Segment,
    recovery: &mut Recovery,
) -> Result<Tail, OpenError> {
    let path = dir.join(newest.id.file_name());
    let scanned = files.open(&path).and_then(|file| {
        let ending = scan_newest(&*file, newest, recovery)?;
        let (offset, first) = ending.unproven;
        let end = ending.end;
        let frames = read_up_to(&*file, offset, end.offset - offset)?.to_vec();
        Ok(Tail {
            first,
            records: end.expected - first,
            offset,
            frames,
            salt: newest.id.salt,
        })
    });
    let tail = scanned.map_err(at("read segment", path))?;
    for Skipped {
        segment,
        sequences,
        reason,
    } in &recovery.skipped
    {
        tracing::error!(
            segment,
            first = sequences.start,
            end = sequences.end,
            reason,
            "lost"
        );
    }
    Ok(tail)
}

/// How the newest segment ends.
struct Ending {
    /// Offset and sequence of the first frame that is not proven durable.
    unproven: (u64, u64),
    /// Behind the last frame that counts.
    end: Position,
}

fn scan_newest(
    file: &dyn SegmentFile,
    newest: &Segment,
    recovery: &mut Recovery,
) -> io::Result<Ending> {
    let mut end = Position::start(newest.id.first);
    let mut scan = Scan::new(file, newest.id.salt, end, newest.bytes, CHUNK_BYTES);
    let mut proven = newest.id.first;
    let mut frames: Vec<(u64, u64)> = Vec::new();
    let mut gaps = Vec::new();
    loop {
        match scan.step()? {
            Step::Frame(frame, _) => {
                proven = proven.max(frame.durable);
                frames.push((scan.at.offset - frame.bytes(), frame.first));
                end = scan.at;
            }
            Step::Skipped(sequences, reason) => gaps.push((sequences, reason, end)),
            Step::End => break,
        }
    }
    // A frame behind the gap that was written after a sync which covered the gap means corruption.
    // If there is none, the gap was never durable, and the log ends before it.
    for (sequences, reason, before) in gaps {
        if sequences.start >= proven {
            end = before;
            break;
        }
        let segment = newest.id.number;
        recovery.skipped.push(Skipped {
            segment,
            sequences,
            reason,
        });
    }
    recovery.torn_bytes = newest.bytes.saturating_sub(end.offset);
    let counts = |(offset, first): &&(u64, u64)| *offset < end.offset && *first >= proven;
    let unproven = frames
        .iter()
        .find(counts)
        .copied()
        .unwrap_or((end.offset, end.expected));
    Ok(Ending { unproven, end })
}

/// Takes out the segments that a later one, or the one about to begin, hides wholly.
fn split_superseded(segments: &mut Vec<Segment>, next_first: u64) -> Vec<Segment> {
    let mut stop = next_first;
    let mut hidden = Vec::new();
    for at in (0..segments.len()).rev() {
        let first = segments.get(at).map_or(0, |segment| segment.id.first);
        if first >= stop {
            hidden.push(segments.remove(at));
        } else {
            stop = first;
        }
    }
    hidden
}

pub(crate) fn at(action: &'static str, path: PathBuf) -> impl FnOnce(io::Error) -> OpenError {
    move |source| OpenError::Io {
        action,
        path,
        source,
    }
}
