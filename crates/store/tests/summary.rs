//! Summaries change no answer: not while they are made, not when they are damaged or lost, not when
//! the settings change that they were made for. They go when the events go that they were made of.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is its failure")]

use std::path::{Path, PathBuf};

use almanac_model::{
    Dimension, Event, EventId, Filter, Identity, Instant, Kind, Metric, ProjectId, ProjectSettings,
    TextColumn, TimeRange, TimeUnit, VisitorId,
};
use almanac_query::{Cancel, Engine, Plan, Row, Table};
use almanac_store::{Erase, Store, StoreOptions};
use jiff::tz::TimeZone;

const PROJECT: ProjectId = ProjectId(1);
/// 2025-06-01T00:00:00Z.
const BEGIN_S: i64 = 1_748_736_000;
const DAY_S: i64 = 86_400;
const DAYS: i64 = 4;
const VISITORS: u64 = 40;

#[test]
fn finished_days_are_summed_up_and_answers_stay_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let before = answers(&store, Table::Events);
    assert_eq!(summarise(&store), DAYS as u64 - 1, "the last day goes on");
    assert_eq!(answers(&store, Table::Summary), before);
    assert!(summarised(&store) == DAYS as u64 - 1);
    drop(store);
    let store = open(dir.path());
    assert_eq!(
        answers(&store, Table::Summary),
        before,
        "after opening anew"
    );
    assert_eq!(summarised(&store), DAYS as u64 - 1);
    assert_eq!(summarise(&store), 0, "each day once");
}

#[test]
fn a_damaged_summary_is_given_up_and_made_anew() {
    for ending in ["sums", "edges"] {
        let dir = tempfile::tempdir().unwrap();
        let store = filled(dir.path());
        let before = answers(&store, Table::Events);
        summarise(&store);
        drop(store);
        let damaged = &files(dir.path(), ending)[1];
        let mut content = std::fs::read(damaged).unwrap();
        let middle = content.len() / 3;
        content[middle] ^= 1;
        std::fs::write(damaged, content).unwrap();
        std::fs::remove_file(&files(dir.path(), ending)[0]).unwrap();
        let store = open(dir.path());
        assert_eq!(answers(&store, Table::Summary), before, "{ending}");
        assert_eq!(summarised(&store), 1, "{ending}: the others are not read");
        assert_eq!(summarise(&store), 2, "{ending}");
        assert_eq!(answers(&store, Table::Summary), before, "{ending}");
        assert_eq!(summarised(&store), DAYS as u64 - 1, "{ending}");
    }
}

#[test]
fn another_gap_of_visits_makes_other_summaries() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    summarise(&store);
    let old = files(dir.path(), "sums");
    let mut changed = settings();
    changed.visit_gap_s *= 2;
    store.put_project(changed.clone()).unwrap();
    let plan = |table| Plan {
        project: changed.clone(),
        ..plan(None, table)
    };
    let count = |table| store.run(&plan(table), &Cancel::default()).unwrap();
    let (before, with_old) = (count(Table::Events), count(Table::Summary));
    assert_eq!(with_old.rows, before.rows);
    assert_eq!(with_old.stats.summarised, 0);
    assert_eq!(summarise(&store), DAYS as u64 - 1);
    let with_new = count(Table::Summary);
    assert_eq!(with_new.rows, before.rows);
    assert_eq!(with_new.stats.summarised, DAYS as u64 - 1);
    let new = files(dir.path(), "sums");
    assert_eq!(new.len(), old.len());
    assert!(old.iter().all(|path| !new.contains(path)), "{new:?}");
}

#[test]
fn nothing_of_an_erased_visitor_is_left_in_summaries() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    summarise(&store);
    let own = format!("/of/{}", VisitorId(7).0);
    let is_in_values = |store: &Store| {
        let paths = Dimension::Event(TextColumn::Path);
        let plan = plan(Some(paths), Table::Summary);
        let rows = store.run(&plan, &Cancel::default()).unwrap().rows;
        rows.iter().any(|row| row.dimensions[0] == own)
    };
    assert!(is_in_values(&store));
    let erased = store.erase(PROJECT, &Erase::Visitor(VisitorId(7))).unwrap();
    assert!(erased.rows > 0);
    assert!(!is_in_values(&store));
    assert_eq!(files(dir.path(), "sums"), Vec::<PathBuf>::new());
    assert_eq!(files(dir.path(), "edges"), Vec::<PathBuf>::new());
    let before = answers(&store, Table::Events);
    assert_eq!(summarise(&store), DAYS as u64 - 1);
    assert_eq!(answers(&store, Table::Summary), before);
    assert!(!is_in_values(&store));
}

