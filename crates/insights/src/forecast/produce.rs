//! The forecast that the product shows: the calibrated ensemble, or an honest fall-back where there
//! is too little to learn from; and the same made again at past origins, without knowledge of what
//! came after them.

use super::conformal::{self, Score};
use super::ensemble::{self, Origin, known_at};
use super::history::{History, Prepared, back};
use super::model::Model;
use super::sample::{Outlook, Sample};

/// Steps under which a forecast carries [`Note::ShortHistory`].
pub const SHORT_STEPS: usize = 60;
/// Values that an origin must know to count as a test of the models.
const TRAINING_STEPS_MIN: usize = 35;
/// Past origins that weights and widths are learnt from.
pub const LEARNING_ORIGINS: usize = 20;
/// Longest horizon, in steps.
pub const HORIZON_STEPS_MAX: usize = 366;
/// Half-widths are so much larger where no model could be tested.
const UNTESTED_FACTOR: f64 = 1.5;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Steps ahead, 1 to [`HORIZON_STEPS_MAX`].
    pub horizon: usize,
    /// Whether values are counts: forecasts are then whole numbers, intervals widened to whole
    /// ones.
    pub counts: bool,
    /// The members of the ensemble.
    pub models: Vec<Model>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            horizon: 7,
            counts: false,
            models: Model::DEFAULT.to_vec(),
        }
    }
}

/// One coming step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// As likely too high as too low.
    pub expected: f64,
    /// Lower end of the interval that holds four values of five.
    pub low_80: f64,
    /// Its upper end.
    pub high_80: f64,
    /// Lower end of the interval that holds nineteen values of twenty.
    pub low_95: f64,
    /// Its upper end.
    pub high_95: f64,
}

/// Something that the reader of a forecast should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// So few steps of history that the forecast is little more than the recent level.
    ShortHistory {
        /// Steps there are.
        steps: usize,
    },
    /// No model could be tested on the past; the intervals are a guess, and wide.
    Untested,
    /// So many missing steps were filled in.
    Filled {
        /// Steps without a value.
        steps: usize,
    },
}

impl std::fmt::Display for Note {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Note::ShortHistory { steps } => write!(
                formatter,
                "only {steps} steps of history; forecasts earn trust from {SHORT_STEPS} on"
            ),
            Note::Untested => formatter.write_str(
                "too little history to test a model on it; the intervals are a wide guess",
            ),
            Note::Filled { steps } => {
                write!(formatter, "{steps} missing steps were filled in")
            }
        }
    }
}

/// A forecast with its grounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// One entry per coming step.
    pub steps: Vec<Step>,
    /// Members and their weights, mean 1.
    pub weights: Vec<(Model, f64)>,
    /// The single model with the least error at past origins, where there were any.
    pub champion: Option<Model>,
    /// What to tell with it.
    pub notes: Vec<Note>,
}

/// A forecast that could have been made in the past.
#[derive(Debug, Clone, PartialEq)]
pub struct PastForecast {
    /// Index into the history of the first step that was forecast; nothing from there on was seen.
    pub cutoff: usize,
    /// What was said.
    pub forecast: Forecast,
    /// What each model alone would have said, with intervals by its own σ.
    pub members: Vec<(Model, Vec<Step>)>,
}

/// Forecasts the steps after the history; `None` where nothing was measured.
pub fn forecast(history: &History, options: &Options) -> Option<Forecast> {
    let prepared = Prepared::of(history);
    let end = prepared.len();
    let origins = origins(&prepared, end, LEARNING_ORIGINS, options, &mut |_, _| true)?;
    produce(&prepared, &origins, end, options)
}

