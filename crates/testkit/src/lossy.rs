//! A file system that forgets on a power cut what was not synced, and makes trouble at steps that a
//! test chooses: mounted through FUSE, held in memory, for whole programs that are killed with it.
//! It needs Linux, root and `/dev/fuse`, and says by name which of them is missing.

mod disk;
mod serve;
mod trouble;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fuser::{BackgroundSession, Config, MountOption};
use tempfile::TempDir;

use disk::Disk;
use serve::Server;
use trouble::Trouble;
pub use trouble::{Aim, Strike};

/// A mounted disk. Dropping it unmounts it; what was on it is gone.
#[derive(Debug)]
pub struct LossyDisk {
    disk: Arc<Mutex<Disk>>,
    trouble: Arc<Mutex<Trouble>>,
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
        let trouble = Arc::new(Mutex::new(Trouble::new(seed)));
        let session = mount(&disk, &trouble, mounted_on.path())
            .map_err(|error| format!("a FUSE file system cannot be mounted: {error}"))?;
        Ok(Self {
            disk,
            trouble,
            session: Some(session),
            mounted_on,
        })
    }

    /// Where it is mounted.
    pub fn path(&self) -> PathBuf {
        self.mounted_on.path().to_owned()
    }

    /// From now on steps meet trouble.
    pub fn trouble(&self, aim: Aim, strike: Strike) {
        self.planned().plan(Some((aim, strike)));
    }

    /// From now on nothing goes wrong. Steps are counted anew.
    pub fn calm(&self) {
        self.planned().plan(None);
    }

    /// How often trouble has struck since it was planned.
    pub fn struck(&self) -> u64 {
        self.planned().struck()
    }

    /// Steps that were taken below folders named `data` since the last change of plan: what was
    /// done to which file, with `N` for words that have digits, and how often.
    pub fn steps(&self) -> BTreeMap<String, u64> {
        self.planned().steps()
    }

    fn planned(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.session = Some(mount(&self.disk, &self.trouble, self.mounted_on.path())?);
        Ok(lost)
    }
}

fn mount(
    disk: &Arc<Mutex<Disk>>,
    trouble: &Arc<Mutex<Trouble>>,
    path: &Path,
) -> io::Result<BackgroundSession> {
    let mut config = Config::default();
    config.mount_options = vec![MountOption::FSName("almanac-lossy".to_owned())];
    let server = Server::new(Arc::clone(disk), Arc::clone(trouble));
    fuser::spawn_mount(server, path, &config)
}
