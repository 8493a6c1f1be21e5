//! A pump over a real queue and store in a temporary directory, with a clock that panics when it is
//! told to: every turn of the pump asks it.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant as Moment;

use almanac_api::{HttpSettings, Outbound, OutboundSettings, Parts};
use almanac_catalog::Catalog;
use almanac_ingest::{Agents, DataCentres, Places, record};
use almanac_model::{Event, EventId, Kind, ProjectId, ProjectSettings, VisitorId};
use almanac_queue::{DiskFiles, Queue, QueueOptions};
use almanac_store::{Store, StoreOptions};
use jiff::tz::TimeZone;

use super::*;

const PROJECT: ProjectId = ProjectId(1);
const NOW: Instant = Instant(1_800_000_000_000_000);
/// How long a test waits for the pump before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// The switches of a running pump, and what it tells.
struct Bench {
    app: Arc<App>,
    health: Arc<Health>,
    dead: Arc<DeadLetters>,
    is_cursed: Arc<AtomicBool>,
    seen: watch::Receiver<u64>,
    stop: watch::Sender<bool>,
    pump: std::thread::JoinHandle<()>,
}

/// Starts a pump on a directory, from its first record on.
async fn start(dir: &Path) -> Bench {
    let is_cursed = Arc::new(AtomicBool::new(false));
    let curse = Arc::clone(&is_cursed);
    let clock: almanac_model::Clock = Arc::new(move || {
        assert!(!curse.load(Ordering::Relaxed), "the clock is cursed");
        NOW
    });
    let secret = almanac_catalog::InstanceSecret::load_or_create(dir).unwrap();
    let options = QueueOptions {
        release_on_open: false,
        ..QueueOptions::default()
    };
    let store = Store::open(&dir.join("store"), StoreOptions::default()).unwrap();
    let settings = ProjectSettings::new(PROJECT, Vec::new(), TimeZone::get("Etc/UTC").unwrap());
    store.put_project(settings).unwrap();
    let (stop, stopping) = watch::channel(false);
    let (seen_sender, seen) = watch::channel(0);
    let (ready_sender, ready) = watch::channel(false);
    let app = Arc::new(App::new(Parts {
        catalog: Catalog::open(dir, secret).await.unwrap(),
        queue: Queue::open(&dir.join("queue"), options, Arc::new(DiskFiles)).unwrap(),
        store: Arc::new(store),
        agents: Agents::new().unwrap(),
        places: Places::from_time_zones(),
        data_centres: DataCentres::default(),
        clock,
        http: HttpSettings {
            base_url: String::new(),
            own_host: None,
            trusted_proxies: Vec::new(),
            body_bytes_max: 1 << 20,
            content_window_s: 0,
            views_per_span_max: None,
            question_timeout_ms: 1_000,
            questions_max: 1,
            question_wait: PATIENCE,
            body_timeout: PATIENCE,
            rate_limits: None,
            access_token_s: 900,
            metrics_local_only: true,
        },
        seen: seen.clone(),
        ready,
        stop: stopping.clone(),
        metrics: Box::new(String::new),
        local_token: String::new(),
        sweeper: tokio::sync::mpsc::channel(1).0,
        mailer: None,
        outbound: Outbound::new(&OutboundSettings::default()).unwrap(),
        provider: None,
    }));
    let (health, dead) = (
        Arc::<Health>::default(),
        Arc::new(DeadLetters::open(dir).unwrap()),
    );
    let pump = Pump {
        app: Arc::clone(&app),
        dead: Arc::clone(&dead),
        log: Arc::new(DedupeLog::open(dir).unwrap().0),
        health: Arc::clone(&health),
        signals: Signals {
            seen: seen_sender,
            ready: ready_sender,
            stop: stopping,
            pulse: Arc::default(),
        },
        hot_rows_max: 1_000,
        start: 0,
    };
    Bench {
        app,
        health,
        dead,
        is_cursed,
        seen,
        stop,
        pump: std::thread::spawn(move || pump.run()),
    }
}

impl Bench {
    fn append(&self, records: Vec<Vec<u8>>) {
        let records = records.into_iter().map(Into::into).collect();
        let append = || self.app.queue.append_blocking(records).unwrap();
        tokio::task::block_in_place(append);
    }

    fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let started = Moment::now();
        while !holds(self) {
            assert!(started.elapsed() < PATIENCE, "never: {what}");
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    fn until_seen(&self, record: u64) {
        self.until("the record is seen", |bench| *bench.seen.borrow() >= record);
    }

    async fn end(self) {
        self.stop.send_replace(true);
        assert!(self.pump.join().is_ok());
        self.app.queue.close().unwrap();
        self.app.catalog.close().await;
    }
}

fn record_of(project: ProjectId, number: u128) -> Vec<u8> {
    let event = Event::new(EventId(number), project, NOW, VisitorId(1), Kind::Custom);
    let mut bytes = Vec::new();
    record::encode(&event, &mut bytes);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_panics_is_tried_again_and_shows_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let bench = start(dir.path()).await;
    bench.append(vec![record_of(PROJECT, 1)]);
    bench.until_seen(1);
    bench.is_cursed.store(true, Ordering::Relaxed);
    bench.until("a panic shows", |bench| bench.health.is_broken());
    bench.append(vec![record_of(PROJECT, 2)]);
    assert_eq!(*bench.seen.borrow(), 1);
    bench.is_cursed.store(false, Ordering::Relaxed);
    bench.until_seen(2);
    bench.until("it is well", |bench| !bench.health.is_broken());
    assert_eq!(bench.app.store.hot_rows(), 2);
    bench.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_a_letter_is_passed_by_when_the_queue_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let bench = start(dir.path()).await;
    let unknown = ProjectId(9);
    let records = [(PROJECT, 1), (unknown, 2), (unknown, 3)];
    let mut records: Vec<_> = records.map(|(project, id)| record_of(project, id)).into();
    records.push(b"no record".to_vec());
    bench.append(records);
    bench.until_seen(4);
    let letters = bench.dead.list().unwrap();
    assert_eq!(letters.len(), 3);
    bench.dead.forget(&letters[0]).unwrap();
    bench.dead.forget(&letters[2]).unwrap();
    bench.end().await;

    // Nothing was sealed, so the queue is read from its first record, and now the project is there.
    let bench = start(dir.path()).await;
    let zone = TimeZone::get("Etc/UTC").unwrap();
    let settings = ProjectSettings::new(unknown, Vec::new(), zone);
    bench.app.store.put_project(settings).unwrap();
    bench.until_seen(4);
    let left: Vec<u64> = bench
        .dead
        .list()
        .unwrap()
        .iter()
        .map(|one| one.id)
        .collect();
    assert_eq!((left, bench.app.store.hot_rows()), (vec![2], 1));
    bench.end().await;
}
