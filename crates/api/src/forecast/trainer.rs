//! Trainings, one at a time: a short queue, the progress of the one that runs, and its end in the
//! registry. A training tries every recipe on past weeks; what then serves is decided by the rule
//! of `insights`, not here.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use almanac_catalog::training::{self, NewTraining, Outcome};
use almanac_insights::forecast::{
    Figures, History, Options, Recipe, backtest_while, champion, figures,
};
use almanac_model::{Instant, ProjectId};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

use super::series::{self, Days, Series};
use super::shape;
use crate::app::App;
use crate::error::ApiError;
use crate::projects::rfc3339;

/// Trainings that may wait.
const WAITING_MAX: usize = 100;
/// Past weeks that recipes are judged on.
const ORIGINS: usize = 8;
/// Days ahead at each of them.
const HORIZON_DAYS: usize = 7;
/// Days of history below which there is nothing to try a model on.
const DAYS_MIN: usize = 60;

/// Why a training was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Somebody wanted it.
    Asked,
    /// The version that serves has grown old.
    Schedule,
    /// Forecasts err more than they did on past weeks.
    Drift,
}

impl Why {
    fn name(self) -> &'static str {
        match self {
            Why::Asked => "asked",
            Why::Schedule => "schedule",
            Why::Drift => "drift",
        }
    }
}

/// A training to be.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) project: ProjectId,
    pub(super) series: Series,
    pub(super) why: Why,
}

impl Wish {
    fn is_of(&self, project: ProjectId, series: &Series) -> bool {
        self.project == project && self.series == *series
    }
}

/// How far the running training is.
#[derive(Debug, Default)]
struct Progress {
    done: AtomicUsize,
    all: AtomicUsize,
    is_cancelled: AtomicBool,
}

#[derive(Debug)]
struct Running {
    wish: Wish,
    started_at: Instant,
    progress: Arc<Progress>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Wish>,
    running: Option<Running>,
}

/// The queue of trainings and the one that runs.
#[derive(Debug, Default)]
pub struct Trainer {
    state: Mutex<State>,
    /// Told whenever a training is asked for.
    pub wake: Notify,
}

impl Trainer {
    /// Puts a training into the queue, unless the same one waits there.
    pub(super) fn ask(&self, wish: Wish) -> Result<(), ApiError> {
        let mut state = self.state();
        let runs = |own: &Running| own.wish.is_of(wish.project, &wish.series);
        let waits = |own: &Wish| own.is_of(wish.project, &wish.series);
        if state.running.as_ref().is_some_and(runs) || state.waiting.iter().any(waits) {
            return Ok(());
        }
        if state.waiting.len() >= WAITING_MAX {
            return Err(ApiError::Unavailable {
                reason: format!("{WAITING_MAX} trainings wait already; ask again later"),
                retry_after_s: 60,
            });
        }
        state.waiting.push_back(wish);
        drop(state);
        self.wake.notify_one();
        Ok(())
    }

    /// Stops a training, or takes it out of the queue; whether there was one.
    pub(super) fn cancel(&self, project: ProjectId, series: &Series) -> bool {
        let mut state = self.state();
        let before = state.waiting.len();
        state.waiting.retain(|wish| !wish.is_of(project, series));
        let waited = state.waiting.len() < before;
        let running = state.running.as_ref();
        let runs = running.filter(|own| own.wish.is_of(project, series));
        if let Some(own) = runs {
            own.progress.is_cancelled.store(true, Ordering::Relaxed);
        }
        waited || runs.is_some()
    }

