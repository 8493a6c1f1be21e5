//! What an answer says it took is what the engine did, and all parts of an answer are of one moment.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is its failure")]

use almanac_model::{Event, EventId, Identity, Instant, Kind, ProjectId, ProjectSettings};
use almanac_model::{TextColumn, VisitorId};
use almanac_query::{Cancel, Engine, Facts, Mask, Saved, Setting, ask};
use almanac_store::{Store, StoreOptions};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

const PROJECT: ProjectId = ProjectId(1);
/// 2025-06-01T00:00:00Z.
const BEGIN_S: i64 = 1_748_736_000;
const DAY_S: i64 = 86_400;
/// The range of all questions, three whole days.
const RANGE: [&str; 2] = ["2025-06-01", "2025-06-03"];

/// Nine visits of three visitors over three days, of two pages each.
fn filled(dir: &std::path::Path) -> Store {
    let store = Store::open(dir, StoreOptions::default()).unwrap();
    store.put_project(settings()).unwrap();
    store.load(PROJECT, (0..18).map(event).collect()).unwrap();
    store
}

fn event(number: u64) -> Event {
    let (day, visitor, page) = (number / 6, number / 2 % 3, number % 2);
    let second = BEGIN_S + day.cast_signed() * DAY_S + 36_000 + page.cast_signed();
    let mut event = Event::new(
        EventId(u128::from(number)),
        PROJECT,
        Instant::from_seconds(second),
        VisitorId(visitor),
        Kind::Pageview,
    );
    event.text[TextColumn::Path] = format!("/{page}");
    event
}

fn settings() -> ProjectSettings {
    let mut settings = ProjectSettings::new(PROJECT, Vec::new(), TimeZone::UTC);
    settings.identity = Identity::Cookieless;
    settings
}

fn asked(engine: &dyn Engine, more: &Value) -> Value {
    let mut question = json!({ "site_id": "1", "date_range": RANGE, "explain": true });
    for (key, value) in more.as_object().unwrap() {
        question[key] = value.clone();
    }
    let settings = settings();
    let setting = Setting {
        project: &settings,
        saved: &Saved::default(),
        mask: &Mask::default(),
        facts: Facts {
            now: Instant::from_seconds(BEGIN_S + 5 * DAY_S),
            first_event: None,
        },
    };
    ask(engine, &question, setting, &Cancel::default()).unwrap()
}

/// Table and rows of each plan of an answer.
fn taken(answer: &Value) -> Vec<(&str, u64)> {
    let plans = answer["explain"]["plans"].as_array().unwrap().iter();
    plans
        .map(|plan| {
            (
                plan["table"].as_str().unwrap(),
                plan["rows"].as_u64().unwrap(),
            )
        })
        .collect()
}

#[test]
fn the_table_that_was_read_is_the_one_that_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let visits = json!({ "metrics": ["visits", "bounce_rate"] });
    assert_eq!(taken(&asked(&store, &visits)), [("visits", 9)]);
    let kept = asked(&store, &visits);
    assert_eq!(taken(&kept), [("summary", 0)]);
    let because = kept["explain"]["plans"][0]["because"].as_str().unwrap();
    assert!(because.contains("answer was kept"), "{because}");
    // Another page of the same question is answered from the totals of its days.
    let page = json!({ "metrics": ["visits", "bounce_rate"], "pagination": { "limit": 7 } });
    let from_totals = asked(&store, &page);
    assert_eq!(taken(&from_totals), [("summary", 0)]);
    assert_eq!(from_totals["results"], kept["results"]);
    let because = from_totals["explain"]["plans"][0]["because"]
        .as_str()
        .unwrap();
    assert!(because.contains("totals"), "{because}");
    let pages = json!({ "metrics": ["visitors"], "dimensions": ["event:page"] });
    assert_eq!(taken(&asked(&store, &pages)), [("events", 18)]);
    // An event that comes makes only its own day be looked at again.
    store.append(vec![(0, event(99 * 6))]).unwrap();
    let mut late = event(18);
    late.time = Instant::from_seconds(BEGIN_S + 2 * DAY_S + 50_000);
    store.append(vec![(1, late)]).unwrap();
    assert_eq!(taken(&asked(&store, &pages)), [("events", 7)]);
}

#[test]
fn shares_and_comparisons_are_plans_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let shares = json!({
        "metrics": ["visitors", "percentage"], "dimensions": ["event:page"],
        "include": { "comparisons": { "mode": "previous_period" } },
    });
    let answer = asked(&store, &shares);
    // The question and its whole, then both for the time before, when nothing happened.
    assert_eq!(taken(&answer).len(), 4, "{answer:#}");
    assert_eq!(answer["results"][0]["metrics"], json!([9, 100.0]));
}

#[test]
fn a_snapshot_sees_nothing_of_what_comes_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = filled(dir.path());
    let events = json!({ "metrics": ["events"] });
    let counted = |engine: &dyn Engine| asked(engine, &events)["results"][0]["metrics"][0].clone();
    let snapshot = store.snapshot(PROJECT).unwrap();
    let mut late = event(18);
    late.time = Instant::from_seconds(BEGIN_S + 50_000);
    store.append(vec![(0, late)]).unwrap();
    store.seal().unwrap();
    while store.compact_once().unwrap().is_some() {}
    assert_eq!(counted(&*snapshot), json!(18));
    assert_eq!(counted(&store), json!(19));
}
