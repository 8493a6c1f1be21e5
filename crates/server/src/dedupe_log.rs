//! The ids of stored events on disk, so that a copy is known as one after a restart. The queue
//! holds the ids of what is not sealed yet; this log holds those of what was, and is synced before
//! the queue may let go of a record. It does not decide what a copy is.
//!
//! Files `dedupe/<number>.ids`, numbered upwards, only ever appended to by the process that made
//! them; a torn tail ends what is read of a file. A file whose write or sync failed is left behind:
//! what it held since its last sync is written again to the next one, because a sync that is tried
//! again may succeed without having written anything. All integers are little-endian.
//!
//! ```text
//! file:  magic 8 B "ALMIDS01" | block …
//! block: first u64 | end u64 | time i64, µs | count u32 | CRC32C of all before and after u32
//!        then `count` times: record - first u32 | fingerprint u64
//! ```
//!
//! A block says that of the queue's records from `first` to before `end`, those listed have ids
//! that may come again.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use almanac_model::Instant;
use almanac_queue::{DiskFiles, Files};
use anyhow::Context;

mod block;

use block::Block;

const MAGIC: &[u8; 8] = b"ALMIDS01";
/// A file of this size is full, bytes.
const FILE_BYTES_MAX: u64 = 32 << 20;
/// Files whose last id is older than this are removed, microseconds. The window looks back 72
/// hours.
const AGE_MAX_US: i64 = 74 * 3600 * 1_000_000;
/// Files are removed, oldest first, while the newer ones hold more bytes than this: twelve for each
/// of the ten million ids of the window, and as much again for what a replay writes twice.
const LOG_BYTES_MAX: u64 = 256 << 20;

/// What the log knew when it was opened.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Blocks in the order in which they were written.
    blocks: Vec<Block>,
}

impl Known {
    /// Up to which record of the queue the ids are known.
    pub(crate) fn end(&self) -> u64 {
        self.blocks.iter().map(|block| block.end).max().unwrap_or(0)
    }

    /// The ids of records before `record`, oldest first.
    pub(crate) fn before(&self, record: u64) -> impl Iterator<Item = (Instant, u64)> {
        self.blocks.iter().flat_map(move |block| {
            let wanted = move |(at, _): &&(u64, u64)| *at < record;
            let ids = block.ids.iter().filter(wanted);
            ids.map(|(_, fingerprint)| (block.time, *fingerprint))
        })
    }
}

/// The log of a running process.
#[derive(Debug)]
pub(crate) struct DedupeLog {
    dir: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: Option<File>,
    bytes: u64,
    /// Blocks since the last sync, encoded: they are written again should the file fail. Bounded by
    /// the rows between two seals.
    unsynced: Vec<u8>,
    next_number: u64,
    /// Up to which record the ids were written.
    end: u64,
    /// Closed files, oldest first.
    closed: Vec<Closed>,
    time: Instant,
}

#[derive(Debug)]
struct Closed {
    path: PathBuf,
    bytes: u64,
    latest: Instant,
    /// For a file of an earlier process, before which record it says nothing.
    earlier_from: Option<u64>,
}

impl DedupeLog {
    /// Opens the log of a data directory and reads what is there.
    pub(crate) fn open(data_dir: &Path) -> anyhow::Result<(Self, Known)> {
        let dir = data_dir.join("dedupe");
        DiskFiles
            .create_dir(&dir)
            .with_context(|| format!("cannot create {}", dir.display()))?;
        let (mut known, mut closed) = (Known::default(), Vec::new());
        let mut next_number = 0;
        for (number, path) in files(&dir)? {
            next_number = number + 1;
            let bytes =
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let blocks = bytes
                .strip_prefix(MAGIC)
                .map(block::read_all)
                .unwrap_or_default();
            let latest = blocks.iter().map(|block| block.time).max();
            let latest = latest.unwrap_or_default();
            let first = blocks.iter().map(Block::first).min();
            closed.push(Closed {
                path,
                bytes: bytes.len() as u64,
                latest,
                earlier_from: Some(first.unwrap_or(u64::MAX)),
            });
            known.blocks.extend(blocks);
        }
        let state = State {
            file: None,
            bytes: 0,
            unsynced: Vec::new(),
            next_number,
            end: known.end(),
            closed,
            time: Instant::default(),
        };
        let state = Mutex::new(state);
        Ok((Self { dir, state }, known))
    }

