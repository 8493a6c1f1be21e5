//! The file of a day's totals: plain Parquet, a row for each value of each dimension. The manifest
//! keeps its checksum.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::TABLES;
use crate::StoreError;
use crate::engine::Counts;
use crate::file::replace;

/// Longest file of totals that is read, bytes: far above what [`super::VALUES_MAX`] values of each
/// dimension take.
const BYTES_MAX: u64 = 256 << 20;

/// The columns of counts, in the order of [`numbers`].
const COUNTS: [&str; 8] = [
    "visitors",
    "pageviews",
    "events",
    "visits",
    "whole_visits",
    "bounces",
    "duration_s",
    "views",
];

/// The totals by one dimension: its values and the counts of each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// The position in [`TABLES`].
    pub(crate) table: usize,
    pub(crate) values: Vec<Arc<str>>,
    pub(crate) counts: Vec<Counts>,
}

fn numbers(counts: &Counts) -> [i64; 8] {
    let whole = |count: u64| count.cast_signed();
    [
        whole(counts.visitors),
        whole(counts.pageviews),
        whole(counts.events),
        whole(counts.visits),
        whole(counts.whole_visits),
        whole(counts.bounces),
        counts.duration_s,
        whole(counts.views),
    ]
}

fn counts(numbers: [i64; 8]) -> Counts {
    let [
        visitors,
        pageviews,
        events,
        visits,
        whole_visits,
        bounces,
        duration_s,
        views,
    ] = numbers;
    Counts {
        visitors: visitors.cast_unsigned(),
        pageviews: pageviews.cast_unsigned(),
        events: events.cast_unsigned(),
        visits: visits.cast_unsigned(),
        whole_visits: whole_visits.cast_unsigned(),
        bounces: bounces.cast_unsigned(),
        duration_s,
        views: views.cast_unsigned(),
    }
}

/// Writes totals durably; returns bytes and CRC-32C.
pub(super) fn write(path: &Path, all: &[Sums]) -> Result<(u64, u32), StoreError> {
    let content = encode(path, &batch(all)?)?;
    replace(path, |file: &mut File| {
        file.write_all(&content)
            .map_err(StoreError::io("write", path))
    })?;
    Ok((content.len() as u64, crc32c::crc32c(&content)))
}

fn batch(all: &[Sums]) -> Result<RecordBatch, StoreError> {
    let names = all
        .iter()
        .flat_map(|sums| sums.values.iter().map(|_| TABLES[sums.table].0));
    let values = all.iter().flat_map(|sums| &sums.values);
    let mut fields = vec![
        Field::new("dimension", DataType::Utf8, false),
        Field::new("value", DataType::Utf8, false),
    ];
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(names)),
        Arc::new(StringArray::from_iter_values(values)),
    ];
    for (at, name) in COUNTS.iter().enumerate() {
        let rows = all.iter().flat_map(|sums| &sums.counts);
        let column = Int64Array::from_iter_values(rows.map(|counts| numbers(counts)[at]));
        fields.push(Field::new(*name, DataType::Int64, false));
        columns.push(Arc::new(column));
    }
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns,
    )?)
}

fn encode(path: &Path, batch: &RecordBatch) -> Result<Vec<u8>, StoreError> {
    let failed = |error| StoreError::io("write", path)(std::io::Error::other(error));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut content = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut content, batch.schema(), Some(properties)).map_err(failed)?;
    writer.write(batch).map_err(failed)?;
    writer.close().map_err(failed)?;
    Ok(content)
}

/// Reads totals of that many bytes with that CRC-32C.
pub(super) fn read(path: &Path, (bytes, check): (u64, u32)) -> Result<Vec<Sums>, StoreError> {
    let damaged = |detail: &str| StoreError::damaged(path)(detail);
    if bytes > BYTES_MAX {
        return Err(damaged("it is longer than totals ever are"));
    }
    let content = std::fs::read(path).map_err(StoreError::io("read", path))?;
    if content.len() as u64 != bytes || crc32c::crc32c(&content) != check {
        return Err(damaged("it does not match its checksum"));
    }
    let mut all: Vec<Sums> = Vec::new();
    let batches = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(content))
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(StoreError::damaged(path))?;
    for batch in batches {
        add(&mut all, &batch?).ok_or_else(|| damaged("a column is not of its type"))?;
    }
    Ok(all)
}

/// Adds the rows of a batch; `None` when it has not the columns that were written. Totals of what
/// this program does not know are passed over.
fn add(all: &mut Vec<Sums>, batch: &RecordBatch) -> Option<()> {
    let names = batch.column_by_name("dimension")?.as_string_opt::<i32>()?;
    let values = batch.column_by_name("value")?.as_string_opt::<i32>()?;
    let mut columns = Vec::with_capacity(COUNTS.len());
    for name in COUNTS {
        columns.push(
            batch
                .column_by_name(name)?
                .as_primitive_opt::<Int64Type>()?,
        );
    }
    for row in 0..batch.num_rows() {
        let Some(table) = TABLES.iter().position(|known| known.0 == names.value(row)) else {
            continue;
        };
        if all.last().is_none_or(|last| last.table != table) {
            all.push(Sums {
                table,
                ..Sums::default()
            });
        }
        let sums = all.last_mut()?;
        sums.values.push(values.value(row).into());
        let mut own = [0; COUNTS.len()];
        for (number, column) in own.iter_mut().zip(&columns) {
            *number = column.value(row);
        }
        sums.counts.push(counts(own));
    }
    Some(())
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
                values: vec!["/".into(), "/ä,\n\"".into()],
                counts: vec![counts(1, 0), counts(u64::from(u32::MAX), -1)],
            },
        ]
    }

    #[test]
    fn totals_are_read_as_they_were_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("day.sums");
        let kept = write(&path, &some()).unwrap();
        assert_eq!(read(&path, kept).unwrap(), some());
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("day.sums");
        let kept = write(&path, &some()).unwrap();
        let mut content = std::fs::read(&path).unwrap();
        for at in 0..content.len() {
            content[at] ^= 1;
            std::fs::write(&path, &content).unwrap();
            assert!(read(&path, kept).is_err(), "byte {at}");
            content[at] ^= 1;
        }
        std::fs::write(&path, &content[1..]).unwrap();
        assert!(read(&path, kept).is_err());
    }
}
