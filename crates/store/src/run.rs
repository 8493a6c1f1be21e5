//! A run: events as columns, sorted by visitor, time and content, with a dictionary per text
//! column. It never changes once made. Files are written from runs and read into runs.

mod build;
mod merge;

use std::cmp::Ordering;
use std::sync::Arc;

use almanac_model::{NumberColumn, TextColumn};

use crate::dictionary::{CodeColumn, Dictionary};

pub(crate) use build::{pick, pick_numbers};
pub(crate) use merge::{NumbersJoin, PropertiesJoin, TextJoin, merge};

/// The bit beside a kind's code that says whether the event is interactive.
pub(crate) const INTERACTIVE: u8 = 0x80;

/// Sorted events as columns. All columns that are there have the same length.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// Visitor of each row.
    pub(crate) visitors: Vec<u64>,
    /// Time of each row, UTC microseconds.
    pub(crate) times: Vec<i64>,
    /// Kind code of each row, with [`INTERACTIVE`].
    pub(crate) kinds: Vec<u8>,
    /// Text columns by position; `None` where every row is blank.
    pub(crate) text: Vec<Option<Text>>,
    /// Number columns by position; `None` where no row has a value.
    pub(crate) numbers: Vec<Option<Vec<Option<i64>>>>,
    /// Custom properties; `None` where no row has any.
    pub(crate) properties: Option<Properties>,
}

/// A text column: a code per row into distinct values, of which the first is the blank one.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub(crate) values: Vec<Arc<str>>,
    pub(crate) codes: Vec<u32>,
}

/// Properties of all rows: row `i` has the entries `offsets[i]..offsets[i + 1]`, sorted by name.
#[derive(Debug)]
pub(crate) struct Properties {
    pub(crate) offsets: Vec<u32>,
    pub(crate) names: Text,
    pub(crate) values: Text,
}

impl Text {
    pub(crate) fn get(&self, row: usize) -> &str {
        &self.values[self.codes[row] as usize]
    }
}

impl Properties {
    /// The entries of one row.
    pub(crate) fn entries(&self, row: usize) -> std::ops::Range<usize> {
        self.offsets[row] as usize..self.offsets[row + 1] as usize
    }

    /// Names and values of one row.
    pub(crate) fn of(&self, row: usize) -> impl Iterator<Item = (&str, &str)> {
        self.entries(row)
            .map(|entry| (self.names.get(entry), self.values.get(entry)))
    }

    /// The values of one property, row by row, in a shared dictionary; `None` when no row has it.
    pub(crate) fn codes_of(&self, name: &str, dictionary: &Dictionary) -> Option<Vec<u32>> {
        let wanted = self
            .names
            .values
            .iter()
            .position(|value| **value == *name)? as u32;
        let codes = dictionary.codes(self.values.values.iter().map(AsRef::as_ref));
        let of_row = |row: usize| {
            (self.offsets[row] as usize..self.offsets[row + 1] as usize)
                .find(|entry| self.names.codes[*entry] == wanted)
                .map_or(0, |entry| codes[self.values.codes[entry] as usize])
        };
        Some((0..self.offsets.len() - 1).map(of_row).collect())
    }
}

impl Run {
    pub(crate) fn rows(&self) -> usize {
        self.visitors.len()
    }

    /// The earliest and the latest time, microseconds; `None` without rows.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        Some((*self.times.iter().min()?, *self.times.iter().max()?))
    }

    /// About how many bytes the run occupies in memory.
    pub(crate) fn bytes(&self) -> usize {
        let text = |text: &Text| {
            let values: usize = text.values.iter().map(|value| value.len() + 32).sum();
            values + 4 * text.codes.len()
        };
        let properties = self.properties.as_ref().map_or(0, |all| {
            4 * all.offsets.len() + text(&all.names) + text(&all.values)
        });
        self.rows() * 17
            + self.text.iter().flatten().map(text).sum::<usize>()
            + self.numbers.iter().flatten().count() * self.rows() * 16
            + properties
    }

    /// The text of a row, blank where the column is.
    pub(crate) fn text_at(&self, column: TextColumn, row: usize) -> &str {
        self.text
            .get(column.index())
            .and_then(Option::as_ref)
            .map_or("", |text| text.get(row))
    }

    /// The codes of a column in a shared dictionary; `None` where every row is blank.
    pub(crate) fn codes(&self, column: &CodeColumn, dictionary: &Dictionary) -> Option<Vec<u32>> {
        match column {
            CodeColumn::Text(column) => {
                let text = self.text.get(column.index())?.as_ref()?;
                let codes = dictionary.codes(text.values.iter().map(AsRef::as_ref));
                Some(
                    text.codes
                        .iter()
                        .map(|code| codes[*code as usize])
                        .collect(),
                )
            }
            CodeColumn::Property(name) => self.properties.as_ref()?.codes_of(name, dictionary),
        }
    }

    fn number_at(&self, column: NumberColumn, row: usize) -> Option<i64> {
        self.numbers
            .get(column.index())
            .and_then(Option::as_ref)
            .and_then(|all| all[row])
    }
}

/// The order of rows of one visitor at the same instant: the same as
/// [`Event::cmp_in_visit`](almanac_model::Event::cmp_in_visit) on their events.
pub(crate) fn cmp_content(left: (&Run, usize), right: (&Run, usize)) -> Ordering {
    let kind =
        |(run, row): (&Run, usize)| (run.kinds[row] & !INTERACTIVE, run.kinds[row] & INTERACTIVE);
    kind(left)
        .cmp(&kind(right))
        .then_with(|| {
            let (a, b) = (left, right);
            let differs = TextColumn::ALL
                .iter()
                .map(|column| a.0.text_at(*column, a.1).cmp(b.0.text_at(*column, b.1)));
            first_difference(differs)
        })
        .then_with(|| {
            let differs = NumberColumn::ALL.iter().map(|column| {
                left.0
                    .number_at(*column, left.1)
                    .cmp(&right.0.number_at(*column, right.1))
            });
            first_difference(differs)
        })
        .then_with(|| {
            let entries = |(run, row): (&Run, usize)| {
                run.properties.as_ref().map_or_else(Vec::new, |all| {
                    all.of(row)
                        .map(|(name, value)| (name.to_owned(), value.to_owned()))
                        .collect()
                })
            };
            entries(left).cmp(&entries(right))
        })
}

fn first_difference(mut parts: impl Iterator<Item = Ordering>) -> Ordering {
    parts.find(|part| part.is_ne()).unwrap_or(Ordering::Equal)
}
