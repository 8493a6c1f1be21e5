//! An open-loop load generator for collection: requests leave by a schedule, whether answers come
//! or not, and a latency counts from the moment the request should have left. It sends to this
//! machine only, for a bounded time, and knows nothing of the server but its address.

mod connection;
mod histogram;
mod probe;
mod report;
mod schedule;
mod wire;

use std::net::SocketAddr;
use std::time::Duration;

use clap::Parser;

/// Send events at a fixed rate and report latencies as JSON.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Settings {
    /// Address of the server; a loopback one
    #[arg(long)]
    address: SocketAddr,
    /// Domain of the project that the events are for
    #[arg(long)]
    domain: String,
    /// Requests per second; 0: as fast as answers come
    #[arg(long, default_value_t = 1_000)]
    rate: u32,
    /// How long to send, seconds
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Connections, kept alive
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// Events in one request; 1: single events
    #[arg(long, default_value_t = 1)]
    batch: u32,
    /// Instead of load: so many events, one at a time, and how long until each is in an answer
    #[arg(long, default_value_t = 0, requires = "key")]
    probes: u32,
    /// Stats key of the project, for probes
    #[arg(long)]
    key: Option<String>,
}

/// The longest run, seconds.
const SECONDS_MAX: u32 = 3_600;
/// Answers that are still out when the schedule ends are waited for this long.
const DRAIN: Duration = Duration::from_secs(10);

fn main() -> anyhow::Result<()> {
    let settings = Settings::parse();
    anyhow::ensure!(
        settings.address.ip().is_loopback(),
        "{} is not an address of this machine; load is sent to loopback only",
        settings.address
    );
    anyhow::ensure!(
        settings.seconds <= SECONDS_MAX,
        "at most {SECONDS_MAX} seconds"
    );
    anyhow::ensure!(
        settings.connections > 0 && settings.batch > 0,
        "nothing would be sent"
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut out = std::io::stdout().lock();
    if let Some(key) = settings.key.as_deref().filter(|_| settings.probes > 0) {
        let visible = runtime.block_on(probe::run(&settings, key))?;
        return report::print_probes(&settings, &visible, &mut out);
    }
    let outcome = runtime.block_on(run(&settings))?;
    report::print(&settings, &outcome, &mut out)
}

async fn run(settings: &Settings) -> anyhow::Result<connection::Outcome> {
    let schedule = schedule::Schedule::start(settings);
    let mut workers = tokio::task::JoinSet::new();
    for number in 0..settings.connections {
        workers.spawn(connection::run(settings.clone(), schedule.clone(), number));
    }
    let mut sum = connection::Outcome::default();
    while let Some(outcome) = workers.join_next().await {
        sum.add(outcome??);
    }
    Ok(sum)
}
