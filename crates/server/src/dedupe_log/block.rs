//! One block of the log of ids as bytes, and the blocks of a file as far as they are whole.

use almanac_model::Instant;

/// Bytes before the checksum.
const HEAD_BYTES: usize = 8 + 8 + 8 + 4;
const CHECKSUM_BYTES: usize = 4;
const ID_BYTES: usize = 4 + 8;

/// The ids among the records of the queue up to before `end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) end: u64,
    /// When they were stored.
    pub(super) time: Instant,
    /// Record and fingerprint, in the order of the records.
    pub(super) ids: Vec<(u64, u64)>,
}

impl Block {
    /// The first record that it tells about.
    pub(super) fn first(&self) -> u64 {
        self.ids.first().map_or(self.end, |(record, _)| *record)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let first = self.first();
        let mut head = Vec::with_capacity(HEAD_BYTES + CHECKSUM_BYTES + self.ids.len() * ID_BYTES);
        head.extend(first.to_le_bytes());
        head.extend(self.end.to_le_bytes());
        head.extend(self.time.0.to_le_bytes());
        head.extend((self.ids.len() as u32).to_le_bytes());
        let mut body = Vec::with_capacity(self.ids.len() * ID_BYTES);
        for (record, fingerprint) in &self.ids {
            body.extend(((record - first) as u32).to_le_bytes());
            body.extend(fingerprint.to_le_bytes());
        }
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&head), &body);
        head.extend(checksum.to_le_bytes());
        head.extend(body);
        head
    }
}

/// The blocks at the front of `bytes` that are whole.
pub(super) fn read_all(mut bytes: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    while let Some((block, rest)) = read(bytes) {
        blocks.push(block);
        bytes = rest;
    }
    blocks
}

fn read(bytes: &[u8]) -> Option<(Block, &[u8])> {
    let (head, rest) = bytes.split_at_checked(HEAD_BYTES)?;
    let (checksum, rest) = rest.split_first_chunk::<CHECKSUM_BYTES>()?;
    let (first, head_rest) = head.split_first_chunk()?;
    let (end, head_rest) = head_rest.split_first_chunk()?;
    let (time, head_rest) = head_rest.split_first_chunk()?;
    let (count, _) = head_rest.split_first_chunk()?;
    let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
    let (body, rest) = rest.split_at_checked(count.checked_mul(ID_BYTES)?)?;
    let expected = crc32c::crc32c_append(crc32c::crc32c(head), body);
    if u32::from_le_bytes(*checksum) != expected {
        return None;
    }
    let first = u64::from_le_bytes(*first);
    let (ids, _) = body.as_chunks::<ID_BYTES>();
    let ids = ids.iter().filter_map(|id| {
        let (offset, fingerprint) = id.split_first_chunk()?;
        let (fingerprint, _) = fingerprint.split_first_chunk()?;
        let record = first.checked_add(u64::from(u32::from_le_bytes(*offset)))?;
        Some((record, u64::from_le_bytes(*fingerprint)))
    });
    let block = Block {
        end: u64::from_le_bytes(*end),
        time: Instant(i64::from_le_bytes(*time)),
        ids: ids.collect(),
    };
    Some((block, rest))
}
