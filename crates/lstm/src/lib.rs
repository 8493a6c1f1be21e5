//! The reference network for forecasts: two LSTM layers over thirty days of features, trained on
//! burn, on the processor unless built for a graphics card. A crate of its own because burn takes
//! minutes to build.
//!
//! It sees what every other model sees, a [`Sample`] on the log scale, and answers an [`Outlook`].
//! It refuses to choose when to train, to keep files, and to be believed without a backtest.
#![warn(missing_docs)]

mod device;
pub mod features;
mod file;
mod network;
mod training;
mod trial;

pub use almanac_insights::forecast::{Outlook, Sample};
pub use file::ReadError;
pub use training::{Options, Report, TrainError, Trained, train};
pub use trial::{learn, try_out};

/// Days that the network looks at.
pub const WINDOW_DAYS: usize = 30;
/// Days that it tells.
pub const HORIZON_DAYS: usize = 7;
