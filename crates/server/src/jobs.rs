//! The work that goes on beside requests: sealing, merging files, saving the ledger, noticing
//! changes of the catalog, destroying old salts. Each job says what it does and how often, and none
//! of them can take the server down.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use almanac_api::{App, Counts, Ledger, NOBODY, Page, Sweep, forecast, keeping};
use almanac_catalog::event_count::{self, EventCount, Outcome};
use almanac_catalog::{Catalog, CatalogError, salt, session, signing_key};
use almanac_model::Instant;
use anyhow::Context;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

mod report;
mod rounds;
mod sweep;

use crate::dead_letters::DeadLetters;
use crate::dedupe_log::DedupeLog;
use crate::pump::{Pulse, SealPolicy};
use crate::readiness::Readiness;
use rounds::Job;
pub(crate) use rounds::{Health, contain, text_of};

/// Jobs that keep numbers fresh.
const OFTEN: Duration = Duration::from_secs(1);
/// Jobs that clean up; old salts live on for no longer than this.
const CLEAN_UP: Duration = Duration::from_secs(300);
/// Forecasts are looked after: kept for the day, trained again when old or adrift.
const FORECAST_UPKEEP: Duration = Duration::from_secs(3_600);
/// The newest hours of every project are looked at for anomalies.
const WATCH: Duration = Duration::from_secs(600);
/// Rest between two merges of files, so that they never take a whole core.
const MERGE_PAUSE: Duration = Duration::from_secs(2);
/// Rest between two bursts of trainings.
const TRAINING_PAUSE: Duration = Duration::from_secs(1);

/// What the jobs work with beside the app.
#[derive(Debug, Clone)]
pub(crate) struct JobParts {
    pub(crate) seal: SealPolicy,
    pub(crate) log: Arc<DedupeLog>,
    pub(crate) dead: Arc<DeadLetters>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) health: Arc<Health>,
    pub(crate) ready: watch::Sender<bool>,
}

/// How far jobs stand back behind requests, as `nice` has it. What waits to be sealed is bounded,
/// so sealing may not be kept from it for long.
const SEALING_NICE: i32 = 5;
const MERGING_NICE: i32 = 10;
const TRAINING_NICE: i32 = 19;

/// Starts every job. They end when the server stops.
pub(crate) fn start(
    app: &Arc<App>,
    parts: &JobParts,
    wishes: mpsc::Receiver<Sweep>,
) -> Vec<JoinHandle<()>> {
    let sealing = parts.clone();
    let since_seal = Arc::default();
    let vital = |name, period| (Job { name, period }, Some(Arc::clone(&parts.health)));
    let useful = |name, period| (Job { name, period }, None);
    vec![
        judging(app, parts),
        tokio::spawn(sweep::run(Arc::clone(app), parts.clone(), wishes)),
        spawn(app, vital("counts", OFTEN), |app| async move {
            Ok(save_counts(&app.catalog, &app.ledger).await?)
        }),
        spawn(app, vital("catalog changes", OFTEN), |app| async move {
            Ok(app.refresh().await?)
        }),
        spawn(app, vital("sealing", OFTEN), move |app| {
            seal_when_due(app, sealing.clone(), Arc::clone(&since_seal))
        }),
        spawn(app, useful("merging", MERGE_PAUSE), merge),
        spawn(app, useful("cleaning up", CLEAN_UP), clean_up),
        spawn(app, useful("training", TRAINING_PAUSE), train),
        spawn(app, useful("watching", WATCH), |app| async move {
            forecast::watch(&app).await;
            Ok(())
        }),
        spawn(
            app,
            useful("forecasts", FORECAST_UPKEEP),
            |app| async move {
                forecast::look_after(&app).await;
                Ok(())
            },
        ),
    ]
}

/// Starts one job. Without one that is vital the server is not fit, so its panics show in health.
fn spawn<Round>(
    app: &Arc<App>,
    (job, health): (Job, Option<Arc<Health>>),
    round: impl Fn(Arc<App>) -> Round + Send + 'static,
) -> JoinHandle<()>
where
    Round: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let told = move |is_panic| match (&health, is_panic) {
        (Some(health), true) => health.panicked(job.name),
        (Some(health), false) => health.is_sound(job.name),
        (None, _) => {}
    };
    let (stop, app) = (app.stop.clone(), Arc::clone(app));
    tokio::spawn(rounds::run(job, stop, told, move || {
        round(Arc::clone(&app))
    }))
}

