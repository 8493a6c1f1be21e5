//! The bytes on disk, and nothing else: encoding and checking of segment headers and frames.
//! It does no input or output and decides nothing about what to do with a bad byte.
//!
//! # Directory
//!
//! ```text
//! queue/lock                                          held while a process has the queue open
//! queue/0000000007-00000000000000012345-9f3c01aa.seg  a segment: number, first sequence, salt
//! queue/0000000008-….seg.tmp                          a segment being created; removed at open
//! ```
//!
//! A segment is made under a temporary name, with its header and whatever frames it starts with,
//! synced, renamed, and the directory is synced; only then does it exist. Segments are never
//! overwritten or truncated, only appended to by the process that made them and removed whole.
//!
//! **Segments in order of number supersede: a segment ends, at the latest, where the next one
//! begins.** Frames of a segment at or past the first sequence of its successor are ignored.
//! That is how a segment whose sync failed is left behind without being touched again: its
//! successor starts at the first sequence that is not proven durable.
//!
//! # Segment (integers are little-endian)
//!
//! ```text
//! header, 40 bytes                       frame, 32 bytes and its payload
//!  0  8  magic "ALMQUEUE"                 0  4  payload length, bytes
//!  8  4  version                          4  4  number of records, at least 1
//! 12  4  salt                             8  8  sequence of the first record
//! 16  8  segment number                  16  8  durable: all below this was synced when written
//! 24  8  sequence of the first record    24  4  CRC32C of the payload
//! 32  4  zero                            28  4  CRC32C of bytes 0..28, started from the salt
//! 36  4  CRC32C of bytes 0..36           32  …  payload: for each record 4 bytes length, bytes
//! ```
//!
//! A frame is one append: it survives whole or not at all. Its header has a checksum of its own,
//! so the length is known to be good before anything is allocated, and the frame after a bad
//! payload is found without guessing. The *durable* field tells a torn write (nothing later was
//! written after a sync that covered it) from corruption (something was). The *salt* is random for
//! each segment: a record's content cannot pose as a frame when the scanner looks for the next
//! good one. It is in the file's name as well, so that a damaged header costs no frame.
//!
//! # Versions
//!
//! A reader accepts `VERSION_OLDEST` to `VERSION`. Opening a queue always begins a new segment, so
//! a writer only ever appends to segments of its own version, and an upgrade needs no migration.

use bytes::{Buf, BufMut, Bytes};

/// What this crate writes.
pub(crate) const VERSION: u32 = 1;
/// The oldest version it still reads.
pub(crate) const VERSION_OLDEST: u32 = 1;
pub(crate) const HEADER_BYTES: u64 = 40;
pub(crate) const FRAME_HEADER_BYTES: u64 = 32;
/// Each record is preceded by its length.
pub(crate) const RECORD_OVERHEAD_BYTES: u64 = 4;
pub(crate) const SUFFIX: &str = ".seg";
pub(crate) const SUFFIX_UNFINISHED: &str = ".seg.tmp";

const MAGIC: &[u8; 8] = b"ALMQUEUE";
const HEADER_LEN: usize = 40;
const FRAME_HEADER_LEN: usize = 32;

/// What names a segment, in the file name and again in its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentId {
    /// Counts up by one with every segment ever tried in this directory.
    pub(crate) number: u64,
    /// Sequence of the first record.
    pub(crate) first: u64,
    /// Random, see the module's text.
    pub(crate) salt: u32,
}

impl SegmentId {
    pub(crate) fn file_name(self) -> String {
        format!(
            "{:010}-{:020}-{:08x}{SUFFIX}",
            self.number, self.first, self.salt
        )
    }

    /// None for a name that this crate did not make.
    pub(crate) fn parse(file_name: &str) -> Option<Self> {
        let mut parts = file_name.strip_suffix(SUFFIX)?.split('-');
        let id = Self {
            number: parts.next()?.parse().ok()?,
            first: parts.next()?.parse().ok()?,
            salt: u32::from_str_radix(parts.next()?, 16).ok()?,
        };
        // Only the one spelling is ours: no signs, no missing zeros, nothing behind.
        (id.file_name() == file_name).then_some(id)
    }

    pub(crate) fn encode_header(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_LEN);
        out.put_slice(MAGIC);
        out.put_u32_le(VERSION);
        out.put_u32_le(self.salt);
        out.put_u64_le(self.number);
        out.put_u64_le(self.first);
        out.put_u32_le(0);
        let checksum = crc32c::crc32c(&out);
        out.put_u32_le(checksum);
        out
    }
}

/// What a segment's header turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Header {
    Good,
    /// Intact, but of a version this crate does not read.
    Version(u32),
    /// Damaged, or not that of this file; the name and the frames still tell the truth.
    Bad,
}

pub(crate) fn check_header(bytes: &[u8], id: SegmentId) -> Header {
    let Some((body, mut checksum)) = bytes.split_at_checked(HEADER_LEN - 4) else {
        return Header::Bad;
    };
    if checksum.len() != 4 || checksum.get_u32_le() != crc32c::crc32c(body) {
        return Header::Bad;
    }
    let Some(mut fields) = body.strip_prefix(MAGIC) else {
        return Header::Bad;
    };
    let version = fields.get_u32_le();
    if !(VERSION_OLDEST..=VERSION).contains(&version) {
        return Header::Version(version);
    }
    let salt = fields.get_u32_le();
    let named = SegmentId {
        number: fields.get_u64_le(),
        first: fields.get_u64_le(),
        salt,
    };
    if named == id {
        Header::Good
    } else {
        Header::Bad
    }
}

