//! The computing part of a training: every recipe on past weeks, the decision which of them serves,
//! and the network on everything where that is the one. It reads and keeps nothing.

use std::sync::Arc;

use almanac_insights::forecast::{
    Figures, History, Options, PROMOTION_MARGIN, Recipe, backtest_while, champion, figures,
};
use almanac_lstm::{TrainError, learn, try_out};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::Progress;
use crate::forecast::network::{self, EPOCHS_MAX};
use crate::forecast::series::Days;
use crate::forecast::shape;

/// Past weeks that recipes are judged on.
const ORIGINS: usize = 8;
/// Days ahead at each of them.
pub(super) const HORIZON_DAYS: usize = 7;

/// Everything that a training computes from.
pub(super) struct Work {
    pub(super) history: History,
    pub(super) options: Options,
    pub(super) asked: Option<Recipe>,
    pub(super) serving: Option<Recipe>,
    pub(super) seed: u64,
}

/// What a training has made.
pub(super) struct Made {
    pub(super) figures: Vec<Figures>,
    pub(super) recipe: Recipe,
    /// What the network that was tried says of its training, or why there was none.
    pub(super) tried: Value,
    /// The network that is to serve: what is told of its training, and its weights as text.
    pub(super) network: Option<(Value, String)>,
}

/// Computes where nothing else waits; `None` when it was cancelled.
pub(super) async fn on_its_own_thread(
    work: Work,
    progress: Arc<Progress>,
    humble: fn(),
) -> Result<Option<Made>, String> {
    let (tell, told) = oneshot::channel();
    let run = move || {
        humble();
        // Nobody listens any more when the server stops.
        drop(tell.send(compute(&work, &progress)));
    };
    std::thread::Builder::new()
        .name("training".to_owned())
        .spawn(run)
        .map_err(|error| format!("no thread for the training: {error}"))?;
    told.await
        .map_err(|_| "the training ended by a fault of the program".to_owned())?
}

/// Every recipe on past weeks, the decision, and the network on everything where it is to serve.
fn compute(work: &Work, progress: &Progress) -> Result<Option<Made>, String> {
    let networks = if work.asked == Some(network::RECIPE) {
        2
    } else {
        1
    };
    let mut fits = 0;
    let past = backtest_while(&work.history, &work.options, ORIGINS, |done, all| {
        fits = all;
        progress.tell(done, all + networks * EPOCHS_MAX)
    });
    let Some(mut past) = past else {
        return Ok(None);
    };
    let epoch = |epoch| progress.tell(fits + epoch, fits + networks * EPOCHS_MAX);
    let chance = network::options(work.seed);
    let tried = match try_out(&work.history, &mut past, &work.options, chance, epoch) {
        Ok(report) => network::told(&report),
        Err(TrainError::Cancelled) => return Ok(None),
        Err(other) => json!({ "absent": other.to_string() }),
    };
    let figures = figures(&work.history, &past);
    let recipe = work
        .asked
        .unwrap_or_else(|| champion(&figures, work.serving));
    let mut made = Made {
        figures,
        recipe,
        tried,
        network: None,
    };
    if recipe != network::RECIPE {
        return Ok(Some(made));
    }
    let epoch = |epoch| progress.tell(fits + EPOCHS_MAX + epoch, fits + 2 * EPOCHS_MAX);
    let days = work.history.values.len();
    let (trained, report) = match learn(&work.history, days, chance, epoch) {
        Ok(learnt) => learnt,
        Err(TrainError::Cancelled) => return Ok(None),
        Err(other) => return Err(other.to_string()),
    };
    made.network = Some((network::told(&report), network::write(&trained)?));
    Ok(Some(made))
}

/// What the registry keeps of a training that was done.
pub(super) fn report(days: &Days, made: &Made) -> Value {
    json!({
        "parameters": {
            "horizon_days": HORIZON_DAYS,
            "origins": ORIGINS,
            "promotion_margin": PROMOTION_MARGIN,
            "epochs_max": EPOCHS_MAX,
        },
        "data": {
            "first_day": days.first.to_string(),
            "last_day": days.end().yesterday().map(|day| day.to_string()).ok(),
            "days": days.values.len(),
            "holidays": days.holidays.len(),
        },
        "figures": made.figures.iter().map(shape::figures).collect::<Vec<_>>(),
        "network": {
            "tried": made.tried,
            "serves": made.network.as_ref().map(|(told, _)| told),
        },
    })
}
