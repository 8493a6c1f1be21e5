//! Writes runs as Parquet that any other tool reads, and puts files in place so that a crash leaves
//! either nothing or the whole file.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use almanac_model::Kind;
use arrow_array::builder::{MapBuilder, MapFieldNames, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Int32Array, StringArray, TimestampMicrosecondArray,
    TimestampMillisecondArray,
};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::compute_leaves;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, ParquetMetaData, SortingColumn};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::checks::{self, Checks};
use super::columns::{Column, Columns};
use super::{MILLISECOND_US, TIME, VISITOR};
use crate::StoreError;
use crate::run::{self, Properties, Text};

/// Key and value of the format's version in the file's own metadata.
const FORMAT_KEY: &str = "almanac.format";
const FORMAT: &str = "1";
/// Level of compression: beyond it, files hardly shrink and take much longer to write.
pub(crate) const ZSTD_LEVEL: i32 = 6;
/// The zone of instants in files.
pub(super) const UTC: &str = "UTC";
/// Dictionaries of a column may grow to this before the rest is written plainly, bytes.
const DICTIONARY_PAGE_BYTES_MAX: usize = 16 << 20;

/// Writes rows to `path`, column by column, synced and with its name synced, and returns its size
/// in bytes and the checksums of its parts.
pub(crate) fn write(path: &Path, rows: &impl Columns) -> Result<(u64, Checks), StoreError> {
    let mut plan = Vec::new();
    for column in Column::all() {
        if column.is_everywhere() || rows.has(column)? {
            plan.push(column);
        }
    }
    let properties = properties(rows, &plan)?;
    let mut metadata = None;
    let bytes = replace(path, |file| {
        metadata = Some(fill(path, file, rows, &plan, properties)?);
        Ok(())
    })?;
    let checks = match &metadata {
        Some(metadata) => checks::of_file(path, metadata)?,
        None => Checks::default(),
    };
    Ok((bytes, checks))
}

/// Writes all columns as one row group, each before the next is made.
fn fill(
    path: &Path,
    file: &mut File,
    rows: &impl Columns,
    plan: &[Column],
    properties: WriterProperties,
) -> Result<ParquetMetaData, StoreError> {
    let failed = |error: ParquetError| StoreError::io("write", path)(std::io::Error::other(error));
    let unit = rows.time_unit()?;
    let field =
        |column: &Column| Field::new(column.name(), column.data_type(unit), !column.is_required());
    let schema = Arc::new(Schema::new(plan.iter().map(field).collect::<Vec<_>>()));
    let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties));
    let (mut writer, factory) = writer
        .and_then(ArrowWriter::into_serialized_writer)
        .map_err(failed)?;
    let mut leaf_writers = factory
        .create_column_writers(0)
        .map_err(failed)?
        .into_iter();
    let mut group = writer.next_row_group().map_err(failed)?;
    for (column, field) in plan.iter().zip(schema.fields()) {
        let array = rows.array(*column)?;
        let leaves = compute_leaves(field, &array).map_err(failed)?;
        for (leaf, mut leaf_writer) in leaves.iter().zip(leaf_writers.by_ref()) {
            let chunk = leaf_writer.write(leaf).and_then(|()| leaf_writer.close());
            let appended = chunk.and_then(|chunk| chunk.append_to_row_group(&mut group));
            appended.map_err(failed)?;
        }
    }
    group.close().map_err(failed)?;
    writer.close().map_err(failed)
}

/// Makes a file appear under `path` with its whole content or not at all, durably. Returns its size
/// in bytes.
pub(crate) fn replace(
    path: &Path,
    fill: impl FnOnce(&mut File) -> Result<(), StoreError>,
) -> Result<u64, StoreError> {
    let temporary = path.with_extension("part");
    let bytes = written(&temporary, fill).inspect_err(|_| {
        // A disk may be full; what cannot be removed now is by the next start.
        std::fs::remove_file(&temporary).ok();
    })?;
    std::fs::rename(&temporary, path).map_err(StoreError::io("rename to", path))?;
    sync_dir(path.parent().unwrap_or(path))?;
    Ok(bytes)
}

fn written(
    path: &Path,
    fill: impl FnOnce(&mut File) -> Result<(), StoreError>,
) -> Result<u64, StoreError> {
    let mut file = File::create(path).map_err(StoreError::io("create", path))?;
    fill(&mut file)?;
    file.flush()
        .and_then(|()| file.sync_all())
        .map_err(StoreError::io("write", path))?;
    let metadata = file.metadata().map_err(StoreError::io("measure", path))?;
    Ok(metadata.len())
}

