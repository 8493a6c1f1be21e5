//! Training: Adam on the mean squared error in batches of 32, gradients clipped, the newest fifth
//! of the windows kept for validation, and the weights of the best epoch kept in the end.
//!
//! The same sample and seed give the same network. The generator belongs to the device, so two
//! trainings must not run at once; a lock in here sees to that.

use std::sync::{Mutex, PoisonError};

use almanac_insights::forecast::{Outlook, Sample};
use burn::grad_clipping::GradientClippingConfig;
use burn::module::Module;
use burn::nn::loss::{MseLoss, Reduction};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};

use crate::device::device;
use crate::features::{self, COUNT, Scale};
use crate::network::Network;
use crate::{HORIZON_DAYS, WINDOW_DAYS};

/// Windows that are learnt from at once.
const BATCH: usize = 32;
const LEARNING_RATE: f64 = 1e-3;
/// Longest gradient of a layer.
const GRADIENT_NORM_MAX: f32 = 1.0;
/// Share of the windows, the newest ones, that are not learnt from.
const VALIDATION_SHARE: f64 = 0.2;
/// Epochs without a better one that end a training.
const PATIENCE_EPOCHS: usize = 10;
/// Fewest windows: two batches to learn from and something to judge by.
const WINDOWS_MIN: usize = 80;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// How to train.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Where chance begins.
    pub seed: u64,
    /// Most passes over the windows.
    pub epochs_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            epochs_max: 100,
        }
    }
}

/// Why there is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrainError {
    /// Too few days.
    #[error("{days} days are too few for the network; it learns from {needed} on")]
    Short {
        /// Days there are.
        days: usize,
        /// Days it takes.
        needed: usize,
    },
    /// Whoever watched said no.
    #[error("the training was cancelled")]
    Cancelled,
    /// The numbers ran away.
    #[error("the training did not converge; try another seed")]
    Diverged,
}

/// How a training went.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Days of the sample.
    pub days: usize,
    /// Mean squared error on the validation windows after each epoch, on the network's scale.
    pub validation_losses: Vec<f64>,
    /// The epoch whose weights were kept, from 0.
    pub best_epoch: usize,
    /// Windows learnt from.
    pub windows: usize,
}

/// A network that has learnt.
#[derive(Debug, Clone)]
pub struct Trained {
    pub(crate) network: Network,
    pub(crate) scale: Scale,
    /// Root mean square of the errors on the validation windows by day ahead, on the log scale.
    pub(crate) sigma: Vec<f64>,
}

/// Trains on a sample of days. Before each epoch `go_on` is told its number.
///
/// # Errors
/// See [`TrainError`].
pub fn train(
    sample: &Sample<'_>,
    options: Options,
    mut go_on: impl FnMut(usize) -> bool,
) -> Result<(Trained, Report), TrainError> {
    let count = (sample.values.len() + 1).saturating_sub(WINDOW_DAYS + HORIZON_DAYS);
    if count < WINDOWS_MIN {
        return Err(TrainError::Short {
            days: sample.values.len(),
            needed: WINDOWS_MIN + WINDOW_DAYS + HORIZON_DAYS - 1,
        });
    }
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let learnt = count - (count as f64 * VALIDATION_SHARE).ceil() as usize;
    // Everything that a window of the training part contains, targets included, and nothing later.
    let scale = Scale::of(&sample.values[..learnt - 1 + WINDOW_DAYS + HORIZON_DAYS]);
    let windows = Windows::of(sample, scale);
    let device = device().autodiff();
    device.seed(options.seed);
    let mut network = Network::new(&device);
    let mut optimiser = AdamConfig::new()
        .with_grad_clipping(Some(GradientClippingConfig::Norm(GRADIENT_NORM_MAX)))
        .init();
    let mut order: Vec<usize> = (0..learnt).collect();
    let mut dice = Dice(options.seed);
    let validation: Vec<usize> = (learnt..count).collect();
    let mut best: Option<(f64, Network)> = None;
    let mut report = Report {
        days: sample.values.len(),
        validation_losses: Vec::new(),
        best_epoch: 0,
        windows: learnt,
    };
    for epoch in 0..options.epochs_max {
        if !go_on(epoch) {
            return Err(TrainError::Cancelled);
        }
        dice.shuffle(&mut order);
        for batch in order.chunks(BATCH) {
            let (inputs, targets) = windows.batch(batch, &device);
            let loss = MseLoss::new().forward(network.forward(inputs), targets, Reduction::Mean);
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = optimiser.step(LEARNING_RATE, network, gradients);
        }
        let still = network.valid();
        let loss = mean_square(&windows.errors(&still, &validation));
        report.validation_losses.push(loss);
        if best.as_ref().is_none_or(|(least, _)| loss < *least) && loss.is_finite() {
            best = Some((loss, still));
            report.best_epoch = epoch;
        } else if epoch - report.best_epoch >= PATIENCE_EPOCHS {
            break;
        }
    }
    let (_, network) = best.ok_or(TrainError::Diverged)?;
    let sigma = sigma_by_day(&windows.errors(&network, &validation), scale);
    let trained = Trained {
        network,
        scale,
        sigma,
    };
    Ok((trained, report))
}

