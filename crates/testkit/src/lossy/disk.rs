//! The state of a lossy disk: what programs see, and what of it would survive. Content survives a
//! sync of its file, names survive a sync of their folder, and neither implies the other. Of what
//! was not synced a cut keeps some, as real disks do: any of a file's writes, the last one torn;
//! of a folder the first changes up to some point. What a failed sync was to make safe stays
//! unsafe.

use std::collections::{BTreeMap, BTreeSet};

use super::Lost;
use crate::Random;

/// The number of the topmost folder.
pub(super) const ROOT: u64 = 1;
/// Writes are torn at multiples of this, bytes.
const SECTOR_BYTES: usize = 512;

#[derive(Debug)]
pub(super) struct Disk {
    nodes: BTreeMap<u64, Node>,
    /// The last name of each, from the topmost folder on.
    paths: BTreeMap<u64, String>,
    next: u64,
    random: Random,
}

#[derive(Debug)]
pub(super) enum Node {
    File(File),
    Folder(Folder),
}

#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) content: Vec<u8>,
    /// Since the last sync that made all of them safe, oldest first.
    unsynced: Vec<Change>,
}

/// What becomes of a change when the power fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Safety {
    Unsynced,
    /// A sync of it has failed, so that no later one can help it.
    Doomed,
    /// Safe, and kept because of a doomed one before it.
    Synced,
}

/// One write or change of length, with what is needed to take it back.
#[derive(Debug)]
struct Change {
    offset: usize,
    new: Vec<u8>,
    /// What was there, from the offset to the end of the change or of the file.
    old: Vec<u8>,
    old_length: usize,
    new_length: usize,
    safety: Safety,
}

#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) names: BTreeMap<String, u64>,
    synced: BTreeMap<String, u64>,
    /// Since the last sync; each inner list happened at once.
    unsynced: Vec<Vec<(String, Option<u64>)>>,
}

/// Why something cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Missing,
    IsFolder,
    IsNoFolder,
    NotEmpty,
    Taken,
    /// The disk, not the request, is at fault.
    Broken,
}

type Done<T> = Result<T, Refusal>;

