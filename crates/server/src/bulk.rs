//! Events in bulk, to and from files of other programs. Reading turns a file into Arrow batches of
//! our own columns, whatever its format and its names were; writing turns batches into files. What
//! becomes of a batch is the business of the commands.

pub(crate) mod csv;
mod field;
mod kinds;
mod mapping;
pub(crate) mod ndjson;
pub(crate) mod parquet;
mod schema;
mod table;
mod value;
pub(crate) mod write;

pub(crate) use mapping::Mapping;
pub(crate) use schema::complete;

use arrow_array::RecordBatch;

/// How events are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Parquet,
    Ndjson,
    Csv,
}

/// What a reader of files hands on: rows, or why the file cannot be read on.
pub(crate) type Batches = Box<dyn Iterator<Item = anyhow::Result<Batch>> + Send>;

/// Some rows of a file.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The rows in our own columns.
    pub(crate) rows: RecordBatch,
    /// Rows of the file that could not be read: number, counted from 1, and reason.
    pub(crate) unreadable: Vec<(u64, String)>,
    /// How much of the file was read for it: bytes, or rows where the file knows its rows.
    pub(crate) progress: u64,
}
