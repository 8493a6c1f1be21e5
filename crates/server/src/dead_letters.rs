//! Records that could not be read or stored: kept byte by byte with the reason, so that nothing
//! vanishes. The folder is bounded: when it is full the pump stands still, because nothing may be
//! dropped. What is done about a letter is decided by a person, not here.
//!
//! Files under `dead-letters/`, safe on disk before the pump moves on:
//!
//! ```text
//! <sequence>.record   the record as it was in the queue
//! <sequence>.reason   why it is here; written last, so a letter without one is unfinished
//! <sequence>.settled  it was here and was replayed or dropped; the queue may still hold its record
//! ```

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use almanac_api::Swept;
use almanac_ingest::record::{self, letter};
use almanac_model::{ProjectId, TextColumn};
use almanac_queue::{DiskFiles, Files};
use almanac_store::Erase;
use anyhow::Context;

/// Letters that the folder takes.
const LETTERS_MAX: usize = 10_000;
/// Endings of the three files.
const RECORD: &str = "record";
const REASON: &str = "reason";
const SETTLED: &str = "settled";

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
        DiskFiles
            .create_dir(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self {
            folder,
            letters_max: LETTERS_MAX,
        })
    }

    /// Keeps a record and why it could not be read. Burying it again changes nothing, even after
    /// somebody has settled it.
    pub(crate) fn bury(&self, sequence: u64, record: &[u8], reason: &str) -> anyhow::Result<()> {
        if self.is_handled(sequence) {
            return Ok(());
        }
        self.refuse_when_full(sequence)?;
        tracing::error!(
            queue.sequence = sequence,
            reason,
            "a record became a dead letter"
        );
        metrics::counter!("almanac_dead_letters_total").increment(1);
        self.write(sequence, RECORD, record)?;
        self.write(sequence, REASON, reason.as_bytes())?;
        self.sync_folder()
    }

    fn refuse_when_full(&self, sequence: u64) -> anyhow::Result<()> {
        if self.path(sequence, RECORD).exists() {
            return Ok(());
        }
        anyhow::ensure!(
            self.numbers(RECORD)?.len() < self.letters_max,
            "there are {} dead letters, as many as are kept: see `almanac dead-letters list`, and \
             replay or drop them",
            self.letters_max
        );
        Ok(())
    }

    /// Records that became letters, those settled since included: whoever meets them in the queue
    /// again passes them by, because what becomes of them is decided here.
    pub(crate) fn handled(&self) -> anyhow::Result<BTreeSet<u64>> {
        let mut handled = self.numbers(REASON)?;
        handled.extend(self.numbers(SETTLED)?);
        Ok(handled)
    }

    /// Every letter, oldest first.
    pub(crate) fn list(&self) -> anyhow::Result<Vec<Letter>> {
        let settled = self.numbers(SETTLED)?;
        let numbers = self.numbers(RECORD)?;
        let letters = numbers.difference(&settled).map(|id| {
            // Without a reason the pump was cut off, and will do it again.
            let reason = fs::read_to_string(self.path(*id, REASON)).unwrap_or_default();
            Ok(Letter {
                id: *id,
                record: fs::read(self.path(*id, RECORD))?,
                reason,
            })
        });
        letters.collect()
    }

    /// Removes the letters with events of a visitor or a user of a project, or only counts them.
    pub(crate) fn erase(
        &self,
        project: ProjectId,
        what: &Erase,
        dry_run: bool,
    ) -> anyhow::Result<Swept> {
        let mut swept = Swept::default();
        for letter in self.list()? {
            let Ok(event) = record::decode(&letter.record) else {
                swept.unreadable += 1;
                continue;
            };
            let is_meant = match what {
                Erase::Visitor(visitor) => event.visitor == *visitor,
                Erase::User(user) => event.text[TextColumn::User] == *user,
                Erase::Day(_) | Erase::Before(_) => false,
            };
            if is_meant && event.project.of_people() == project {
                swept.letters += 1;
                if !dry_run {
                    self.forget(&letter)?;
                }
            }
        }
        Ok(swept)
    }

    /// Removes a letter, and remembers that it was one for as long as the queue may hold its
    /// record: read again after a restart, the record would become a letter again.
    pub(crate) fn forget(&self, letter: &Letter) -> anyhow::Result<()> {
        self.write(letter.id, SETTLED, b"")?;
        self.sync_folder()?;
        self.remove(letter.id, RECORD)?;
        self.remove(letter.id, REASON)
    }

    /// Forgets which letters were settled among the records before `record`, which the queue will
    /// not hand out again.
    pub(crate) fn forget_settled(&self, record: u64) -> anyhow::Result<()> {
        for settled in self.numbers(SETTLED)?.range(..record) {
            for ending in [RECORD, REASON, SETTLED] {
                self.remove(*settled, ending)?;
            }
        }
        Ok(())
    }

    fn is_handled(&self, sequence: u64) -> bool {
        let exists = |ending| self.path(sequence, ending).exists();
        exists(REASON) || exists(SETTLED)
    }

    /// Of all files with that ending.
    fn numbers(&self, ending: &str) -> anyhow::Result<BTreeSet<u64>> {
        let mut numbers = BTreeSet::new();
        for file in fs::read_dir(&self.folder)? {
            let path = file?.path();
            if path.extension().is_some_and(|found| found == ending) {
                let stem = path.file_stem().and_then(|stem| stem.to_str());
                numbers.extend(stem.and_then(|stem| stem.parse::<u64>().ok()));
            }
        }
        Ok(numbers)
    }

    fn path(&self, sequence: u64, ending: &str) -> PathBuf {
        self.folder.join(format!("{sequence:020}.{ending}"))
    }

    fn remove(&self, sequence: u64, ending: &str) -> anyhow::Result<()> {
        let path = self.path(sequence, ending);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", path.display()))
            }
            _ => Ok(()),
        }
    }

    fn write(&self, sequence: u64, ending: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.path(sequence, ending);
        let mut file =
            File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
        file.write_all(bytes)?;
        file.sync_all()
            .with_context(|| format!("cannot sync {}", path.display()))
    }

    /// Names must be as safe as what is in the files.
    fn sync_folder(&self) -> anyhow::Result<()> {
        File::open(&self.folder)?
            .sync_all()
            .with_context(|| format!("cannot sync {}", self.folder.display()))
    }
}

