//! Rows that leave a store and come into another one: they answer alike, coming again changes
//! nothing, and whatever is wrong with them is named.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is its failure")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use almanac_model::{
    Dimension, Event, EventId, Filter, Instant, Kind, Metric, NumberColumn, ProjectId,
    ProjectSettings, TextColumn, TimeRange, VisitorId, limits,
};
use almanac_query::{Cancel, Engine, Plan, Table};
use almanac_store::{Export, Loaded, Rows, SeenRows, Store, StoreError, StoreOptions};
use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array};
use jiff::civil::Date;
use jiff::tz::TimeZone;

const PROJECT: ProjectId = ProjectId(1);
/// 2025-06-01T00:00:00Z.
const BEGIN_S: i64 = 1_748_736_000;
const DAY_S: i64 = 86_400;

#[test]
fn what_is_exported_and_loaded_elsewhere_is_the_same() {
    let (from, to) = (Scene::new(), Scene::new());
    from.fill();
    let export = from.export();
    let days: Vec<_> = export.days().collect();
    let events: u64 = days.iter().map(|(_, rows)| rows).sum();
    assert_eq!((days.len(), events), (3, 604));
    assert_eq!(to.load(&export), loaded(604, 0));
    assert_eq!(to.contents(), from.contents());
}

#[test]
fn coming_again_changes_nothing_whatever_became_of_the_files() {
    let (from, to) = (Scene::new(), Scene::new());
    from.fill();
    let export = from.export();
    assert_eq!(to.load(&export), loaded(604, 0));
    assert_eq!(to.load(&export), loaded(0, 604));
    to.store.load(PROJECT, vec![event(9_000, 7)]).unwrap();
    while to.store.compact_once().unwrap().is_some() {}
    assert_eq!(to.load(&export), loaded(0, 604));
    assert_eq!(from.load(&export), loaded(0, 604), "into where it is from");
}

#[test]
fn an_import_that_was_cut_off_goes_on() {
    let (from, to) = (Scene::new(), Scene::new());
    from.fill();
    let export = from.export();
    let batches = batches(&export);
    let mut seen = SeenRows::default();
    let first = Rows::of_batch(&batches[0]).unwrap();
    to.store.load_rows(PROJECT, &first, &mut seen).unwrap();
    let rows = first.len() as u64;
    assert_eq!(to.load(&export), loaded(604 - rows, rows));
    assert_eq!(to.contents(), from.contents());
}

#[test]
fn equal_rows_are_as_many_as_came_also_over_the_edge_of_a_batch() {
    let scene = Scene::new();
    let same = batch(&[5, 5, 5], &["pageview"; 3]);
    let mut seen = SeenRows::default();
    let rows = Rows::of_batch(&same).unwrap();
    for _ in 0..2 {
        let done = scene.store.load_rows(PROJECT, &rows, &mut seen).unwrap();
        assert_eq!(done, loaded(3, 0));
    }
    let mut again = SeenRows::default();
    for _ in 0..2 {
        let done = scene.store.load_rows(PROJECT, &rows, &mut again).unwrap();
        assert_eq!(done, loaded(0, 3));
    }
}

#[test]
fn what_is_wrong_with_rows_is_named_and_nothing_is_loaded() {
    let without = |name: &str| {
        let whole = batch(&[1], &["pageview"]);
        let at = whole.schema().index_of(name).unwrap();
        let kept: Vec<usize> = (0..whole.num_columns())
            .filter(|other| *other != at)
            .collect();
        whole.project(&kept).unwrap()
    };
    refused(&without("visitor"), "column visitor is missing");
    refused(&without("time"), "column time is missing");
    refused(&batch(&[1], &["view"]), "\"view\", which is no kind");
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
    let mistyped = RecordBatch::try_from_iter([("visitor", texts)]).unwrap();
    refused(&mistyped, "column visitor is Utf8 where uint64 is expected");
    let scene = Scene::new();
    let far_apart: Vec<i64> = (0..8_000).map(|day| day * DAY_S).collect();
    let rows = Rows::of_batch(&batch(&far_apart, &["pageview"; 8_000])).unwrap();
    let done = scene
        .store
        .load_rows(PROJECT, &rows, &mut SeenRows::default());
    let text = done.unwrap_err().to_string();
    assert!(text.contains("8000 days"), "{text}");
    assert_eq!(scene.store.usage(PROJECT).rows, 0);
}

#[test]
fn what_is_too_long_is_cut_as_in_a_live_event() {
    let long = "ä".repeat(limits::TEXT_BYTES_MAX);
    let path: ArrayRef = Arc::new(StringArray::from(vec![long.as_str()]));
    let whole = batch(&[1], &["pageview"]);
    let columns = whole.schema();
    let columns = columns.fields().iter().zip(whole.columns());
    let columns = columns.map(|(field, column)| (field.name().clone(), Arc::clone(column)));
    let longer = columns.chain([("path".to_owned(), path)]);
    let longer = RecordBatch::try_from_iter(longer).unwrap();
    let scene = Scene::new();
    let rows = Rows::of_batch(&longer).unwrap();
    scene
        .store
        .load_rows(PROJECT, &rows, &mut SeenRows::default())
        .unwrap();
    let [(path, _)] = scene
        .contents()
        .into_iter()
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert_eq!(path[0].len(), limits::TEXT_BYTES_MAX);
}

