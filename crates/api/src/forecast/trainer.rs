//! Trainings, one at a time: a short queue, the progress of the one that runs, and its end in the
//! registry. A training tries every recipe on past weeks; what then serves is decided by the rule
//! of `insights`, not here.

mod work;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use almanac_catalog::training::{self, NewTraining, Outcome, Training};
use almanac_insights::forecast::{Options, Recipe};
use almanac_model::{Instant, ProjectId};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::series::{self, Days, Series};
use crate::app::App;
use crate::error::ApiError;
use crate::projects::rfc3339;
use work::{HORIZON_DAYS, Made, Work, on_its_own_thread};

/// Trainings that may wait.
const WAITING_MAX: usize = 100;
/// Days of history below which there is nothing to try a model on.
const DAYS_MIN: usize = 60;
/// Where chance begins in the network unless somebody says otherwise; no other model knows chance.
pub(super) const SEED: u64 = 1;

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
    /// What shall serve, whatever the figures say; otherwise the rule of promotion decides.
    pub(super) recipe: Option<Recipe>,
    pub(super) seed: u64,
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

impl Progress {
    /// Notes how far it is; whether to go on.
    fn tell(&self, done: usize, all: usize) -> bool {
        self.done.store(done, Ordering::Relaxed);
        self.all.store(all, Ordering::Relaxed);
        !self.is_cancelled.load(Ordering::Relaxed)
    }
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
    let _busy = Busy(&app.trainer);
    if let Err(error) = do_wish(app, &wish, started_at, &progress, humble).await {
        let error = error.text();
        tracing::error!(error, "a training could not be entered into the registry");
    }
    true
}

/// Says that nothing runs any more when it goes, also where the training panicked: a series that
/// seems to be in training could not be trained again.
struct Busy<'a>(&'a Trainer);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.state().running = None;
    }
}

async fn do_wish(
    app: &Arc<App>,
    wish: &Wish,
    started_at: Instant,
    progress: &Arc<Progress>,
    humble: fn(),
) -> Result<(), ApiError> {
    let known = training::list(&app.catalog, wish.project, &wish.series.text()).await?;
    let held = known.iter().find(|each| each.training.serves);
    let serving = held.and_then(|each| Recipe::of_name(&each.training.recipe));
    let ended = train(app, wish, serving, progress, humble).await;
    enter(app, wish, held, started_at, ended).await
}

/// How a training ended.
enum Ended {
    Done(Box<(Days, Made)>),
    Cancelled,
    Failed(String),
}

async fn train(
    app: &Arc<App>,
    wish: &Wish,
    serving: Option<Recipe>,
    progress: &Arc<Progress>,
    humble: fn(),
) -> Ended {
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
    let work = Work {
        history: days.history(),
        options: Options {
            horizon: HORIZON_DAYS,
            counts: wish.series.is_count(),
            ..Options::default()
        },
        asked: wish.recipe,
        serving,
        seed: wish.seed,
    };
    match on_its_own_thread(work, Arc::clone(progress), humble).await {
        Ok(Some(made)) => Ended::Done(Box::new((days, made))),
        Ok(None) => Ended::Cancelled,
        Err(reason) => Ended::Failed(reason),
    }
}

/// Enters how a training ended, and lets its recipe serve.
async fn enter(
    app: &Arc<App>,
    wish: &Wish,
    held: Option<&Training>,
    started_at: Instant,
    ended: Ended,
) -> Result<(), ApiError> {
    let series = wish.series.text();
    let serving = held.and_then(|each| Recipe::of_name(&each.training.recipe));
    let mut recipe = wish.recipe.or(serving).unwrap_or(Recipe::Ensemble);
    let mut weights = None;
    let (outcome, mut report) = match ended {
        Ended::Done(done) => {
            let (days, made) = *done;
            recipe = made.recipe;
            let report = work::report(&days, &made);
            weights = made.network.map(|(_, text)| text);
            (Outcome::Done, report)
        }
        Ended::Cancelled => (Outcome::Cancelled, json!({})),
        Ended::Failed(reason) => (Outcome::Failed, json!({ "error": reason })),
    };
    report["why"] = json!(wish.why.name());
    report["chosen"] = json!(wish.recipe.is_some());
    report["replaces"] = json!(held.map(|each| each.version));
    report["code_version"] = json!(env!("CARGO_PKG_VERSION"));
    report["seed"] = json!(wish.seed);
    let new = NewTraining {
        outcome,
        started_at,
        finished_at: app.now(),
        recipe: recipe.name().to_owned(),
        report: report.to_string(),
        serves: outcome == Outcome::Done,
    };
    let added = training::add(
        &app.catalog,
        wish.project,
        &series,
        &new,
        weights.as_deref(),
    );
    let version = added.await?;
    let (outcome, recipe) = (outcome.name(), recipe.name());
    tracing::info!(version, outcome, recipe, series, "a training has ended");
    Ok(())
}