#[cfg(test)]
mod tests {
    use almanac_model::{Event, EventId, Instant, Kind, VisitorId};

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
    fn a_settled_letter_does_not_come_back_while_the_queue_may_hold_its_record() {
        let dir = tempfile::tempdir().unwrap();
        let letters = DeadLetters::open(dir.path()).unwrap();
        for number in [3, 7] {
            letters.bury(number, b"record", "unreadable").unwrap();
        }
        let first = letters.list().unwrap().remove(0);
        letters.forget(&first).unwrap();
        letters.bury(3, b"record", "unreadable").unwrap();
        let left: Vec<u64> = letters.list().unwrap().iter().map(|one| one.id).collect();
        assert_eq!(left, [7]);
        assert_eq!(letters.handled().unwrap(), BTreeSet::from([3, 7]));
        letters.forget_settled(3).unwrap();
        assert_eq!(letters.handled().unwrap(), BTreeSet::from([3, 7]));
        letters.forget_settled(8).unwrap();
        assert_eq!(letters.handled().unwrap(), BTreeSet::from([7]));
    }

    #[test]
    fn letters_of_a_visitor_or_a_user_are_erased_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let letters = DeadLetters::open(dir.path()).unwrap();
        let bury = |sequence, project, visitor, user: &str| {
            let (id, visitor) = (EventId(u128::from(sequence)), VisitorId(visitor));
            let mut event = Event::new(id, ProjectId(project), Instant(0), visitor, Kind::Custom);
            event.text[TextColumn::User] = user.into();
            let mut bytes = Vec::new();
            record::encode(&event, &mut bytes);
            letters
                .bury(sequence, &bytes, "the store panicked")
                .unwrap();
        };
        bury(1, 1, 7, "");
        bury(2, 1, 8, "ada");
        bury(3, 2, 7, "ada");
        bury(4, 1, 9, "eve");
        letters.bury(5, b"no event", "unreadable").unwrap();
        let erase = |what: &Erase, dry_run| letters.erase(ProjectId(1), what, dry_run).unwrap();
        let (visitor, user) = (Erase::Visitor(VisitorId(7)), Erase::User("ada".to_owned()));
        let found = |letters| Swept {
            letters,
            unreadable: 1,
            is_queue_emptied: false,
        };
        assert_eq!(erase(&visitor, true), found(1));
        assert_eq!(erase(&visitor, false), found(1));
        assert_eq!(erase(&user, false), found(1));
        assert_eq!(
            (erase(&visitor, false), erase(&user, false)),
            (found(0), found(0))
        );
        let left: Vec<u64> = letters
            .list()
            .unwrap()
            .iter()
            .map(|letter| letter.id)
            .collect();
        assert_eq!(left, [3, 4, 5]);
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
