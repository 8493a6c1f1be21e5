//! The reference network for forecasts: two LSTM layers over thirty days of features, trained on
//! burn's CPU backend. A crate of its own because burn takes minutes to build.
//!
//! It sees what every other model sees, a [`Sample`] on the log scale, and answers an [`Outlook`].
//! It refuses to choose when to train, to keep files, and to be believed without a backtest.
#![warn(missing_docs)]

pub mod features;
mod file;
mod network;
mod training;

pub use almanac_insights::forecast::{Outlook, Sample};
pub use file::ReadError;
pub use training::{Options, Report, TrainError, Trained, train};

/// Days that the network looks at.
pub const WINDOW_DAYS: usize = 30;
/// Days that it tells.
pub const HORIZON_DAYS: usize = 7;
