//! The ledger of collection: what was received is accepted, duplicate or refused for one reason,
//! and the sum is right at every moment, because each event is entered once, when its fate is
//! known. Totals by project and hour are handed to the catalog in batches; the last refusals are
//! kept in memory for the health page.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use almanac_ingest::Refusal;
use almanac_model::{Instant, ProjectId};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Refusals remembered per project.
const RECENT_MAX: usize = 50;
/// Projects whose refusals are remembered at once.
const RECENT_PROJECTS_MAX: usize = 10_000;
const HOUR_S: i64 = 3_600;

/// The project that refusals are entered under when no project could be found for an event.
pub const NOBODY: ProjectId = ProjectId(0);

/// What became of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is on disk.
    Accepted,
    /// It was on disk before.
    Duplicate,
    /// It was not taken.
    Refused { reason: Refusal, detail: String },
}

/// What became of the events of one project in one hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub accepted: u64,
    pub duplicate: u64,
    pub refused: HashMap<Refusal, u64>,
}

impl Counts {
    /// All events: the sum of their fates, so that nothing can be missing from it.
    pub fn received(&self) -> u64 {
        self.accepted + self.duplicate + self.refused.values().sum::<u64>()
    }

    /// Adds the counts of another hour.
    pub fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.duplicate += other.duplicate;
        for (reason, count) in &other.refused {
            *self.refused.entry(*reason).or_default() += count;
        }
    }
}

/// One refusal, for the health page.
#[derive(Debug, Clone)]
pub struct RecentRefusal {
    pub at: Instant,
    pub reason: Refusal,
    pub detail: String,
}

/// The start of an hour in UTC, seconds since the epoch, and a project.
pub type Page = (ProjectId, i64);

/// Pages of one request: nearly always one, of one project.
type Pages = Vec<(Page, Counts)>;

/// What is to be saved together, all of it or nothing.
#[derive(Debug, Default)]
pub struct Unsaved {
    pub pages: HashMap<Page, Counts>,
    /// With these pages saved, every record of the queue before this one is counted, and none from
    /// it on. None for a ledger that counts no queue.
    pub counted_to: Option<u64>,
}

/// The ledger of the running process.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Mutex<Entries>,
    saving: RwLock<()>,
}

#[derive(Debug, Default)]
struct Entries {
    unsaved: HashMap<Page, Counts>,
    /// Counts of records that are durable while an earlier one is not entered yet, by the sequence
    /// of the first record, with the sequence after the last.
    early: BTreeMap<u64, (u64, Pages)>,
    counted_to: Option<u64>,
    saved_to: u64,
    recent: HashMap<ProjectId, VecDeque<RecentRefusal>>,
}

impl Ledger {
    /// Enters the fates of events of which none is in the queue.
    pub fn enter(&self, at: Instant, fates: impl IntoIterator<Item = (ProjectId, Fate)>) {
        let mut entries = self.lock();
        let pages = entries.pages_of(at, fates);
        count_metrics(&pages);
        entries.add(pages);
    }

    /// Enters events that were loaded together, none of which is in the queue.
    pub fn enter_loaded(&self, at: Instant, project: ProjectId, accepted: u64, duplicate: u64) {
        let hour = at.seconds().div_euclid(HOUR_S) * HOUR_S;
        for (fate, count) in [("accepted", accepted), ("duplicate", duplicate)] {
            metrics::counter!("almanac_events_total", "fate" => fate, "reason" => "")
                .increment(count);
        }
        let counts = Counts {
            accepted,
            duplicate,
            ..Counts::default()
        };
        self.lock().add(HashMap::from([((project, hour), counts)]));
    }

    /// Enters the fates of a request whose accepted events became the records of those sequences.
    /// Requests end in any order; their counts are saved in the order of their records, so that
    /// after a crash it is known which records are still to be counted.
    pub fn enter_stored(
        &self,
        at: Instant,
        sequences: Range<u64>,
        fates: impl IntoIterator<Item = (ProjectId, Fate)>,
    ) {
        let mut entries = self.lock();
        let pages = entries.pages_of(at, fates);
        count_metrics(&pages);
        let Some(counted_to) = entries.counted_to else {
            return entries.add(pages);
        };
        if sequences.end <= counted_to {
            return;
        }
        entries
            .early
            .insert(sequences.start, (sequences.end, pages));
        entries.advance();
    }

    /// Begins to count the queue at a sequence: everything before it is counted and saved.
    pub fn count_from(&self, sequence: u64) {
        let mut entries = self.lock();
        entries.counted_to = Some(sequence);
        entries.saved_to = sequence;
    }

