//! Fingerprints of the events that were bulk-loaded, kept sorted beside their run, so that loading
//! them again adds nothing. 64 bits of an id: among a million events of one day the chance that a
//! new one is taken for a known one is below 10⁻⁷.
//!
//! File: the fingerprints in ascending order, 8 bytes each, little-endian, then the CRC32C of all
//! of them in 4 bytes.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use almanac_model::EventId;

use crate::StoreError;
use crate::file;

const FINGERPRINT_BYTES: usize = 8;
const CHECKSUM_BYTES: usize = 4;

/// The fingerprint of an event.
pub(crate) fn of(id: EventId) -> u64 {
    mix((id.0 as u64) ^ mix((id.0 >> 64) as u64))
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
    let mut bytes: Vec<u8> = fingerprints
        .iter()
        .flat_map(|one| one.to_le_bytes())
        .collect();
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    file::replace(path, |file| file.write_all(&bytes))
}

/// Adds the fingerprints of a file to a set.
pub(crate) fn read(path: &Path, into: &mut HashSet<u64>) -> Result<(), StoreError> {
    let bytes = std::fs::read(path).map_err(StoreError::io("read", path))?;
    let (content, checksum) = bytes.split_at(bytes.len().saturating_sub(CHECKSUM_BYTES));
    if checksum != crc32c::crc32c(content).to_le_bytes() {
        return Err(StoreError::damaged(path)("the checksum does not fit"));
    }
    let (fingerprints, _) = content.as_chunks::<FINGERPRINT_BYTES>();
    into.extend(fingerprints.iter().map(|one| u64::from_le_bytes(*one)));
    Ok(())
}
