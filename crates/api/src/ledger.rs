//! The ledger of collection: what was received is accepted, duplicate or refused for one reason,
//! and the sum is right at every moment, because each event is entered once, when its fate is
//! known. Totals by project and hour are handed to the catalog in batches; the last refusals are
//! kept in memory for the health page.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use almanac_ingest::Refusal;
use almanac_model::{Instant, ProjectId};

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

/// The ledger of the running process.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    unsaved: HashMap<Page, Counts>,
    recent: HashMap<ProjectId, VecDeque<RecentRefusal>>,
}

impl Ledger {
    /// Enters the fates of one request's events.
    pub fn enter(&self, at: Instant, fates: impl IntoIterator<Item = (ProjectId, Fate)>) {
        let mut entries = self.lock();
        for (project, fate) in fates {
            let page = (project, at.seconds().div_euclid(HOUR_S) * HOUR_S);
            let counts = entries.unsaved.entry(page).or_default();
            match fate {
                Fate::Accepted => counts.accepted += 1,
                Fate::Duplicate => counts.duplicate += 1,
                Fate::Refused { reason, detail } => {
                    *counts.refused.entry(reason).or_default() += 1;
                    entries.remember(project, RecentRefusal { at, reason, detail });
                }
            }
        }
    }

    /// Takes the pages that are not saved yet. Give them back with [`Ledger::restore`] when saving
    /// fails.
    pub fn take_unsaved(&self) -> HashMap<Page, Counts> {
        std::mem::take(&mut self.lock().unsaved)
    }

    /// Gives back pages that could not be saved.
    pub fn restore(&self, pages: HashMap<Page, Counts>) {
        let mut entries = self.lock();
        for (page, counts) in pages {
            entries.unsaved.entry(page).or_default().add(&counts);
        }
    }

    /// What is not saved yet of one project.
    pub fn unsaved(&self, project: ProjectId) -> Counts {
        let entries = self.lock();
        let mut sum = Counts::default();
        for ((owner, _), counts) in &entries.unsaved {
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
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
