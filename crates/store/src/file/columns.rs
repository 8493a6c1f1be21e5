//! What a file is written from: rows in their order, a column at a time. A run in memory is one
//! such source, files that become one are the other, and of those no more than one column is held.

use std::sync::Arc;

use almanac_model::{NumberColumn, TextColumn};
use arrow_array::{ArrayRef, BooleanArray, Int64Array, UInt64Array, new_null_array};
use arrow_schema::{DataType, TimeUnit};

use super::write::{UTC, kinds, map_type, maps, texts, times};
use super::{FileRun, INTERACTIVE, KIND, MILLISECOND_US, PROPERTIES, TIME, VISITOR};
use crate::StoreError;
use crate::order::order;
use crate::run::{self, NumbersJoin, PropertiesJoin, Run, TextJoin};

/// Of how many numbers of a column it is found out whether they repeat.
const SAMPLE_NUMBERS: usize = 4_096;

/// A column of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// Who it was.
    Visitor,
    /// When.
    Time,
    /// Of which kind.
    Kind,
    /// Whether somebody acted.
    Interactive,
    /// A text.
    Text(TextColumn),
    /// A number.
    Number(NumberColumn),
    /// All properties.
    Properties,
}

impl Column {
    /// All that there may be, in the order in which they stand in files.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let text = TextColumn::ALL.iter().copied().map(Self::Text);
        let numbers = NumberColumn::ALL.iter().copied().map(Self::Number);
        [Self::Visitor, Self::Time, Self::Kind, Self::Interactive]
            .into_iter()
            .chain(text)
            .chain(numbers)
            .chain([Self::Properties])
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Visitor => VISITOR,
            Self::Time => TIME,
            Self::Kind => KIND,
            Self::Interactive => INTERACTIVE,
            Self::Text(column) => column.name(),
            Self::Number(column) => column.name(),
            Self::Properties => PROPERTIES,
        }
    }

    /// Its type; instants are in that unit.
    pub(super) fn data_type(self, unit: TimeUnit) -> DataType {
        match self {
            Self::Visitor => DataType::UInt64,
            Self::Time => DataType::Timestamp(unit, Some(UTC.into())),
            Self::Kind | Self::Text(_) => text_type(),
            Self::Interactive => DataType::Boolean,
            Self::Number(_) => DataType::Int64,
            Self::Properties => map_type(),
        }
    }

    /// Whether every row has a value.
    pub(super) fn is_required(self) -> bool {
        !matches!(self, Self::Text(_) | Self::Number(_))
    }

    /// Whether every file has it.
    pub(super) fn is_everywhere(self) -> bool {
        matches!(self, Self::Visitor | Self::Time | Self::Kind)
    }
}

fn text_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Rows in their order.
pub(crate) trait Columns {
    /// How many.
    fn rows(&self) -> usize;

    /// The earliest and the latest time, microseconds; `None` without rows.
    fn span(&self) -> Option<(i64, i64)>;

    /// Milliseconds where these are exact for all instants, which most clocks of clients are,
    /// otherwise microseconds.
    fn time_unit(&self) -> Result<TimeUnit, StoreError>;

    /// Whether the column is there and not empty throughout.
    fn has(&self, column: Column) -> Result<bool, StoreError>;

    /// Whether the numbers of a column hardly repeat, so that a dictionary is of no use.
    fn hardly_repeats(&self, column: NumberColumn) -> Result<bool, StoreError>;

    /// A column that is there.
    fn array(&self, column: Column) -> Result<ArrayRef, StoreError>;
}

impl Columns for Run {
    fn rows(&self) -> usize {
        self.visitors.len()
    }

    fn span(&self) -> Option<(i64, i64)> {
        Run::span(self)
    }

    fn time_unit(&self) -> Result<TimeUnit, StoreError> {
        let is_whole = self.times.iter().all(|time| time % MILLISECOND_US == 0);
        Ok(unit(is_whole))
    }

    fn has(&self, column: Column) -> Result<bool, StoreError> {
        Ok(match column {
            Column::Visitor | Column::Time | Column::Kind => true,
            Column::Interactive => self.kinds.iter().any(|kind| kind & run::INTERACTIVE == 0),
            Column::Text(column) => self.text.get(column.index()).is_some_and(Option::is_some),
            Column::Number(column) => self
                .numbers
                .get(column.index())
                .is_some_and(Option::is_some),
            Column::Properties => self.properties.is_some(),
        })
    }

    fn hardly_repeats(&self, column: NumberColumn) -> Result<bool, StoreError> {
        let values = self.numbers.get(column.index()).and_then(Option::as_deref);
        Ok(values.is_some_and(hardly_repeat))
    }

    fn array(&self, column: Column) -> Result<ArrayRef, StoreError> {
        let unit = self.time_unit()?;
        let missing = || new_null_array(&column.data_type(unit), self.rows());
        Ok(match column {
            Column::Visitor => Arc::new(UInt64Array::from(self.visitors.clone())),
            Column::Time => times(&self.times, unit),
            Column::Kind => kinds(&self.kinds)?,
            Column::Interactive => flags(&self.kinds),
            Column::Text(column) => match self.text.get(column.index()) {
                Some(Some(text)) => texts(text)?,
                _ => missing(),
            },
            Column::Number(column) => match self.numbers.get(column.index()) {
                Some(Some(values)) => Arc::new(Int64Array::from(values.clone())),
                _ => missing(),
            },
            Column::Properties => maps(self.properties.as_ref(), self.rows())?,
        })
    }
}

