//! A store and a naive model of it, driven by seeded random actions, with a crash after every step:
//! whatever the disk holds at that moment is opened as a store of its own and compared. Nothing may
//! be lost and nothing may be there twice.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is its failure")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use almanac_model::{
    Dimension, Event, EventId, Filter, Instant, Kind, Metric, ProjectId, ProjectSettings,
    TextColumn, TimeRange, VisitorId,
};
use almanac_query::{Cancel, Engine, EngineError, Plan, Table};
use almanac_store::{Store, StoreError, StoreOptions};
use jiff::tz::TimeZone;

const PROJECT: ProjectId = ProjectId(1);
const SEEDS: u64 = 12;
const STEPS: usize = 14;
/// 2025-06-01T00:00:00Z.
const BEGIN_S: i64 = 1_748_736_000;

#[test]
fn nothing_is_lost_and_nothing_is_there_twice_after_a_crash_at_any_step() {
    for seed in 0..SEEDS {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path());
        store.put_project(settings()).unwrap();
        let mut model = Model {
            seed,
            ..Model::default()
        };
        for step in 0..STEPS {
            model.act(&store);
            let queued = model.queue.len();
            assert_eq!(paths(&store), model.all(queued), "seed {seed}, step {step}");
            crash(
                dir.path(),
                &model,
                &format!("seed {seed}, crash after step {step}"),
            );
        }
    }
}

#[test]
fn a_kill_between_writing_and_committing_leaves_what_was_before() {
    let (dir, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut model = Model::default();
    let store = open(dir.path());
    store.put_project(settings()).unwrap();
    model.append(&store, 30);
    model.load(&store, 10);
    store.seal().unwrap();
    model.sealed = model.queue.len();
    model.append(&store, 30);
    copy(dir.path(), old.path());
    store.seal().unwrap();
    while store.compact_once().unwrap().is_some() {}
    drop(store);
    // The manifest of before beside the files of after: the commit never happened.
    let before: BTreeSet<_> = files(old.path());
    copy(dir.path(), old.path().join("after").as_path());
    for (name, content) in files_with_content(&old.path().join("after")) {
        if name != "manifest.redb" && !before.contains(&name) {
            let path = old.path().join(&name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }
    std::fs::remove_dir_all(old.path().join("after")).unwrap();
    assert!(
        files(old.path()).len() > before.len(),
        "there are files that nobody names"
    );
    crash(old.path(), &model, "killed before the commit");
    let store = open(old.path());
    assert_eq!(files(old.path()), before, "what nobody names is removed");
    drop(store);
}

#[test]
fn damaged_files_are_errors_and_never_wrong_answers() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = Model::default();
    let store = open(dir.path());
    store.put_project(settings()).unwrap();
    model.load(&store, 200);
    let path = store.files(PROJECT).remove(0);
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    let ask = || {
        let store = open(dir.path());
        store.run(&plan(), &Cancel::default())
    };
    let expected = ask().unwrap();
    for end in [0, 3, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..end]).unwrap();
        let Err(EngineError::Storage(error)) = ask() else {
            panic!("{end} bytes are no file")
        };
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(error.to_string().contains(name), "{error} names the file");
    }
    for at in (0..whole.len()).step_by(11) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        std::fs::write(&path, &damaged).unwrap();
        // What no question reads may go unnoticed; what is answered is right.
        match ask() {
            Ok(answer) => assert_eq!(answer.rows, expected.rows, "byte {at}"),
            Err(EngineError::Storage(error)) => {
                let text = error.to_string();
                assert!(
                    text.contains("restore it from a backup"),
                    "byte {at}: {text}"
                );
            }
            Err(other) => panic!("byte {at}: {other}"),
        }
    }
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(ask(), Err(EngineError::Storage(_))));
}

/// A file has the columns that its events fill, so one from before a column existed is the same as
/// one whose events leave it blank.
#[test]
fn a_column_that_older_files_lack_reads_as_empty() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.put_project(settings()).unwrap();
    let older = (0..3).map(|number| event(number, 10)).collect();
    store.load(PROJECT, older).unwrap();
    let file = std::fs::read(&store.files(PROJECT)[0]).unwrap();
    let names = |name: &[u8]| file.windows(name.len()).any(|part| part == name);
    assert!(names(b"path") && !names(b"browser"));

    let mut newer = event(3, 20);
    newer.text[TextColumn::Browser] = "Firefox".to_owned();
    store.load(PROJECT, vec![newer]).unwrap();
    let browsers = Plan {
        dimensions: vec![Dimension::Event(TextColumn::Browser)],
        ..plan()
    };
    let check = |store: &Store| {
        let answer = store.run(&browsers, &Cancel::default()).unwrap();
        let rows = answer.rows.iter();
        let rows: Vec<_> = rows
            .map(|row| (row.dimensions[0].as_str(), row.metrics[0]))
            .collect();
        assert_eq!(rows, [("", Some(3.0)), ("Firefox", Some(1.0))]);
    };
    check(&store);
    while store.compact_once().unwrap().is_some() {}
    drop(store);
    check(&open(dir.path()));
}

#[test]
fn what_cannot_be_kept_is_refused_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let unknown = store.append(vec![(0, event(1, 0))]);
    assert!(matches!(unknown, Err(StoreError::UnknownProject(PROJECT))));
    store.put_project(settings()).unwrap();
    let foreign = store.load(ProjectId(2), vec![event(1, 0)]);
    assert!(matches!(foreign, Err(StoreError::ForeignEvent { .. })));
    store.append(vec![(0, event(1, 0))]).unwrap();
    let mut moved = settings();
    moved.zone = TimeZone::get("Europe/Berlin").unwrap();
    assert!(matches!(
        store.put_project(moved),
        Err(StoreError::ZoneIsFixed { .. })
    ));
    assert_eq!(store.hot_rows(), 1);
    assert_eq!(store.hot_oldest(), Some(Instant::from_seconds(BEGIN_S)));
}