/// The header of a frame, its checksum aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) payload_bytes: u32,
    pub(crate) records: u32,
    pub(crate) first: u64,
    pub(crate) durable: u64,
    pub(crate) payload_crc: u32,
}

impl Frame {
    /// One past the sequence of the last record.
    pub(crate) fn end(self) -> u64 {
        self.first.saturating_add(u64::from(self.records))
    }

    /// Header and payload together.
    pub(crate) fn bytes(self) -> u64 {
        FRAME_HEADER_BYTES + u64::from(self.payload_bytes)
    }

    pub(crate) fn encode_into(self, out: &mut Vec<u8>, salt: u32) {
        let start = out.len();
        out.put_u32_le(self.payload_bytes);
        out.put_u32_le(self.records);
        out.put_u64_le(self.first);
        out.put_u64_le(self.durable);
        out.put_u32_le(self.payload_crc);
        let checksum = crc32c::crc32c_append(salt, out.get(start..).unwrap_or_default());
        out.put_u32_le(checksum);
    }

    /// None when the checksum or the fields cannot be right.
    pub(crate) fn decode(bytes: &[u8], salt: u32) -> Option<Self> {
        let (mut body, mut checksum) = bytes.split_at_checked(FRAME_HEADER_LEN - 4)?;
        if checksum.len() != 4 || checksum.get_u32_le() != crc32c::crc32c_append(salt, body) {
            return None;
        }
        let frame = Self {
            payload_bytes: body.get_u32_le(),
            records: body.get_u32_le(),
            first: body.get_u64_le(),
            durable: body.get_u64_le(),
            payload_crc: body.get_u32_le(),
        };
        let lengths_bytes = u64::from(frame.records) * RECORD_OVERHEAD_BYTES;
        let sound = frame.records > 0
            && u64::from(frame.payload_bytes) >= lengths_bytes
            && frame.first.checked_add(u64::from(frame.records)).is_some()
            && frame.durable <= frame.first;
        sound.then_some(frame)
    }
}

/// The payload of one append. The caller has bounded the sum of lengths.
pub(crate) fn encode_payload(records: &[Bytes], payload_bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload_bytes);
    for record in records {
        out.put_u32_le(u32::try_from(record.len()).unwrap_or(u32::MAX));
        out.put_slice(record);
    }
    out
}

/// The records of a payload whose checksum was right; None if it still does not add up.
pub(crate) fn decode_payload(mut payload: Bytes, records: u32) -> Option<Vec<Bytes>> {
    let mut out = Vec::with_capacity(usize::try_from(records).ok()?);
    for _ in 0..records {
        let length = usize::try_from(payload.try_get_u32_le().ok()?).ok()?;
        if length > payload.len() {
            return None;
        }
        out.push(payload.split_to(length));
    }
    payload.is_empty().then_some(out)
}

/// Gives whole, good frames the checksums of another segment.
pub(crate) fn reseal(frames: &[u8], from_salt: u32, to_salt: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(frames.len());
    let mut rest = frames;
    while let Some((header, tail)) = rest.split_at_checked(FRAME_HEADER_LEN) {
        let Some(frame) = Frame::decode(header, from_salt) else {
            break;
        };
        let payload_len = usize::try_from(frame.payload_bytes).unwrap_or(usize::MAX);
        let Some((payload, next)) = tail.split_at_checked(payload_len) else {
            break;
        };
        frame.encode_into(&mut out, to_salt);
        out.put_slice(payload);
        rest = next;
    }
    debug_assert!(rest.is_empty(), "frames to be resealed are whole");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: SegmentId = SegmentId {
        number: 7,
        first: 12_345,
        salt: 0x9f3c_01aa,
    };

    #[test]
    fn names_are_read_back_and_only_our_spelling_counts() {
        let name = "0000000007-00000000000000012345-9f3c01aa.seg";
        assert_eq!(ID.file_name(), name);
        assert_eq!(SegmentId::parse(name), Some(ID));
        for other in [
            "lock",
            "7-12345-9f3c01aa.seg",
            &format!("{name}.tmp"),
            ".seg",
            "a-b-c.seg",
        ] {
            assert_eq!(SegmentId::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_header_is_good_bad_or_of_another_version() {
        let header = ID.encode_header();
        assert_eq!(header.len() as u64, HEADER_BYTES);
        assert_eq!(check_header(&header, ID), Header::Good);
        assert_eq!(
            check_header(&header, SegmentId { first: 1, ..ID }),
            Header::Bad
        );
        assert_eq!(check_header(&header[..39], ID), Header::Bad);
        let mut newer = header.clone();
        newer[8] = 2;
        assert_eq!(check_header(&newer, ID), Header::Bad);
        let checksum = crc32c::crc32c(&newer[..36]).to_le_bytes();
        newer[36..].copy_from_slice(&checksum);
        assert_eq!(check_header(&newer, ID), Header::Version(2));
    }

    #[test]
    fn a_payload_that_does_not_add_up_is_refused() {
        let payload = Bytes::from(encode_payload(&["one".into(), "".into()], 11));
        assert_eq!(
            decode_payload(payload.clone(), 2),
            Some(vec!["one".into(), "".into()])
        );
        assert_eq!(decode_payload(payload.clone(), 1), None);
        assert_eq!(decode_payload(payload.clone(), 3), None);
        assert_eq!(decode_payload(payload.slice(..5), 1), None);
    }
}
