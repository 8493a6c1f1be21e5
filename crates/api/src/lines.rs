//! Rows as text: lines of JSON without what is blank, and comma-separated values with a column for
//! everything. Distinct texts of a batch are escaped once. Where they go is not known here.

use std::io::{self, Write};

use almanac_model::Instant;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use serde_json::{Map, Value, json};

use crate::cell::quoted;

/// Writes rows as lines of JSON. A visitor is a text, because many programs keep numbers of JSON
/// in 53 bits.
///
/// # Errors
/// The writer failed, or a column is of a type that events do not have.
pub fn ndjson(rows: &RecordBatch, to: &mut impl Write) -> io::Result<()> {
    let columns = cells(rows, &|text| json!(text).to_string())?;
    let schema = rows.schema();
    let names: Vec<String> = schema
        .fields()
        .iter()
        .map(|field| json!(field.name()).to_string())
        .collect();
    let mut line = Vec::new();
    for row in 0..rows.num_rows() {
        line.clear();
        for (name, cells) in names.iter().zip(&columns) {
            if cells.is_blank(row) {
                continue;
            }
            line.push(if line.is_empty() { b'{' } else { b',' });
            write!(line, "{name}:")?;
            cells.write_json(row, &mut line)?;
        }
        line.extend_from_slice(b"}\n");
        to.write_all(&line)?;
    }
    Ok(())
}

/// Writes the names of all columns.
///
/// # Errors
/// The writer failed.
pub fn csv_names(to: &mut impl Write) -> io::Result<()> {
    let schema = almanac_store::rows_schema();
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    writeln!(to, "{}", names.join(","))
}

/// Writes rows as comma-separated values, properties as an object of JSON.
///
/// # Errors
/// As [`ndjson`].
pub fn csv(rows: &RecordBatch, to: &mut impl Write) -> io::Result<()> {
    let columns = cells(rows, &quoted)?;
    let mut line = Vec::new();
    for row in 0..rows.num_rows() {
        line.clear();
        for (at, cells) in columns.iter().enumerate() {
            if at > 0 {
                line.push(b',');
            }
            cells.write_csv(row, &mut line)?;
        }
        line.push(b'\n');
        to.write_all(&line)?;
    }
    Ok(())
}

/// A column and how its values are written.
enum Cells<'a> {
    Visitors(&'a [u64]),
    Times(&'a [i64]),
    Flags(&'a arrow_array::BooleanArray),
    Numbers(&'a arrow_array::Int64Array),
    /// The key of each row, and each text as it is to be written.
    Texts(&'a arrow_array::Int32Array, Vec<String>),
    Properties(&'a arrow_array::MapArray),
}

fn cells<'a>(rows: &'a RecordBatch, escape: &dyn Fn(&str) -> String) -> io::Result<Vec<Cells<'a>>> {
    let of = |array: &'a ArrayRef| -> io::Result<Cells<'a>> {
        if let Some(visitors) = array.as_primitive_opt::<UInt64Type>() {
            return Ok(Cells::Visitors(visitors.values()));
        }
        if let Some(times) = array.as_primitive_opt::<TimestampMicrosecondType>() {
            return Ok(Cells::Times(times.values()));
        }
        if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
            return Ok(Cells::Numbers(numbers));
        }
        if let Some(dictionary) = array.as_dictionary_opt::<Int32Type>()
            && let Some(texts) = dictionary.values().as_string_opt::<i32>()
        {
            let texts = texts.iter().map(|text| escape(text.unwrap_or_default()));
            return Ok(Cells::Texts(dictionary.keys(), texts.collect()));
        }
        if let Some(flags) = array.as_boolean_opt() {
            return Ok(Cells::Flags(flags));
        }
        let map = array.as_map_opt().map(Cells::Properties);
        let unknown = || format!("a column is of type {}", array.data_type());
        map.ok_or_else(|| io::Error::other(unknown()))
    };
    rows.columns().iter().map(of).collect()
}

impl Cells<'_> {
    /// Whether there is nothing to write for a row. Most events are interactive.
    fn is_blank(&self, row: usize) -> bool {
        match self {
            Self::Visitors(_) | Self::Times(_) => false,
            Self::Flags(flags) => flags.is_null(row) || flags.value(row),
            Self::Numbers(numbers) => numbers.is_null(row),
            Self::Texts(keys, _) => keys.is_null(row),
            Self::Properties(map) => map.value_length(row) == 0,
        }
    }

    fn write_json(&self, row: usize, to: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Visitors(visitors) => write!(to, "\"{}\"", visitors[row])?,
            Self::Times(times) => write!(to, "\"{}\"", Instant(times[row]).timestamp())?,
            Self::Flags(flags) => write!(to, "{}", flags.value(row))?,
            Self::Numbers(numbers) => write!(to, "{}", numbers.value(row))?,
            Self::Texts(keys, texts) => {
                to.extend_from_slice(texts[keys.value(row) as usize].as_bytes());
            }
            Self::Properties(map) => serde_json::to_writer(to, &object(map, row))?,
        }
        Ok(())
    }

    fn write_csv(&self, row: usize, to: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Visitors(visitors) => write!(to, "{}", visitors[row])?,
            Self::Times(times) => write!(to, "{}", Instant(times[row]).timestamp())?,
            Self::Flags(flags) if flags.is_valid(row) => write!(to, "{}", flags.value(row))?,
            Self::Properties(map) if map.value_length(row) > 0 => {
                to.extend_from_slice(quoted(&object(map, row).to_string()).as_bytes());
            }
            _ if self.is_blank(row) => {}
            _ => self.write_json(row, to)?,
        }
        Ok(())
    }
}

fn object(map: &arrow_array::MapArray, row: usize) -> Value {
    let entries = map.value(row);
    let texts = |at: usize| entries.column(at).as_string::<i32>();
    let pairs = texts(0).iter().zip(texts(1));
    let pair = |(name, value): (Option<&str>, Option<&str>)| {
        (
            name.unwrap_or_default().to_owned(),
            json!(value.unwrap_or_default()),
        )
    };
    Value::Object(pairs.map(pair).collect::<Map<_, _>>())
}
