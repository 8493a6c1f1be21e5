//! `almanac serve`: opens everything, starts the pump, the jobs and the accept loop, and on a
//! signal stops them in the order in which nothing is lost.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use almanac_api::{
    Allowance, Allowances, App, Certificate, ConnectionLimits, HttpSettings, Outbound, Parts,
};
use almanac_catalog::{event_count, setup};
use anyhow::Context;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use crate::cli::{self, ExitCode, Failure};
use crate::config::{Config, Limits};
use crate::dead_letters::DeadLetters;
use crate::dedupe_log::DedupeLog;
use crate::jobs::JobParts;
use crate::local::LocalAccess;
use crate::pump::{Pulse, Pump, SealPolicy, Signals};
use crate::{certificate, jobs, lists, mail, metrics_help, provider, wiring};

/// Upper bounds of the latency histograms, seconds.
const LATENCY_BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Wishes to erase that wait for the one before them.
const SWEEPS_WAITING_MAX: usize = 16;

/// Serves until a signal asks it to stop. What it prints at the start is one JSON object for those
/// who want to read it with a program.
pub(crate) async fn run(config: Config, as_json: bool) -> anyhow::Result<()> {
    let metrics = install_metrics()?;
    let listener = listen(config.http.listen).await?;
    let address = listener.local_addr()?;
    let catalog = cli::open_catalog(&config.data).await?;
    let engine = wiring::engine(&config)?;
    let (stop, stopping) = watch::channel(false);
    let outbound = wiring::outbound(&config.outbound)?;
    let doors = Doors::open(listener, &config, &outbound, stopping.clone()).await?;
    let local = LocalAccess::announce(&config.data.dir, doors.for_commands()?)?;
    let (seen_sender, seen) = watch::channel(engine.store.position());
    let (ready_sender, ready) = watch::channel(false);
    let (sweeper, wishes) = mpsc::channel(SWEEPS_WAITING_MAX);
    let (mailer, sending) = mail::start(&config.mail, stopping.clone())?.unzip();
    let app = Arc::new(App::new(Parts {
        catalog,
        queue: engine.queue,
        store: engine.store,
        agents: wiring::agents()?,
        places: wiring::places(&config.geo)?,
        data_centres: wiring::data_centres(&config.bots)?,
        clock: wiring::system_clock(),
        http: http_settings(&config, address),
        seen,
        ready,
        stop: stopping.clone(),
        metrics: Box::new(move || metrics.render()),
        local_token: local.token().to_owned(),
        sweeper,
        mailer,
        provider: provider::of(&config.oidc, &outbound),
        outbound,
    }));
    app.refresh().await.context("cannot read the projects")?;
    greet(&app, &config.origin_at(address), as_json).await?;
    let (log, start) = restore(&app, &config).await?;
    let pulse = Arc::new(Pulse::default());
    let parts = JobParts {
        seal: seal_policy(&config),
        log: Arc::clone(&log),
        dead: Arc::new(DeadLetters::open(&config.data.dir)?),
        pulse: Arc::clone(&pulse),
        health: Arc::default(),
        ready: ready_sender.clone(),
    };
    let pump = start_pump(Pump {
        app: Arc::clone(&app),
        dead: Arc::clone(&parts.dead),
        log,
        health: Arc::clone(&parts.health),
        signals: Signals {
            seen: seen_sender,
            ready: ready_sender,
            stop: stopping.clone(),
            pulse,
        },
        hot_rows_max: parts.seal.hot_rows_max(),
        start,
    })?;
    let mut jobs = jobs::start(&app, &parts, wishes);
    jobs.extend(lists::watch(&app, &config));
    jobs.extend(sending);
    let signalled = tokio::spawn(stop_on_signal(stop));
    doors.serve(&app, &connection_limits(&config)).await;
    drop(local);
    shut_down(&app, pump, jobs, parts).await?;
    signalled.abort();
    Ok(())
}

/// Where requests come in: for everybody, and where that speaks TLS, without it for the commands of
/// this machine, which know no certificate.
struct Doors {
    front: TcpListener,
    side: Option<TcpListener>,
    certificate: Option<watch::Receiver<Certificate>>,
    stop: watch::Receiver<bool>,
}

impl Doors {
    async fn open(
        front: TcpListener,
        config: &Config,
        outbound: &Outbound,
        stop: watch::Receiver<bool>,
    ) -> anyhow::Result<Self> {
        let certificate = certificate::watched(config, outbound, stop.clone())?;
        let side = match &certificate {
            Some(_) => Some(listen(SocketAddr::from(([127, 0, 0, 1], 0))).await?),
            None => None,
        };
        Ok(Self {
            front,
            side,
            certificate,
            stop,
        })
    }

    fn for_commands(&self) -> std::io::Result<SocketAddr> {
        self.side.as_ref().unwrap_or(&self.front).local_addr()
    }

    async fn serve(self, app: &Arc<App>, limits: &ConnectionLimits) {
        let serve = |listener, certificate| {
            let router = almanac_api::router(Arc::clone(app));
            let (limits, stop) = (limits.clone(), self.stop.clone());
            almanac_api::serve(listener, router, limits, certificate, stop)
        };
        match self.side {
            None => serve(self.front, self.certificate).await,
            Some(side) => {
                tokio::join!(serve(self.front, self.certificate), serve(side, None));
            }
        }
    }
}

