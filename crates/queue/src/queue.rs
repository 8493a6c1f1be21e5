//! The queue as its callers see it: open, append, read, wait, release, close. It admits and
//! forwards; the work is done by the modules beside it.

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{oneshot, watch};

use crate::committer;
use crate::error::{AppendError, CloseError, OpenError, ReadError, ReleaseError};
use crate::files::Files;
use crate::index::{QueueStats, SharedIndex, locked};
use crate::layout::{HEADER_BYTES, RECORD_OVERHEAD_BYTES, encode_payload};
use crate::limits;
use crate::options::QueueOptions;
use crate::reader::{Batch, Reader};
use crate::recover::{Recovery, at, recover};
use crate::waiting::{Pending, Waiting, WaitingLimits};
use crate::writer::Entry;

/// The sequences that an append was given. The first record ever is 0, each next one more; a
/// number that a consumer has seen is never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Of its first record.
    pub first: u64,
    /// Of its last record.
    pub last: u64,
}

type Answer = Result<Appended, AppendError>;

/// A durable log of opaque records with any number of appenders and one consumer.
#[derive(Debug)]
pub struct Queue {
    options: QueueOptions,
    files: Arc<dyn Files>,
    index: Arc<SharedIndex>,
    waiting: Arc<Waiting>,
    reader: Reader,
    recovery: Recovery,
    committer: Mutex<Option<JoinHandle<io::Result<()>>>>,
    /// Held from open to close.
    lock: Mutex<Option<Box<dyn Debug + Send + Sync>>>,
}

impl Queue {
    /// Opens the queue in a directory, made if it is not there, and recovers what a crash left.
    ///
    /// # Errors
    /// When another process has it open, an option is out of range, a segment comes from a newer
    /// program, or the disk refuses. Damage is no error: see [`Queue::recovery`].
    pub fn open(
        dir: &Path,
        options: QueueOptions,
        files: Arc<dyn Files>,
    ) -> Result<Self, OpenError> {
        options.check()?;
        files
            .create_dir(dir)
            .map_err(at("create", dir.to_owned()))?;
        let lock_path = dir.join("lock");
        let lock = files.lock(&lock_path).map_err(at("lock", lock_path))?;
        let lock = Some(lock.ok_or_else(|| OpenError::Locked {
            dir: dir.to_owned(),
        })?);
        let (index, writer, recovery) = recover(dir, &options, Arc::clone(&files))?;
        let waiting = Arc::new(Waiting::new(WaitingLimits {
            appends_max: options.waiting_appends_max,
            bytes_max: options.waiting_bytes_max,
            queue_bytes_max: options.queue_bytes_max,
            commit_bytes_max: limits::COMMIT_BYTES_MAX.min(options.segment_bytes - HEADER_BYTES),
        }));
        let window_max = Duration::from_micros(options.batch_window_us_max);
        let durability = options.durability;
        let (room, shared) = (Arc::clone(&waiting), Arc::clone(&index));
        let committer = thread::Builder::new()
            .name("queue-committer".to_owned())
            .spawn(move || committer::run(&room, &shared, writer, durability, window_max))
            .map_err(at("start the committing thread of", dir.to_owned()))?;
        let reader = Reader::new(Arc::clone(&files), Arc::clone(&index));
        let queue = Self {
            options,
            files,
            index,
            waiting,
            reader,
            recovery,
            committer: Mutex::new(Some(committer)),
            lock: Mutex::new(lock),
        };
        if queue.options.release_on_open
            && let Err(error) = queue.release(queue.options.resume_from)
        {
            tracing::warn!(%error, "released segments stay until the next release");
        }
        Ok(queue)
    }

