//! An accepted event as bytes for the queue. This file owns the layout; the queue does not know it.
//!
//! ```text
//! version u8 = 1 | kind u8 | flags u8 | event id 16 B | visitor 8 B
//! flags:      bit 0: interactive; bit 1: the client chose the id
//! project varint | time zigzag varint
//! texts:      count varint, then each: column varint, length varint, UTF-8
//! numbers:    count varint, then each: column varint, zigzag varint
//! properties: count varint, then each: length varint, UTF-8 name, length varint, UTF-8 value
//! ```
//!
//! Fixed integers are little-endian. Only columns with a value are written. A column code that this
//! program does not know was written by a newer one and is skipped, so that going back one version
//! loses a column and not the queue. Codes are the columns' positions in the model.

mod bytes;
pub mod letter;

use almanac_model::limits;
use almanac_model::{
    Event, EventId, Instant, Kind, NumberColumn, ProjectId, TextColumn, VisitorId,
};

use bytes::{Reader, put_text, put_varint, unzigzag, zigzag};

/// Version of the layout that is written.
const VERSION: u8 = 1;
/// Flag of an event that ends a bounce.
const INTERACTIVE: u8 = 1;
/// Flag of an event whose id the client chose, so that it may come again.
const ID_IS_CHOSEN: u8 = 2;
/// Where the flags are in a record.
const FLAGS_AT: usize = 2;

/// Bytes that are no event. The queue checks its own sums, so this means a programming error or a
/// record of a newer version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Written in a layout that is not known.
    #[error("record has version {0}, known is {VERSION}: use the program version that wrote it")]
    Version(u8),
    /// Ends too early.
    #[error("record ends in the middle of a value")]
    Truncated,
    /// Goes on after its end.
    #[error("record has bytes after its end")]
    Trailing,
    /// A kind that is not known.
    #[error("record has unknown kind {0}")]
    Kind(u8),
    /// A text that is no UTF-8.
    #[error("record has text that is not UTF-8")]
    Text,
    /// A number that is too large for its place.
    #[error("record has a number that is too large for its place")]
    Number,
}

/// Appends the event to `out`.
pub fn encode(event: &Event, out: &mut Vec<u8>) {
    out.extend([
        VERSION,
        event.kind.code(),
        if event.interactive { INTERACTIVE } else { 0 },
    ]);
    out.extend(event.id.0.to_le_bytes());
    out.extend(event.visitor.0.to_le_bytes());
    put_varint(out, u64::from(event.project.0));
    put_varint(out, zigzag(event.time.0));
    let texts = || {
        TextColumn::ALL
            .iter()
            .filter(|column| !event.text[**column].is_empty())
    };
    put_varint(out, texts().count() as u64);
    for column in texts() {
        put_varint(out, column.index() as u64);
        put_text(out, &event.text[*column]);
    }
    let numbers = || {
        let columns = NumberColumn::ALL.iter();
        columns.filter_map(|column| event.numbers[*column].map(|value| (*column, value)))
    };
    put_varint(out, numbers().count() as u64);
    for (column, value) in numbers() {
        put_varint(out, column.index() as u64);
        put_varint(out, zigzag(value));
    }
    put_varint(out, event.properties.len() as u64);
    for (name, value) in &event.properties {
        put_text(out, name);
        put_text(out, value);
    }
}

/// Says in an encoded record that the client chose its id.
pub fn set_id_is_chosen(record: &mut [u8]) {
    if let Some(flags) = record.get_mut(FLAGS_AT) {
        *flags |= ID_IS_CHOSEN;
    }
}

/// Whether the client chose the id of the encoded event, so that its copies have the same.
pub fn id_is_chosen(record: &[u8]) -> bool {
    record
        .get(FLAGS_AT)
        .is_some_and(|flags| flags & ID_IS_CHOSEN != 0)
}

/// Reads one event that fills `record` exactly.
pub fn decode(record: &[u8]) -> Result<Event, RecordError> {
    let mut reader = Reader::new(record);
    let version = reader.byte()?;
    if version != VERSION {
        return Err(RecordError::Version(version));
    }
    let kind = reader.byte()?;
    let kind = Kind::from_code(kind).ok_or(RecordError::Kind(kind))?;
    let flags = reader.byte()?;
    let id = EventId(u128::from_le_bytes(reader.array()?));
    let visitor = VisitorId(u64::from_le_bytes(reader.array()?));
    let project = u32::try_from(reader.varint()?).map_err(|_| RecordError::Number)?;
    let time = Instant(unzigzag(reader.varint()?));
    let mut event = Event::new(id, ProjectId(project), time, visitor, kind);
    event.interactive = flags & INTERACTIVE != 0;
    for _ in 0..reader.varint()? {
        let column = column(TextColumn::ALL, reader.varint()?);
        let text = reader.text()?;
        if let Some(column) = column {
            text.clone_into(&mut event.text[column]);
        }
    }
    for _ in 0..reader.varint()? {
        let column = column(NumberColumn::ALL, reader.varint()?);
        let value = unzigzag(reader.varint()?);
        if let Some(column) = column {
            event.numbers[column] = Some(value);
        }
    }
    let properties = reader.varint()?;
    // The count is a claim of the record: memory is taken for what can be true.
    event
        .properties
        .reserve(properties.min(limits::PROPERTIES_MAX as u64) as usize);
    for _ in 0..properties {
        event
            .properties
            .push((reader.text()?.to_owned(), reader.text()?.to_owned()));
    }
    if reader.is_empty() {
        Ok(event)
    } else {
        Err(RecordError::Trailing)
    }
}

fn column<T: Copy>(all: &[T], code: u64) -> Option<T> {
    usize::try_from(code)
        .ok()
        .and_then(|code| all.get(code))
        .copied()
}

#[cfg(test)]
mod tests;
