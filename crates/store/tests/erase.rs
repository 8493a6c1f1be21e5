//! What is erased is gone: from answers, from files, after opening anew, and after a kill at any
//! step; everything else stays as it was.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is its failure")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use almanac_model::{
    Dimension, Event, EventId, Filter, Instant, Kind, Metric, ProjectId, ProjectSettings,
    TextColumn, TimeRange, VisitorId,
};
use almanac_query::{Cancel, Engine, Plan, Table};
use almanac_store::{Erase, Erased, Store, StoreError, StoreOptions};
use jiff::civil::date;
use jiff::tz::TimeZone;

const PROJECT: ProjectId = ProjectId(1);
/// 2025-06-01T00:00:00Z.
const BEGIN_S: i64 = 1_748_736_000;
const DAY_S: i64 = 86_400;

#[test]
fn the_events_of_a_visitor_go_and_all_others_stay() {
    check(&Erase::Visitor(VisitorId(3)), |number| number % 5 != 3);
}

#[test]
fn the_events_of_a_user_go_and_all_others_stay() {
    check(&Erase::User("user 1".to_owned()), |number| {
        !number.is_multiple_of(2) || number % 7 != 1
    });
}

#[test]
fn days_before_a_day_go_and_all_others_stay() {
    check(&Erase::Before(date(2025, 6, 3)), |number| {
        day_of(number) >= 2
    });
}

#[test]
fn the_events_of_a_day_go_and_all_others_stay() {
    check(&Erase::Day(date(2025, 6, 2)), |number| day_of(number) != 1);
}

#[test]
fn what_nobody_has_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    store.seal().unwrap();
    let before = files(dir.path());
    for what in [
        Erase::Visitor(VisitorId(77)),
        Erase::User("nobody".to_owned()),
        Erase::Before(date(2020, 1, 1)),
    ] {
        assert_eq!(store.erase(PROJECT, &what).unwrap(), Erased::default());
    }
    assert_eq!(files(dir.path()), before);
    let unknown = store.erase(ProjectId(9), &Erase::User(String::new()));
    assert!(matches!(unknown, Err(StoreError::UnknownProject(_))));
}

#[test]
fn a_kill_before_the_commit_leaves_everything_and_after_it_nothing() {
    let (dir, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = filled(dir.path());
    store.seal().unwrap();
    let whole = paths(&store);
    copy(dir.path(), killed.path(), |_| true);
    store.erase(PROJECT, &Erase::Visitor(VisitorId(3))).unwrap();
    // The files of after beside the manifest of before: the commit never happened.
    copy(dir.path(), killed.path(), |path| {
        !path.ends_with("manifest.redb")
    });
    assert_eq!(paths(&open(killed.path())), whole);
    let again = open(killed.path());
    let erased = again.erase(PROJECT, &Erase::Visitor(VisitorId(3))).unwrap();
    assert!(erased.rows > 0);
    assert_eq!(paths(&again), paths(&store));
}

/// Erases from a store that was filled in every way, and looks for what should be left.
fn check(what: &Erase, stays: impl Fn(u64) -> bool) {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let expected: BTreeMap<String, f64> = (0..EVENTS)
        .filter(|number| stays(*number))
        .map(|number| (format!("/{number}"), 1.0))
        .collect();
    let gone = EVENTS - expected.len() as u64;
    let foreseen = store.would_erase(PROJECT, what).unwrap();
    assert_eq!(
        paths(&store).len() as u64,
        EVENTS,
        "looking changes nothing"
    );
    let erased = store.erase(PROJECT, what).unwrap();
    assert_eq!((erased.rows, erased), (gone, foreseen));
    assert_eq!(paths(&store), expected);
    assert_eq!(store.usage(PROJECT).rows, EVENTS - gone);
    assert_eq!(store.erase(PROJECT, what).unwrap(), Erased::default());
    drop(store);
    let store = open(dir.path());
    assert_eq!(paths(&store), expected, "after opening anew");
    while store.compact_once().unwrap().is_some() {}
    assert_eq!(paths(&store), expected, "after compaction");
    let left = store.files(PROJECT);
    assert_eq!(
        files(dir.path())
            .iter()
            .filter(|path| is_events(path))
            .count(),
        left.len()
    );
}

const EVENTS: u64 = 300;

fn day_of(number: u64) -> u64 {
    number % 4
}

/// A store with loaded, sealed and hot events of four days.
fn filled(dir: &Path) -> Store {
    let store = open(dir);
    store.put_project(settings()).unwrap();
    store.load(PROJECT, (0..100).map(event).collect()).unwrap();
    let queued = |numbers: std::ops::Range<u64>| {
        let records = numbers.map(|number| (number - 100, event(number)));
        store.append(records.collect()).unwrap();
    };
    queued(100..200);
    store.seal().unwrap();
    queued(200..300);
    store
}

fn event(number: u64) -> Event {
    let seconds = day_of(number) as i64 * DAY_S + number as i64;
    let time = Instant::from_seconds(BEGIN_S + seconds);
    let id = EventId(u128::from(number));
    let mut event = Event::new(id, PROJECT, time, VisitorId(number % 5), Kind::Pageview);
    event.text[TextColumn::Path] = format!("/{number}");
    if number.is_multiple_of(2) {
        event.text[TextColumn::User] = format!("user {}", number % 7);
    }
    event
}

fn paths(store: &Store) -> BTreeMap<String, f64> {
    let plan = Plan {
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
    };
    let answer = store.run(&plan, &Cancel::default()).unwrap();
    let rows = answer.rows.into_iter();
    rows.map(|row| (row.dimensions[0].clone(), row.metrics[0].unwrap()))
        .collect()
}

fn settings() -> ProjectSettings {
    ProjectSettings::new(PROJECT, vec!["a.example".to_owned()], TimeZone::UTC)
}

fn open(dir: &Path) -> Store {
    Store::open(dir, StoreOptions::default()).unwrap()
}

fn is_events(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "parquet")
}

/// Every file below a directory, sorted.
fn files(dir: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path, wanted: impl Fn(&Path) -> bool) {
    for path in files(from).into_iter().filter(|path| wanted(path)) {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(path, target).unwrap();
    }
}