/// The forecast of a model that was fitted elsewhere: its outlook on the log scale with intervals
/// by its own σ. `None` where nothing was measured or the outlook is no use.
pub fn forecast_from(
    history: &History,
    model: Model,
    outlook: impl FnOnce(&Sample<'_>) -> Option<Outlook>,
    options: &Options,
) -> Option<Forecast> {
    let prepared = Prepared::of(history);
    let outlook = outlook(&prepared.sample(prepared.len()))?;
    (outlook.is_finite() && outlook.mean.len() == options.horizon).then(|| Forecast {
        steps: steps(&outlook, conformal::widths(&[]), options),
        weights: vec![(model, 1.0)],
        champion: Some(model),
        notes: notes(&prepared, prepared.len()),
    })
}

/// Adds to a backtest what a model that was fitted elsewhere says at the same origins. `outlook` is
/// given what was known at each of them and nothing else.
pub fn join(
    past: &mut [PastForecast],
    history: &History,
    model: Model,
    outlook: impl Fn(&Sample<'_>) -> Option<Outlook>,
    options: &Options,
) {
    let prepared = Prepared::of(history);
    let skipped = history.values.len() - prepared.len();
    for each in past {
        let sample = prepared.sample(each.cutoff - skipped);
        if let Some(told) = outlook(&sample).filter(Outlook::is_finite) {
            let steps = steps(&told, conformal::widths(&[]), options);
            each.members.push((model, steps));
        }
    }
}

/// The forecasts of the last `count` origins, `options.horizon` steps apart, oldest first. Origins
/// that know no value at all are left out.
pub fn backtest(history: &History, options: &Options, count: usize) -> Vec<PastForecast> {
    backtest_while(history, options, count, |_, _| true).unwrap_or_default()
}

/// The same, watched: before each origin `go_on` is told how many are fitted and how many there are
/// in all. `None` as soon as it says no.
pub fn backtest_while(
    history: &History,
    options: &Options,
    count: usize,
    mut go_on: impl FnMut(usize, usize) -> bool,
) -> Option<Vec<PastForecast>> {
    let prepared = Prepared::of(history);
    let skipped = history.values.len() - prepared.len();
    let fitted = count + LEARNING_ORIGINS;
    let known = origins(&prepared, prepared.len(), fitted, options, &mut go_on)?;
    let made = (1..=count)
        .rev()
        .filter_map(|back| prepared.len().checked_sub(back * options.horizon))
        .filter_map(|cutoff| {
            let forecast = produce(&prepared, &known, cutoff, options)?;
            let origin = known.iter().find(|origin| origin.cutoff == cutoff);
            let members = origin.map_or(&[][..], |origin| &origin.outlooks);
            Some(PastForecast {
                cutoff: cutoff + skipped,
                forecast,
                members: members
                    .iter()
                    .map(|(model, outlook)| {
                        (*model, steps(outlook, conformal::widths(&[]), options))
                    })
                    .collect(),
            })
        })
        .collect();
    Some(made)
}

/// What the models said at up to `count` origins before `end`, one horizon apart, oldest first.
fn origins(
    prepared: &Prepared,
    end: usize,
    count: usize,
    options: &Options,
    go_on: &mut impl FnMut(usize, usize) -> bool,
) -> Option<Vec<Origin>> {
    let cutoffs: Vec<usize> = (1..=count)
        .rev()
        .filter_map(|back| end.checked_sub(back * options.horizon))
        .filter(|cutoff| *cutoff >= TRAINING_STEPS_MIN)
        .collect();
    let mut fitted = Vec::with_capacity(cutoffs.len());
    for cutoff in &cutoffs {
        if !go_on(fitted.len(), cutoffs.len()) {
            return None;
        }
        let origin = Origin::at(prepared, *cutoff, options.horizon, &options.models);
        fitted.push(origin);
    }
    Some(fitted)
}

/// The forecast from `cutoff` on; uses of `origins` only what was known there.
fn produce(
    prepared: &Prepared,
    origins: &[Origin],
    cutoff: usize,
    options: &Options,
) -> Option<Forecast> {
    if cutoff == 0 || prepared.is_empty() {
        return None;
    }
    let mut notes = notes(prepared, cutoff);
    let made;
    let origin = match origins.iter().find(|origin| origin.cutoff == cutoff) {
        Some(origin) => origin,
        None => {
            made = Origin::at(prepared, cutoff, options.horizon, &options.models);
            &made
        }
    };
    let weights = ensemble::weights(prepared, origins, cutoff);
    let outlook = origin
        .combine(&weights)
        .unwrap_or_else(|| level_outlook(prepared.sample(cutoff).values, options.horizon));
    let scores = scores(prepared, origins, cutoff);
    let mut widths = conformal::widths(&scores);
    if scores.is_empty() {
        notes.push(Note::Untested);
        widths.narrow *= UNTESTED_FACTOR;
        widths.wide *= UNTESTED_FACTOR;
    }
    let champion = weights.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    Some(Forecast {
        steps: steps(&outlook, widths, options),
        champion: champion.map(|(model, _)| *model),
        weights: weights
            .into_iter()
            .filter(|(model, _)| origin.of(*model).is_some())
            .collect(),
        notes,
    })
}

/// What to tell of the history itself.
fn notes(prepared: &Prepared, steps: usize) -> Vec<Note> {
    let short = (steps < SHORT_STEPS).then_some(Note::ShortHistory { steps });
    let filled = (prepared.filled > 0).then_some(Note::Filled {
        steps: prepared.filled,
    });
    short.into_iter().chain(filled).collect()
}

/// How wrong the ensemble was before `cutoff`, each time with the weights of its own day.
fn scores(prepared: &Prepared, origins: &[Origin], cutoff: usize) -> Vec<Score> {
    let mut scores = Vec::new();
    for (at, origin) in known_at(origins, cutoff).take(LEARNING_ORIGINS).enumerate() {
        let weights = ensemble::weights(prepared, origins, origin.cutoff);
        let Some(outlook) = origin.combine(&weights) else {
            continue;
        };
        let actual = &prepared.values[origin.cutoff..];
        for ((mean, sigma), value) in outlook.mean.iter().zip(&outlook.sigma).zip(actual) {
            scores.push(Score {
                age: at + 1,
                distance: (value - mean).abs() / sigma.max(1e-9),
            });
        }
    }
    scores
}

/// Where no model can be fitted: the median of what there is, as uncertain as it varied.
fn level_outlook(values: &[f64], horizon: usize) -> Outlook {
    use crate::numeric::order;
    // A single value says nothing about its variation: a factor of two either way.
    let sigma = if values.len() > 2 {
        order::variance(values).sqrt().max(0.1)
    } else {
        std::f64::consts::LN_2
    };
    Outlook {
        mean: vec![order::median(values); horizon],
        sigma: vec![sigma; horizon],
    }
}

fn steps(outlook: &Outlook, widths: conformal::Widths, options: &Options) -> Vec<Step> {
    let whole =
        |value: f64, round: fn(f64) -> f64| if options.counts { round(value) } else { value };
    outlook
        .mean
        .iter()
        .zip(&outlook.sigma)
        .map(|(mean, sigma)| {
            let low = |width: f64| whole(back(mean - width * sigma), f64::floor);
            let high = |width: f64| whole(back(mean + width * sigma), f64::ceil);
            Step {
                expected: whole(back(*mean), f64::round),
                low_80: low(widths.narrow),
                high_80: high(widths.narrow),
                low_95: low(widths.wide),
                high_95: high(widths.wide),
            }
        })
        .collect()
}
