//! Events as Arrow columns: what bulk imports bring and exports take away. The columns have the
//! names and meanings of the files of events (`docs/data-files.md`), whether they come from a file,
//! another program or another store. Nothing is enriched here, and nothing is stored.

mod hash;
mod read;
mod write;

use almanac_model::Instant;
use arrow_array::RecordBatch;

use crate::StoreError;
use crate::run::Run;

pub(crate) use hash::RowHasher;
pub use write::schema;
pub(crate) use write::to_batch;

/// Events of one project as columns, in any order.
#[derive(Debug)]
pub struct Rows {
    pub(crate) run: Run,
}

impl Rows {
    /// The events of a batch. It must have `visitor` (unsigned 64-bit), `time` (a timestamp) and
    /// `kind` (text, one of the names of kinds); `interactive` (boolean, null is true), the text
    /// columns, the number columns (signed 64-bit) and `properties` (a map of texts) may be there.
    /// Text may be plain or behind a dictionary. Other columns are passed over, texts beyond the
    /// limits of an event are cut, and properties beyond them dropped.
    ///
    /// # Errors
    /// [`StoreError::Rows`] when a column is missing or of another type, or a required value is.
    pub fn of_batch(batch: &RecordBatch) -> Result<Self, StoreError> {
        Ok(Self {
            run: read::run(batch)?,
        })
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.run.rows()
    }

    /// When the first and the last of them happened; `None` without events.
    pub fn span(&self) -> Option<(Instant, Instant)> {
        let (first, last) = self.run.span()?;
        Some((Instant(first), Instant(last)))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
