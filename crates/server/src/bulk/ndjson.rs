//! Lines of JSON, one object each. Blocks of lines are parsed on all cores, straight into columns.

mod row;

use std::io::Read;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use rayon::prelude::*;

use super::mapping::Mapping;
use super::table::Table;
use super::{Batch, Batches};

/// Bytes of the file that are read and stored together.
const BLOCK_BYTES: usize = 64 << 20;
/// Bytes of a block that one thread parses at a time.
const PIECE_BYTES: usize = 4 << 20;
/// Longest line, bytes. A longer one ends the import, for it is most likely no line at all.
const LINE_BYTES_MAX: usize = 16 << 20;

/// The rows of a file. The first line tells whether they are raw.
pub(crate) fn batches(source: Box<dyn Read + Send>, mapping: Mapping) -> Batches {
    let mut blocks = Blocks {
        source,
        rest: Vec::new(),
        lines: 0,
        is_raw: None,
        mapping,
    };
    Box::new(std::iter::from_fn(move || blocks.next().transpose()))
}

struct Blocks {
    source: Box<dyn Read + Send>,
    /// The beginning of a line whose end was not read yet.
    rest: Vec<u8>,
    /// Lines in the blocks before.
    lines: u64,
    is_raw: Option<bool>,
    mapping: Mapping,
}

impl Blocks {
    fn next(&mut self) -> anyhow::Result<Option<Batch>> {
        let mut block = std::mem::take(&mut self.rest);
        let before = block.len();
        let room = BLOCK_BYTES.saturating_sub(before).max(1) as u64;
        let read = self.source.by_ref().take(room).read_to_end(&mut block)?;
        if block.is_empty() {
            return Ok(None);
        }
        if read as u64 == room {
            let end = block
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1);
            anyhow::ensure!(
                block.len() - end <= LINE_BYTES_MAX,
                "a line is longer than {LINE_BYTES_MAX} bytes; is this one JSON object per line?"
            );
            self.rest = block.split_off(end);
        }
        let is_raw = match self.is_raw {
            Some(is_raw) => is_raw,
            None => {
                let first = block
                    .split(|byte| *byte == b'\n')
                    .find(|line| !line.is_empty());
                let keys = row::keys(first.unwrap_or_default());
                self.mapping.check(keys.iter().map(String::as_str))?;
                self.mapping.is_raw(keys.iter().map(String::as_str))
            }
        };
        self.is_raw = Some(is_raw);
        let mut batch = parse(&block, &self.mapping, is_raw, &mut self.lines)?;
        batch.progress = read as u64;
        Ok(Some(batch))
    }
}

/// What one thread made of its lines: the rows, the lines that are none, and how many lines.
type Piece = (RecordBatch, Vec<(u64, String)>, u64);

fn parse(
    block: &[u8],
    mapping: &Mapping,
    is_raw: bool,
    lines_before: &mut u64,
) -> anyhow::Result<Batch> {
    let pieces: Vec<Piece> = pieces(block)
        .into_par_iter()
        .map(|piece| parse_piece(piece, mapping, is_raw))
        .collect::<anyhow::Result<_>>()?;
    let mut unreadable = Vec::new();
    let mut batches = Vec::with_capacity(pieces.len());
    for (batch, faults, lines) in pieces {
        let before = *lines_before;
        unreadable.extend(faults.into_iter().map(|(line, text)| (before + line, text)));
        *lines_before += lines;
        if batch.num_rows() > 0 {
            batches.push(super::complete(&batch)?);
        }
    }
    let rows = match batches.first() {
        Some(first) => concat_batches(&first.schema(), &batches)?,
        None => RecordBatch::new_empty(almanac_store::rows_schema()),
    };
    Ok(Batch {
        rows,
        unreadable,
        progress: 0,
    })
}

fn parse_piece(piece: &[u8], mapping: &Mapping, is_raw: bool) -> anyhow::Result<Piece> {
    let mut table = Table::new(mapping, is_raw);
    let (mut unreadable, mut number) = (Vec::new(), 0);
    for line in piece.split_inclusive(|byte| *byte == b'\n') {
        number += 1;
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if let Err(fault) = row::read(line, &mut table).and_then(|()| table.end_row()) {
            table.take_back();
            unreadable.push((number, fault));
        }
    }
    if table.rows() == 0 {
        let empty = RecordBatch::new_empty(almanac_store::rows_schema());
        return Ok((empty, unreadable, number));
    }
    Ok((table.finish()?, unreadable, number))
}

/// A block in pieces that end with lines.
fn pieces(mut block: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while !block.is_empty() {
        let from = PIECE_BYTES.min(block.len());
        let end = block[from..].iter().position(|byte| *byte == b'\n');
        let (piece, rest) = block.split_at(end.map_or(block.len(), |end| from + end + 1));
        pieces.push(piece);
        block = rest;
    }
    pieces
}