#[test]
fn a_late_event_takes_the_summary_of_its_day_out_of_use() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    summarise(&store);
    let mut late = event(3, 1, 0);
    late.time = late.time.plus_us(500_000_000);
    store.append(vec![(1, late)]).unwrap();
    let before = answers(&store, Table::Events);
    assert_eq!(answers(&store, Table::Summary), before);
    assert_eq!(summarised(&store), DAYS as u64 - 2);
    store.seal().unwrap();
    while store.compact_once().unwrap().is_some() {}
    assert_eq!(summarise(&store), 1);
    assert_eq!(answers(&store, Table::Summary), before);
    assert_eq!(files(dir.path(), "sums").len(), DAYS as usize - 1);
}

/// The answers to everything that summaries can answer, from that table.
fn answers(store: &Store, table: Table) -> Vec<Vec<Row>> {
    let dimensions = [
        None,
        Some(Dimension::Time(TimeUnit::Hour)),
        Some(Dimension::Time(TimeUnit::Week)),
        Some(Dimension::Event(TextColumn::Path)),
        Some(Dimension::ExitPage),
        Some(Dimension::Visit(TextColumn::Country)),
    ];
    let ask = |dimension| {
        let answer = store.run(&plan(dimension, table), &Cancel::default());
        answer.unwrap().rows
    };
    dimensions.into_iter().map(ask).collect()
}

/// How many days of a question about all days were answered from summaries.
fn summarised(store: &Store) -> u64 {
    let plan = plan(None, Table::Summary);
    let answer = store.run(&plan, &Cancel::default()).unwrap();
    answer.stats.summarised
}

/// Sums up every day that needs it; how many.
fn summarise(store: &Store) -> u64 {
    let mut days = 0;
    while let Some(done) = store.summarise_once().unwrap() {
        assert!(done.edge_rows < done.rows, "{done:?}");
        days += 1;
    }
    days
}

fn plan(dimension: Option<Dimension>, table: Table) -> Plan {
    Plan {
        project: settings(),
        range: TimeRange {
            start: Instant::from_seconds(BEGIN_S),
            end: Instant::from_seconds(BEGIN_S + DAYS * DAY_S),
        },
        filter: Filter::everything(),
        metrics: vec![
            Metric::Visitors,
            Metric::Visits,
            Metric::Events,
            Metric::BounceRate,
            Metric::VisitDuration,
        ],
        dimensions: dimension.into_iter().collect(),
        order: Vec::new(),
        limit: usize::MAX,
        offset: 0,
        table,
    }
}

/// Some days of events, of which those of the first and the last minutes go on over midnight.
fn filled(dir: &Path) -> Store {
    let store = open(dir);
    store.put_project(settings()).unwrap();
    let events = (0..DAYS).flat_map(|day| {
        (0..VISITORS).flat_map(move |visitor| (0..6).map(move |turn| event(visitor, day, turn)))
    });
    store.load(PROJECT, events.collect()).unwrap();
    while store.compact_once().unwrap().is_some() {}
    store
}

/// Visitors come at moments of their own, the first and the last of them near midnight.
fn event(visitor: u64, day: i64, turn: i64) -> Event {
    let second = DAY_S * visitor as i64 / VISITORS as i64 + 400 * turn - 600;
    let time = Instant::from_seconds(BEGIN_S + day * DAY_S + second.max(0));
    let id = EventId(u128::from(visitor) << 64 | (day * 10 + turn) as u128);
    let mut event = Event::new(id, PROJECT, time, VisitorId(visitor), Kind::Pageview);
    event.text[TextColumn::Path] = match turn {
        0 => format!("/of/{visitor}"),
        _ => format!("/{turn}"),
    };
    if visitor.is_multiple_of(3) {
        event.text[TextColumn::Country] = "DE".to_owned();
    }
    event
}

fn settings() -> ProjectSettings {
    let mut settings = ProjectSettings::new(PROJECT, vec!["a.example".to_owned()], TimeZone::UTC);
    settings.identity = Identity::Cookieless;
    settings
}

fn open(dir: &Path) -> Store {
    let options = StoreOptions {
        summary_rows_min: 1,
        ..StoreOptions::default()
    };
    Store::open(dir, options).unwrap()
}

/// The files below a directory with that ending, sorted.
fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
