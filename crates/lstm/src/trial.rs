//! The network beside the other models: it learns from a history instead of a sample, and one that
//! knew none of the past weeks of a backtest is tried on them.

use almanac_insights::forecast::{self, History, Model, PastForecast, Prepared, join};

use crate::Sample;
use crate::training::{Options, Report, TrainError, Trained, train};

/// Trains on the first `days` of a history. Before each epoch `go_on` is told its number.
///
/// # Errors
/// See [`TrainError`].
pub fn learn(
    history: &History,
    days: usize,
    options: Options,
    go_on: impl FnMut(usize) -> bool,
) -> Result<(Trained, Report), TrainError> {
    let prepared = Prepared::of(history);
    let skipped = history.values.len() - prepared.len();
    train(
        &prepared.sample(days.saturating_sub(skipped)),
        options,
        go_on,
    )
}

/// Adds to a backtest what a network says that learnt before the first of its origins, and never
/// again: trained anew at each of them it would be no worse, but eight times as slow. `told` is
/// what the backtest was made with.
///
/// # Errors
/// See [`TrainError`]; the backtest is then as it was.
pub fn try_out(
    history: &History,
    past: &mut [PastForecast],
    told: &forecast::Options,
    options: Options,
    go_on: impl FnMut(usize) -> bool,
) -> Result<Report, TrainError> {
    let first = past.first().map_or(0, |origin| origin.cutoff);
    let (trained, report) = learn(history, first, options, go_on)?;
    let outlook = |sample: &Sample<'_>| trained.outlook(sample, told.horizon);
    join(past, history, Model::Lstm, outlook, told);
    Ok(report)
}
