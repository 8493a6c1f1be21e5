//! Parquet files. Columns that are of the right type already are taken over whole; others are
//! turned value by value.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, TimestampMicrosecondArray};
use arrow_schema::{DataType, Field as ArrowField, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};

use super::field::Field;
use super::mapping::Mapping;
use super::table::{self, Table};
use super::value::Value;
use super::{Batch, Batches};

/// Rows that are read and stored together.
const BATCH_ROWS: usize = 1 << 20;

/// The rows of a file, and how many they are.
///
/// # Errors
/// When it is no Parquet file or lacks a column that was named.
pub(crate) fn batches(path: &Path, mapping: &Mapping) -> anyhow::Result<(Batches, u64)> {
    let file = File::open(path)?;
    let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    let schema = plain.schema();
    let names = || schema.fields().iter().map(|field| field.name().as_str());
    mapping.check(names())?;
    let is_raw = mapping.is_raw(names());
    let wanted: Vec<usize> = (0..schema.fields().len())
        .filter(|at| {
            let field = schema.field(*at);
            *field.data_type() != DataType::Null && mapping.field(field.name()).is_some()
        })
        .collect();
    // Texts stay behind the dictionaries of the file.
    let options = ArrowReaderOptions::new().with_schema(Arc::new(behind_dictionaries(schema)));
    let metadata = ArrowReaderMetadata::load(&file, options)?;
    let mask = ProjectionMask::roots(metadata.parquet_schema(), wanted);
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
    let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let reader = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()?;
    let mapping = mapping.clone();
    let batches = reader.map(move |batch| {
        let batch = batch?;
        Ok(Batch {
            progress: batch.num_rows() as u64,
            rows: ours(&batch, &mapping, is_raw)?,
            unreadable: Vec::new(),
        })
    });
    Ok((Box::new(batches), rows))
}

fn behind_dictionaries(schema: &Schema) -> Schema {
    let of_field = |field: &Arc<ArrowField>| match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let text = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            Arc::new(ArrowField::new(field.name(), text, field.is_nullable()))
        }
        _ => Arc::clone(field),
    };
    Schema::new(schema.fields().iter().map(of_field).collect::<Vec<_>>())
}

/// A batch of a file as one of our own columns.
fn ours(batch: &RecordBatch, mapping: &Mapping, is_raw: bool) -> anyhow::Result<RecordBatch> {
    let mut arrays: Vec<(String, ArrayRef)> = Vec::new();
    // What has to be looked at value by value.
    let mut others: Vec<(&str, &ArrayRef)> = Vec::new();
    let schema = batch.schema();
    for (column, array) in schema.fields().iter().zip(batch.columns()) {
        let Some(field) = mapping.field(column.name()) else {
            continue;
        };
        match as_it_is(&field, array, is_raw) {
            Some(array) => arrays.push((field.column().to_owned(), array)),
            None => others.push((column.name(), array)),
        }
    }
    if !others.is_empty() {
        let mut table = Table::new(mapping, is_raw);
        for (name, array) in others {
            let Some(slot) = table.slot(name) else {
                continue;
            };
            for row in 0..batch.num_rows() {
                let set = value(array, row).and_then(|value| table.set_at(row, &slot, value));
                set.map_err(anyhow::Error::msg)
                    .with_context(|| format!("column {name}, row {row} of a batch"))?;
            }
        }
        arrays.extend(table.into_arrays(batch.num_rows())?);
    }
    for needed in if is_raw {
        &["time"][..]
    } else {
        &["time", "visitor"]
    } {
        let array = arrays.iter().find(|(name, _)| name == needed);
        let Some((_, array)) = array else {
            anyhow::bail!("no column is {needed}; say which one with --map COLUMN={needed}");
        };
        let blank = array.null_count();
        anyhow::ensure!(
            blank == 0,
            "{blank} rows have no {needed}; each row needs one"
        );
    }
    table::batch(arrays, batch.num_rows(), is_raw)
}

/// The column without a look at its values, where its type is that of the field.
fn as_it_is(field: &Field, array: &ArrayRef, is_raw: bool) -> Option<ArrayRef> {
    let taken = match (field, array.data_type()) {
        (Field::Visitor, DataType::UInt64) => !is_raw,
        (Field::Visitor | Field::Text(_), DataType::Dictionary(_, _)) => {
            matches!(field, Field::Text(_)) || is_raw
        }
        (Field::Number(_, factor), DataType::Int64) => *factor == 1.0,
        (Field::Interactive, DataType::Boolean) => true,
        (Field::Properties, DataType::Map(_, _)) => {
            let map = array.as_map();
            let of = |part: &ArrayRef| *part.data_type() == DataType::Utf8;
            of(map.keys()) && of(map.values())
        }
        (Field::Time(_), DataType::Timestamp(unit, _)) => return times(array, *unit),
        _ => false,
    };
    taken.then(|| Arc::clone(array))
}

/// Instants in microseconds.
fn times(array: &ArrayRef, unit: TimeUnit) -> Option<ArrayRef> {
    let times: TimestampMicrosecondArray = match unit {
        TimeUnit::Second => array
            .as_primitive_opt::<TimestampSecondType>()?
            .unary(|time| time.saturating_mul(1_000_000)),
        TimeUnit::Millisecond => array
            .as_primitive_opt::<TimestampMillisecondType>()?
            .unary(|time| time.saturating_mul(1_000)),
        TimeUnit::Microsecond => array
            .as_primitive_opt::<TimestampMicrosecondType>()?
            .clone(),
        TimeUnit::Nanosecond => array
            .as_primitive_opt::<TimestampNanosecondType>()?
            .unary(|time| time.div_euclid(1_000)),
    };
    Some(Arc::new(times.with_timezone("UTC")))
}

macro_rules! number {
    ($array:expr, $row:expr, $($type:ty => $value:expr),* $(,)?) => {
        $(if let Some(numbers) = $array.as_primitive_opt::<$type>() {
            return Ok($value(numbers.value($row)));
        })*
    };
}

/// One value of a column of any type.
fn value(array: &ArrayRef, row: usize) -> Result<Value<'_>, String> {
    if array.is_null(row) {
        return Ok(Value::Nothing);
    }
    number!(array, row,
        Int64Type => Value::Whole,
        UInt32Type => |number| Value::Whole(i64::from(number)),
        UInt16Type => |number| Value::Whole(i64::from(number)),
        Int32Type => |number| Value::Whole(i64::from(number)),
        UInt64Type => Value::Large,
        Float64Type => Value::Real,
        Float32Type => |number| Value::Real(f64::from(number)),
        Int16Type => |number| Value::Whole(i64::from(number)),
        Int8Type => |number| Value::Whole(i64::from(number)),
        UInt8Type => |number| Value::Whole(i64::from(number)),
    );
    if let Some(flags) = array.as_boolean_opt() {
        return Ok(Value::Flag(flags.value(row)));
    }
    if let Some(dictionary) = array.as_dictionary_opt::<Int32Type>()
        && let Some(values) = dictionary.values().as_string_opt::<i32>()
        && let Ok(key) = usize::try_from(dictionary.keys().value(row))
    {
        return Ok(Value::Text(values.value(key)));
    }
    Err(format!(
        "values of type {} cannot be read",
        array.data_type()
    ))
}
