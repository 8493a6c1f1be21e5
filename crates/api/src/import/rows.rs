//! Rows of other programs, as Arrow batches: enriched ones, which name their visitor and are stored
//! as they are, and raw ones, which go through the same steps as live events first. Which of both a
//! batch holds is told by its column `visitor`: a number, or a text or nothing.

mod raw;

use std::collections::BTreeMap;

use almanac_model::{Event, Instant};
use almanac_store::{Loaded, Rows, SeenRows, StoreError};
use arrow_array::RecordBatch;
use arrow_schema::DataType;

use super::ImportError;
use super::access_log::Into;
use crate::projects::rfc3339;

use raw::Enricher;

/// What an import of rows did so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RowsReport {
    /// Rows read.
    pub rows: u64,
    /// Events that are new in the store.
    pub imported: u64,
    /// Events that were there before.
    pub duplicate: u64,
    /// Rows that were refused, by reason.
    pub refused: BTreeMap<String, u64>,
    /// When the first event of a row that was not refused happened, RFC 3339.
    pub first_event_at: Option<String>,
    /// When the last one did.
    pub last_event_at: Option<String>,
}

/// An import of rows under way.
#[expect(
    missing_debug_implementations,
    reason = "it holds salts and user agents of people"
)]
pub struct RowsImport<'a> {
    into: Into<'a>,
    seen: SeenRows,
    enricher: Enricher<'a>,
    report: RowsReport,
    span: Option<(Instant, Instant)>,
}

impl<'a> RowsImport<'a> {
    /// An import into a project.
    pub fn new(into: Into<'a>) -> Self {
        Self {
            into,
            seen: SeenRows::default(),
            enricher: Enricher::new(into),
            report: RowsReport::default(),
            span: None,
        }
    }

    /// Takes the next rows. Blocks the thread.
    ///
    /// # Errors
    /// When the rows are not what they should be or cannot be stored. Run the import again then:
    /// rows that are in already change nothing.
    pub fn take(&mut self, batch: &RecordBatch) -> Result<(), ImportError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let visitor = batch.schema().field_with_name("visitor").cloned();
        let project = self.into.entry.settings.id;
        let loaded = if visitor.is_ok_and(|field| *field.data_type() == DataType::UInt64) {
            let rows = Rows::of_batch(batch).map_err(of_rows)?;
            self.note_span(rows.span());
            let load = self.into.store.load_rows(project, &rows, &mut self.seen);
            load.map_err(of_rows)?
        } else {
            let events = self.enricher.events(batch, &mut self.report.refused)?;
            let times = || events.iter().map(|event: &Event| event.time);
            self.note_span(times().min().zip(times().max()));
            self.into.store.load(project, events)?
        };
        self.report.rows += batch.num_rows() as u64;
        self.count(loaded);
        Ok(())
    }

    /// What was done so far.
    pub fn report(&self) -> &RowsReport {
        &self.report
    }

    fn note_span(&mut self, span: Option<(Instant, Instant)>) {
        let Some((first, last)) = span else { return };
        let (known_first, known_last) = self.span.unwrap_or((first, last));
        let (first, last) = (known_first.min(first), known_last.max(last));
        self.span = Some((first, last));
        self.report.first_event_at = Some(rfc3339(first));
        self.report.last_event_at = Some(rfc3339(last));
    }

    fn count(&mut self, loaded: Loaded) {
        self.report.imported += loaded.added;
        self.report.duplicate += loaded.duplicate;
        if let Some((_, last)) = self.span {
            let project = self.into.entry.settings.id;
            self.into
                .ledger
                .enter_loaded(last, project, loaded.added, loaded.duplicate);
        }
    }
}

/// What is wrong with rows is their sender's business, everything else the store's.
fn of_rows(error: StoreError) -> ImportError {
    match error {
        StoreError::Rows { detail } => ImportError::Rows(detail),
        other => ImportError::Store(other),
    }
}
