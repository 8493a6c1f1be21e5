//! Fingerprints of the events that were bulk-loaded, kept sorted beside their run, so that loading
//! them again adds nothing. They are 44 bits of a hash of the id: beside a million events of the
//! same day, one new event in 17 million is taken for a known one and left out.
//!
//! File, format 2: the four bytes `ids2`, the number of fingerprints in 8 bytes, then an Elias–Fano
//! sequence (Elias 1974; Fano 1971): the low bits of each packed one after another, the high bits
//! as gaps in unary, both in 64-bit words, then the CRC32C of everything before in 4 bytes. All
//! numbers are little-endian. It takes 44 − log₂(count) + 2 bits an event. Format 1, still read,
//! was 8 bytes each and the checksum; its fingerprints are cut to the same 44 bits.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use almanac_model::EventId;

use crate::StoreError;
use crate::file;

/// Bits of a fingerprint.
const BITS: u32 = 44;
const MAGIC: &[u8; 4] = b"ids2";
const WORD_BYTES: usize = 8;
const CHECKSUM_BYTES: usize = 4;

/// The fingerprint of an event.
pub(crate) fn of(id: EventId) -> u64 {
    cut(mix((id.0 as u64) ^ mix((id.0 >> 64) as u64)))
}

fn cut(hash: u64) -> u64 {
    hash >> (u64::BITS - BITS)
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014), a bijection that maps 0 to 0.
fn mix(value: u64) -> u64 {
    let mut mixed = value;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Writes fingerprints beside a run; returns the file's size in bytes.
pub(crate) fn write(path: &Path, mut fingerprints: Vec<u64>) -> Result<u64, StoreError> {
    fingerprints.sort_unstable();
    let bytes = encode(&fingerprints);
    file::replace(path, |file| {
        file.write_all(&bytes)
            .map_err(StoreError::io("write", path))
    })
}

/// Adds the fingerprints of a file to a set.
pub(crate) fn read(path: &Path, into: &mut HashSet<u64>) -> Result<(), StoreError> {
    let bytes = std::fs::read(path).map_err(StoreError::io("read", path))?;
    let (content, checksum) = bytes.split_at(bytes.len().saturating_sub(CHECKSUM_BYTES));
    if checksum != crc32c::crc32c(content).to_le_bytes() {
        return Err(StoreError::damaged(path)("the checksum does not fit"));
    }
    match content.strip_prefix(MAGIC) {
        Some(encoded) => into
            .extend(decode(encoded).ok_or_else(|| StoreError::damaged(path)("it ends too early"))?),
        None => into.extend(words(content).map(cut)),
    }
    Ok(())
}

/// How many low bits of each of `count` fingerprints are packed as they are.
fn low_bits(count: usize) -> u32 {
    BITS.saturating_sub(count.max(1).ilog2())
}

fn encode(sorted: &[u64]) -> Vec<u8> {
    let low_bits = low_bits(sorted.len());
    let mut bytes = MAGIC.to_vec();
    bytes.extend((sorted.len() as u64).to_le_bytes());
    let (mut low, mut high) = (Bits::default(), Bits::default());
    let mut before = 0;
    for fingerprint in sorted {
        low.push(*fingerprint & ((1 << low_bits) - 1), low_bits);
        for _ in before..fingerprint >> low_bits {
            high.push(0, 1);
        }
        high.push(1, 1);
        before = fingerprint >> low_bits;
    }
    for word in low.words.into_iter().chain(high.words) {
        bytes.extend(word.to_le_bytes());
    }
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

/// `None` when the bytes are too few for what they promise.
fn decode(encoded: &[u8]) -> Option<Vec<u64>> {
    let mut words = words(encoded);
    let count = usize::try_from(words.next()?).ok()?;
    let words: Vec<u64> = words.collect();
    let low_bits = low_bits(count);
    let low_words = count.checked_mul(low_bits as usize)?.div_ceil(64);
    let (low, high) = words.split_at_checked(low_words)?;
    if count > high.len() * u64::BITS as usize {
        return None;
    }
    let mut found = Vec::with_capacity(count);
    let mut gaps = 0;
    for word in high {
        for bit in 0..u64::BITS {
            if found.len() == count {
                break;
            }
            if word >> bit & 1 == 0 {
                gaps += 1;
                continue;
            }
            found.push(gaps << low_bits | bits_at(low, found.len() * low_bits as usize, low_bits));
        }
    }
    (found.len() == count).then_some(found)
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u64> {
    let (words, _) = bytes.as_chunks::<WORD_BYTES>();
    words.iter().map(|word| u64::from_le_bytes(*word))
}

/// Some bits, less than 64, that begin at a place in the words.
fn bits_at(words: &[u64], place: usize, count: u32) -> u64 {
    let (word, shift) = (place / 64, (place % 64) as u32);
    let low = words.get(word).map_or(0, |word| word >> shift);
    let next = words.get(word + 1).copied().unwrap_or(0);
    let high = if shift == 0 {
        0
    } else {
        next << (u64::BITS - shift)
    };
    (low | high) & ((1 << count) - 1)
}

/// Bits one after another in words, the lowest first.
#[derive(Default)]
struct Bits {
    words: Vec<u64>,
    used: usize,
}

impl Bits {
    fn push(&mut self, value: u64, count: u32) {
        let shift = (self.used % 64) as u32;
        if shift == 0 && count > 0 {
            self.words.push(0);
        }
        if let Some(last) = self.words.last_mut() {
            *last |= value << shift;
        }
        if shift + count > u64::BITS {
            self.words.push(value >> (u64::BITS - shift));
        }
        self.used += count as usize;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mut fingerprints: Vec<u64>) -> usize {
        fingerprints.sort_unstable();
        let bytes = encode(&fingerprints);
        let content = &bytes[..bytes.len() - CHECKSUM_BYTES];
        let encoded = content.strip_prefix(MAGIC).unwrap();
        assert_eq!(decode(encoded), Some(fingerprints));
        bytes.len()
    }

    #[test]
    fn every_sequence_reads_back() {
        check(Vec::new());
        check(vec![0]);
        check(vec![(1 << BITS) - 1]);
        check(vec![0, 0, 1, 5, (1 << BITS) - 2, (1 << BITS) - 1]);
        for count in [63, 64, 65, 1_000] {
            check((0..count).map(|id| of(EventId(id))).collect());
        }
    }

    #[test]
    fn an_event_takes_less_than_four_bytes() {
        let bytes = check((0..100_000).map(|id| of(EventId(id))).collect());
        assert!(bytes < 400_000, "{bytes}");
    }

    #[test]
    fn what_ends_too_early_is_noticed() {
        let bytes = encode(&[1, 2, 3]);
        assert_eq!(decode(&bytes[MAGIC.len()..MAGIC.len() + 16]), None);
        assert_eq!(decode(&u64::MAX.to_le_bytes()), None);
    }
}
