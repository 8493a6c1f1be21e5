//! A durable log of opaque records with one consumer: append, group commit, read, release, recover.
//! It refuses to know what a record means, to drop one silently, and to acknowledge one that a
//! successful sync does not cover.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::{path::Path, sync::Arc};
//! use almanac_queue::{DiskFiles, Queue, QueueOptions};
//!
//! let queue = Queue::open(Path::new("data/queue"), QueueOptions::default(), Arc::new(DiskFiles))?;
//! let appended = queue.append_blocking(vec!["a record".into()])?; // on disk from here on
//! let batch = queue.read(appended.first, 100, 1 << 20)?;
//! queue.release(batch.next)?; // the consumer has stored the batch elsewhere
//! queue.close()?;
//! # Ok(()) }
//! ```
//!
//! Follow one record: `queue` admits it, `waiting` holds it, `committer` gathers all that wait,
//! `writer` puts them into a segment and syncs, `index` publishes the new end, `reader` hands it
//! out. `recover` rebuilds all that from the files, whose layout `layout` describes.
#![warn(missing_docs)]
#![deny(clippy::cast_possible_truncation)]

mod committer;
mod error;
mod files;
mod index;
mod layout;
pub mod limits;
mod options;
mod queue;
mod reader;
mod recover;
mod scan;
#[cfg(feature = "testing")]
pub mod testing;
mod waiting;
mod writer;

pub use error::{AppendError, CloseError, OpenError, ReadError, ReleaseError};
pub use files::{DiskFiles, Files, SegmentFile};
pub use index::QueueStats;
pub use options::{Durability, QueueOptions};
pub use queue::{Appended, Queue};
pub use reader::Batch;
pub use recover::Recovery;
pub use scan::Skipped;
