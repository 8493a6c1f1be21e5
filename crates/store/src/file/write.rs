//! Writes runs as Parquet that any other tool reads, and puts files in place so that a crash leaves
//! either nothing or the whole file.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use almanac_model::{Kind, NumberColumn, TextColumn};
use arrow_array::builder::{MapBuilder, MapFieldNames, StringBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, UInt64Array,
};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

use super::checks::{self, Checks};
use super::{INTERACTIVE, KIND, MILLISECOND_US, PROPERTIES, TIME, VISITOR};
use crate::StoreError;
use crate::options::ROW_GROUP_ROWS_MAX;
use crate::run::{self, Properties, Run, Text};

/// Key and value of the format's version in the file's own metadata.
const FORMAT_KEY: &str = "almanac.format";
const FORMAT: &str = "1";
/// Level of compression: beyond it, files hardly shrink and take much longer to write.
const ZSTD_LEVEL: i32 = 6;
/// Of how many numbers of a column it is found out whether they repeat.
const SAMPLE_NUMBERS: usize = 4_096;
/// Dictionaries of a column may grow to this before the rest is written plainly, bytes.
const DICTIONARY_PAGE_BYTES_MAX: usize = 16 << 20;

/// Writes a run to `path`, synced and with its name synced, and returns its size in bytes and the
/// checksums of its parts.
pub(crate) fn write(path: &Path, run: &Run) -> Result<(u64, Checks), StoreError> {
    let batch = batch(run)?;
    let mut metadata = None;
    let bytes = replace(path, |file| {
        let properties = properties(run).map_err(std::io::Error::other)?;
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))
            .map_err(std::io::Error::other)?;
        writer.write(&batch).map_err(std::io::Error::other)?;
        metadata = Some(writer.close().map_err(std::io::Error::other)?);
        Ok(())
    })?;
    let checks = match &metadata {
        Some(metadata) => checks::of_file(path, metadata)?,
        None => Checks::default(),
    };
    Ok((bytes, checks))
}

/// Makes a file appear under `path` with its whole content or not at all, durably. Returns its size
/// in bytes.
pub(crate) fn replace(
    path: &Path,
    fill: impl FnOnce(&mut File) -> std::io::Result<()>,
) -> Result<u64, StoreError> {
    let temporary = path.with_extension("part");
    let mut file = File::create(&temporary).map_err(StoreError::io("create", &temporary))?;
    fill(&mut file)
        .and_then(|()| file.flush())
        .and_then(|()| file.sync_all())
        .map_err(StoreError::io("write", &temporary))?;
    let bytes = file
        .metadata()
        .map_err(StoreError::io("measure", &temporary))?
        .len();
    std::fs::rename(&temporary, path).map_err(StoreError::io("rename to", path))?;
    sync_dir(path.parent().unwrap_or(path))?;
    Ok(bytes)
}

/// Makes the directory of a partition, and its name durable up to the directory of all events.
pub(crate) fn create_dir(events_dir: &Path, dir: &Path) -> Result<(), StoreError> {
    if dir.is_dir() {
        return Ok(());
    }
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
fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(StoreError::io("sync", dir))
}

fn properties(run: &Run) -> Result<WriterProperties, parquet::errors::ParquetError> {
    let column = |name: &str| ColumnPath::from(name);
    let sorted = |at| SortingColumn {
        column_idx: at,
        descending: false,
        nulls_first: false,
    };
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS_MAX))
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
    for (number, values) in NumberColumn::ALL.iter().zip(&run.numbers) {
        // Numbers that hardly repeat, durations above all, have only their upper bytes in common.
        if values.as_deref().is_some_and(hardly_repeats) {
            builder = builder
                .set_column_dictionary_enabled(column(number.name()), false)
                .set_column_encoding(column(number.name()), Encoding::BYTE_STREAM_SPLIT);
        }
    }
    Ok(builder.build())
}

/// Whether more than half of the first numbers of a column are different ones.
fn hardly_repeats(values: &[Option<i64>]) -> bool {
    let mut sample: Vec<i64> = values
        .iter()
        .flatten()
        .copied()
        .take(SAMPLE_NUMBERS)
        .collect();
    let count = sample.len();
    sample.sort_unstable();
    sample.dedup();
    2 * sample.len() > count
}

/// The columns of a run that are not empty throughout.
fn batch(run: &Run) -> Result<RecordBatch, ArrowError> {
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        (VISITOR, Arc::new(UInt64Array::from(run.visitors.clone()))),
        (TIME, times(run)),
        (KIND, kinds(run)?),
    ];
    if run.kinds.iter().any(|kind| kind & run::INTERACTIVE == 0) {
        let flags = run
            .kinds
            .iter()
            .map(|kind| Some(kind & run::INTERACTIVE != 0));
        columns.push((INTERACTIVE, Arc::new(flags.collect::<BooleanArray>())));
    }
    for (column, text) in TextColumn::ALL.iter().zip(&run.text) {
        if let Some(text) = text {
            columns.push((column.name(), texts(text)?));
        }
    }
    for (column, values) in NumberColumn::ALL.iter().zip(&run.numbers) {
        if let Some(values) = values {
            columns.push((column.name(), Arc::new(Int64Array::from(values.clone()))));
        }
    }
    if run.properties.is_some() {
        columns.push((PROPERTIES, maps(run.properties.as_ref(), run.rows())?));
    }
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| {
            let is_required = matches!(*name, VISITOR | TIME | KIND | INTERACTIVE | PROPERTIES);
            Field::new(*name, array.data_type().clone(), !is_required)
        })
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

/// Instants in milliseconds where that is exact, which most clocks of clients are, otherwise in
/// microseconds.
fn times(run: &Run) -> ArrayRef {
    if run.times.iter().all(|time| time % MILLISECOND_US == 0) {
        let times = run.times.iter().map(|time| time / MILLISECOND_US);
        let times = TimestampMillisecondArray::from_iter_values(times);
        Arc::new(times.with_timezone("UTC"))
    } else {
        Arc::new(microseconds(run))
    }
}

/// Instants in microseconds.
pub(crate) fn microseconds(run: &Run) -> TimestampMicrosecondArray {
    TimestampMicrosecondArray::from(run.times.clone()).with_timezone("UTC")
}

/// Kinds by name, so that other tools need no table of codes.
pub(crate) fn kinds(run: &Run) -> Result<ArrayRef, ArrowError> {
    let names = StringArray::from_iter_values(Kind::ALL.iter().map(|kind| kind.name()));
    let codes = run
        .kinds
        .iter()
        .map(|kind| i32::from(kind & !run::INTERACTIVE));
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
