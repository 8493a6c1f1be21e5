//! More values in one dimension than anybody should have, and properties whose names are invented
//! by the question: answers stay right, memory stays bounded.

use almanac_model::{
    Dimension, Event, EventId, Filter, Instant, Kind, Metric, ProjectId, ProjectSettings,
    TextColumn, TimeRange, VisitorId,
};
use almanac_query::{Cancel, Engine, EngineError, Order, OrderBy, Plan, Table};
use almanac_store::{Store, StoreOptions};
use jiff::tz::TimeZone;

const PROJECT: ProjectId = ProjectId(1);
/// 2025-06-01T00:00:00Z.
const BEGIN_S: i64 = 1_748_736_000;
/// Beyond a million, and beyond the codes that are grouped through a dense table.
const PATHS: u64 = 1_100_000;
/// Rows of one load.
const BATCH: u64 = 220_000;
/// Paths that are looked at once more than all others.
const FAVOURITES: u64 = 3;

#[test]
fn a_million_values_of_one_dimension_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), StoreOptions::default()).unwrap();
    store.put_project(settings()).unwrap();
    for from in (0..PATHS).step_by(BATCH as usize) {
        let events = (from..PATHS.min(from + BATCH)).map(|path| event(path, path));
        store.load(PROJECT, events.collect()).unwrap();
    }
    let again = (0..FAVOURITES).map(|path| event(PATHS + path, path));
    store.load(PROJECT, again.collect()).unwrap();

    let answer = store.run(&top_paths(5), &Cancel::default()).unwrap();
    assert_eq!(answer.total_rows as u64, PATHS);
    let found = answer.rows.iter();
    let found: Vec<_> = found
        .map(|row| (row.dimensions[0].as_str(), row.metrics[0]))
        .collect();
    let expected = [
        ("/0000000", Some(2.0)),
        ("/0000001", Some(2.0)),
        ("/0000002", Some(2.0)),
        ("/0000003", Some(1.0)),
        ("/0000004", Some(1.0)),
    ];
    assert_eq!(found, expected);

    drop(store);
    let little = StoreOptions {
        query_bytes: 16 << 20,
        ..StoreOptions::default()
    };
    let store = Store::open(dir.path(), little).unwrap();
    let refused = store.run(&top_paths(5), &Cancel::default());
    assert!(matches!(refused, Err(EngineError::OverBudget { .. })));
    let total = Plan {
        dimensions: Vec::new(),
        ..top_paths(1)
    };
    let answer = store.run(&total, &Cancel::default()).unwrap();
    assert_eq!(
        answer.rows[0].metrics,
        [Some((PATHS + FAVOURITES) as f64)],
        "a question that fits is answered all the same"
    );
}

fn event(number: u64, path: u64) -> Event {
    let mut event = Event::new(
        EventId(u128::from(number) << 64 | 1),
        PROJECT,
        Instant::from_seconds(BEGIN_S + (number % 80_000).cast_signed()),
        VisitorId(number % 997),
        Kind::Pageview,
    );
    event.text[TextColumn::Path] = format!("/{path:07}");
    event
}

fn top_paths(limit: usize) -> Plan {
    Plan {
        project: settings(),
        range: TimeRange {
            start: Instant(i64::MIN),
            end: Instant(i64::MAX),
        },
        filter: Filter::everything(),
        metrics: vec![Metric::Pageviews],
        dimensions: vec![Dimension::Event(TextColumn::Path)],
        order: vec![Order {
            by: OrderBy::Metric(0),
            descending: true,
        }],
        limit,
        offset: 0,
        table: Table::Events,
    }
}

fn settings() -> ProjectSettings {
    ProjectSettings::new(PROJECT, Vec::new(), TimeZone::UTC)
}
