//! Looks whether the operator has put a newer GeoIP database in the place of the old one, and hands
//! it over. What is in it is the business of the ingest stage; a broken file changes nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use almanac_api::App;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::config::Geo;

/// Between two looks at the file, which cost nothing.
const LOOK: Duration = Duration::from_secs(2);

/// By what a file is known to be another: when it was written, and how long it is.
type Version = (SystemTime, u64);

/// Watches the file, if there is one. Ends when the server stops.
pub(crate) fn watch(app: &Arc<App>, geo: &Geo) -> Option<JoinHandle<()>> {
    let path = geo.database.clone()?;
    let known = version(&path);
    Some(tokio::spawn(watching(Arc::clone(app), path, known)))
}

async fn watching(app: Arc<App>, path: PathBuf, mut known: Option<Version>) {
    let mut stop = app.stop.clone();
    let mut ticker = interval(LOOK);
    ticker.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticker.tick() => {}
            _ = stop.wait_for(|stopping| *stopping) => return,
        }
        let found = version(&path);
        // A file that is gone for a moment is being replaced.
        if found.is_none() || found == known {
            continue;
        }
        known = found;
        take(&app, &path).await;
    }
}

async fn take(app: &App, path: &Path) {
    let bytes = match tokio::fs::read(path).await {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "the GeoIP database cannot be read");
            return;
        }
    };
    match app.places.replace(bytes) {
        Ok(()) => tracing::info!(path = %path.display(), "a newer GeoIP database was taken"),
        Err(error) => tracing::warn!(%error, "the GeoIP database stays as it was"),
    }
}

fn version(path: &Path) -> Option<Version> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
