//! Forecasts of one series: models, their ensemble, and intervals that are calibrated on the past.
//! Everything is computed on ln(1 + value), where growth is a line and noise has one size.

pub mod arima;
pub mod calendar;
pub mod conformal;
pub mod ensemble;
pub mod ets;
pub mod history;
pub mod lags;
pub mod loess;
pub mod model;
pub mod mstl;
pub mod naive;
pub mod produce;
mod residual;
pub mod sample;
pub mod theta;
pub mod trial;
pub mod usual;

pub use history::{History, Prepared};
pub use model::{Model, WINDOW_STEPS};
pub use produce::{
    Forecast, Note, Options, PastForecast, Step, backtest, backtest_while, forecast, forecast_from,
    join,
};
pub use sample::{Outlook, Sample};
pub use trial::{Figures, PROMOTION_MARGIN, Recipe, champion, figures};
