//! Makes a forecast with the version that serves, on a thread that may block, and remembers it
//! until a day or a version has passed. It decides nothing about versions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use almanac_catalog::training::Training;
use almanac_insights::forecast::{Forecast, Options, Recipe, forecast};
use almanac_model::ProjectId;
use jiff::civil::Date;

use super::network;
use super::series::{Days, Series};
use crate::app::App;
use crate::directory::Entry;
use crate::error::ApiError;

/// Forecasts that are remembered; beyond it all are forgotten, for they are quickly made again.
const REMEMBERED_MAX: usize = 512;

/// A forecast and how it was made.
#[derive(Debug)]
pub(super) struct Found {
    /// The first day of the forecast.
    pub(super) first: Date,
    /// Nothing where nothing was measured.
    pub(super) forecast: Option<Forecast>,
    /// The version that made it; none before the first training.
    pub(super) version: Option<i64>,
    pub(super) recipe: Recipe,
}

/// What a forecast depends on: the same key gives the same forecast, unless past days change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    project: ProjectId,
    series: String,
    end: Date,
    version: Option<i64>,
    days: usize,
    /// Late events change past days, and another calendar those to come; a sum of both tells.
    fingerprint: u64,
}

/// The forecasts that were made lately.
#[derive(Debug, Default)]
pub struct Outlooks {
    made: Mutex<HashMap<Key, Arc<Found>>>,
}

impl Outlooks {
    fn get(&self, key: &Key) -> Option<Arc<Found>> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.get(key).cloned()
    }

    fn put(&self, key: Key, found: &Arc<Found>) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.len() >= REMEMBERED_MAX {
            made.clear();
        }
        made.insert(key, Arc::clone(found));
    }
}

/// The forecast of the days after the history.
pub(super) async fn of(
    app: &Arc<App>,
    entry: &Entry,
    series: &Series,
    days: &Days,
    serving: Option<&Training>,
    ahead: usize,
) -> Result<Arc<Found>, ApiError> {
    let version = serving.map(|training| training.version);
    let recipe = serving
        .and_then(|training| Recipe::of_name(&training.training.recipe))
        .unwrap_or(Recipe::Ensemble);
    let key = Key {
        project: entry.project.id,
        series: series.text(),
        end: days.end(),
        version,
        days: ahead,
        fingerprint: fingerprint(days),
    };
    if let Some(found) = app.outlooks.get(&key) {
        return Ok(found);
    }
    let network = match serving {
        Some(serving) => network::of_version(&app.catalog, serving).await?,
        None => None,
    };
    // A network that is lost leaves its place to the ensemble.
    let recipe = if recipe == network::RECIPE && network.is_none() {
        Recipe::Ensemble
    } else {
        recipe
    };
    let history = days.history();
    let options = Options {
        horizon: ahead,
        counts: series.is_count(),
        models: recipe.models(),
    };
    let made = tokio::task::spawn_blocking(move || match network {
        Some(trained) => network::forecast(&trained, &history, &options),
        None => forecast(&history, &options),
    })
    .await;
    let found = Arc::new(Found {
        first: days.end(),
        forecast: made.map_err(ApiError::internal)?,
        version,
        recipe,
    });
    app.outlooks.put(key, &found);
    Ok(found)
}

fn fingerprint(days: &Days) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    days.holidays.hash(&mut hasher);
    for value in &days.values {
        value.map(f64::to_bits).hash(&mut hasher);
    }
    hasher.finish()
}
