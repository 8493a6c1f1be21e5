//! Records that could not be read: kept byte by byte with the reason, so that nothing vanishes. One
//! file per record under `dead-letters/`, written before the pump moves on.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The folder of dead letters.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    folder: PathBuf,
}

/// One record that could not be read.
#[derive(Debug)]
pub(crate) struct Letter {
    /// Its sequence number in the queue.
    pub(crate) id: u64,
    pub(crate) record: Vec<u8>,
    pub(crate) reason: String,
}

impl DeadLetters {
    /// Opens the folder, making it if needed.
    pub(crate) fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let folder = data_dir.join("dead-letters");
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self { folder })
    }

    /// Keeps a record and why it could not be read. Burying it again changes nothing.
    pub(crate) fn bury(&self, sequence: u64, record: &[u8], reason: &str) -> anyhow::Result<()> {
        tracing::error!(
            queue.sequence = sequence,
            reason,
            "a record became a dead letter"
        );
        metrics::counter!("almanac_dead_letters_total").increment(1);
        self.write(&format!("{sequence:020}.record"), record)?;
        self.write(&format!("{sequence:020}.reason"), reason.as_bytes())
    }

    /// Every letter, oldest first.
    pub(crate) fn list(&self) -> anyhow::Result<Vec<Letter>> {
        let mut letters = Vec::new();
        for file in fs::read_dir(&self.folder)? {
            let path = file?.path();
            let stem = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            if path.extension().is_some_and(|ending| ending == "record")
                && let Ok(id) = stem.parse()
            {
                // The reason is written last; without it the pump was cut off and will do it again.
                let reason = fs::read_to_string(path.with_extension("reason")).unwrap_or_default();
                letters.push(Letter {
                    id,
                    record: fs::read(&path)?,
                    reason,
                });
            }
        }
        letters.sort_by_key(|letter| letter.id);
        Ok(letters)
    }

    /// Removes a letter.
    pub(crate) fn forget(&self, letter: &Letter) -> anyhow::Result<()> {
        let path = self.folder.join(format!("{:020}.record", letter.id));
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        let reason = path.with_extension("reason");
        if reason.exists() {
            fs::remove_file(&reason)?;
        }
        Ok(())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        let mut file =
            File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        file.write_all(bytes)?;
        file.sync_all()
            .with_context(|| format!("cannot sync {}", path.display()))
    }
}
