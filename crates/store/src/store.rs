//! The store: opening a directory, taking events, and telling what is there. What seals, loads,
//! compacts and answers stands in files of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use almanac_model::{Event, Instant, ProjectId, ProjectSettings};
use jiff::civil::Date;

use crate::cache::Cache;
use crate::dictionary::Dictionaries;
use crate::engine::{AnswerCounts, Pool};
use crate::file::{self, FileRun};
use crate::manifest::{FileEntry, Manifest};
use crate::partition::{HotRun, Partition, Project};
use crate::rows::RowHasher;
use crate::run::Run;
use crate::summary::{self, Summary, SummaryEntry};
use crate::{StoreError, StoreOptions};

/// The embedded engine over one directory. All methods may be called from many threads.
#[derive(Debug)]
pub struct Store {
    pub(crate) options: StoreOptions,
    pub(crate) events_dir: PathBuf,
    pub(crate) manifest: Manifest,
    pub(crate) cache: Cache,
    pub(crate) answers: AnswerCounts,
    /// The memory of all questions.
    pub(crate) pool: Pool,
    pub(crate) dictionaries: Dictionaries,
    pub(crate) row_hasher: RowHasher,
    /// Held by whoever changes files and the manifest: seal, load or compact, one at a time.
    writer: Mutex<()>,
    /// Held while hot rows change; the first queue sequence that was not appended yet.
    appender: Mutex<u64>,
    state: RwLock<State>,
    next_run: AtomicU64,
    next_number: AtomicU64,
}

/// What is there now.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) position: u64,
    pub(crate) projects: HashMap<ProjectId, Arc<Project>>,
    /// The partitions that have hot rows.
    pub(crate) hot: BTreeSet<(ProjectId, Date)>,
}

/// How much a project has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Events, hot ones included.
    pub rows: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Local days with events.
    pub partitions: u64,
}

impl Store {
    /// Opens the store in a directory, or makes an empty one there. Removes what a crash left
    /// behind.
    ///
    /// # Errors
    /// When the directory cannot be used, is held by another process, or was written by a newer
    /// version.
    pub fn open(dir: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let events_dir = dir.join("events");
        std::fs::create_dir_all(&events_dir).map_err(StoreError::io("create", &events_dir))?;
        let manifest_path = dir.join("manifest.redb");
        let (manifest, content) = Manifest::open(&manifest_path)?;
        // What the manifest says is as durable as its own name.
        crate::file::sync_dir(dir)?;
        crate::file::sync_dir(dir.parent().unwrap_or(dir))?;
        remove_orphans(&events_dir, content.files.values())?;
        let next_run = content
            .files
            .values()
            .map(|(file, _)| file.run + 1)
            .max()
            .unwrap_or(0);
        let store = Self {
            cache: Cache::new(options.cache_bytes),
            answers: AnswerCounts::default(),
            pool: Pool::new(options.queries_bytes),
            options,
            events_dir,
            manifest,
            dictionaries: Dictionaries::default(),
            row_hasher: RowHasher::default(),
            writer: Mutex::new(()),
            appender: Mutex::new(content.position),
            state: RwLock::new(State {
                position: content.position,
                projects: HashMap::new(),
                hot: BTreeSet::new(),
            }),
            next_run: AtomicU64::new(next_run),
            next_number: AtomicU64::new(1),
        };
        {
            let mut state = store.state_mut();
            for settings in content.projects.into_values() {
                let project = Project {
                    days: BTreeMap::new(),
                    settings,
                };
                state
                    .projects
                    .insert(project.settings.id, Arc::new(project));
            }
            for (entry, summary) in content.files.into_values() {
                store.add_summarised(&mut state, entry, summary)?;
            }
        }
        Ok(store)
    }

    /// The first queue sequence number that is not in a sealed file: replay of the queue starts
    /// here.
    pub fn position(&self) -> u64 {
        self.state().position
    }

