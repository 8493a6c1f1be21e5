//! Several models as one: what each says at an origin, how far each may be believed after its
//! errors at earlier origins, and their weighted mean on the log scale.
//!
//! Where models err alike, their weights stay close to equal on purpose. With a few dozen noisy
//! errors the best model of the past is mostly the luckiest one; see the "forecast combination
//! puzzle" (Stock & Watson 2004). Only a model that is clearly worse than its company loses its
//! say.

use super::history::Prepared;
use super::model::Model;
use super::sample::Outlook;

/// Origins after which an error counts half.
const HALF_LIFE_ORIGINS: f64 = 12.0;
/// So many origins of average error are mixed into a model's own record.
const SHRINKAGE_ORIGINS: f64 = 5.0;
/// Power of the inverse error in a weight; 0 would be equal weights.
const SHARPNESS: f64 = 4.0;

/// What every model said when only the first `cutoff` values were known.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// How many values were known.
    pub cutoff: usize,
    /// Models that had enough history, with their outlooks.
    pub outlooks: Vec<(Model, Outlook)>,
}

impl Origin {
    /// Fits the models on the first `cutoff` values.
    pub fn at(prepared: &Prepared, cutoff: usize, horizon: usize, models: &[Model]) -> Origin {
        let sample = prepared.sample(cutoff);
        Origin {
            cutoff,
            outlooks: models
                .iter()
                .filter_map(|model| Some((*model, model.forecast(&sample, horizon)?)))
                .collect(),
        }
    }

    /// The outlook of one model.
    pub fn of(&self, model: Model) -> Option<&Outlook> {
        self.outlooks
            .iter()
            .find_map(|(own, outlook)| (*own == model).then_some(outlook))
    }

    /// The weighted mean of the outlooks on the log scale; `None` without any. A model without a
    /// weight has its share.
    pub fn combine(&self, weights: &[(Model, f64)]) -> Option<Outlook> {
        let horizon = self.outlooks.first()?.1.mean.len();
        let weight_of = |model: Model| {
            let found = weights.iter().find(|(own, _)| *own == model);
            found.map_or(model.share(), |(_, weight)| *weight)
        };
        let total: f64 = self
            .outlooks
            .iter()
            .map(|(model, _)| weight_of(*model))
            .sum();
        let mix = |pick: fn(&Outlook) -> &[f64]| -> Vec<f64> {
            (0..horizon)
                .map(|step| {
                    let sum: f64 = self
                        .outlooks
                        .iter()
                        .map(|(model, outlook)| weight_of(*model) * pick(outlook)[step])
                        .sum();
                    sum / total
                })
                .collect()
        };
        Some(Outlook {
            mean: mix(|outlook| &outlook.mean),
            sigma: mix(|outlook| &outlook.sigma),
        })
    }
}

/// Weight of each model at `cutoff`, from origins whose whole horizon was known by then; later ones
/// in `origins` are passed over. Mean 1.
pub fn weights(prepared: &Prepared, origins: &[Origin], cutoff: usize) -> Vec<(Model, f64)> {
    let known: Vec<&Origin> = known_at(origins, cutoff).collect();
    let records: Vec<(Model, f64, f64)> = Model::ALL
        .iter()
        .filter_map(|model| record(prepared, &known, *model))
        .collect();
    let (sum, count) = records
        .iter()
        .fold((0.0, 0.0), |(sum, count), (_, error, n)| {
            (sum + error * n, count + n)
        });
    if sum <= 0.0 {
        return Vec::new();
    }
    let typical = sum / count;
    let raw: Vec<(Model, f64)> = records
        .iter()
        .map(|(model, error, n)| {
            let shrunk =
                (error * n + typical * SHRINKAGE_ORIGINS) / (n + SHRINKAGE_ORIGINS) / typical;
            (*model, model.share() * shrunk.max(1e-3).powf(-SHARPNESS))
        })
        .collect();
    let mean = raw.iter().map(|(_, weight)| weight).sum::<f64>() / raw.len() as f64;
    raw.into_iter()
        .map(|(model, weight)| (model, weight / mean))
        .collect()
}

/// The origins whose whole horizon lies within the first `cutoff` values, newest first.
pub fn known_at(origins: &[Origin], cutoff: usize) -> impl Iterator<Item = &Origin> {
    origins.iter().rev().filter(move |origin| {
        let horizon = origin
            .outlooks
            .first()
            .map_or(0, |(_, outlook)| outlook.mean.len());
        horizon > 0 && origin.cutoff + horizon <= cutoff
    })
}

/// Mean absolute error of a model on the log scale, young origins first, and the number of origins
/// it stands for.
fn record(prepared: &Prepared, known: &[&Origin], model: Model) -> Option<(Model, f64, f64)> {
    let (mut sum, mut count) = (0.0, 0.0);
    for (age, origin) in known.iter().enumerate() {
        let Some(outlook) = origin.of(model) else {
            continue;
        };
        let weight = 0.5_f64.powf(age as f64 / HALF_LIFE_ORIGINS);
        let actual = &prepared.values[origin.cutoff..];
        let errors = outlook.mean.iter().zip(actual).map(|(m, a)| (m - a).abs());
        sum += weight * errors.sum::<f64>() / outlook.mean.len() as f64;
        count += weight;
    }
    (count > 0.0).then(|| (model, sum / count, count))
}