/// Requests have ended: save what they left, store what is queued, close.
async fn shut_down(
    app: &Arc<App>,
    pump: std::thread::JoinHandle<()>,
    jobs: Vec<tokio::task::JoinHandle<()>>,
    parts: JobParts,
) -> anyhow::Result<()> {
    let joined = tokio::task::spawn_blocking(move || pump.join());
    if joined.await?.is_err() {
        tracing::error!("the pump had ended by a panic");
    }
    for job in jobs {
        if let Err(error) = job.await {
            tracing::error!(%error, "a job had ended by a panic");
        }
    }
    jobs::save_ledger(app).await;
    let sealing = Arc::clone(app);
    tokio::task::spawn_blocking(move || jobs::seal(&sealing, &parts.log, &parts.dead)).await??;
    app.queue.close()?;
    app.catalog.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Gives the app what the last run knew, as far as it is on disk, and answers from which record of
/// the queue the rest has to be read: ids, counts, and events that are not in files.
async fn restore(app: &App, config: &Config) -> anyhow::Result<(Arc<DedupeLog>, u64)> {
    let (log, known) = DedupeLog::open(&config.data.dir)?;
    let stored_to = app.store.position();
    // Where nothing was ever saved, nothing was ever counted.
    let counted_to = event_count::counted_to(&app.catalog).await?.unwrap_or(0);
    let start = stored_to.min(known.end()).min(counted_to);
    app.ledger.count_from(counted_to);
    app.dedupe.restore(known.before(start));
    Ok((Arc::new(log), start))
}

fn start_pump(pump: Pump) -> anyhow::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new()
        .name("pump".to_owned())
        .spawn(move || pump.run())
        .context("cannot start the pump")
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let remedy = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another program listens there; choose another port with ALMANAC_LISTEN"
            }
            std::io::ErrorKind::PermissionDenied => {
                "ports below 1024 need a privilege; choose a higher one with ALMANAC_LISTEN"
            }
            _ => "choose an address of this machine with ALMANAC_LISTEN",
        };
        Failure::new(
            ExitCode::ListenAddress,
            format!("cannot listen on {address}: {error}; {remedy}"),
        )
        .into()
    })
}

fn install_metrics() -> anyhow::Result<PrometheusHandle> {
    let metrics = PrometheusBuilder::new()
        .set_buckets(&LATENCY_BUCKETS)?
        .install_recorder()
        .context("cannot set up the metrics")?;
    metrics_help::describe();
    Ok(metrics)
}

fn http_settings(config: &Config, address: SocketAddr) -> HttpSettings {
    HttpSettings {
        base_url: config.base_url_at(address),
        own_host: config.own_host(address),
        trusted_proxies: config.http.trusted_proxies.clone(),
        body_bytes_max: usize::try_from(config.http.body_bytes_max).unwrap_or(usize::MAX),
        content_window_s: i64::try_from(config.queue.content_window_s).unwrap_or(i64::MAX),
        views_per_span_max: config.bots.views_per_span_max(),
        question_timeout_ms: config.http.question_timeout_ms,
        questions_max: usize::try_from(config.http.questions_max).unwrap_or(usize::MAX),
        question_wait: Duration::from_millis(config.http.question_wait_ms),
        body_timeout: Duration::from_millis(config.http.body_timeout_ms),
        rate_limits: config.limits.is_on.then(|| allowances(&config.limits)),
        access_token_s: i64::try_from(config.tokens.access_s).unwrap_or(i64::MAX),
        metrics_local_only: config.http.metrics_local_only,
    }
}

fn allowances(limits: &Limits) -> Allowances {
    let number = |limit: u64| u32::try_from(limit).unwrap_or(u32::MAX);
    let allowance = |requests: u64, period_s: u64, burst: u64| Allowance {
        requests: number(requests),
        period: Duration::from_secs(period_s),
        burst: number(burst),
    };
    Allowances {
        collection: allowance(limits.collection_per_s, 1, limits.collection_burst),
        stats: allowance(limits.stats_per_s, 1, limits.stats_burst),
        api: allowance(limits.api_per_min, 60, limits.api_per_min),
        sign_in: allowance(limits.sign_in_per_min, 60, limits.sign_in_per_min),
    }
}

fn connection_limits(config: &Config) -> ConnectionLimits {
    ConnectionLimits {
        connections_max: usize::try_from(config.http.connections_max).unwrap_or(usize::MAX),
        header_timeout: Duration::from_millis(config.http.header_timeout_ms),
        write_timeout: Duration::from_millis(config.http.write_timeout_ms),
        drain_timeout: Duration::from_millis(config.http.drain_timeout_ms),
    }
}

fn seal_policy(config: &Config) -> SealPolicy {
    SealPolicy {
        rows_max: config.store.seal_rows_max,
        age_max_us: i64::try_from(config.store.seal_age_s)
            .unwrap_or(i64::MAX)
            .saturating_mul(1_000_000),
    }
}

/// Tells where the server is, and how to set it up when nobody has yet.
async fn greet(app: &App, origin: &str, as_json: bool) -> anyhow::Result<()> {
    let token = setup::issue_token(&app.catalog, app.now()).await?;
    let base = &app.http.base_url;
    let setup_url = token.map(|token| format!("{base}/setup?token={token}"));
    let mut out = std::io::stdout().lock();
    if as_json {
        let told = json!({ "listen": origin, "setup_url": setup_url });
        writeln!(out, "{told}")?;
        return Ok(out.flush()?);
    }
    writeln!(out, "Almanac listens on {origin}")?;
    if let Some(url) = setup_url {
        writeln!(
            out,
            "\nNobody owns this instance yet. Open this link once to set it up:"
        )?;
        writeln!(out, "\n    {url}\n")?;
    }
    out.flush()?;
    Ok(())
}

async fn stop_on_signal(stop: watch::Sender<bool>) {
    if let Err(error) = signal().await {
        tracing::error!(%error, "signals cannot be received; stop the process by force");
        return std::future::pending().await;
    }
    tracing::info!("stopping: open requests are finished first");
    stop.send_replace(true);
    // Kept until the server has stopped, so that the switch stays where it is.
    stop.closed().await;
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
