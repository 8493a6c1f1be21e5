//! The list of models. A further one is a variant here and a file beside it; a model that lives in
//! a crate of its own hands its outlooks to the ensemble by name.

use super::sample::{Outlook, Sample};
use super::{arima, calendar, ets, lags, mstl, naive, theta, usual};

/// A way to forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Model {
    /// The last cycle again.
    SeasonalNaive,
    /// Exponential smoothing, form by AICc.
    Ets,
    /// Dynamic optimised theta.
    Theta,
    /// Seasonal ARIMA, orders by AICc.
    Arima,
    /// Cycles by STL, the rest by exponential smoothing.
    Mstl,
    /// Regression on the calendar.
    Calendar,
    /// Regression on the calendar, deaf to the last days.
    Steady,
    /// Regression on the recent past.
    Lags,
    /// The usual week on the level of the last two months.
    Usual,
    /// The recurrent network, which is trained in a crate of its own and hands its outlooks in.
    Lstm,
}

/// Steps of history that local models see; more slows them down and tells them nothing new.
pub const WINDOW_STEPS: usize = 400;
/// Steps of history for models with a cycle of the year.
pub const WINDOW_LONG_STEPS: usize = 1_500;

impl Model {
    /// Every model, the yardstick first.
    pub const ALL: [Model; 10] = [
        Model::SeasonalNaive,
        Model::Ets,
        Model::Theta,
        Model::Arima,
        Model::Mstl,
        Model::Calendar,
        Model::Steady,
        Model::Lags,
        Model::Usual,
        Model::Lstm,
    ];

    /// The members of the default ensemble: all but the yardstick and the network.
    pub const DEFAULT: [Model; 8] = [
        Model::Ets,
        Model::Theta,
        Model::Arima,
        Model::Mstl,
        Model::Calendar,
        Model::Steady,
        Model::Lags,
        Model::Usual,
    ];

    /// How it is called in files, answers and tables.
    pub fn name(self) -> &'static str {
        match self {
            Model::SeasonalNaive => "seasonal_naive",
            Model::Ets => "ets",
            Model::Theta => "theta",
            Model::Arima => "arima",
            Model::Mstl => "mstl",
            Model::Calendar => "calendar",
            Model::Steady => "steady",
            Model::Lags => "lags",
            Model::Usual => "usual",
            Model::Lstm => "lstm",
        }
    }

    /// The model of a name.
    pub fn of_name(name: &str) -> Option<Model> {
        Model::ALL.into_iter().find(|model| model.name() == name)
    }

    /// Its say in the ensemble before it has a record. Models that smooth exponentially err
    /// together, and so do the two regressions on the calendar: without this a family would be
    /// heard once for each of its members.
    pub fn share(self) -> f64 {
        match self {
            Model::Lags | Model::SeasonalNaive | Model::Lstm => 1.0,
            Model::Ets | Model::Theta | Model::Arima | Model::Mstl => 0.5,
            Model::Calendar | Model::Steady | Model::Usual => 0.5,
        }
    }

    /// Fits and forecasts; `None` where the sample is too short for it, and from the network, which
    /// somebody else has trained.
    pub fn forecast(self, sample: &Sample<'_>, horizon: usize) -> Option<Outlook> {
        let recent = sample.last(WINDOW_STEPS);
        let long = sample.last(WINDOW_LONG_STEPS);
        let outlook = match self {
            Model::SeasonalNaive => naive::forecast(&recent, horizon),
            Model::Ets => ets::forecast(&recent, horizon),
            Model::Theta => theta::forecast(&recent, horizon),
            Model::Arima => arima::forecast(&recent, horizon),
            Model::Mstl => mstl::forecast(&long, horizon),
            Model::Calendar => calendar::forecast(&long, horizon),
            Model::Steady => calendar::forecast_steady(&long, horizon),
            Model::Lags => lags::forecast(&long, horizon),
            Model::Usual => usual::forecast(&recent, horizon),
            Model::Lstm => None,
        }?;
        outlook.is_finite().then_some(outlook)
    }
}