/// Files that are to become one.
#[derive(Debug)]
pub(crate) struct Merged<'a> {
    files: &'a [Arc<FileRun>],
    /// Where each row is among the rows of the files, one after another.
    order: Vec<u32>,
}

impl<'a> Merged<'a> {
    /// Finds the order of their rows.
    pub(crate) fn new(files: &'a [Arc<FileRun>]) -> Result<Self, StoreError> {
        let order = order(files, &[])?;
        Ok(Self { files, order })
    }

    /// Some rows of one file, ascending.
    pub(crate) fn some(file: &'a [Arc<FileRun>; 1], rows: Vec<u32>) -> Self {
        Self {
            files: file,
            order: rows,
        }
    }

    fn joined<T: Copy>(
        &self,
        of: impl Fn(&FileRun) -> Result<Vec<T>, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::with_capacity(self.order.len());
        for file in self.files {
            all.extend_from_slice(&of(file)?);
        }
        Ok(run::pick(&all, &self.order))
    }

    fn text(&self, column: TextColumn) -> Result<ArrayRef, StoreError> {
        let mut joined = TextJoin::default();
        for file in self.files {
            joined.add(file.text(column)?.as_ref(), rows(file));
        }
        // Of a column of the files, some of their rows may have nothing.
        match joined.in_order(&self.order) {
            Some(text) => Ok(texts(&text)?),
            None => Ok(new_null_array(&text_type(), self.order.len())),
        }
    }

    fn numbers(&self, column: NumberColumn) -> Result<ArrayRef, StoreError> {
        let mut joined = NumbersJoin::default();
        for file in self.files {
            joined.add(file.numbers(column)?.as_deref(), rows(file));
        }
        let values = joined.in_order(&self.order);
        let values = values.unwrap_or_else(|| vec![None; self.order.len()]);
        Ok(Arc::new(Int64Array::from(values)))
    }

    fn properties(&self) -> Result<ArrayRef, StoreError> {
        let mut joined = PropertiesJoin::default();
        for file in self.files {
            joined.add(file.properties()?.as_ref(), rows(file));
        }
        let properties = joined.in_order(&self.order);
        Ok(maps(properties.as_ref(), self.order.len())?)
    }
}

impl Columns for Merged<'_> {
    fn rows(&self) -> usize {
        self.order.len()
    }

    fn span(&self) -> Option<(i64, i64)> {
        let spans = self.files.iter().map(|file| file.entry.span);
        spans.reduce(|one, two| (one.0.min(two.0), one.1.max(two.1)))
    }

    fn time_unit(&self) -> Result<TimeUnit, StoreError> {
        let is_finer = any(self.files, |file| Ok(!file.is_in_milliseconds()?))?;
        Ok(unit(!is_finer))
    }

    fn has(&self, column: Column) -> Result<bool, StoreError> {
        any(self.files, |file| file.has(column.name()))
    }

    fn hardly_repeats(&self, column: NumberColumn) -> Result<bool, StoreError> {
        any(self.files, |file| file.is_split(column.name()))
    }

    fn array(&self, column: Column) -> Result<ArrayRef, StoreError> {
        Ok(match column {
            Column::Visitor => Arc::new(UInt64Array::from(self.joined(FileRun::visitors)?)),
            Column::Time => times(&self.joined(FileRun::times)?, self.time_unit()?),
            Column::Kind => kinds(&self.joined(FileRun::kinds)?)?,
            Column::Interactive => flags(&self.joined(FileRun::kinds)?),
            Column::Text(column) => self.text(column)?,
            Column::Number(column) => self.numbers(column)?,
            Column::Properties => self.properties()?,
        })
    }
}

fn any(
    files: &[Arc<FileRun>],
    holds: impl Fn(&FileRun) -> Result<bool, StoreError>,
) -> Result<bool, StoreError> {
    for file in files {
        if holds(file)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn unit(is_whole_milliseconds: bool) -> TimeUnit {
    if is_whole_milliseconds {
        TimeUnit::Millisecond
    } else {
        TimeUnit::Microsecond
    }
}

fn rows(file: &FileRun) -> usize {
    file.entry.rows as usize
}

fn flags(kinds: &[u8]) -> ArrayRef {
    let flags = kinds.iter().map(|kind| Some(kind & run::INTERACTIVE != 0));
    Arc::new(flags.collect::<BooleanArray>())
}

/// Whether more than half of the first numbers of a column are different ones.
fn hardly_repeat(values: &[Option<i64>]) -> bool {
    let numbers = values.iter().flatten().copied();
    let mut sample: Vec<i64> = numbers.take(SAMPLE_NUMBERS).collect();
    let count = sample.len();
    sample.sort_unstable();
    sample.dedup();
    2 * sample.len() > count
}
