//! The network among the recipes: how it is trained, what is told of that, and its weights on their
//! way to the catalog and back. The learning itself is the business of `lstm`.

use almanac_catalog::Catalog;
use almanac_catalog::training::{self, Training};
use almanac_insights::forecast::{
    Forecast, History, Model, Options, Recipe, Sample, forecast_from,
};
use almanac_lstm::{Report, Trained};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Most passes over the data of one training; progress is counted in them.
pub(super) const EPOCHS_MAX: usize = 100;
/// The recipe that this file is about.
pub(super) const RECIPE: Recipe = Recipe::Single(Model::Lstm);

/// How the network is trained from a seed.
pub(super) fn options(seed: u64) -> almanac_lstm::Options {
    almanac_lstm::Options {
        seed,
        epochs_max: EPOCHS_MAX,
    }
}

/// What the registry keeps of how a network learnt.
pub(super) fn told(report: &Report) -> Value {
    json!({
        "days": report.days,
        "windows": report.windows,
        "epochs": report.validation_losses.len(),
        "best_epoch": report.best_epoch,
        "validation_loss": report.validation_losses.get(report.best_epoch),
    })
}

/// A network as the catalog keeps it.
pub(super) fn write(trained: &Trained) -> Result<String, String> {
    let bytes = trained.to_bytes().map_err(|error| error.to_string())?;
    Ok(STANDARD.encode(bytes))
}

/// The network of the version that serves; `None` where another recipe does, or where what was kept
/// cannot be read any more, which is logged.
pub(super) async fn of_version(
    catalog: &Catalog,
    serving: &Training,
) -> Result<Option<Trained>, almanac_catalog::CatalogError> {
    if Recipe::of_name(&serving.training.recipe) != Some(RECIPE) {
        return Ok(None);
    }
    let (project, version) = (serving.project, serving.version);
    let weights = training::network(catalog, project, &serving.series, version).await?;
    match read(weights.as_deref().unwrap_or_default()) {
        Ok(trained) => Ok(Some(trained)),
        Err(error) => {
            let project = project.0;
            tracing::error!(project, version, error, "the network serves no more");
            Ok(None)
        }
    }
}

fn read(weights: &str) -> Result<Trained, String> {
    let bytes = STANDARD
        .decode(weights)
        .map_err(|error| error.to_string())?;
    Trained::from_bytes(&bytes).map_err(|error| error.to_string())
}

/// What a network says of the days after a history.
pub(super) fn forecast(
    trained: &Trained,
    history: &History,
    options: &Options,
) -> Option<Forecast> {
    let outlook = |sample: &Sample<'_>| trained.outlook(sample, options.horizon);
    forecast_from(history, Model::Lstm, outlook, options)
}