impl Disk {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            nodes: BTreeMap::from([(ROOT, Node::Folder(Folder::default()))]),
            paths: BTreeMap::from([(ROOT, String::new())]),
            next: ROOT + 1,
            random: Random::new(seed),
        }
    }

    pub(super) fn node(&self, number: u64) -> Done<&Node> {
        self.nodes.get(&number).ok_or(Refusal::Missing)
    }

    pub(super) fn file(&self, number: u64) -> Done<&File> {
        match self.node(number)? {
            Node::File(file) => Ok(file),
            Node::Folder(_) => Err(Refusal::IsFolder),
        }
    }

    pub(super) fn folder(&self, number: u64) -> Done<&Folder> {
        match self.node(number)? {
            Node::Folder(folder) => Ok(folder),
            Node::File(_) => Err(Refusal::IsNoFolder),
        }
    }

    fn file_mut(&mut self, number: u64) -> Done<&mut File> {
        match self.nodes.get_mut(&number) {
            Some(Node::File(file)) => Ok(file),
            Some(Node::Folder(_)) => Err(Refusal::IsFolder),
            None => Err(Refusal::Missing),
        }
    }

    fn folder_mut(&mut self, number: u64) -> Done<&mut Folder> {
        match self.nodes.get_mut(&number) {
            Some(Node::Folder(folder)) => Ok(folder),
            Some(Node::File(_)) => Err(Refusal::IsNoFolder),
            None => Err(Refusal::Missing),
        }
    }

    pub(super) fn find(&self, folder: u64, name: &str) -> Done<u64> {
        let found = self.folder(folder)?.names.get(name).copied();
        found.ok_or(Refusal::Missing)
    }

    /// Where this file or folder is, or last was.
    pub(super) fn path(&self, number: u64) -> &str {
        self.paths.get(&number).map_or("", String::as_str)
    }

    /// Where something of that name would be.
    pub(super) fn path_of(&self, folder: u64, name: &str) -> String {
        format!("{}/{name}", self.path(folder))
    }

    /// Adds an empty file or folder.
    pub(super) fn make(&mut self, folder: u64, name: &str, node: Node) -> Done<u64> {
        let number = self.next;
        self.folder_mut(folder)?
            .change(vec![(name.to_owned(), Some(number))]);
        self.next += 1;
        self.paths.insert(number, self.path_of(folder, name));
        self.nodes.insert(number, node);
        Ok(number)
    }

    /// Takes a name away. What it named stays for whoever has it open, and in case that the name
    /// comes back.
    pub(super) fn remove(&mut self, folder: u64, name: &str) -> Done<()> {
        if let Node::Folder(inner) = self.node(self.find(folder, name)?)?
            && !inner.names.is_empty()
        {
            return Err(Refusal::NotEmpty);
        }
        self.folder_mut(folder)?
            .change(vec![(name.to_owned(), None)]);
        Ok(())
    }

    /// Gives a file one more name.
    pub(super) fn link(&mut self, number: u64, folder: u64, name: &str) -> Done<()> {
        self.file(number)?;
        if self.find(folder, name).is_ok() {
            return Err(Refusal::Taken);
        }
        self.folder_mut(folder)?
            .change(vec![(name.to_owned(), Some(number))]);
        Ok(())
    }

    pub(super) fn rename(&mut self, from: (u64, &str), to: (u64, &str)) -> Done<()> {
        let number = self.find(from.0, from.1)?;
        self.paths.insert(number, self.path_of(to.0, to.1));
        let gone = (from.1.to_owned(), None);
        let come = (to.1.to_owned(), Some(number));
        if from.0 == to.0 {
            self.folder_mut(from.0)?.change(vec![gone, come]);
            return Ok(());
        }
        self.folder_mut(to.0)?.change(vec![come]);
        self.folder_mut(from.0)?.change(vec![gone]);
        Ok(())
    }

    pub(super) fn write(&mut self, number: u64, offset: usize, bytes: &[u8]) -> Done<()> {
        let file = self.file_mut(number)?;
        let new_length = file.content.len().max(offset + bytes.len());
        let change = file.change(offset, bytes.to_vec(), new_length);
        file.unsynced.push(change);
        Ok(())
    }

    pub(super) fn set_length(&mut self, number: u64, length: usize) -> Done<()> {
        let file = self.file_mut(number)?;
        let change = file.change(length, Vec::new(), length);
        file.unsynced.push(change);
        Ok(())
    }

    /// Makes content or names of this file or folder safe.
    pub(super) fn sync(&mut self, number: u64) -> Done<()> {
        match self.nodes.get_mut(&number).ok_or(Refusal::Missing)? {
            Node::File(file) => file.sync(),
            Node::Folder(folder) => {
                folder.unsynced.clear();
                folder.synced.clone_from(&folder.names);
            }
        }
        Ok(())
    }

    /// Fails to make content safe: nothing ever will.
    pub(super) fn fail_sync(&mut self, number: u64) -> Done<()> {
        for change in &mut self.file_mut(number)?.unsynced {
            if change.safety == Safety::Unsynced {
                change.safety = Safety::Doomed;
            }
        }
        Ok(())
    }

    /// Forgets what a power cut takes.
    pub(super) fn cut(&mut self) -> Lost {
        let mut lost = Lost::default();
        let random = &mut self.random;
        for node in self.nodes.values_mut() {
            match node {
                Node::File(file) => lost.writes += file.cut(random),
                Node::Folder(folder) => lost.names += folder.cut(random),
            }
        }
        let mut found = BTreeSet::new();
        let mut open = vec![ROOT];
        while let Some(number) = open.pop() {
            if found.insert(number)
                && let Some(Node::Folder(folder)) = self.nodes.get(&number)
            {
                open.extend(folder.names.values());
            }
        }
        self.nodes.retain(|number, _| found.contains(number));
        self.paths.retain(|number, _| found.contains(number));
        lost
    }
}

impl File {
    /// Changes the content. Whoever wants to take it back keeps what is returned.
    fn change(&mut self, offset: usize, new: Vec<u8>, new_length: usize) -> Change {
        let old_length = self.content.len();
        let end = if new_length < old_length {
            old_length
        } else {
            (offset + new.len()).min(old_length)
        };
        let old = self.content.get(offset..end).unwrap_or_default().to_vec();
        self.content.resize(new_length, 0);
        if let Some(place) = self.content.get_mut(offset..offset + new.len()) {
            place.copy_from_slice(&new);
        }
        Change {
            offset,
            new,
            old,
            old_length,
            new_length,
            safety: Safety::Unsynced,
        }
    }

    fn sync(&mut self) {
        let is_doomed = |change: &Change| change.safety == Safety::Doomed;
        if !self.unsynced.iter().any(is_doomed) {
            self.unsynced.clear();
        }
        for change in &mut self.unsynced {
            if change.safety == Safety::Unsynced {
                change.safety = Safety::Synced;
            }
        }
    }

    fn cut(&mut self, random: &mut Random) -> u64 {
        let changes = std::mem::take(&mut self.unsynced);
        for change in changes.iter().rev() {
            self.content.resize(change.old_length, 0);
            let end = change.offset + change.old.len();
            if let Some(place) = self.content.get_mut(change.offset..end) {
                place.copy_from_slice(&change.old);
            }
        }
        let mut lost = 0;
        for mut change in changes {
            if change.safety == Safety::Synced {
                self.survive(change);
                continue;
            }
            let sectors = change.new.len().div_ceil(SECTOR_BYTES);
            match random.below(3) {
                0 => lost += 1,
                1 => {
                    change
                        .new
                        .truncate(random.below(sectors + 1) * SECTOR_BYTES);
                    lost += 1;
                    self.survive(change);
                }
                _ => self.survive(change),
            }
        }
        lost
    }

