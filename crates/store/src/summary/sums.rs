//! The file of a day's totals: a head, and a packed block for each table, so that a question reads
//! the one that it needs. The manifest keeps the checksum of the head, and the head those of the
//! blocks.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use crate::StoreError;
use crate::engine::Counts;
use crate::file::{ZSTD_LEVEL, replace};

/// Bytes of the head for each table: its number, bytes of the block, bytes unpacked, CRC-32C.
const HEAD_BYTES: usize = 16;
/// Most bytes of a table unpacked: far above what [`super::VALUES_MAX`] of the longest values take.
const TABLE_BYTES_MAX: u32 = 128 << 20;
/// Counts of a value that are kept in 32 bits, as the rows of a day are numbered by 32 bits.
const COUNTS: usize = 7;

/// The totals by one dimension: its values in ascending order, and the counts of each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// The position in [`super::TABLES`].
    pub(crate) table: usize,
    pub(crate) values: Vec<Arc<str>>,
    pub(crate) counts: Vec<Counts>,
}

/// What is read of a table again: all values, one after another, where each ends, and the counts.
#[derive(Debug, Default)]
pub(crate) struct Table {
    texts: String,
    ends: Vec<u32>,
    pub(crate) counts: Vec<Counts>,
}

impl Table {
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let ranges = starts.zip(&self.ends);
        ranges.map(|(start, end)| self.texts.get(*start as usize..*end as usize).unwrap_or(""))
    }
}

/// Writes totals durably; returns the bytes of the file and the CRC-32C of its head.
pub(super) fn write(path: &Path, all: &[Sums]) -> Result<(u64, u32), StoreError> {
    let (mut head, mut blocks) = (Vec::new(), Vec::new());
    for sums in all {
        let unpacked = unpacked(sums);
        let block =
            zstd::bulk::compress(&unpacked, ZSTD_LEVEL).map_err(StoreError::io("write", path))?;
        let check = crc32c::crc32c(&block);
        for number in [sums.table, block.len(), unpacked.len(), check as usize] {
            head.extend_from_slice(&(number as u32).to_le_bytes());
        }
        blocks.extend_from_slice(&block);
    }
    replace(path, |file: &mut File| {
        let written = file.write_all(&head).and_then(|()| file.write_all(&blocks));
        written.map_err(StoreError::io("write", path))
    })?;
    Ok(((head.len() + blocks.len()) as u64, crc32c::crc32c(&head)))
}

/// A table as bytes, column by column: of each value how much it shares with the one before and how
/// long the rest is, the rests, and the counts. Numbers are split into their lowest bytes, their
/// next ones and so on, most of which are zero.
fn unpacked(sums: &Sums) -> Vec<u8> {
    let (mut shared, mut lengths, mut rests) = (Vec::new(), Vec::new(), Vec::new());
    let mut before: &[u8] = &[];
    for value in &sums.values {
        let value = value.as_bytes();
        let same = before.iter().zip(value).take_while(|(one, two)| one == two);
        let same = same.count();
        shared.push(same as u64);
        lengths.push((value.len() - same) as u64);
        rests.extend_from_slice(&value[same..]);
        before = value;
    }
    let mut out = (sums.values.len() as u32).to_le_bytes().to_vec();
    split(&mut out, &shared, 2);
    split(&mut out, &lengths, 2);
    out.extend_from_slice(&rests);
    for at in 0..COUNTS {
        let column: Vec<u64> = sums.counts.iter().map(|one| numbers(one)[at]).collect();
        split(&mut out, &column, 4);
    }
    let durations = sums.counts.iter().map(|one| one.duration_s.cast_unsigned());
    split(&mut out, &durations.collect::<Vec<_>>(), 8);
    out
}

fn numbers(counts: &Counts) -> [u64; COUNTS] {
    [
        counts.visitors,
        counts.pageviews,
        counts.events,
        counts.visits,
        counts.whole_visits,
        counts.bounces,
        counts.views,
    ]
}

fn split(out: &mut Vec<u8>, column: &[u64], bytes: usize) {
    for at in 0..bytes {
        out.extend(column.iter().map(|number| number.to_le_bytes()[at]));
    }
}

