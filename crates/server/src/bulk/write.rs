//! Batches in the schema of exports, written as files that other programs read.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use almanac_api::lines;
use anyhow::Context;
use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;

use super::Format;

/// Level of compression of Parquet files.
const ZSTD_LEVEL: i32 = 3;

/// Writes batches one after another.
pub(crate) enum Writer<W: Write + Send> {
    Parquet(Box<ArrowWriter<W>>),
    Ndjson(W),
    Csv(W),
}

impl<W: Write + Send> Writer<W> {
    /// A writer of a whole file. Comma-separated values begin with the names of the columns, unless
    /// the file is a part that does not come first.
    pub(crate) fn new(format: Format, mut to: W, with_names: bool) -> anyhow::Result<Self> {
        Ok(match format {
            Format::Parquet => {
                let schema = almanac_store::rows_schema();
                let writer = ArrowWriter::try_new(to, schema, Some(properties()?))?;
                Self::Parquet(Box::new(writer))
            }
            Format::Ndjson => Self::Ndjson(to),
            Format::Csv => {
                if with_names {
                    lines::csv_names(&mut to)?;
                }
                Self::Csv(to)
            }
        })
    }

    /// Writes rows.
    pub(crate) fn write(&mut self, rows: &RecordBatch) -> anyhow::Result<()> {
        match self {
            Self::Parquet(writer) => Ok(writer.write(rows)?),
            Self::Ndjson(to) => Ok(lines::ndjson(rows, to)?),
            Self::Csv(to) => Ok(lines::csv(rows, to)?),
        }
    }

    /// What was written to.
    pub(crate) fn written(&mut self) -> &mut W {
        match self {
            Self::Parquet(writer) => writer.inner_mut(),
            Self::Ndjson(to) | Self::Csv(to) => to,
        }
    }

    /// Writes what is left, and gives back what was written to.
    pub(crate) fn finish(self) -> anyhow::Result<W> {
        let mut to = match self {
            Self::Parquet(writer) => writer.into_inner()?,
            Self::Ndjson(to) | Self::Csv(to) => to,
        };
        to.flush()?;
        Ok(to)
    }
}

/// Puts parts, each a whole file of its own, together in one file.
pub(crate) fn join(format: Format, parts: &[PathBuf], to: File) -> anyhow::Result<File> {
    if format == Format::Parquet {
        return join_parquet(parts, to);
    }
    let mut to = to;
    if format == Format::Csv {
        lines::csv_names(&mut to)?;
    }
    for part in parts {
        let mut part = File::open(part).with_context(|| part.display().to_string())?;
        io::copy(&mut part, &mut to)?;
    }
    Ok(to)
}

/// Copies the pages of all parts as they are.
fn join_parquet(parts: &[PathBuf], to: File) -> anyhow::Result<File> {
    let Some(first) = parts.first() else {
        // Without events the file has the columns and no rows.
        return Writer::new(Format::Parquet, to, true)?.finish();
    };
    let first = SerializedFileReader::new(File::open(first)?)?;
    let schema = first
        .metadata()
        .file_metadata()
        .schema_descr()
        .root_schema_ptr();
    let mut writer = SerializedFileWriter::new(to, schema, properties()?.into())?;
    for part in parts {
        let file = File::open(part).with_context(|| part.display().to_string())?;
        let reader = SerializedFileReader::new(file.try_clone()?)?;
        for group in reader.metadata().row_groups() {
            let mut to_group = writer.next_row_group()?;
            for column in group.columns() {
                let closed = ColumnCloseResult {
                    bytes_written: column.compressed_size().unsigned_abs(),
                    rows_written: group.num_rows().unsigned_abs(),
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index: None,
                    offset_index: None,
                };
                to_group.append_column(&file, closed)?;
            }
            to_group.close()?;
        }
    }
    Ok(writer.into_inner()?)
}

fn properties() -> anyhow::Result<WriterProperties> {
    let level = ZstdLevel::try_new(ZSTD_LEVEL)?;
    let builder = WriterProperties::builder().set_compression(Compression::ZSTD(level));
    Ok(builder.build())
}
