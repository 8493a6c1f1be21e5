//! The few things a queue asks of a file system, and the real one. The trait exists so that tests
//! can put a disk below the queue that fails, tears writes and loses power.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A file system, as far as a queue needs one. Promises are those of POSIX: content is durable
/// after [`SegmentFile::sync_data`], names after [`Files::sync_dir`], and neither before.
pub trait Files: Debug + Send + Sync + 'static {
    /// Makes a directory, with its parents, durably; no error if it is there.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;
    /// Takes the lock until the value is dropped or the process ends; None when it is taken.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Debug + Send + Sync>>>;
    /// Names of the files in a directory, in any order; those that are not UTF-8 are left out.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Makes a file that must not exist yet.
    fn create_new(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;
    /// Opens a file for reading.
    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>>;
    /// Renames within a directory.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// An open file.
pub trait SegmentFile: Debug + Send + Sync {
    /// Length, bytes.
    fn bytes(&self) -> io::Result<u64>;
    /// Reads at most the buffer from an offset; 0 at the end of the file.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of the buffer at an offset. After an error any part may have been written.
    fn write_all_at(&self, buffer: &[u8], offset: u64) -> io::Result<()>;
    /// Makes content and length durable. After an error the file must not be trusted again: the
    /// kernel may have dropped the pages and will report success the next time.
    fn sync_data(&self) -> io::Result<()>;
}

/// The file system of the machine.
#[derive(Debug, Clone, Copy)]
pub struct DiskFiles;

impl Files for DiskFiles {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        let named = |parent: &&Path| !parent.as_os_str().is_empty();
        let parent = dir.parent().filter(named).unwrap_or(Path::new("."));
        if !parent.is_dir() {
            self.create_dir(parent)?;
        }
        fs::create_dir(dir).or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists if dir.is_dir() => Ok(()),
            _ => Err(error),
        })?;
        // One that was there may be what an attempt left behind that could not make it durable.
        self.sync_dir(parent)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Debug + Send + Sync>>> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(dir)? {
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn create_new(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        Ok(Box::new(
            OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .open(path)?,
        ))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        Ok(Box::new(File::open(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }
}

impl SegmentFile for File {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, offset)
    }

    fn write_all_at(&self, buffer: &[u8], offset: u64) -> io::Result<()> {
        FileExt::write_all_at(self, buffer, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }
}