/// Makes the directory of a partition, and its name durable up to the directory of all events. One
/// that is there already may be what an attempt left behind that could not make it durable.
pub(crate) fn create_dir(events_dir: &Path, dir: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(dir).map_err(StoreError::io("create", dir))?;
    for parent in dir
        .ancestors()
        .skip(1)
        .take_while(|parent| parent.starts_with(events_dir))
    {
        sync_dir(parent)?;
    }
    Ok(())
}

/// Makes the names in a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    let dir = if dir.as_os_str().is_empty() {
        Path::new(".")
    } else {
        dir
    };
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(StoreError::io("sync", dir))
}

fn properties(rows: &impl Columns, plan: &[Column]) -> Result<WriterProperties, StoreError> {
    let column = |name: &str| ColumnPath::from(name);
    let sorted = |at| SortingColumn {
        column_idx: at,
        descending: false,
        nulls_first: false,
    };
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_dictionary_page_size_limit(DICTIONARY_PAGE_BYTES_MAX)
        // Rows of one visitor are neighbours, which compression sees best in plain values.
        .set_column_dictionary_enabled(column(VISITOR), false)
        .set_column_dictionary_enabled(column(TIME), false)
        // Byte by byte, instants of one visit have their upper bytes in common.
        .set_column_encoding(column(TIME), Encoding::BYTE_STREAM_SPLIT)
        .set_sorting_columns(Some(vec![sorted(0), sorted(1)]))
        .set_key_value_metadata(Some(vec![KeyValue::new(
            FORMAT_KEY.to_owned(),
            FORMAT.to_owned(),
        )]));
    for one in plan {
        // Numbers that hardly repeat, durations above all, have only their upper bytes in common.
        if let Column::Number(number) = one
            && rows.hardly_repeats(*number)?
        {
            builder = builder
                .set_column_dictionary_enabled(column(number.name()), false)
                .set_column_encoding(column(number.name()), Encoding::BYTE_STREAM_SPLIT);
        }
    }
    Ok(builder.build())
}

/// Instants in that unit, of the two that files have.
pub(super) fn times(times: &[i64], unit: TimeUnit) -> ArrayRef {
    if unit == TimeUnit::Millisecond {
        let times = times.iter().map(|time| time / MILLISECOND_US);
        let times = TimestampMillisecondArray::from_iter_values(times);
        Arc::new(times.with_timezone(UTC))
    } else {
        Arc::new(microseconds(times))
    }
}

/// Instants in microseconds.
pub(crate) fn microseconds(times: &[i64]) -> TimestampMicrosecondArray {
    TimestampMicrosecondArray::from(times.to_vec()).with_timezone(UTC)
}

/// Kinds by name, so that other tools need no table of codes.
pub(crate) fn kinds(kinds: &[u8]) -> Result<ArrayRef, ArrowError> {
    let names = StringArray::from_iter_values(Kind::ALL.iter().map(|kind| kind.name()));
    let codes = kinds.iter().map(|kind| i32::from(kind & !run::INTERACTIVE));
    dictionary(Int32Array::from_iter_values(codes), names)
}

/// A text column with blanks as nulls.
pub(crate) fn texts(text: &Text) -> Result<ArrayRef, ArrowError> {
    // In order, values share more of their beginnings with their neighbours.
    let mut order: Vec<usize> = (1..text.values.len()).collect();
    order.sort_unstable_by_key(|code| &text.values[*code]);
    let mut keys_of = vec![None; text.values.len()];
    for (key, code) in (0i32..).zip(&order) {
        keys_of[*code] = Some(key);
    }
    let values = StringArray::from_iter_values(order.iter().map(|code| &text.values[*code]));
    let keys = text.codes.iter().map(|code| keys_of[*code as usize]);
    dictionary(keys.collect(), values)
}

fn dictionary(keys: Int32Array, values: StringArray) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(
        keys,
        Arc::new(values),
    )?))
}

/// The type of properties in files and batches.
pub(crate) fn map_type() -> DataType {
    let entries = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Utf8, true),
    ]);
    let entries = Field::new("key_value", DataType::Struct(entries), false);
    DataType::Map(Arc::new(entries), false)
}

/// The properties of all rows; of each none when there are none.
pub(crate) fn maps(all: Option<&Properties>, rows: usize) -> Result<ArrayRef, ArrowError> {
    let names = MapFieldNames {
        entry: "key_value".to_owned(),
        key: "key".to_owned(),
        value: "value".to_owned(),
    };
    let mut builder = MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new());
    for row in 0..rows {
        for (name, value) in all.iter().flat_map(|all| all.of(row)) {
            builder.keys().append_value(name);
            builder.values().append_value(value);
        }
        builder.append(true)?;
    }
    Ok(Arc::new(builder.finish()))
}
