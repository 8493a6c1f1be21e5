//! Seasonal naive: the last cycle repeats (Hyndman & Athanasopoulos, *Forecasting: Principles and
//! Practice*, §5.2). The yardstick of every other model.

use super::sample::{Outlook, Sample};

/// ŷ(t+h) = y(t+h−m·k) with k = ⌈h/m⌉; σ(h) = s·√k, s the root mean square of y(t) − y(t−m) with as
/// many degrees of freedom as there are differences. Needs one cycle and one value more.
pub fn forecast(sample: &Sample<'_>, horizon: usize) -> Option<Outlook> {
    let season = sample.season.max(1);
    let values = sample.values;
    if values.len() <= season {
        return None;
    }
    let squares: f64 = values[season..]
        .iter()
        .zip(values)
        .map(|(later, earlier)| (later - earlier).powi(2))
        .sum();
    let sigma = (squares / (values.len() - season) as f64).sqrt();
    let last = &values[values.len() - season..];
    Some(Outlook {
        mean: (0..horizon).map(|step| last[step % season]).collect(),
        sigma: (0..horizon)
            .map(|step| sigma * ((step / season + 1) as f64).sqrt())
            .collect(),
    })
}
