//! Checksums of a sealed file: one of its footer and one of each column in each row group. The
//! manifest keeps them, so a file cannot vouch for itself. A part is checked when it is read, and
//! only then: a question pays for the columns it looks at. Parquet's own checksums of pages are of
//! no help, because the writer makes none.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use parquet::file::metadata::ParquetMetaData;

use crate::StoreError;

/// Bytes at the end of a file: the length of the footer, and the magic.
const TAIL_BYTES: u64 = 8;
/// Longest footer that is read, bytes: far above what our columns need.
const FOOTER_BYTES_MAX: u64 = 16 << 20;

/// CRC-32C of the footer, then of each column of each row group, in the order of the file's
/// metadata. Empty for files of format 1, of which none are known.
pub(crate) type Checks = Arc<[u32]>;

/// The checksums of a file that was just written, from its bytes as they are on disk.
pub(crate) fn of_file(path: &Path, metadata: &ParquetMetaData) -> Result<Checks, StoreError> {
    let file = File::open(path).map_err(StoreError::io("open", path))?;
    let mut checks = vec![of_footer(path, &file)?];
    for (start, length) in ranges(metadata) {
        checks.push(of_part(path, &file, start, length)?);
    }
    Ok(checks.into())
}

/// The checksum of a file's footer, up to its end.
pub(crate) fn of_footer(path: &Path, file: &File) -> Result<u32, StoreError> {
    let damaged = || StoreError::damaged(path)("its end is no footer");
    let bytes = file.metadata().map_err(StoreError::io("measure", path))?;
    let bytes = bytes.len();
    let tail_start = bytes.checked_sub(TAIL_BYTES).ok_or_else(damaged)?;
    let mut tail = [0; TAIL_BYTES as usize];
    read_at(path, file, tail_start, &mut tail)?;
    let footer_bytes = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]);
    let length = u64::from(footer_bytes) + TAIL_BYTES;
    let start = bytes.checked_sub(length).ok_or_else(damaged)?;
    if length > FOOTER_BYTES_MAX {
        return Err(damaged());
    }
    of_part(path, file, start, length)
}

/// The checksum of some bytes of a file.
pub(crate) fn of_part(
    path: &Path,
    file: &File,
    start: u64,
    length: u64,
) -> Result<u32, StoreError> {
    let mut part = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    read_at(path, file, start, &mut part)?;
    Ok(crc32c::crc32c(&part))
}

/// Where the columns of each row group lie: start and length, bytes.
pub(crate) fn ranges(metadata: &ParquetMetaData) -> impl Iterator<Item = (u64, u64)> {
    let groups = metadata.row_groups().iter();
    groups.flat_map(|group| group.columns().iter().map(|column| column.byte_range()))
}

fn read_at(path: &Path, mut file: &File, start: u64, to: &mut [u8]) -> Result<(), StoreError> {
    file.seek(SeekFrom::Start(start))
        .and_then(|_| file.read_exact(to))
        .map_err(StoreError::io("read", path))
}
