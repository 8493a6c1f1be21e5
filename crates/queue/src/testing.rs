//! A disk in memory that does what real ones do at their worst: fails the N-th operation, fails a
//! sync and forgets the pages, runs full, loses power and keeps any part of what was not synced.
//! Seeded, so that every failure can be repeated. For tests only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::files::{Files, SegmentFile};
use crate::index::locked;

/// Unsynced content survives a power cut in pieces of this size.
const SECTOR_BYTES: usize = 512;

/// A handle on a simulated disk; clones share it.
#[derive(Debug, Clone)]
pub struct SimDisk(Arc<Mutex<Disk>>);

#[derive(Debug, Clone, Default)]
struct Disk {
    inodes: BTreeMap<u64, Inode>,
    names: BTreeMap<PathBuf, u64>,
    durable_names: BTreeMap<PathBuf, u64>,
    name_changes: Vec<NameChange>,
    locks: BTreeSet<PathBuf>,
    operations: u64,
    fail: Range<u64>,
    fail_sync_percent: u64,
    power_cut_at: Option<u64>,
    capacity_bytes: Option<u64>,
    random: Random,
}

#[derive(Debug, Clone, Default)]
struct Inode {
    /// What the running system sees.
    cached: Vec<u8>,
    /// What a power cut leaves for certain.
    durable: Vec<u8>,
    /// Writes that a sync would make durable.
    dirty: Vec<(usize, Vec<u8>)>,
}

#[derive(Debug, Clone)]
enum NameChange {
    Add(PathBuf, u64),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
}

/// Small seeded numbers; the quality of a test's surprises, not of a cipher's (splitmix64).
#[derive(Debug, Clone, Default)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below a bound that is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).unwrap_or(0)
    }
}

impl SimDisk {
    /// An empty disk that never fails until told to.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Disk {
            random: Random(seed),
            ..Disk::default()
        })))
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        locked(&self.0)
    }

    /// Operations so far, failed ones included.
    pub fn operations(&self) -> u64 {
        self.disk().operations
    }

    /// Fails the operations with these numbers.
    pub fn fail(&self, operations: Range<u64>) {
        self.disk().fail = operations;
    }

    /// Fails this share of content syncs.
    pub fn fail_syncs(&self, percent: u64) {
        self.disk().fail_sync_percent = percent;
    }

    /// From this operation on nothing has an effect any more.
    pub fn cut_power_at(&self, operation: u64) {
        self.disk().power_cut_at = Some(operation);
    }

    /// Limits the content of all files together; None for no limit.
    pub fn set_capacity(&self, capacity_bytes: Option<u64>) {
        self.disk().capacity_bytes = capacity_bytes;
    }

    /// The disk as the next process finds it after this one was killed: all that was written, with
    /// what was not synced still at risk.
    pub fn after_kill(&self) -> Self {
        let mut disk = self.disk().clone();
        disk.heal();
        Self(Arc::new(Mutex::new(disk)))
    }

    /// The disk as it is found after a power cut: of what was not synced, a random part.
    pub fn after_power_cut(&self, seed: u64) -> Self {
        let mut disk = self.disk().clone();
        disk.heal();
        disk.random = Random(seed);
        disk.lose_power();
        Self(Arc::new(Mutex::new(disk)))
    }

    /// Paths of all files.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.disk().names.keys().cloned().collect()
    }

    /// Content of a file; empty if there is none.
    pub fn content(&self, path: &Path) -> Vec<u8> {
        let disk = self.disk();
        let inode = disk
            .names
            .get(path)
            .and_then(|inode| disk.inodes.get(inode));
        inode.map(|inode| inode.cached.clone()).unwrap_or_default()
    }

    /// Replaces the content of a file, durably: damage done behind everyone's back.
    pub fn overwrite(&self, path: &Path, content: Vec<u8>) {
        let mut disk = self.disk();
        let Some(number) = disk.names.get(path).copied() else {
            return;
        };
        disk.inodes.insert(
            number,
            Inode {
                cached: content.clone(),
                durable: content,
                dirty: Vec::new(),
            },
        );
    }
}

impl Disk {
    fn heal(&mut self) {
        self.fail = 0..0;
        self.fail_sync_percent = 0;
        self.power_cut_at = None;
        self.capacity_bytes = None;
        self.locks.clear();
    }

    /// Counts an operation. An error means that it has no effect, or only part of one.
    fn operate(&mut self) -> Result<(), Failure> {
        self.operations += 1;
        let number = self.operations;
        if self.power_cut_at.is_some_and(|at| number >= at) {
            return Err(Failure::NoPower);
        }
        if self.fail.contains(&number) {
            Err(Failure::Fault)
        } else {
            Ok(())
        }
    }

    fn lose_power(&mut self) {
        // Names are kept in order of their changes: a journal loses its end, not its middle.
        let kept = self.random.index(self.name_changes.len() + 1);
        let changes = self.name_changes.split_off(0);
        for change in changes.into_iter().take(kept) {
            change.apply(&mut self.durable_names);
        }
        self.names = self.durable_names.clone();
        let random = &mut self.random;
        for inode in self.inodes.values_mut() {
            let mode = random.below(4);
            for (offset, bytes) in inode.dirty.split_off(0) {
                let cut = random.index(bytes.len() + 1);
                for (at, sector) in bytes.chunks(SECTOR_BYTES).enumerate() {
                    let start = at * SECTOR_BYTES;
                    let kept = match mode {
                        0 => 0,
                        1 => sector.len(),
                        2 => sector.len().min(cut.saturating_sub(start)),
                        _ => sector.len() * random.index(2),
                    };
                    place(
                        &mut inode.durable,
                        offset + start,
                        sector.get(..kept).unwrap_or(sector),
                    );
                }
            }
            inode.cached = inode.durable.clone();
        }
        let named: BTreeSet<u64> = self.names.values().copied().collect();
        self.inodes.retain(|number, _| named.contains(number));
    }