    /// Whoever adds what is saved to what is not holds this meanwhile, so that nothing moves from
    /// one to the other and is missed or seen twice.
    pub async fn while_reading(&self) -> RwLockReadGuard<'_, ()> {
        self.saving.read().await
    }

    /// Whoever saves holds this from taking to having saved.
    pub async fn while_saving(&self) -> RwLockWriteGuard<'_, ()> {
        self.saving.write().await
    }

    /// Takes what is not saved yet. Give it back with [`Ledger::restore`] when saving fails, and
    /// say with [`Ledger::saved`] when it does not.
    pub fn take_unsaved(&self) -> Unsaved {
        let mut entries = self.lock();
        Unsaved {
            pages: std::mem::take(&mut entries.unsaved),
            counted_to: entries.counted_to,
        }
    }

    /// Gives back what could not be saved.
    pub fn restore(&self, unsaved: Unsaved) {
        self.lock().add(unsaved.pages);
    }

    /// Says that everything up to that record is saved.
    pub fn saved(&self, counted_to: u64) {
        let mut entries = self.lock();
        entries.saved_to = entries.saved_to.max(counted_to);
    }

    /// Records of the queue from this one on are needed to count them after a crash.
    pub fn saved_to(&self) -> u64 {
        self.lock().saved_to
    }

    /// What is not saved yet of one project.
    pub fn unsaved(&self, project: ProjectId) -> Counts {
        let entries = self.lock();
        let mut sum = Counts::default();
        let early = entries.early.values().flat_map(|(_, pages)| pages);
        let early = early.map(|(page, counts)| (page, counts));
        for ((owner, _), counts) in entries.unsaved.iter().chain(early) {
            if *owner == project {
                sum.add(counts);
            }
        }
        sum
    }

    /// The last refusals of a project, newest first.
    pub fn recent(&self, project: ProjectId) -> Vec<RecentRefusal> {
        let entries = self.lock();
        entries
            .recent
            .get(&project)
            .map(|all| all.iter().rev().cloned().collect())
            .unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn pages_of(
        &mut self,
        at: Instant,
        fates: impl IntoIterator<Item = (ProjectId, Fate)>,
    ) -> Pages {
        let hour = at.seconds().div_euclid(HOUR_S) * HOUR_S;
        let mut pages = Pages::new();
        for (project, fate) in fates {
            let page = (project, hour);
            let known = pages.iter().position(|(known, _)| *known == page);
            if known.is_none() {
                pages.push((page, Counts::default()));
            }
            let place = known.unwrap_or(pages.len() - 1);
            let Some((_, counts)) = pages.get_mut(place) else {
                continue;
            };
            match fate {
                Fate::Accepted => counts.accepted += 1,
                Fate::Duplicate => counts.duplicate += 1,
                Fate::Refused { reason, detail } => {
                    *counts.refused.entry(reason).or_default() += 1;
                    self.remember(project, RecentRefusal { at, reason, detail });
                }
            }
        }
        pages
    }

    fn add(&mut self, pages: impl IntoIterator<Item = (Page, Counts)>) {
        for (page, counts) in pages {
            self.unsaved.entry(page).or_default().add(&counts);
        }
    }

    /// Moves on over the records that have been entered without a gap.
    fn advance(&mut self) {
        while let Some(mut first) = self.early.first_entry() {
            if self
                .counted_to
                .is_none_or(|counted_to| *first.key() > counted_to)
            {
                return;
            }
            let (end, pages) = std::mem::take(first.get_mut());
            first.remove();
            self.counted_to = self.counted_to.max(Some(end));
            self.add(pages);
        }
    }

    fn remember(&mut self, project: ProjectId, refusal: RecentRefusal) {
        if self.recent.len() >= RECENT_PROJECTS_MAX && !self.recent.contains_key(&project) {
            return;
        }
        let recent = self.recent.entry(project).or_default();
        if recent.len() == RECENT_MAX {
            recent.pop_front();
        }
        recent.push_back(refusal);
    }
}

/// Counts what became of events; once for a request, because finding a counter costs more than
/// counting.
fn count_metrics(pages: &Pages) {
    let count = |fate: &'static str, reason: &'static str, events| {
        if events > 0 {
            metrics::counter!("almanac_events_total", "fate" => fate, "reason" => reason)
                .increment(events);
        }
    };
    for (_, counts) in pages {
        count("accepted", "", counts.accepted);
        count("duplicate", "", counts.duplicate);
        for (reason, events) in &counts.refused {
            count("refused", reason.name(), *events);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: ProjectId = ProjectId(1);

    fn accepted(count: usize) -> Vec<(ProjectId, Fate)> {
        vec![(PROJECT, Fate::Accepted); count]
    }

    #[test]
    fn counts_are_saved_in_the_order_of_the_records() {
        let ledger = Ledger::default();
        ledger.count_from(10);
        ledger.enter_stored(Instant(0), 12..15, accepted(3));
        let taken = ledger.take_unsaved();
        assert_eq!((taken.counted_to, taken.pages.len()), (Some(10), 0));
        assert_eq!(
            ledger.unsaved(PROJECT).accepted,
            3,
            "seen before it can be saved"
        );
        ledger.enter_stored(Instant(0), 10..12, accepted(2));
        let taken = ledger.take_unsaved();
        assert_eq!(taken.counted_to, Some(15));
        assert_eq!(taken.pages[&(PROJECT, 0)].accepted, 5);
        ledger.restore(taken);
        assert_eq!(ledger.unsaved(PROJECT).accepted, 5);
    }

    #[test]
    fn records_that_were_counted_before_a_crash_are_not_counted_again() {
        let ledger = Ledger::default();
        ledger.count_from(10);
        ledger.enter_stored(Instant(0), 8..9, accepted(1));
        ledger.enter_stored(Instant(0), 9..10, accepted(1));
        ledger.enter_stored(Instant(0), 10..11, accepted(1));
        assert_eq!(ledger.unsaved(PROJECT).received(), 1);
        assert_eq!(ledger.saved_to(), 10);
        ledger.saved(11);
        assert_eq!(ledger.saved_to(), 11);
    }
}