/// The one job whose panics nobody else would show.
fn judging(app: &Arc<App>, parts: &JobParts) -> JoinHandle<()> {
    let readiness = Arc::<Mutex<Readiness>>::default();
    let ready = parts.ready.clone();
    let told = move |is_panic| {
        if is_panic {
            ready.send_replace(false);
        }
    };
    let (stop, app, parts) = (app.stop.clone(), Arc::clone(app), parts.clone());
    let job = Job {
        name: "judging",
        period: OFTEN,
    };
    tokio::spawn(rounds::run(job, stop, told, move || {
        let (app, parts) = (Arc::clone(&app), parts.clone());
        let readiness = Arc::clone(&readiness);
        async move {
            let mut readiness = readiness.lock().unwrap_or_else(PoisonError::into_inner);
            report::judge(&app, &parts, &mut readiness);
            report::gauges(&app);
            Ok(())
        }
    }))
}

/// Each part is done whatever becomes of the others.
async fn clean_up(app: Arc<App>) -> anyhow::Result<()> {
    let destroyed = salt::destroy_old(&app.catalog, app.now()).await;
    let removed = session::remove_expired(&app.catalog, app.now()).await;
    let retired = signing_key::remove_retired(&app.catalog, app.now()).await;
    let expired = keeping::expire(&app).await;
    let count = destroyed.context("old salts could not be destroyed")?;
    if count > 0 {
        app.forget_salts();
        tracing::info!(count, "old salts were destroyed");
    }
    removed.context("expired sessions could not be removed")?;
    retired.context("retired keys of tokens could not be removed")?;
    if let Err(error) = expired {
        anyhow::bail!("events that are too old could not be removed: {error}");
    }
    Ok(())
}

/// What is remembered from one look at the rows to the next.
#[derive(Debug, Default)]
struct SinceSeal {
    /// When there were rows first.
    hot: Option<Instant>,
    /// Whether the segment that the last run wrote was left behind.
    is_old_queue_left: bool,
}

/// Seals when there are enough rows, or when they are old enough. Once all that the last run left
/// has been seen, its files are left behind for the next seal to remove, because a command may have
/// erased some of it meanwhile.
async fn seal_when_due(
    app: Arc<App>,
    parts: JobParts,
    since_seal: Arc<Mutex<SinceSeal>>,
) -> anyhow::Result<()> {
    let (rows, now) = (app.store.hot_rows(), app.now());
    let (is_due, is_first) = {
        let mut since = since_seal.lock().unwrap_or_else(PoisonError::into_inner);
        let first_seen = (rows > 0).then(|| since.hot.unwrap_or(now));
        let is_due = parts.seal.is_due(rows, first_seen, now);
        since.hot = first_seen.filter(|_| !is_due);
        let is_first = !since.is_old_queue_left && app.dedupe.is_complete();
        since.is_old_queue_left |= is_first;
        (is_due, is_first)
    };
    if is_first {
        // Opening the queue takes over what the last run could not prove durable.
        rotate(&app).await?;
    }
    if !is_due {
        return Ok(());
    }
    let sealing = Arc::clone(&app);
    let seal = move || seal(&sealing, &parts.log, &parts.dead);
    tokio::task::spawn_blocking(move || behind(SEALING_NICE, seal)).await??;
    save_ledger(&app).await;
    Ok(())
}

/// Leaves the queue's segment behind; answers the sequence that the next one begins with.
async fn rotate(app: &Arc<App>) -> anyhow::Result<u64> {
    let app = Arc::clone(app);
    Ok(tokio::task::spawn_blocking(move || app.queue.rotate()).await??)
}

/// Lets the queue forget what is before a record, as far as it is counted too.
fn forget(app: &App, dead: &DeadLetters, up_to: u64) -> anyhow::Result<()> {
    let needless_to = up_to.min(app.ledger.saved_to());
    app.queue.release(needless_to)?;
    dead.forget_settled(needless_to)?;
    Ok(())
}