    fn survive(&mut self, change: Change) {
        let is_cut_off = change.new_length < change.old_length;
        let length = if is_cut_off {
            self.content.len().min(change.new_length)
        } else {
            self.content.len().max(change.offset + change.new.len())
        };
        self.change(change.offset.min(length), change.new, length);
    }
}

impl Folder {
    fn change(&mut self, changes: Vec<(String, Option<u64>)>) {
        apply(&mut self.names, &changes);
        self.unsynced.push(changes);
    }

    fn cut(&mut self, random: &mut Random) -> u64 {
        let kept = random.below(self.unsynced.len() + 1);
        let changes = std::mem::take(&mut self.unsynced);
        let lost = changes.len() - kept;
        for change in changes.iter().take(kept) {
            apply(&mut self.synced, change);
        }
        self.names.clone_from(&self.synced);
        lost as u64
    }
}

fn apply(names: &mut BTreeMap<String, u64>, changes: &[(String, Option<u64>)]) {
    for (name, number) in changes {
        match number {
            Some(number) => names.insert(name.clone(), *number),
            None => names.remove(name),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_file(disk: &mut Disk, name: &str) -> u64 {
        let file = Node::File(File::default());
        disk.make(ROOT, name, file).unwrap()
    }

    #[test]
    fn what_was_synced_survives_every_cut() {
        for seed in 0..200 {
            let mut disk = Disk::new(seed);
            let file = new_file(&mut disk, "a");
            disk.write(file, 0, b"safe").unwrap();
            disk.sync(file).unwrap();
            disk.sync(ROOT).unwrap();
            disk.write(file, 4, b" and lost").unwrap();
            disk.remove(ROOT, "a").unwrap();
            disk.sync(ROOT).unwrap();
            disk.rename((ROOT, "a"), (ROOT, "b")).unwrap_err();
            let other = new_file(&mut disk, "b");
            disk.sync(other).unwrap();
            disk.sync(ROOT).unwrap();
            disk.cut();
            assert_eq!(disk.find(ROOT, "a"), Err(Refusal::Missing));
            assert_eq!(disk.find(ROOT, "b"), Ok(other));
            assert!(disk.file(file).is_err(), "nothing names it any more");
        }
    }

    #[test]
    fn content_and_name_are_synced_apart() {
        let (mut with_name, mut without) = (0, 0);
        for seed in 0..200 {
            let mut disk = Disk::new(seed);
            let file = new_file(&mut disk, "a");
            disk.write(file, 0, b"content").unwrap();
            disk.sync(file).unwrap();
            disk.cut();
            match disk.find(ROOT, "a") {
                Ok(found) => {
                    assert_eq!(disk.file(found).unwrap().content, b"content");
                    with_name += 1;
                }
                Err(_) => without += 1,
            }
        }
        assert!(with_name > 50 && without > 50, "{with_name} {without}");
    }

    #[test]
    fn what_a_failed_sync_left_is_not_made_safe_by_the_next() {
        let mut seen = BTreeSet::new();
        for seed in 0..200 {
            let mut disk = Disk::new(seed);
            let file = new_file(&mut disk, "a");
            disk.sync(ROOT).unwrap();
            disk.write(file, 0, b"12").unwrap();
            disk.fail_sync(file).unwrap();
            disk.write(file, 1, b"safe").unwrap();
            disk.sync(file).unwrap();
            disk.cut();
            seen.insert(disk.file(file).unwrap().content.clone());
        }
        let expected: [&[u8]; 2] = [b"\0safe", b"1safe"];
        assert_eq!(seen.iter().map(Vec::as_slice).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn unsynced_writes_survive_in_any_mixture() {
        let mut seen = BTreeSet::new();
        for seed in 0..500 {
            let mut disk = Disk::new(seed);
            let file = new_file(&mut disk, "a");
            disk.sync(ROOT).unwrap();
            disk.write(file, 0, b"xx").unwrap();
            disk.sync(file).unwrap();
            disk.write(file, 0, b"1").unwrap();
            disk.write(file, 1, b"2").unwrap();
            disk.set_length(file, 1).unwrap();
            disk.cut();
            seen.insert(disk.file(file).unwrap().content.clone());
        }
        let expected: [&[u8]; 6] = [b"1", b"12", b"1x", b"x", b"x2", b"xx"];
        assert_eq!(seen.iter().map(Vec::as_slice).collect::<Vec<_>>(), expected);
    }
}