impl Trained {
    /// What it expects of the days after a sample, which may have grown since the training. Beyond
    /// [`HORIZON_DAYS`] it goes on from what it expects itself, and its σ grows as that of a walk.
    /// `None` where the sample is shorter than the window.
    pub fn outlook(&self, sample: &Sample<'_>, horizon: usize) -> Option<Outlook> {
        let mut values = sample.values.to_vec();
        let mut outlook = Outlook {
            mean: Vec::with_capacity(horizon),
            sigma: Vec::with_capacity(horizon),
        };
        for round in 1..=horizon.div_ceil(HORIZON_DAYS) {
            let told = self.next_days(&Sample {
                values: &values,
                ..*sample
            })?;
            let wider = (round as f64).sqrt();
            outlook.sigma.extend(self.sigma.iter().map(|s| s * wider));
            values.extend(&told);
            outlook.mean.extend(told);
        }
        outlook.mean.truncate(horizon);
        outlook.sigma.truncate(horizon);
        outlook.is_finite().then_some(outlook)
    }

    /// One look ahead.
    fn next_days(&self, sample: &Sample<'_>) -> Option<Vec<f64>> {
        if sample.values.len() < WINDOW_DAYS {
            return None;
        }
        let rows = features::rows(sample, self.scale);
        let window: Vec<f32> = rows[rows.len() - WINDOW_DAYS..].concat();
        let data = TensorData::new(window, [1, WINDOW_DAYS, COUNT]);
        let told = self.network.forward(Tensor::from_data(data, &device()));
        let numbers: Vec<f32> = told.into_data().try_to_vec().ok()?;
        let undone = numbers.iter().map(|n| self.scale.undo(f64::from(*n)));
        Some(undone.collect())
    }
}

/// Every window of a sample with the days after it.
struct Windows {
    rows: Vec<[f32; COUNT]>,
    values: Vec<f32>,
}

impl Windows {
    fn of(sample: &Sample<'_>, scale: Scale) -> Windows {
        let rows = features::rows(sample, scale);
        let values = rows.iter().map(|row| row[0]).collect();
        Windows { rows, values }
    }

    fn batch(&self, starts: &[usize], device: &Device) -> (Tensor<3>, Tensor<2>) {
        let inputs: Vec<f32> = starts
            .iter()
            .flat_map(|start| self.rows[*start..start + WINDOW_DAYS].as_flattened())
            .copied()
            .collect();
        let targets: Vec<f32> = starts
            .iter()
            .flat_map(|start| self.target(*start))
            .copied()
            .collect();
        (
            Tensor::from_data(
                TensorData::new(inputs, [starts.len(), WINDOW_DAYS, COUNT]),
                device,
            ),
            Tensor::from_data(
                TensorData::new(targets, [starts.len(), HORIZON_DAYS]),
                device,
            ),
        )
    }

    fn target(&self, start: usize) -> &[f32] {
        &self.values[start + WINDOW_DAYS..start + WINDOW_DAYS + HORIZON_DAYS]
    }

    /// Errors of a network that is not being trained, window by window, day by day.
    fn errors(&self, network: &Network, starts: &[usize]) -> Vec<f64> {
        let device = device();
        let (inputs, targets) = self.batch(starts, &device);
        let difference = network.forward(inputs) - targets;
        let numbers: Vec<f32> = difference.into_data().try_to_vec().unwrap_or_default();
        numbers.into_iter().map(f64::from).collect()
    }
}

/// Root mean square of the errors by day ahead, back on the log scale.
fn sigma_by_day(errors: &[f64], scale: Scale) -> Vec<f64> {
    (0..HORIZON_DAYS)
        .map(|ahead| {
            let own: Vec<f64> = errors
                .iter()
                .skip(ahead)
                .step_by(HORIZON_DAYS)
                .copied()
                .collect();
            mean_square(&own).sqrt() * scale.spread
        })
        .collect()
}

/// Infinite without errors, so that nothing is never the best.
fn mean_square(errors: &[f64]) -> f64 {
    if errors.is_empty() {
        return f64::INFINITY;
    }
    errors.iter().map(|error| error * error).sum::<f64>() / errors.len() as f64
}

/// SplitMix64 (Steele, Lea & Flood, *Fast splittable pseudorandom number generators*, 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn shuffle(&mut self, items: &mut [usize]) {
        for last in (1..items.len()).rev() {
            let other = (self.next() % (last as u64 + 1)) as usize;
            items.swap(last, other);
        }
    }
}