fn refused(batch: &RecordBatch, expected: &str) {
    let Err(StoreError::Rows { detail }) = Rows::of_batch(batch) else {
        unreachable!("{expected}: the batch was taken")
    };
    assert!(detail.contains(expected), "{detail}");
}

fn loaded(added: u64, duplicate: u64) -> Loaded {
    Loaded { added, duplicate }
}

/// A batch of only what is required: seconds after the beginning, and kinds.
fn batch(seconds: &[i64], kinds: &[&str]) -> RecordBatch {
    let times = seconds.iter().map(|second| (BEGIN_S + second) * 1_000_000);
    let times = TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC");
    let columns: [(&str, ArrayRef); 3] = [
        (
            "visitor",
            Arc::new(UInt64Array::from(vec![7; seconds.len()])),
        ),
        ("time", Arc::new(times)),
        ("kind", Arc::new(StringArray::from(kinds.to_vec()))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn batches(export: &Export) -> Vec<RecordBatch> {
    let days: Vec<_> = export.days().map(|(day, _)| day).collect();
    let batches = days.into_iter().flat_map(|day| export.batches(day));
    batches.collect::<Result<_, _>>().unwrap()
}

/// A store of one project.
struct Scene {
    store: Store,
    _dir: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path());
        store.put_project(settings()).unwrap();
        Self { store, _dir: dir }
    }

    /// Fills it in every way: loaded, sealed, hot, and some rows twice.
    fn fill(&self) {
        let events = |numbers: std::ops::Range<u64>| {
            numbers.map(|number| event(number, (number as i64 * 617) % (3 * DAY_S)))
        };
        self.store.load(PROJECT, events(0..200).collect()).unwrap();
        let queued = |numbers| (0..).zip(events(numbers)).collect::<Vec<_>>();
        self.store.append(queued(200..400)).unwrap();
        self.store.seal().unwrap();
        let more = queued(400..600).into_iter();
        let more = more.map(|(sequence, event)| (sequence + 200, event));
        self.store.append(more.collect()).unwrap();
        let twice = (0..4).map(|at| (400 + at, event(9_999, DAY_S + 5)));
        self.store.append(twice.collect()).unwrap();
    }

    fn export(&self) -> Export {
        self.store.export(PROJECT, Date::MIN..=Date::MAX).unwrap()
    }

    fn load(&self, export: &Export) -> Loaded {
        let mut seen = SeenRows::default();
        let mut sum = loaded(0, 0);
        for batch in batches(export) {
            let rows = Rows::of_batch(&batch).unwrap();
            let done = self.store.load_rows(PROJECT, &rows, &mut seen).unwrap();
            sum.added += done.added;
            sum.duplicate += done.duplicate;
        }
        sum
    }

    /// How many events there are of each path, browser and property, by minute.
    fn contents(&self) -> BTreeMap<Vec<String>, Vec<Option<f64>>> {
        let plan = Plan {
            project: settings(),
            range: TimeRange {
                start: Instant(i64::MIN),
                end: Instant(i64::MAX),
            },
            filter: Filter::everything(),
            metrics: vec![Metric::Visitors, Metric::Events, Metric::Pageviews],
            dimensions: vec![
                Dimension::Event(TextColumn::Path),
                Dimension::Event(TextColumn::Browser),
                Dimension::Property("number".to_owned()),
            ],
            order: Vec::new(),
            limit: usize::MAX,
            offset: 0,
            table: Table::Events,
        };
        let answer = self.store.run(&plan, &Cancel::default()).unwrap();
        let rows = answer.rows.into_iter();
        rows.map(|row| (row.dimensions, row.metrics)).collect()
    }
}

/// An event with something in every sort of column.
fn event(number: u64, seconds: i64) -> Event {
    let time = Instant::from_seconds(BEGIN_S + seconds);
    let kind = Kind::ALL[number as usize % Kind::ALL.len()];
    let id = EventId(u128::from(number));
    let mut event = Event::new(id, PROJECT, time, VisitorId(number % 5), kind);
    event.interactive = !number.is_multiple_of(3);
    event.text[TextColumn::Path] = format!("/{}", number % 50);
    if number.is_multiple_of(2) {
        event.text[TextColumn::Browser] = format!("Browser {}", number % 3);
        event.numbers[NumberColumn::DurationUs] = Some(number as i64);
    }
    event.properties = (0..number % 3)
        .map(|at| {
            (
                ["number", "plan"][at as usize].to_owned(),
                number.to_string(),
            )
        })
        .collect();
    event
}

fn settings() -> ProjectSettings {
    ProjectSettings::new(PROJECT, vec!["a.example".to_owned()], TimeZone::UTC)
}

fn open(dir: &Path) -> Store {
    Store::open(dir, StoreOptions::default()).unwrap()
}