    fn change_name(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.name_changes.push(change);
    }

    fn used_bytes(&self) -> u64 {
        let live: BTreeSet<&u64> = self.names.values().collect();
        let sizes = live
            .into_iter()
            .filter_map(|number| self.inodes.get(number));
        sizes.map(|inode| inode.cached.len() as u64).sum()
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<PathBuf, u64>) {
        match self {
            Self::Add(path, inode) => {
                names.insert(path.clone(), *inode);
            }
            Self::Rename(from, to) => {
                if let Some(inode) = names.remove(from) {
                    names.insert(to.clone(), inode);
                }
            }
            Self::Remove(path) => {
                names.remove(path);
            }
        }
    }
}

/// Nothing is placed by an empty write, not even the hole before it.
fn place(content: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    if content.len() < offset + bytes.len() {
        content.resize(offset + bytes.len(), 0);
    }
    if let Some(target) = content.get_mut(offset..offset + bytes.len()) {
        target.copy_from_slice(bytes);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    Fault,
    NoPower,
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        Self::other(match failure {
            Failure::Fault => "simulated fault",
            Failure::NoPower => "simulated loss of power",
        })
    }
}

impl Files for SimDisk {
    fn create_dir(&self, _dir: &Path) -> io::Result<()> {
        Ok(self.disk().operate()?)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Debug + Send + Sync>>> {
        let mut disk = self.disk();
        disk.operate()?;
        let taken = disk.locks.insert(path.to_owned());
        let guard = || SimLock {
            disk: self.clone(),
            path: path.to_owned(),
        };
        Ok(taken.then(|| -> Box<dyn Debug + Send + Sync> { Box::new(guard()) }))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut disk = self.disk();
        disk.operate()?;
        let inside = disk.names.keys().filter(|path| path.parent() == Some(dir));
        Ok(inside
            .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
            .collect())
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let mut disk = self.disk();
        disk.operate()?;
        if disk.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = disk.inodes.last_key_value().map_or(1, |(last, _)| last + 1);
        disk.inodes.insert(inode, Inode::default());
        disk.change_name(NameChange::Add(path.to_owned(), inode));
        Ok(Box::new(SimFile {
            disk: self.clone(),
            inode,
        }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let mut disk = self.disk();
        disk.operate()?;
        let inode = disk
            .names
            .get(path)
            .copied()
            .ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(SimFile {
            disk: self.clone(),
            inode,
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.operate()?;
        disk.change_name(NameChange::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.operate()?;
        if !disk.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        disk.change_name(NameChange::Remove(path.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        let mut disk = self.disk();
        disk.operate()?;
        disk.durable_names = disk.names.clone();
        disk.name_changes.clear();
        Ok(())
    }
}

#[derive(Debug)]
struct SimLock {
    disk: SimDisk,
    path: PathBuf,
}

impl Drop for SimLock {
    fn drop(&mut self) {
        self.disk.disk().locks.remove(&self.path);
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    inode: u64,
}

impl SimFile {
    fn with<T>(&self, act: impl FnOnce(&mut Inode) -> T) -> io::Result<T> {
        let mut disk = self.disk.disk();
        disk.inodes
            .get_mut(&self.inode)
            .map(act)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl SegmentFile for SimFile {
    fn bytes(&self) -> io::Result<u64> {
        self.disk.disk().operate()?;
        self.with(|inode| inode.cached.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.disk.disk().operate()?;
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        self.with(|inode| {
            let available = inode.cached.get(offset..).unwrap_or_default();
            let length = available.len().min(buffer.len());
            if let (Some(to), Some(from)) = (buffer.get_mut(..length), available.get(..length)) {
                to.copy_from_slice(from);
            }
            length
        })
    }

    fn write_all_at(&self, buffer: &[u8], offset: u64) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let mut disk = self.disk.disk();
        let failure = disk.operate().err();
        if failure == Some(Failure::NoPower) {
            return Err(Failure::NoPower.into());
        }
        let room = disk
            .capacity_bytes
            .map_or(u64::MAX, |all| all.saturating_sub(disk.used_bytes()));
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let mut written = buffer.len().min(room);
        if failure.is_some() {
            written = disk.random.index(written + 1);
        }
        drop(disk);
        let bytes = buffer.get(..written).unwrap_or(buffer);
        self.with(|inode| {
            place(&mut inode.cached, offset, bytes);
            inode.dirty.push((offset, bytes.to_vec()));
        })?;
        match failure {
            Some(failure) => Err(failure.into()),
            None if written < buffer.len() => Err(io::ErrorKind::StorageFull.into()),
            None => Ok(()),
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut disk = self.disk.disk();
        let mut failure = disk.operate().err();
        if failure == Some(Failure::NoPower) {
            return Err(Failure::NoPower.into());
        }
        if disk.fail_sync_percent > 0 && disk.random.below(100) < disk.fail_sync_percent {
            failure = Some(Failure::Fault);
        }
        let keep = disk.random.below(2) == 0;
        drop(disk);
        self.with(|inode| {
            // As kernels do: after a failed sync the pages are clean, whether or not they reached
            // the disk, and the next sync succeeds.
            let dirty = inode.dirty.split_off(0);
            for (offset, bytes) in dirty {
                if failure.is_none() || keep {
                    place(&mut inode.durable, offset, &bytes);
                }
            }
        })?;
        failure.map_or(Ok(()), |failure| Err(failure.into()))
    }
}