#[test]
fn a_question_over_its_memory_fails_and_the_store_lives() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(
        dir.path(),
        StoreOptions {
            cache_bytes: 0,
            query_bytes: 1 << 10,
            ..StoreOptions::default()
        },
    );
    let store = store.unwrap();
    store.put_project(settings()).unwrap();
    let mut model = Model::default();
    model.append(&store, 5);
    assert_eq!(paths(&store).len(), 5);
    model.append(&store, 500);
    let failed = store.run(&plan(), &Cancel::default());
    assert!(matches!(
        failed,
        Err(EngineError::OverBudget {
            budget_bytes: 1_024
        })
    ));
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(matches!(
        store.run(&plan(), &cancel),
        Err(EngineError::Cancelled)
    ));
    assert_eq!(store.usage(PROJECT).rows, 505);
}

/// Opens a copy of the disk as it is now, compares it with what must be durable, replays the queue,
/// and compares it with everything.
fn crash(dir: &Path, model: &Model, context: &str) {
    let copied = tempfile::tempdir().unwrap();
    copy(dir, copied.path());
    let store = open(copied.path());
    assert_eq!(store.position(), model.sealed as u64, "{context}");
    assert_eq!(paths(&store), model.all(model.sealed), "{context}");
    // A queue may hand out records from before the position as well.
    let from = model.sealed.saturating_sub(3);
    let records = (from as u64..).zip(model.queue[from..].iter().cloned());
    store.append(records.collect()).unwrap();
    assert_eq!(
        paths(&store),
        model.all(model.queue.len()),
        "{context}, replayed"
    );
}

/// What the store should hold.
#[derive(Default)]
struct Model {
    seed: u64,
    made: u64,
    queue: Vec<Event>,
    /// How many queued events are in files.
    sealed: usize,
    loaded: Vec<Event>,
}

impl Model {
    fn act(&mut self, store: &Store) {
        let choice = self.random(8);
        let count = 1 + self.random(12);
        match choice {
            0..3 => self.append(store, count),
            3 | 4 => {
                let sealed = store.seal().unwrap();
                assert_eq!(sealed.rows, (self.queue.len() - self.sealed) as u64);
                self.sealed = self.queue.len();
                assert_eq!(store.position(), self.sealed as u64);
            }
            5 | 6 => self.load(store, count),
            _ => while store.compact_once().unwrap().is_some() {},
        }
    }

    fn append(&mut self, store: &Store, count: u64) {
        let from = self.queue.len();
        for _ in 0..count {
            let event = self.event();
            self.queue.push(event);
        }
        let records = (from as u64..).zip(self.queue[from..].iter().cloned());
        store.append(records.collect()).unwrap();
    }

    /// Loads new events together with some that were loaded before.
    fn load(&mut self, store: &Store, count: u64) {
        let known = self.loaded.len().min(5);
        let mut events = self.loaded[self.loaded.len() - known..].to_vec();
        for _ in 0..count {
            let event = self.event();
            self.loaded.push(event.clone());
            events.push(event);
        }
        let loaded = store.load(PROJECT, events).unwrap();
        assert_eq!((loaded.added, loaded.duplicate), (count, known as u64));
    }

    fn event(&mut self) -> Event {
        let seconds = self.random(3 * 86_400) as i64;
        self.made += 1;
        event(self.made, seconds)
    }

    /// How often each path must be found when that many queued events are in: once each.
    fn all(&self, queued: usize) -> BTreeMap<String, f64> {
        let events = self.queue[..queued].iter().chain(&self.loaded);
        events
            .map(|event| (event.text[TextColumn::Path].clone(), 1.0))
            .collect()
    }

    fn random(&mut self, end: u64) -> u64 {
        // Knuth's MMIX generator; its upper bits are random enough for choices.
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040);
        (self.seed >> 33) % end
    }
}

/// An event that is told apart by its path.
fn event(number: u64, seconds: i64) -> Event {
    let time = Instant::from_seconds(BEGIN_S + seconds);
    let visitor = VisitorId(number % 5);
    let mut event = Event::new(
        EventId(u128::from(number)),
        PROJECT,
        time,
        visitor,
        Kind::Pageview,
    );
    event.text[TextColumn::Path] = format!("/{number}");
    event.properties = vec![("number".to_owned(), number.to_string())];
    event
}

/// How many events each path has.
fn paths(store: &Store) -> BTreeMap<String, f64> {
    let answer = store.run(&plan(), &Cancel::default()).unwrap();
    let rows = answer.rows.into_iter();
    rows.map(|row| (row.dimensions[0].clone(), row.metrics[0].unwrap()))
        .collect()
}

fn plan() -> Plan {
    Plan {
        project: settings(),
        range: TimeRange {
            start: Instant(i64::MIN),
            end: Instant(i64::MAX),
        },
        filter: Filter::everything(),
        metrics: vec![Metric::Events],
        dimensions: vec![Dimension::Event(TextColumn::Path)],
        order: Vec::new(),
        limit: usize::MAX,
        offset: 0,
        table: Table::Events,
    }
}

fn settings() -> ProjectSettings {
    ProjectSettings::new(PROJECT, vec!["a.example".to_owned()], TimeZone::UTC)
}

fn open(dir: &Path) -> Store {
    Store::open(dir, StoreOptions::default()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    for (name, content) in files_with_content(from) {
        let path = to.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

fn files(dir: &Path) -> BTreeSet<String> {
    files_with_content(dir).into_keys().collect()
}

/// Every file below a directory by its name from there.
fn files_with_content(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    found
}
