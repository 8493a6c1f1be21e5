//! The store answers every plan as the oracle does, however its events came in: appended, sealed,
//! loaded, compacted or read again after opening the directory anew. A soak asks 100,000 times:
//! `ALMANAC_SOAK=1 cargo nextest run --release -p almanac-testkit random_plans`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed step of a test is its failure"
)]

use std::collections::BTreeMap;
use std::path::Path;

use almanac_model::{Event, Filter, Metric, ProjectId, ProjectSettings};
use almanac_query::optimise::optimise;
use almanac_query::{Cancel, Engine, Plan, Table};
use almanac_store::{Store, StoreOptions};
use almanac_testkit::{Oracle, Random, agree, figures, random};

/// Scenes of one run, and of a soak. With the questions of each, more than 10,000 and more than
/// 100,000 answers are compared.
const SCENES: u64 = 120;
const SOAK_SCENES: u64 = 1_200;
const QUESTIONS_PER_SCENE: usize = 18;
const PATHS_PER_SCENE: usize = 10;
const EVENTS_MAX: usize = 60;

/// How often each table was the richest that an answer was read from, and how often days were
/// summed up beforehand.
#[derive(Debug, Default)]
struct Read {
    tables: BTreeMap<Table, u64>,
    summarised: u64,
}

#[test]
fn random_plans_over_random_histories() {
    let scenes = figures::figure(SCENES, SOAK_SCENES);
    let mut read = Read::default();
    (0..scenes).for_each(|seed| check(seed, &mut read));
    let answers: u64 = read.tables.values().sum();
    figures::report(
        "questions against the oracle",
        &format!("{answers} answers: {read:?}"),
    );
    // All must have been tried for their answers to be known as equal.
    assert!(read.summarised > scenes, "{read:?}");
    for table in [Table::Summary, Table::Visits, Table::Events] {
        let times = read.tables.get(&table).copied().unwrap_or(0);
        assert!(
            times > scenes,
            "{table:?} was read {times} times only: {read:?}"
        );
    }
}

/// Builds one scene in a store by a random history, asking on the way and at the end.
fn check(seed: u64, read: &mut Read) {
    let mut random = Random::new(seed);
    let scene = random::scene(&mut random, EVENTS_MAX);
    let dir = tempfile::tempdir().unwrap();
    let mut history = History::begin(dir.path(), &scene.project);
    let mut rest = scene.events.as_slice();
    while !rest.is_empty() {
        let (now, later) = rest.split_at(1 + random.below(rest.len()));
        rest = later;
        history.add(&mut random, now);
    }
    let oracle = Oracle::new(scene.events.clone());
    for question in 0..QUESTIONS_PER_SCENE {
        let plan = random::plan(&mut random, &scene);
        for (name, plan) in ways_to_ask(plan) {
            match agree(history.store(), &oracle, &plan) {
                Ok(taken) => taken.iter().for_each(|stats| {
                    *read.tables.entry(stats.table).or_default() += 1;
                    read.summarised += u64::from(stats.summarised > 0);
                }),
                Err(explanation) => {
                    panic!("seed {seed}, question {question}, {name}: {explanation}");
                }
            }
        }
        if random.one_in(4) {
            history.stir(&mut random);
        }
    }
    for question in 0..PATHS_PER_SCENE {
        if let Err(explanation) = same_paths(&mut random, &scene, history.store(), &oracle) {
            panic!("seed {seed}, paths {question}: {explanation}");
        }
    }
}

/// Asks both engines one random question of each kind about what visitors did in turn.
fn same_paths(
    random: &mut Random,
    scene: &random::Scene,
    store: &Store,
    oracle: &Oracle,
) -> Result<(), String> {
    let cancel = Cancel::default();
    let funnel = random::paths::funnel(random, scene);
    let found = store.funnel(&funnel, &cancel).unwrap();
    agree::same(&funnel, &oracle.funnel(&funnel, &cancel).unwrap(), &found)?;
    let retention = random::paths::retention(random, scene);
    let found = store.retention(&retention, &cancel).unwrap();
    agree::same(
        &retention,
        &oracle.retention(&retention, &cancel).unwrap(),
        &found,
    )?;
    let journey = random::paths::journey(random, scene);
    let found = store.journey(&journey, &cancel).unwrap();
    agree::same(
        &journey,
        &oracle.journey(&journey, &cancel).unwrap(),
        &found,
    )?;
    let attribution = random::paths::attribution(random, scene);
    let found = store.attribution(&attribution, &cancel).unwrap();
    agree::same_credit(
        &attribution,
        &oracle.attribution(&attribution, &cancel).unwrap(),
        &found,
    )?;
    let (project, range) = (&scene.project, funnel.range);
    let names = store.property_names(project, range, &cancel).unwrap();
    agree::same(
        &range,
        &oracle.property_names(project, range, &cancel).unwrap(),
        &names,
    )
}