    /// Announces a project or changes its settings. Must come before its events. Keeping the same
    /// settings again changes nothing.
    ///
    /// # Errors
    /// When the zone has no IANA name or would change although there are events, or the manifest
    /// fails.
    pub fn put_project(&self, settings: ProjectSettings) -> Result<(), StoreError> {
        let _writer = self.lock_writer();
        let _appender = self.lock_appender();
        let Some(zone) = settings.zone.iana_name().map(str::to_owned) else {
            return Err(StoreError::ZoneWithoutName(settings.id));
        };
        let known = self.state().projects.get(&settings.id).cloned();
        // Every write to the manifest waits for the disk.
        if known
            .as_ref()
            .is_some_and(|project| project.settings == settings)
        {
            return Ok(());
        }
        let kept = known
            .as_ref()
            .and_then(|project| project.settings.zone.iana_name());
        if let (Some(project), Some(kept)) = (&known, kept)
            && kept != zone
            && !project.days.is_empty()
        {
            let kept = kept.to_owned();
            return Err(StoreError::ZoneIsFixed {
                project: settings.id,
                kept,
                wanted: zone,
            });
        }
        self.manifest.put_project(&settings)?;
        let days = known.map_or_else(BTreeMap::new, |project| project.days.clone());
        let id = settings.id;
        self.state_mut()
            .projects
            .insert(id, Arc::new(Project { settings, days }));
        Ok(())
    }

    /// Takes events from the queue, each with the sequence number of its record. They are visible
    /// to questions when this returns, and durable only after [`Store::seal`]. Sequences come in
    /// ascending order: one below the highest of an earlier call is known and ignored.
    ///
    /// # Errors
    /// When an event belongs to a project that was not put; then none was taken.
    pub fn append(&self, events: Vec<(u64, Event)>) -> Result<(), StoreError> {
        let mut next = self.lock_appender();
        let known_below = *next;
        let fresh: Vec<&(u64, Event)> = events
            .iter()
            .filter(|(sequence, _)| *sequence >= known_below)
            .collect();
        let Some(last) = fresh.iter().map(|(sequence, _)| *sequence).max() else {
            return Ok(());
        };
        let by_day = self.by_day(fresh.iter().map(|(_, event)| event))?;
        // Sorting and merging go on beside questions; only the exchange at the end excludes them.
        let mut changed = Vec::with_capacity(by_day.len());
        for ((project, day), events) in by_day {
            let current = self.partition(project, day);
            let mut partition = current.as_deref().cloned().unwrap_or_default();
            if let Some(hot) = HotRun::new(Run::of(&events)) {
                partition.add_hot(hot);
            }
            changed.push((project, day, partition.hot));
        }
        let mut state = self.state_mut();
        for (project, day, hot) in changed {
            // The files may have changed meanwhile, the hot runs cannot have.
            self.change(&mut state, project, day, |partition| partition.hot = hot);
            state.hot.insert((project, day));
        }
        *next = last + 1;
        Ok(())
    }

    /// How many rows are in memory only.
    pub fn hot_rows(&self) -> u64 {
        self.fold_hot(0, |rows, hot| rows + hot.run.rows() as u64)
    }

    /// About how many bytes the rows that are in memory only occupy.
    pub fn hot_bytes(&self) -> u64 {
        self.fold_hot(0, |bytes, hot| bytes + hot.bytes as u64)
    }

    /// The time of the earliest event that is in memory only.
    pub fn hot_oldest(&self) -> Option<Instant> {
        self.fold_hot(None, |oldest: Option<Instant>, hot| {
            let start = Instant(hot.span.0);
            Some(oldest.map_or(start, |oldest| oldest.min(start)))
        })
    }

    /// How much a project has; nothing for an unknown one.
    pub fn usage(&self, project: ProjectId) -> Usage {
        let mut usage = Usage {
            rows: 0,
            bytes: 0,
            partitions: 0,
        };
        for partition in self
            .project(project)
            .iter()
            .flat_map(|project| project.days.values())
        {
            usage.rows += partition.rows();
            usage.bytes += partition.files.iter().map(|file| file.bytes()).sum::<u64>();
            usage.partitions += 1;
        }
        usage
    }

    /// When the first event of a project happened.
    pub fn first_event(&self, project: ProjectId) -> Option<Instant> {
        let project = self.project(project)?;
        project
            .days
            .values()
            .find_map(|partition| partition.span())
            .map(|(start, _)| start)
    }

    /// When the last event of a project happened.
    pub fn last_event(&self, project: ProjectId) -> Option<Instant> {
        let project = self.project(project)?;
        project
            .days
            .values()
            .rev()
            .find_map(|partition| partition.span())
            .map(|(_, end)| end)
    }

    /// The sealed files of a project, by day. Compaction may replace them at any time; a file that
    /// was opened stays readable.
    pub fn files(&self, project: ProjectId) -> Vec<PathBuf> {
        let project = self.project(project);
        let partitions = project.iter().flat_map(|project| project.days.values());
        partitions
            .flat_map(|partition| partition.files.iter().map(|file| file.path().to_owned()))
            .collect()
    }
}