    /// What goes on for a series: nothing, waiting or running with its progress.
    pub(super) fn state_of(&self, project: ProjectId, series: &Series) -> Value {
        let state = self.state();
        let running = state.running.as_ref();
        if let Some(own) = running.filter(|own| own.wish.is_of(project, series)) {
            let done = own.progress.done.load(Ordering::Relaxed);
            let all = own.progress.all.load(Ordering::Relaxed);
            return json!({
                "state": "running",
                "why": own.wish.why.name(),
                "started_at": rfc3339(own.started_at),
                "steps_done": done,
                "steps": all,
            });
        }
        let place = state
            .waiting
            .iter()
            .position(|wish| wish.is_of(project, series));
        match place {
            Some(place) => json!({ "state": "waiting", "before_it": place }),
            None => json!({ "state": "idle" }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, now: Instant) -> Option<(Wish, Arc<Progress>)> {
        let mut state = self.state();
        let wish = state.waiting.pop_front()?;
        let progress = Arc::new(Progress::default());
        state.running = Some(Running {
            wish: wish.clone(),
            started_at: now,
            progress: Arc::clone(&progress),
        });
        Some((wish, progress))
    }
}

/// Does the next training of the queue and enters it into the registry; whether there was one.
/// `humble` runs first on the thread that computes, to lower its claim to the processor.
pub async fn train_next(app: &Arc<App>, humble: fn()) -> bool {
    let started_at = app.now();
    let Some((wish, progress)) = app.trainer.begin(started_at) else {
        return false;
    };
    let ended = train(app, &wish, &progress, humble).await;
    let kept = enter(app, &wish, started_at, ended).await;
    app.trainer.state().running = None;
    if let Err(error) = kept {
        let error = error.text();
        tracing::error!(error, "a training could not be entered into the registry");
    }
    true
}

/// How a training ended.
enum Ended {
    Done { days: Days, figures: Vec<Figures> },
    Cancelled,
    Failed(String),
}

async fn train(app: &Arc<App>, wish: &Wish, progress: &Arc<Progress>, humble: fn()) -> Ended {
    let directory = app.directory();
    let Some(entry) = directory.by_id(wish.project) else {
        return Ended::Failed("the project is gone".to_owned());
    };
    let days = match series::history(app, entry, &wish.series).await {
        Ok(days) => days,
        Err(error) => return Ended::Failed(error.text()),
    };
    if days.values.len() < DAYS_MIN {
        return Ended::Failed(format!(
            "{} days of history; models can be tried from {DAYS_MIN} on",
            days.values.len()
        ));
    }
    let options = Options {
        horizon: HORIZON_DAYS,
        counts: wish.series.is_count(),
        ..Options::default()
    };
    match compute(days.history(), options, Arc::clone(progress), humble).await {
        Ok(Some(figures)) => Ended::Done { days, figures },
        Ok(None) => Ended::Cancelled,
        Err(reason) => Ended::Failed(reason),
    }
}

/// The backtest, on a thread of its own; `None` when it was cancelled.
async fn compute(
    history: History,
    options: Options,
    progress: Arc<Progress>,
    humble: fn(),
) -> Result<Option<Vec<Figures>>, String> {
    let (tell, told) = oneshot::channel();
    let work = move || {
        humble();
        let past = backtest_while(&history, &options, ORIGINS, |done, all| {
            progress.done.store(done, Ordering::Relaxed);
            progress.all.store(all, Ordering::Relaxed);
            !progress.is_cancelled.load(Ordering::Relaxed)
        });
        let found = past.map(|past| figures(&history, &past));
        // Nobody listens any more when the server stops.
        drop(tell.send(found));
    };
    std::thread::Builder::new()
        .name("training".to_owned())
        .spawn(work)
        .map_err(|error| format!("no thread for the training: {error}"))?;
    told.await
        .map_err(|_| "the training ended by a fault of the program".to_owned())
}

/// Enters how a training ended, and lets its recipe serve.
async fn enter(
    app: &Arc<App>,
    wish: &Wish,
    started_at: Instant,
    ended: Ended,
) -> Result<(), ApiError> {
    let series = wish.series.text();
    let known = training::list(&app.catalog, wish.project, &series).await?;
    let held = known.iter().find(|each| each.training.serves);
    let serving = held.and_then(|each| Recipe::of_name(&each.training.recipe));
    let mut recipe = serving.unwrap_or(Recipe::Ensemble);
    let (outcome, mut report) = match ended {
        Ended::Done { days, figures } => {
            recipe = champion(&figures, serving);
            (Outcome::Done, report(&days, &figures))
        }
        Ended::Cancelled => (Outcome::Cancelled, json!({})),
        Ended::Failed(reason) => (Outcome::Failed, json!({ "error": reason })),
    };
    report["why"] = json!(wish.why.name());
    report["replaces"] = json!(held.map(|each| each.version));
    report["code_version"] = json!(env!("CARGO_PKG_VERSION"));
    // Nothing in the models is drawn by chance.
    report["seed"] = Value::Null;
    let new = NewTraining {
        outcome,
        started_at,
        finished_at: app.now(),
        recipe: recipe.name().to_owned(),
        report: report.to_string(),
        serves: outcome == Outcome::Done,
    };
    let version = training::add(&app.catalog, wish.project, &series, &new, None).await?;
    let (outcome, recipe) = (outcome.name(), recipe.name());
    tracing::info!(version, outcome, recipe, series, "a training has ended");
    Ok(())
}

fn report(days: &Days, figures: &[Figures]) -> Value {
    json!({
        "parameters": { "horizon_days": HORIZON_DAYS, "origins": ORIGINS },
        "data": {
            "first_day": days.first.to_string(),
            "last_day": days.end().yesterday().map(|day| day.to_string()).ok(),
            "days": days.values.len(),
        },
        "figures": figures.iter().map(shape::figures).collect::<Vec<_>>(),
    })
}
