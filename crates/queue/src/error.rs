//! What can go wrong with a queue, one type for each thing a caller does, since callers branch on
//! them. Wording only; which answer a client gets is decided by the caller.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

/// A queue was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process, or another part of this one, has the queue open.
    #[error("queue {} is in use by another process: stop that one first", dir.display())]
    Locked {
        /// The directory of the queue.
        dir: PathBuf,
    },
    /// An option is out of its range.
    #[error("queue option {name} is {value}: {remedy}")]
    Option {
        /// Which option.
        name: &'static str,
        /// Its value.
        value: u64,
        /// What to set it to.
        remedy: String,
    },
    /// A segment was written by a newer program.
    #[error(
        "segment {} has format version {version}, and this program reads up to {version_max}: \
         start the newer program that wrote it",
        path.display()
    )]
    UnsupportedVersion {
        /// The segment's file.
        path: PathBuf,
        /// Its version.
        version: u32,
        /// The newest that can be read.
        version_max: u32,
    },
    /// The disk or the operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// The reason given.
        source: io::Error,
    },
}

/// An append was not acknowledged. Except for `Suspect` and `Closed`, nothing was kept of it.
#[derive(Debug, Clone, Error)]
pub enum AppendError {
    /// The files have reached their limit; the consumer must catch up first. Try again later.
    #[error("queue holds {queue_bytes} of {queue_bytes_max} bytes: wait for the consumer")]
    Full {
        /// Bytes in all segments and in appends that wait.
        queue_bytes: u64,
        /// The limit.
        queue_bytes_max: u64,
    },
    /// Too much waits in memory for its commit. Try again in a moment.
    #[error("{appends} appends with {waiting_bytes} bytes wait to be committed: try again")]
    Busy {
        /// Appends that wait.
        appends: usize,
        /// Their bytes.
        waiting_bytes: u64,
    },
    /// It can never be taken.
    #[error("{what} has {size}, the most is {size_max}: send less at once")]
    TooLarge {
        /// Record or append, and the unit.
        what: &'static str,
        /// Its size.
        size: u64,
        /// The limit.
        size_max: u64,
    },
    /// There was no record in it.
    #[error("append has no record: send at least one")]
    Empty,
    /// The disk failed to write or to sync, and writing elsewhere failed too. The records are not
    /// acknowledged; they may still turn up after a restart, as with any lost reply. Try again
    /// later: the next append tries a new segment.
    #[error("records could not be made durable: {source}")]
    Suspect {
        /// The reason given by the operating system.
        source: Arc<io::Error>,
    },
    /// The queue was closed before the append was committed.
    #[error("queue is closed")]
    Closed,
}

/// Records could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// They were released and their segment removed.
    #[error("record {from} was released, the oldest left is {oldest}: read from there")]
    Released {
        /// What was asked for.
        from: u64,
        /// The oldest that can be read.
        oldest: u64,
    },
    /// The disk or the operating system refused.
    #[error("cannot read segment {}: {source}", path.display())]
    Io {
        /// The segment's file.
        path: PathBuf,
        /// The reason given.
        source: io::Error,
    },
}

/// Released segments could not be removed; they are tried again with the next release.
#[derive(Debug, Error)]
#[error("cannot remove released segment {}: {source}", path.display())]
pub struct ReleaseError {
    /// The segment's file, or the directory that could not be synced.
    pub path: PathBuf,
    /// The reason given.
    pub source: io::Error,
}

/// The queue closed without its last sync.
#[derive(Debug, Error)]
pub enum CloseError {
    /// Relaxed durability only: the last acknowledged records could not be synced.
    #[error("the last records could not be made durable: {0}")]
    Sync(io::Error),
    /// The committing thread had ended on its own, a bug.
    #[error("the committing thread had stopped: see the log for its panic")]
    Panicked,
}