    /// Writes the ids among the records up to before `end`. They are safe after [`Self::sync`].
    pub(crate) fn write(&self, end: u64, ids: Vec<(u64, u64)>, now: Instant) -> anyhow::Result<()> {
        let mut state = self.lock();
        state.time = now;
        if ids.is_empty() {
            // A block for nothing is only written with a sync, to say how far it reaches.
            state.end = state.end.max(end);
            return Ok(());
        }
        let block = Block {
            end,
            time: now,
            ids,
        };
        state.append(&self.dir, &block)
    }

    /// Makes everything written so far safe, and answers up to which record that reaches.
    pub(crate) fn sync(&self) -> anyhow::Result<u64> {
        let mut state = self.lock();
        let block = Block {
            end: state.end,
            time: state.time,
            ids: Vec::new(),
        };
        state.append(&self.dir, &block)?;
        let synced = state.file.as_ref().map_or(Ok(()), File::sync_data);
        if let Err(error) = synced {
            state.close(&self.dir);
            return Err(error).context("cannot sync the ids of stored events");
        }
        state.unsynced.clear();
        let end = state.end;
        state.forget_old()?;
        if state.bytes >= FILE_BYTES_MAX {
            state.close(&self.dir);
        }
        Ok(end)
    }

    /// Says that this process has written again what the queue holds from `record` on: files of
    /// earlier processes that know of nothing before are needless. Without this every start would
    /// read what all the starts before it had written.
    pub(crate) fn replayed(&self, record: u64) -> anyhow::Result<()> {
        self.sync()?;
        let mut state = self.lock();
        let is_needless = |file: &Closed| file.earlier_from.is_some_and(|from| from >= record);
        while let Some(at) = state.closed.iter().position(is_needless) {
            state.remove_closed(at)?;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn append(&mut self, dir: &Path, block: &Block) -> anyhow::Result<()> {
        let bytes = block.encode();
        if self.file.is_none() {
            self.begin(dir)?;
        }
        self.write(dir, &bytes)?;
        self.unsynced.extend(bytes);
        self.end = self.end.max(block.end);
        Ok(())
    }

    fn write(&mut self, dir: &Path, bytes: &[u8]) -> anyhow::Result<()> {
        let Some(file) = &mut self.file else {
            anyhow::bail!("the log of ids has no file");
        };
        if let Err(error) = file.write_all(bytes) {
            // What is torn now would hide what follows, so the next block begins another file.
            self.close(dir);
            return Err(error).context("cannot write the ids of stored events");
        }
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Begins a file with what the one before could not be proven to hold.
    fn begin(&mut self, dir: &Path) -> anyhow::Result<()> {
        let path = path_of(dir, self.next_number);
        self.next_number += 1;
        let mut file =
            File::create_new(&path).with_context(|| format!("cannot create {}", path.display()))?;
        file.write_all(MAGIC)?;
        // The name must be as safe as what will be in the file.
        File::open(dir)?
            .sync_all()
            .with_context(|| format!("cannot sync {}", dir.display()))?;
        (self.file, self.bytes) = (Some(file), MAGIC.len() as u64);
        let unsynced = std::mem::take(&mut self.unsynced);
        let written = self.write(dir, &unsynced);
        self.unsynced = unsynced;
        written
    }

    fn close(&mut self, dir: &Path) {
        if self.file.take().is_some() {
            let path = path_of(dir, self.next_number - 1);
            self.closed.push(Closed {
                path,
                bytes: self.bytes,
                latest: self.time,
                earlier_from: None,
            });
            self.bytes = 0;
        }
    }

    fn forget_old(&mut self) -> anyhow::Result<()> {
        let mut bytes = self.bytes + self.closed.iter().map(|file| file.bytes).sum::<u64>();
        while let Some(oldest) = self.closed.first() {
            let is_old = self.time.0.saturating_sub(oldest.latest.0) > AGE_MAX_US;
            if !is_old && bytes <= LOG_BYTES_MAX {
                break;
            }
            bytes -= oldest.bytes;
            self.remove_closed(0)?;
        }
        Ok(())
    }

    fn remove_closed(&mut self, at: usize) -> anyhow::Result<()> {
        if let Some(file) = self.closed.get(at) {
            fs::remove_file(&file.path)
                .with_context(|| format!("cannot remove {}", file.path.display()))?;
            self.closed.remove(at);
        }
        Ok(())
    }
}

fn path_of(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:020}.ids"))
}

/// The files of the log, oldest first.
fn files(dir: &Path) -> anyhow::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if path.extension().is_some_and(|ending| ending == "ids")
            && let Some(number) = stem.and_then(|stem| stem.parse().ok())
        {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests;
