//! Forecasts.

pub mod arima;
pub mod calendar;
pub mod ets;
pub mod lags;
pub mod loess;
pub mod model;
pub mod mstl;
pub mod naive;
mod residual;
pub mod sample;
pub mod theta;

pub use model::{Model, WINDOW_STEPS};
pub use sample::{Outlook, Sample};
