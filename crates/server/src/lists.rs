//! Looks whether the operator has put newer files in the place of the GeoIP database and the list
//! of data centres, and hands them over. What is in them is the business of the ingest stage; a
//! broken file changes nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use almanac_api::App;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::config::Config;
use crate::wiring::DATA_CENTRES_BYTES_MAX;

/// Between two looks at a file, which cost nothing.
const LOOK: Duration = Duration::from_secs(2);
/// Longest GeoIP database that is taken, bytes.
const DATABASE_BYTES_MAX: u64 = 1 << 30;

/// By what a file is known to be another: when it was written, and how long it is.
type Version = (SystemTime, u64);

/// A file of the operator's.
struct List {
    /// How the log calls it.
    name: &'static str,
    path: PathBuf,
    bytes_max: u64,
    /// Hands its bytes over; says what is wrong with them.
    take: fn(&App, Vec<u8>) -> Result<(), String>,
}

/// Watches the files that there are. Each task ends when the server stops.
pub(crate) fn watch(app: &Arc<App>, config: &Config) -> Vec<JoinHandle<()>> {
    let database = config.geo.database.clone().map(|path| List {
        name: "GeoIP database",
        path,
        bytes_max: DATABASE_BYTES_MAX,
        take: |app, bytes| {
            let taken = app.places.replace(bytes);
            taken.map_err(|error| error.to_string())
        },
    });
    let data_centres = config.bots.data_centres.clone().map(|path| List {
        name: "list of data centres",
        path,
        bytes_max: DATA_CENTRES_BYTES_MAX,
        take: |app, bytes| {
            let lines = String::from_utf8(bytes).map_err(|_| "it is no text".to_owned())?;
            let taken = app.data_centres.replace(&lines);
            taken.map(drop).map_err(|error| error.to_string())
        },
    });
    let lists = [database, data_centres].into_iter().flatten();
    lists
        .map(|list| {
            let known = version(&list.path);
            tokio::spawn(watching(Arc::clone(app), list, known))
        })
        .collect()
}

async fn watching(app: Arc<App>, list: List, mut known: Option<Version>) {
    let mut stop = app.stop.clone();
    let mut ticker = interval(LOOK);
    ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticker.tick() => {}
            _ = stop.wait_for(|stopping| *stopping) => return,
        }
        let found = version(&list.path);
        // A file that is gone for a moment is being replaced.
        if found.is_none() || found == known {
            continue;
        }
        known = found;
        let (name, path) = (list.name, list.path.display().to_string());
        match take(&app, &list).await {
            Ok(()) => tracing::info!(path, "a newer {name} was taken"),
            Err(error) => tracing::warn!(path, error, "the {name} stays as it was"),
        }
    }
}

async fn take(app: &App, list: &List) -> Result<(), String> {
    let bytes = version(&list.path).map_or(0, |(_, bytes)| bytes);
    if bytes > list.bytes_max {
        let most = list.bytes_max;
        return Err(format!("it has {bytes} bytes; the most is {most}"));
    }
    let bytes = tokio::fs::read(&list.path).await;
    (list.take)(app, bytes.map_err(|error| error.to_string())?)
}

fn version(path: &Path) -> Option<Version> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
