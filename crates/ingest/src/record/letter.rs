//! A dead letter on its second way through the queue: the record as it was, behind a mark and the
//! number that it was buried under. The number stands in for an id, so that a letter which is given
//! to the queue twice is stored once.
//!
//! ```text
//! mark u8 = 0xfe | number u64 little-endian | record
//! ```

use almanac_model::EventId;

/// No version of a record begins with this byte.
const MARK: u8 = 0xfe;

/// Puts a record that was buried under `number` into an envelope.
pub fn seal(number: u64, record: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(1 + size_of::<u64>() + record.len());
    sealed.push(MARK);
    sealed.extend(number.to_le_bytes());
    sealed.extend_from_slice(record);
    sealed
}

/// The record itself, and if it is a letter, the number that it was buried under.
pub fn open(bytes: &[u8]) -> (Option<u64>, &[u8]) {
    if let Some((&MARK, rest)) = bytes.split_first()
        && let Some((number, record)) = rest.split_first_chunk()
    {
        return (Some(u64::from_le_bytes(*number)), record);
    }
    (None, bytes)
}

/// The id under which the letter is known to deduplication.
pub fn id(number: u64) -> EventId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"dead letter").update(&number.to_le_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    EventId(u128::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_keeps_its_number_and_its_record() {
        assert_eq!(open(&seal(7, b"record")), (Some(7), &b"record"[..]));
        assert_eq!(open(b"\x01record"), (None, &b"\x01record"[..]));
        assert_eq!(open(&[MARK, 1]), (None, &[MARK, 1][..]));
        assert_ne!(id(1), id(2));
    }
}
