//! Comma-separated values with a line of names first. Texts that were guarded against spreadsheets
//! are read as they were.

use std::io::Read;

use almanac_api::cell::unguarded;
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::mapping::Mapping;
use super::table::{Slot, Table};
use super::value::Value;
use super::{Batch, Batches};

/// Rows that are read and stored together.
const BATCH_ROWS: usize = 250_000;

/// The rows of a file.
///
/// # Errors
/// When its first line cannot be read or lacks a column that was named.
pub(crate) fn batches(source: Box<dyn Read + Send>, mapping: &Mapping) -> anyhow::Result<Batches> {
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(source);
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let columns = || names.iter().map(String::as_str);
    mapping.check(columns())?;
    let mut rows = Rows {
        is_raw: mapping.is_raw(columns()),
        mapping: mapping.clone(),
        reader,
        names,
        read_to: 0,
    };
    Ok(Box::new(std::iter::from_fn(move || {
        rows.next().transpose()
    })))
}

struct Rows {
    reader: Reader<Box<dyn Read + Send>>,
    mapping: Mapping,
    names: Vec<String>,
    is_raw: bool,
    /// The byte of the file up to which batches were made.
    read_to: u64,
}

impl Rows {
    fn next(&mut self) -> anyhow::Result<Option<Batch>> {
        let mut table = Table::new(&self.mapping, self.is_raw);
        let slots: Vec<Option<Slot>> = self.names.iter().map(|name| table.slot(name)).collect();
        let (mut unreadable, mut record) = (Vec::new(), ByteRecord::new());
        let mut is_over = true;
        while table.rows() < BATCH_ROWS && self.reader.read_byte_record(&mut record)? {
            is_over = false;
            let line = record.position().map_or(0, csv::Position::line);
            let set = slots.iter().zip(&record).try_for_each(|(slot, bytes)| {
                let Some(slot) = slot else { return Ok(()) };
                let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
                table.set(slot, Value::Text(unguarded(text)))
            });
            if let Err(fault) = set.and_then(|()| table.end_row()) {
                table.take_back();
                unreadable.push((line, fault));
            }
        }
        if is_over {
            return Ok(None);
        }
        let byte = self.reader.position().byte();
        let progress = byte - std::mem::replace(&mut self.read_to, byte);
        let rows = if table.rows() == 0 {
            arrow_array::RecordBatch::new_empty(almanac_store::rows_schema())
        } else {
            table.finish()?
        };
        Ok(Some(Batch {
            rows,
            unreadable,
            progress,
        }))
    }
}
