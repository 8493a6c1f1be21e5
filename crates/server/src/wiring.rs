//! Opens the parts of one data directory that only one process may have open, and those that are
//! made from files. What runs on them is the business of `serve` and the commands.

use std::path::Path;
use std::sync::Arc;

use almanac_api::{Outbound, OutboundSettings};
use almanac_ingest::{Agents, DataCentres, Places, record};
use almanac_model::{Clock, Instant, ProjectSettings};
use almanac_queue::{DiskFiles, OpenError, Queue, QueueOptions};
use almanac_store::{Store, StoreError, StoreOptions};
use anyhow::Context;

use crate::cli::{ExitCode, Failure};
use crate::config::{self, Config};

/// Largest record, bytes: well above an event with every column and property at its limit, and
/// small enough for the smallest segment that can be configured.
const RECORD_BYTES_MAX: usize = 512 << 10;
/// Records that a replay takes at once, and their bytes.
const REPLAY_RECORDS: usize = 10_000;
const REPLAY_BYTES: u64 = 16 << 20;

/// The parts of one data directory that only one process may have open.
pub(crate) struct Engine {
    pub(crate) queue: Queue,
    pub(crate) store: Arc<Store>,
}

/// The system's clock, the only one in the program.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place where time enters"
)]
pub(crate) fn system_clock() -> Clock {
    Arc::new(|| {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Instant(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
    })
}

/// Opens the events. One process at a time.
pub(crate) fn engine(config: &Config) -> anyhow::Result<Engine> {
    let dir = config.data.dir.as_path();
    let options = StoreOptions {
        cache_bytes: usize::try_from(config.store.cache_bytes).unwrap_or(usize::MAX),
        query_bytes: usize::try_from(config.store.query_bytes).unwrap_or(usize::MAX),
        queries_bytes: usize::try_from(config.store.queries_bytes).unwrap_or(usize::MAX),
        ..StoreOptions::default()
    };
    let store = Store::open(&dir.join("store"), options).map_err(|error| match error {
        StoreError::Locked { .. } => in_use(dir),
        other => anyhow::Error::from(other).context("cannot open the store"),
    })?;
    let options = QueueOptions {
        segment_bytes: config.queue.segment_bytes,
        queue_bytes_max: config.queue.queue_bytes_max,
        durability: config.queue.durability,
        record_bytes_max: RECORD_BYTES_MAX,
        resume_from: store.position(),
        // The server reads ids and counts of stored events from there once more.
        release_on_open: false,
        ..QueueOptions::default()
    };
    let queue =
        Queue::open(&dir.join("queue"), options, Arc::new(DiskFiles)).map_err(
            |error| match error {
                OpenError::Locked { .. } => in_use(dir),
                other => anyhow::Error::from(other).context("cannot open the queue"),
            },
        )?;
    Ok(Engine {
        queue,
        store: Arc::new(store),
    })
}

/// Announces a project to the store, for people and for bots.
pub(crate) fn put_project(store: &Store, settings: ProjectSettings) -> Result<(), StoreError> {
    store.put_project(settings.of_bots())?;
    store.put_project(settings)
}

/// Shows questions what the queue still holds, for commands that ask without a server.
pub(crate) fn replay(engine: &Engine) -> anyhow::Result<()> {
    let mut next = engine.store.position();
    loop {
        let batch = engine.queue.read(next, REPLAY_RECORDS, REPLAY_BYTES)?;
        if batch.records.is_empty() {
            return Ok(());
        }
        // What cannot be read becomes a dead letter when a server runs; here it only has no say.
        let events = batch.records.iter().filter_map(|(sequence, bytes)| {
            record::decode(bytes).ok().map(|event| (*sequence, event))
        });
        engine.store.append(events.collect())?;
        next = batch.next;
    }
}

fn in_use(dir: &Path) -> anyhow::Error {
    let text = format!(
        "another almanac is using {}; stop it first, or choose another directory with \
         ALMANAC_DATA_DIR",
        dir.display()
    );
    Failure::new(ExitCode::Held, text).into()
}

/// Where addresses are: the operator's database, or the table of time zones.
pub(crate) fn places(geo: &config::Geo) -> anyhow::Result<Places> {
    let Some(path) = &geo.database else {
        return Ok(Places::from_time_zones());
    };
    let bytes = std::fs::read(path)
        .with_context(|| format!("cannot read the GeoIP database {}", path.display()))?;
    Places::from_database(bytes).with_context(|| format!("{} is no GeoIP database", path.display()))
}

/// Longest list of data centres, bytes.
pub(crate) const DATA_CENTRES_BYTES_MAX: u64 = 64 << 20;

/// Where programs live: the operator's list, or nothing.
pub(crate) fn data_centres(bots: &config::Bots) -> anyhow::Result<DataCentres> {
    let data_centres = DataCentres::default();
    if let Some(path) = &bots.data_centres {
        let what = || format!("cannot use the list of data centres {}", path.display());
        let bytes = std::fs::metadata(path).with_context(what)?.len();
        anyhow::ensure!(
            bytes <= DATA_CENTRES_BYTES_MAX,
            "{}: it has {bytes} bytes; the most is {DATA_CENTRES_BYTES_MAX}",
            what()
        );
        let lines = std::fs::read_to_string(path).with_context(what)?;
        data_centres.replace(&lines).with_context(what)?;
    }
    Ok(data_centres)
}

/// What user agents are.
pub(crate) fn agents() -> anyhow::Result<Agents> {
    Agents::new().context("the list of user agents is broken")
}

/// The client of every request that the server makes itself.
pub(crate) fn outbound(settings: &config::Outbound) -> anyhow::Result<Outbound> {
    let authorities = match &settings.authorities {
        None => Vec::new(),
        Some(path) => std::fs::read(path).with_context(|| {
            let path = path.display();
            format!("cannot read the certificate authorities {path}")
        })?,
    };
    let settings = OutboundSettings {
        trusted: settings.trusted.clone(),
        ports: settings.ports.clone(),
        authorities,
    };
    Outbound::new(&settings).context("ALMANAC_OUTBOUND_AUTHORITIES cannot be used")
}
