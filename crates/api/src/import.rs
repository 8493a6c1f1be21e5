//! Front doors for files. A file's lines become drafts and run through the same steps as live
//! events; what comes out goes straight into sealed files. Importing the same lines again changes
//! nothing, so an import that was cut off is resumed by running it again.

pub mod access_log;
pub mod rows;

use std::collections::{BTreeMap, HashMap};

use almanac_catalog::salt;
use almanac_ingest::Salts;
use almanac_model::Instant;
use jiff::civil::Date;

/// What an import did so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ImportReport {
    /// Lines read.
    pub lines: u64,
    /// Events that are new in the store.
    pub imported: u64,
    /// Events that had been imported before.
    pub duplicate: u64,
    /// Lines that are no page views, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Page views that were refused, by reason.
    pub refused: BTreeMap<String, u64>,
    /// The first lines that could not be read: number and text.
    pub unreadable: Vec<(u64, String)>,
    /// When the first imported event happened, RFC 3339.
    pub first_event_at: Option<String>,
    /// When the last one did.
    pub last_event_at: Option<String>,
}

/// Why an import stopped. What was imported before stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Store(#[from] almanac_store::StoreError),
    #[error("the log could not be read: {0}")]
    Read(#[from] std::io::Error),
    #[error("the rows cannot be imported: {0}")]
    Rows(String),
}

/// The salts of the days that an import has met, each made once.
#[derive(Default)]
struct ImportSalts(HashMap<Date, Salts>);

impl ImportSalts {
    fn of(&mut self, into: &access_log::Into<'_>, at: Instant) -> Salts {
        let (catalog, settings) = (into.catalog, &into.entry.settings);
        let day = at.local_day(&settings.zone);
        let made = self.0.entry(day).or_insert_with(|| Salts {
            today: salt::for_import(catalog, settings.id, day).0,
            yesterday: day
                .yesterday()
                .ok()
                .map(|day| salt::for_import(catalog, settings.id, day).0),
        });
        made.clone()
    }
}