/// Reads one table of a file with that many bytes and that CRC-32C of the head, of so many tables.
pub(super) fn read(
    path: &Path,
    (bytes, check): (u64, u32),
    tables: u32,
    wanted: usize,
) -> Result<Table, StoreError> {
    let failed = || StoreError::io("read", path);
    let damaged = |detail: &str| StoreError::damaged(path)(detail);
    let mut file = File::open(path).map_err(StoreError::io("open", path))?;
    let mut head = vec![0; HEAD_BYTES * tables as usize];
    file.read_exact(&mut head).map_err(failed())?;
    if crc32c::crc32c(&head) != check {
        return Err(damaged("its head does not match its checksum"));
    }
    let (mut start, mut found) = (head.len() as u64, None);
    for entry in head.as_chunks::<HEAD_BYTES>().0 {
        let number = |at: usize| {
            let four = entry.get(at..at + 4).and_then(|four| four.try_into().ok());
            four.map_or(0, u32::from_le_bytes)
        };
        if number(0) as usize == wanted {
            found = Some((start, number(4), number(8), number(12)));
        }
        start += u64::from(number(4));
    }
    let Some((start, packed, unpacked, check)) = found else {
        return Ok(Table::default());
    };
    if start + u64::from(packed) > bytes || unpacked > TABLE_BYTES_MAX {
        return Err(damaged("a table is longer than it"));
    }
    let mut block = vec![0; packed as usize];
    let read = file.seek(SeekFrom::Start(start));
    read.and_then(|_| file.read_exact(&mut block))
        .map_err(failed())?;
    if crc32c::crc32c(&block) != check {
        return Err(damaged("a table does not match its checksum"));
    }
    let content = zstd::bulk::decompress(&block, unpacked as usize).map_err(failed())?;
    table(&content).ok_or_else(|| damaged("a table ends too early"))
}

/// A table from its bytes; `None` when they are not those of one.
fn table(content: &[u8]) -> Option<Table> {
    let (rows, mut rest) = content.split_first_chunk::<4>()?;
    let rows = u32::from_le_bytes(*rows) as usize;
    let shared = joined(&mut rest, rows, 2)?;
    let lengths = joined(&mut rest, rows, 2)?;
    // Two values may share the first byte of a character, so texts are bytes until the end.
    let (mut texts, mut ends, mut before) = (Vec::new(), Vec::with_capacity(rows), 0..0);
    for (shared, length) in shared.into_iter().zip(lengths) {
        let (start, shared) = (texts.len(), shared as usize);
        if shared > before.len() {
            return None;
        }
        texts.extend_from_within(before.start..before.start + shared);
        let (own, after) = rest.split_at_checked(length as usize)?;
        texts.extend_from_slice(own);
        rest = after;
        before = start..texts.len();
        ends.push(texts.len() as u32);
    }
    let mut columns = [const { Vec::new() }; COUNTS];
    for column in &mut columns {
        *column = joined(&mut rest, rows, 4)?;
    }
    let durations = joined(&mut rest, rows, 8)?;
    let counts = |row: usize| Counts {
        visitors: columns[0][row],
        pageviews: columns[1][row],
        events: columns[2][row],
        visits: columns[3][row],
        whole_visits: columns[4][row],
        bounces: columns[5][row],
        views: columns[6][row],
        duration_s: durations[row].cast_signed(),
    };
    Some(Table {
        texts: String::from_utf8(texts).ok()?,
        ends,
        counts: (0..rows).map(counts).collect(),
    })
}

fn joined(rest: &mut &[u8], rows: usize, bytes: usize) -> Option<Vec<u64>> {
    let mut column = vec![0; rows];
    for at in 0..bytes {
        let (own, after) = rest.split_at_checked(rows)?;
        for (number, byte) in column.iter_mut().zip(own) {
            *number |= u64::from(*byte) << (8 * at);
        }
        *rest = after;
    }
    Some(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<Sums> {
        let counts = |visitors, duration_s| Counts {
            visitors,
            duration_s,
            views: 7,
            ..Counts::default()
        };
        vec![
            Sums {
                table: 0,
                values: vec!["".into()],
                counts: vec![counts(9, 123_456_789_012)],
            },
            Sums {
                table: 2,
                values: vec![
                    "/".into(),
                    "/a".into(),
                    "/ab,\n\"".into(),
                    "/ä".into(),
                    "/ö".into(),
                ],
                counts: vec![
                    counts(1, 0),
                    counts(u64::from(u32::MAX), -1),
                    counts(2, 0),
                    counts(300, 70_000),
                    counts(4, 5),
                ],
            },
        ]
    }

    #[test]
    fn totals_are_read_as_they_were_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("day.sums");
        let kept = write(&path, &some()).unwrap();
        for sums in some() {
            let table = read(&path, kept, 2, sums.table).unwrap();
            let values: Vec<&str> = table.values().collect();
            let expected: Vec<&str> = sums.values.iter().map(AsRef::as_ref).collect();
            assert_eq!((values, &table.counts), (expected, &sums.counts));
        }
        assert_eq!(read(&path, kept, 2, 1).unwrap().values().count(), 0);
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("day.sums");
        let kept = write(&path, &some()).unwrap();
        let all = || read(&path, kept, 2, 0).and_then(|_| read(&path, kept, 2, 2));
        let mut content = std::fs::read(&path).unwrap();
        for at in 0..content.len() {
            content[at] ^= 1;
            std::fs::write(&path, &content).unwrap();
            assert!(all().is_err(), "byte {at}");
            content[at] ^= 1;
        }
        for length in 0..content.len() {
            std::fs::write(&path, &content[..length]).unwrap();
            assert!(all().is_err(), "{length} bytes");
        }
    }
}