/// What the other files of this crate build on.
impl Store {
    pub(crate) fn lock_writer(&self) -> MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lock_appender(&self) -> MutexGuard<'_, u64> {
        self.appender.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn project(&self, project: ProjectId) -> Option<Arc<Project>> {
        self.state().projects.get(&project).cloned()
    }

    pub(crate) fn partition(&self, project: ProjectId, day: Date) -> Option<Arc<Partition>> {
        self.state().projects.get(&project)?.days.get(&day).cloned()
    }

    /// A number for a new file; higher than that of any file before.
    pub(crate) fn next_run(&self) -> u64 {
        self.next_run.fetch_add(1, Ordering::Relaxed)
    }

    /// A number for something that the cache may keep things of.
    pub(crate) fn next_number(&self) -> u64 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    /// Changes one partition of a known project as a new version.
    pub(crate) fn change(
        &self,
        state: &mut State,
        project: ProjectId,
        day: Date,
        change: impl FnOnce(&mut Partition),
    ) {
        let Some(project) = state.projects.get_mut(&project) else {
            return;
        };
        let days = &mut Arc::make_mut(project).days;
        let partition = Arc::make_mut(days.entry(day).or_default());
        change(partition);
        partition.number = self.next_number();
    }

    /// Adds a file that the manifest names.
    pub(crate) fn add_file(&self, state: &mut State, entry: FileEntry) -> Result<(), StoreError> {
        self.add_summarised(state, entry, None)
    }

    /// Adds a file that the manifest names, with its summary.
    fn add_summarised(
        &self,
        state: &mut State,
        entry: FileEntry,
        summary: Option<SummaryEntry>,
    ) -> Result<(), StoreError> {
        if !state.projects.contains_key(&entry.project) {
            return Err(StoreError::UnknownProject(entry.project));
        }
        let (project, day) = (entry.project, entry.day);
        let file = FileRun::new(self.next_number(), entry, &self.events_dir);
        if let Some(summary) = summary {
            let number = self.next_number();
            let summary = Summary::new(number, summary, &file.entry, file.path());
            file.set_summary(Arc::new(summary));
        }
        self.change(state, project, day, |partition| {
            partition.files.push(Arc::new(file));
        });
        Ok(())
    }

    /// Events by project and local day.
    pub(crate) fn by_day<'a>(
        &self,
        events: impl Iterator<Item = &'a Event>,
    ) -> Result<BTreeMap<(ProjectId, Date), Vec<&'a Event>>, StoreError> {
        let state = self.state();
        let mut by_day: BTreeMap<_, Vec<&Event>> = BTreeMap::new();
        for event in events {
            let Some(project) = state.projects.get(&event.project) else {
                return Err(StoreError::UnknownProject(event.project));
            };
            let day = event.time.local_day(&project.settings.zone);
            by_day.entry((event.project, day)).or_default().push(event);
        }
        Ok(by_day)
    }

    fn fold_hot<T>(&self, start: T, add: impl Fn(T, &HotRun) -> T) -> T {
        let state = self.state();
        let partitions = state
            .hot
            .iter()
            .filter_map(|(project, day)| state.projects.get(project)?.days.get(day));
        partitions
            .flat_map(|partition| partition.hot_runs())
            .fold(start, |sum, hot| add(sum, hot))
    }
}

/// Removes files that the manifest does not name: what a crash left between writing and committing,
/// or between committing and removing.
fn remove_orphans<'a>(
    events_dir: &Path,
    files: impl Iterator<Item = &'a (FileEntry, Option<SummaryEntry>)>,
) -> Result<(), StoreError> {
    let mut named: HashSet<PathBuf> = HashSet::new();
    for (entry, summary) in files {
        let path = file::path_of(events_dir, entry);
        if let Some(summary) = summary {
            named.extend(summary::paths(&path, summary.gap_s));
        }
        named.insert(path.with_extension("ids"));
        named.insert(path);
    }
    for project in entries(events_dir)? {
        for day in entries(&project)? {
            for path in entries(&day)?
                .into_iter()
                .filter(|path| !named.contains(path))
            {
                tracing::info!(path = %path.display(), "removing what a crash left behind");
                std::fs::remove_file(&path).map_err(StoreError::io("remove", &path))?;
            }
        }
    }
    Ok(())
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let listing = std::fs::read_dir(dir).map_err(StoreError::io("list", dir))?;
    listing
        .map(|entry| {
            entry
                .map(|entry| entry.path())
                .map_err(StoreError::io("list", dir))
        })
        .collect()
}