    /// What opening found: torn tail, damage.
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Appends records, all or none, and resolves once they are durable (see
    /// [`crate::Durability`] for the relaxed form). The append is taken when this is called;
    /// dropping the future does not take it back.
    ///
    /// # Errors
    /// [`AppendError`]: refused whole, or not known to be durable.
    pub fn append(&self, records: Vec<Bytes>) -> impl Future<Output = Answer> + Send + use<> {
        let receipt = self.submit(&records);
        async move { receipt?.await.unwrap_or(Err(AppendError::Closed)) }
    }

    /// As [`Queue::append`], blocking. Not to be called from an asynchronous task.
    ///
    /// # Errors
    /// As [`Queue::append`].
    pub fn append_blocking(&self, records: Vec<Bytes>) -> Answer {
        self.submit(&records)?
            .blocking_recv()
            .unwrap_or(Err(AppendError::Closed))
    }

    /// Reads durable records from a sequence on, in order: at most `records_max`, and no more
    /// than `bytes_max` of content unless the first record alone is larger. Empty when there is
    /// none yet. Made for one consumer that reads on where it left off; any other order is
    /// correct but searches.
    ///
    /// # Errors
    /// When the records were released, or the disk refuses.
    pub fn read(&self, from: u64, records_max: usize, bytes_max: u64) -> Result<Batch, ReadError> {
        self.reader.read(from, records_max, bytes_max)
    }

    /// Blocks until the record with this sequence is durable; false if the time was over first.
    pub fn wait_for(&self, sequence: u64, timeout: Duration) -> bool {
        self.index.wait_for(sequence, timeout)
    }

    /// The durable end of the queue (one past the newest durable record), watched.
    pub fn durable_end(&self) -> watch::Receiver<u64> {
        self.index.subscribe()
    }

    /// Says that the consumer has all records below `up_to` safe elsewhere, and removes the
    /// segments that lie wholly below. The queue does not remember it: the consumer keeps its own
    /// position and gives it as [`QueueOptions::resume_from`].
    ///
    /// # Errors
    /// When a file could not be removed; it is tried again with the next release.
    pub fn release(&self, up_to: u64) -> Result<(), ReleaseError> {
        let up_to = {
            let mut index = self.index.lock();
            index.released = index.released.max(up_to.min(index.durable_end));
            index.released
        };
        let mut removed = false;
        loop {
            let Some(segment) = self.index.lock().take_released(up_to) else {
                break;
            };
            let path = self.index.path(segment.id);
            match self.files.remove(&path) {
                Ok(()) => removed = true,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => {
                    self.index.lock().segments.push_front(segment);
                    return Err(ReleaseError { path, source });
                }
            }
        }
        if removed {
            let failed = |source| ReleaseError {
                path: self.index.dir.clone(),
                source,
            };
            self.files.sync_dir(&self.index.dir).map_err(failed)?;
        }
        Ok(())
    }

    /// Leaves the segment that is written behind, so that a release can remove every record that is
    /// durable now, and answers the sequence that the next one begins with. Blocks: not to be
    /// called from an asynchronous task.
    ///
    /// # Errors
    /// When the new segment could not be made; or the queue is closed.
    pub fn rotate(&self) -> io::Result<u64> {
        let closed = |_| io::Error::other("the queue is closed");
        self.waiting.rotate().blocking_recv().map_err(closed)?
    }

    /// Figures of this moment.
    pub fn stats(&self) -> QueueStats {
        let (waiting_appends, waiting_bytes) = self.waiting.load();
        let queue_bytes_max = self.options.queue_bytes_max;
        QueueStats {
            waiting_appends,
            waiting_bytes,
            queue_bytes_max,
            is_closed: self.waiting.is_closed(),
            ..self.index.stats()
        }
    }

    /// Refuses new appends, commits those that wait, syncs, and gives the directory free. Reading
    /// and releasing still work afterwards, without the protection of the lock. Closing twice
    /// does nothing.
    ///
    /// # Errors
    /// When relaxed records could not be synced, or the committing thread had panicked.
    pub fn close(&self) -> Result<(), CloseError> {
        self.waiting.close();
        let Some(committer) = locked(&self.committer).take() else {
            return Ok(());
        };
        let ended = committer.join();
        drop(locked(&self.lock).take());
        ended
            .map_err(|_| CloseError::Panicked)?
            .map_err(CloseError::Sync)
    }

    /// Checks an append and puts it into the waiting room.
    fn submit(&self, records: &[Bytes]) -> Result<oneshot::Receiver<Answer>, AppendError> {
        let too_large = |what, size, size_max| {
            Err(AppendError::TooLarge {
                what,
                size: size as u64,
                size_max,
            })
        };
        if records.is_empty() {
            return Err(AppendError::Empty);
        }
        if records.len() > limits::APPEND_RECORDS_MAX {
            let records_max = limits::APPEND_RECORDS_MAX as u64;
            return too_large("append, in records,", records.len(), records_max);
        }
        let longest = records.iter().map(Bytes::len).max().unwrap_or(0);
        if longest > self.options.record_bytes_max {
            return too_large(
                "record, in bytes,",
                longest,
                self.options.record_bytes_max as u64,
            );
        }
        // No overflow: a hundred thousand records of at most a segment each.
        let content_bytes = records
            .iter()
            .map(|record| record.len() as u64)
            .sum::<u64>();
        let payload_bytes = content_bytes + records.len() as u64 * RECORD_OVERHEAD_BYTES;
        let payload_bytes_max = self.options.payload_bytes_max();
        let size = usize::try_from(payload_bytes).unwrap_or(usize::MAX);
        if payload_bytes > payload_bytes_max {
            return too_large("append, in bytes,", size, payload_bytes_max);
        }
        // Encoded and checksummed here, by the many, rather than by the one thread that commits.
        let payload = encode_payload(records, size);
        let payload_crc = crc32c::crc32c(&payload);
        let records = u32::try_from(records.len()).unwrap_or(u32::MAX);
        let (reply, receipt) = oneshot::channel();
        let entry = Entry {
            records,
            payload,
            payload_crc,
        };
        self.waiting.admit(Pending { entry, reply }, &self.index)?;
        Ok(receipt)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "queue closed with an error");
        }
    }
}
