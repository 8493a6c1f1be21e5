//! The embedded engine: keeps events in sorted Parquet runs, one set per project and local day, and
//! answers plans from them. It refuses to know HTTP, accounts and clocks: when to seal, compact or
//! expire is the caller's policy.
//!
//! # Layout on disk, format 3
//!
//! ```text
//! <dir>/manifest.redb          which files count, their checksums, projects, queue position
//! <dir>/manifest.format1.redb  the manifest as it was before a newer format, where there was one
//! <dir>/events/<project>/<YYYY-MM-DD>/<run>.parquet  rows sorted by visitor, time, then content
//! <dir>/events/<project>/<YYYY-MM-DD>/<run>.ids      fingerprints of the events that were loaded
//! <dir>/events/<project>/<YYYY-MM-DD>/<run>.<gap>.sums   totals of a finished day
//! <dir>/events/<project>/<YYYY-MM-DD>/<run>.<gap>.edges  its events that totals leave out
//! ```
//!
//! A file is written under a temporary name, synced, renamed, and its directory synced, before the
//! manifest names it; a file that the manifest does not name is the rest of a crash and is removed
//! at open. Sealed files never change. The queue position moves in the same transaction that names
//! the files sealed up to it, so a crash at any point neither loses nor repeats an event.
//!
//! # A question
//!
//! takes one immutable `Partition` per day, merges its runs in memory into
//! one `Segment` sorted by visitor, derives the pieces of visits in it,
//! stitches pieces over midnight, and counts dictionary codes in parallel over the days.
#![warn(missing_docs)]

mod cache;
mod compact;
mod dictionary;
mod engine;
mod erase;
mod error;
mod export;
mod file;
mod fingerprint;
mod load;
mod manifest;
mod options;
mod order;
mod partition;
mod rows;
mod run;
mod seal;
mod segment;
mod store;
mod summary;
mod visits;

pub use compact::Compacted;
pub use engine::CacheUsage;
pub use erase::{Erase, Erased};
pub use error::StoreError;
pub use export::Export;
pub use load::{Loaded, SeenRows};
pub use options::StoreOptions;
pub use rows::{Rows, schema as rows_schema};
pub use seal::Sealed;
pub use store::{Store, Usage};
pub use summary::Summarised;