/// Writes the rows in memory to files and lets the queue forget what is needed no more: what is in
/// files, whose ids are on disk, and what is counted.
pub(crate) fn seal(app: &App, log: &DedupeLog, dead: &DeadLetters) -> anyhow::Result<()> {
    let started = std::time::Instant::now();
    let sealed = app.store.seal()?;
    let known_to = log.sync()?;
    // The position that a start has read may be one that the last run could not sync: only after
    // a commit of this run is it a reason to forget records.
    if sealed.files > 0 {
        forget(app, dead, sealed.position.min(known_to))?;
        let duration_ms = started.elapsed().as_millis() as u64;
        tracing::info!(
            rows = sealed.rows,
            files = sealed.files,
            duration_ms,
            "sealed"
        );
        metrics::histogram!("almanac_seal_seconds").record(started.elapsed().as_secs_f64());
    }
    Ok(())
}

async fn merge(app: Arc<App>) -> anyhow::Result<()> {
    let merge = move || tidy_up(&app);
    tokio::task::spawn_blocking(move || behind(MERGING_NICE, merge)).await?
}

/// Merges small files of one day; where no day needs that, sums up the days that have ended.
fn tidy_up(app: &App) -> anyhow::Result<()> {
    if app.store.compact_once()?.is_some() {
        return Ok(());
    }
    while !*app.stop.borrow() {
        let Some(done) = app.store.summarise_once()? else {
            break;
        };
        metrics::counter!("almanac_summaries_total").increment(1);
        let (project, day, rows) = (done.project.0, done.day, done.rows);
        tracing::info!(project, %day, rows, edge_rows = done.edge_rows, "summed up a day");
    }
    Ok(())
}

/// Trains forecasts, one at a time, from when one is asked for until none is.
async fn train(app: Arc<App>) -> anyhow::Result<()> {
    let mut stop = app.stop.clone();
    let all = async {
        // First what a round before this one left waiting when it failed.
        while forecast::train_next(&app, step_back).await {}
        app.trainer.wake.notified().await;
    };
    tokio::select! {
        () = all => {}
        _ = stop.wait_for(|stopping| *stopping) => {}
    }
    Ok(())
}

/// Lets everything else go first on this thread: a training is never urgent.
fn step_back() {
    lower_priority(TRAINING_NICE);
}

/// Does something on a thread of its own that lets requests go first. A panic there is one here.
fn behind<T: Send>(nice: i32, work: impl FnOnce() -> T + Send) -> T {
    let work = || {
        lower_priority(nice);
        work()
    };
    let done = std::thread::scope(|scope| scope.spawn(work).join());
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Of this thread, for good.
fn lower_priority(nice: i32) {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(nice) {
        tracing::warn!(%error, nice, "a job runs at full priority");
    }
}

/// Saves what the ledger holds and says so in the log when it cannot.
pub(crate) async fn save_ledger(app: &App) {
    if let Err(error) = save_counts(&app.catalog, &app.ledger).await {
        tracing::error!(%error, "the ledger could not be saved and will be tried again");
    }
}

/// Saves what a ledger holds; what cannot be saved goes back to it. What counts records of the
/// queue is saved in one piece with the place up to which it counts.
pub(crate) async fn save_counts(catalog: &Catalog, ledger: &Ledger) -> Result<(), CatalogError> {
    let _alone = ledger.while_saving().await;
    let unsaved = ledger.take_unsaved();
    if unsaved.pages.is_empty() && unsaved.counted_to.is_none_or(|to| to == ledger.saved_to()) {
        return Ok(());
    }
    let rows = rows(&unsaved.pages);
    let saved = match unsaved.counted_to {
        Some(record) => event_count::add_up_to(catalog, &rows, record).await,
        None => event_count::add(catalog, &rows).await,
    };
    match (&saved, unsaved.counted_to) {
        (Ok(()), Some(record)) => ledger.saved(record),
        (Ok(()), None) => {}
        (Err(_), _) => ledger.restore(unsaved),
    }
    saved
}

fn rows(pages: &HashMap<Page, Counts>) -> Vec<EventCount> {
    let mut rows = Vec::new();
    for ((project, hour), counts) in pages {
        let mut push = |outcome, events| {
            if events > 0 {
                let project = (*project != NOBODY).then_some(*project);
                rows.push(EventCount {
                    project,
                    at: Instant::from_seconds(*hour),
                    outcome,
                    events,
                });
            }
        };
        push(Outcome::Received, counts.received());
        push(Outcome::Accepted, counts.accepted);
        push(Outcome::Duplicate, counts.duplicate);
        for (reason, count) in &counts.refused {
            push(Outcome::Refused(reason.name().to_owned()), *count);
        }
    }
    rows
}
