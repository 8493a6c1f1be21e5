//! Number columns of a segment, decoded on demand. Most events have no value for most of them, so a
//! column that is mostly empty keeps only the rows that have one.

use std::sync::Arc;

use almanac_model::NumberColumn;

use super::Segment;
use crate::StoreError;
use crate::cache::{Key, Part};

/// The numbers of a column, row by row.
#[derive(Debug)]
pub(crate) enum Numbers {
    /// The rows that have a value, ascending, and their values.
    Few { rows: Vec<u32>, values: Vec<i64> },
    /// Every row.
    All(Vec<Option<i64>>),
}

/// A column of which at least one row in this many has a value keeps every row.
const ROWS_PER_VALUE_DENSE: usize = 2;

impl Numbers {
    fn of(all: Vec<Option<i64>>) -> Self {
        let known = all.iter().flatten().count();
        if known * ROWS_PER_VALUE_DENSE >= all.len() && known > 0 {
            return Self::All(all);
        }
        let known = (0u32..)
            .zip(all)
            .filter_map(|(row, value)| value.map(|value| (row, value)));
        let (rows, values) = known.unzip();
        Self::Few { rows, values }
    }

    /// The value of a row, if it has one.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> Option<i64> {
        match self {
            Self::All(all) => all[row],
            Self::Few { rows, values } => {
                let at = rows.binary_search(&(row as u32)).ok()?;
                Some(values[at])
            }
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Few { rows, .. } => 12 * rows.len(),
            Self::All(all) => 16 * all.len(),
        }
    }
}

impl Segment<'_> {
    /// A number column.
    pub(crate) fn numbers(&self, column: NumberColumn) -> Result<Arc<Numbers>, StoreError> {
        let key = Key {
            of: self.number(),
            part: Part::Numbers(column),
        };
        self.store.cache.get_or_make(key, Numbers::bytes, || {
            let mut all = Vec::with_capacity(self.rows() as usize);
            for file in &self.partition.files {
                self.read(file, column.name());
                match file.numbers(column)? {
                    Some(values) => all.extend(values),
                    None => all.resize(all.len() + file.entry.rows as usize, None),
                }
            }
            for hot in self.partition.hot_runs() {
                match hot.run.numbers.get(column.index()).and_then(Option::as_ref) {
                    Some(values) => all.extend_from_slice(values),
                    None => all.resize(all.len() + hot.run.rows(), None),
                }
            }
            if self.only_file().is_none() && all.iter().any(Option::is_some) {
                all = self.in_order(&all)?;
            }
            Ok(Numbers::of(all))
        })
    }
}
