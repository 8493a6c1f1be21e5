//! Records that could not be read or stored: kept byte by byte with the reason, so that nothing
//! vanishes. One file per record under `dead-letters/`, safe on disk before the pump moves on. The
//! folder is bounded: when it is full the pump stands still, because nothing may be dropped.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use almanac_ingest::record::letter;
use anyhow::Context;

/// Letters that the folder takes.
const LETTERS_MAX: usize = 10_000;

/// The folder of dead letters.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    folder: PathBuf,
    letters_max: usize,
}

/// One record that could not be read.
#[derive(Debug)]
pub(crate) struct Letter {
    /// Its sequence number in the queue.
    pub(crate) id: u64,
    pub(crate) record: Vec<u8>,
    pub(crate) reason: String,
}

impl Letter {
    /// The record in the envelope in which it goes through the queue again.
    pub(crate) fn envelope(&self) -> Vec<u8> {
        letter::seal(self.id, &self.record)
    }
}

impl DeadLetters {
    /// Opens the folder, making it if needed.
    pub(crate) fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let folder = data_dir.join("dead-letters");
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self {
            folder,
            letters_max: LETTERS_MAX,
        })
    }

    /// Keeps a record and why it could not be read. Burying it again changes nothing.
    pub(crate) fn bury(&self, sequence: u64, record: &[u8], reason: &str) -> anyhow::Result<()> {
        self.refuse_when_full(sequence)?;
        tracing::error!(
            queue.sequence = sequence,
            reason,
            "a record became a dead letter"
        );
        metrics::counter!("almanac_dead_letters_total").increment(1);
        self.write(&format!("{sequence:020}.record"), record)?;
        self.write(&format!("{sequence:020}.reason"), reason.as_bytes())?;
        // The names must be as safe as what is in the files.
        File::open(&self.folder)?
            .sync_all()
            .with_context(|| format!("cannot sync {}", self.folder.display()))
    }

    fn refuse_when_full(&self, sequence: u64) -> anyhow::Result<()> {
        if self.folder.join(format!("{sequence:020}.record")).exists() {
            return Ok(());
        }
        let files = fs::read_dir(&self.folder)?.count();
        anyhow::ensure!(
            files / 2 < self.letters_max,
            "there are {} dead letters, as many as are kept: see `almanac dead-letters list`, and \
             replay or drop them",
            self.letters_max
        );
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_kept_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let letters = DeadLetters::open(dir.path()).unwrap();
        letters.bury(7, b"record", "unreadable").unwrap();
        letters.bury(7, b"record", "unreadable").unwrap();
        let all = letters.list().unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].id, all[0].reason.as_str()), (7, "unreadable"));
        assert_eq!(letter::open(&all[0].envelope()), (Some(7), &b"record"[..]));
        letters.forget(&all[0]).unwrap();
        assert!(letters.list().unwrap().is_empty());
    }

    #[test]
    fn a_full_folder_takes_no_further_letter_and_loses_none() {
        let dir = tempfile::tempdir().unwrap();
        let mut letters = DeadLetters::open(dir.path()).unwrap();
        letters.letters_max = 2;
        letters.bury(1, b"a", "").unwrap();
        letters.bury(2, b"b", "").unwrap();
        assert!(letters.bury(3, b"c", "").is_err());
        letters.bury(2, b"b", "again").unwrap();
        assert_eq!(letters.list().unwrap().len(), 2);
    }
}
