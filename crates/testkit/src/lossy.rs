//! A file system that forgets on a power cut what was not synced: mounted through FUSE, held in
//! memory, for whole programs that are killed with it. It needs Linux, root and `/dev/fuse`, and
//! says by name which of them is missing.

mod disk;
mod serve;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fuser::{BackgroundSession, Config, MountOption};
use tempfile::TempDir;

use disk::Disk;
use serve::Server;

/// A mounted disk. Dropping it unmounts it; what was on it is gone.
#[derive(Debug)]
pub struct LossyDisk {
    disk: Arc<Mutex<Disk>>,
    session: Option<BackgroundSession>,
    /// Dropped last.
    mounted_on: TempDir,
}

/// What a power cut took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lost {
    /// Writes to files that were not synced and did not survive whole.
    pub writes: u64,
    /// Changes of folders that were not synced and did not survive.
    pub names: u64,
}

impl LossyDisk {
    /// An empty disk, mounted on a temporary folder. The seed decides which unsynced changes
    /// survive a cut.
    ///
    /// # Errors
    /// Why this system cannot mount one, in words for whoever reads that a test was skipped.
    pub fn mount(seed: u64) -> Result<Self, String> {
        if !Path::new("/dev/fuse").exists() {
            return Err("there is no /dev/fuse".to_owned());
        }
        let mounted_on = TempDir::with_prefix("almanac-lossy-");
        let mounted_on = mounted_on.map_err(|error| format!("no temporary folder: {error}"))?;
        let disk = Arc::new(Mutex::new(Disk::new(seed)));
        let session = mount(&disk, mounted_on.path())
            .map_err(|error| format!("a FUSE file system cannot be mounted: {error}"))?;
        Ok(Self {
            disk,
            session: Some(session),
            mounted_on,
        })
    }

    /// Where it is mounted.
    pub fn path(&self) -> PathBuf {
        self.mounted_on.path().to_owned()
    }

    /// Cuts the power: the disk is as a machine finds it that starts again. Nothing may have a file
    /// open on it.
    ///
    /// # Errors
    /// When it cannot be mounted again, for instance because somebody still uses it.
    pub fn cut(&mut self) -> io::Result<Lost> {
        // Unmounting takes the kernel's own copies of files with it.
        if let Some(session) = self.session.take() {
            session.umount_and_join()?;
        }
        let lost = self
            .disk
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .cut();
        self.session = Some(mount(&self.disk, self.mounted_on.path())?);
        Ok(lost)
    }
}

fn mount(disk: &Arc<Mutex<Disk>>, path: &Path) -> io::Result<BackgroundSession> {
    let mut config = Config::default();
    config.mount_options = vec![MountOption::FSName("almanac-lossy".to_owned())];
    fuser::spawn_mount(Server::new(Arc::clone(disk)), path, &config)
}