/// The same question as it comes: as it is, which looks at events; optimised; and for each table,
/// by when the totals of its days are kept. The last repeats the first, whose answer is kept.
fn ways_to_ask(plan: Plan) -> Vec<(String, Plan)> {
    let mut ways = vec![
        ("as it is".to_owned(), plan.clone()),
        ("optimised".to_owned(), optimise(plan.clone()).plan),
    ];
    for table in [Table::Summary, Table::Visits, Table::Events] {
        let plan = Plan {
            table,
            ..plan.clone()
        };
        ways.push((format!("from {table:?}"), plan));
    }
    ways.push((
        "without what summaries cannot tell".to_owned(),
        simple(plan),
    ));
    ways
}

/// The nearest question that may be answered from days that were summed up.
fn simple(mut plan: Plan) -> Plan {
    plan.metrics.retain(|metric| !metric.is_measured());
    if plan.metrics.is_empty() {
        plan.metrics.push(Metric::Visitors);
    }
    plan.dimensions.truncate(1);
    Plan {
        filter: Filter::everything(),
        order: Vec::new(),
        offset: 0,
        table: Table::Summary,
        ..plan
    }
}

/// A store, with what is needed to fill it as its server would.
struct History<'a> {
    dir: &'a Path,
    /// `None` only while the directory is opened anew.
    store: Option<Store>,
    /// Everything that was queued, by sequence.
    queue: Vec<Event>,
}

impl<'a> History<'a> {
    fn begin(dir: &'a Path, project: &ProjectSettings) -> Self {
        let store = open(dir);
        let mut other = project.clone();
        other.id = ProjectId(project.id.0 + 1);
        store.put_project(project.clone()).unwrap();
        store.put_project(other).unwrap();
        Self {
            dir,
            store: Some(store),
            queue: Vec::new(),
        }
    }

    /// Brings events in, by the queue or by a load, sometimes twice.
    fn add(&mut self, random: &mut Random, events: &[Event]) {
        if random.one_in(2) {
            let from = self.queue.len().saturating_sub(random.below(4));
            self.queue.extend_from_slice(events);
            self.append_from(from as u64);
        } else {
            for project in [ProjectId(1), ProjectId(2)] {
                let own = events.iter().filter(|event| event.project == project);
                let own: Vec<Event> = own.cloned().collect();
                let count = own.len() as u64;
                let loaded = self.store().load(project, own.clone()).unwrap();
                assert_eq!((loaded.added, loaded.duplicate), (count, 0));
                let again = self.store().load(project, own).unwrap();
                assert_eq!((again.added, again.duplicate), (0, count));
            }
        }
        self.stir(random);
    }

    /// Does something that must change no answer.
    fn stir(&mut self, random: &mut Random) {
        match random.below(7) {
            0 | 1 => {
                let sealed = self.store().seal().unwrap();
                assert_eq!(sealed.position, self.queue.len() as u64);
            }
            2 => while self.store().compact_once().unwrap().is_some() {},
            3 => {
                self.store().seal().unwrap();
                while self.store().compact_once().unwrap().is_some() {}
                while self.store().summarise_once().unwrap().is_some() {}
            }
            4 => self.reopen(),
            _ => {}
        }
    }

    /// Opens the directory anew, which forgets hot rows, and replays the queue.
    fn reopen(&mut self) {
        drop(self.store.take());
        self.store = Some(open(self.dir));
        self.append_from(self.store().position());
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    fn append_from(&self, from: u64) {
        let records = (from..).zip(self.queue.iter().skip(from as usize).cloned());
        self.store().append(records.collect()).unwrap();
    }
}

fn open(dir: &Path) -> Store {
    let options = StoreOptions {
        summary_rows_min: 1,
        ..StoreOptions::default()
    };
    Store::open(dir, options).unwrap()
}
