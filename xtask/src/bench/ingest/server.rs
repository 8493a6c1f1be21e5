//! The server under load: started, watched, stopped or killed. Its memory is looked at ten times a
//! second, because a peak between two ends would not be seen at either.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::machine::{self, Machine};
use super::program;

const READY_WITHIN: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// Pause between two looks at the memory.
const SAMPLE: Duration = Duration::from_millis(100);

/// A running server.
pub(super) struct Server {
    child: Child,
    pub(super) address: String,
    /// From its start until it said that it was ready.
    pub(super) ready_after: Duration,
}

impl Server {
    pub(super) fn start(data: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let started = Instant::now();
        let mut child = Command::new(program::path("almanac"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log-level", "warn"])
            .env("ALMANAC_DATA_DIR", data)
            .env("ALMANAC_RATE_LIMIT", "off")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("the server has no output")?;
        let mut lines = BufReader::new(out).lines();
        let first = lines.next().context("the server said nothing")??;
        let address = first.rsplit_once("http://").context("no address")?.1;
        let mut server = Self {
            child,
            address: address.trim().to_owned(),
            ready_after: Duration::ZERO,
        };
        while !server.is_ready() {
            if started.elapsed() > READY_WITHIN {
                bail!("the server was not ready within {READY_WITHIN:?}");
            }
            std::thread::park_timeout(LOOK_AGAIN);
        }
        server.ready_after = started.elapsed();
        Ok(server)
    }

    fn is_ready(&self) -> bool {
        self.get("/readyz")
            .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    fn get(&self, path: &str) -> Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        let host = &self.address;
        let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// The value of a metric without labels. Gauges follow within a second.
    pub(super) fn metric(&self, name: &str) -> Result<f64> {
        std::thread::park_timeout(Duration::from_millis(1_100));
        let answer = self.get("/metrics")?;
        let line = answer
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.map_or(0.0, |value| value.trim().parse().unwrap_or(0.0)))
    }

    /// Begins to watch it.
    pub(super) fn sample(&self) -> Result<Sampling> {
        let pid = self.child.id();
        let (stop, rss_kib) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let (stopped, largest) = (Arc::clone(&stop), Arc::clone(&rss_kib));
        let watching = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                largest.fetch_max(resident_kib(pid).unwrap_or(0), Ordering::Relaxed);
                std::thread::park_timeout(SAMPLE);
            }
        });
        Ok(Sampling {
            pid,
            stop,
            rss_kib,
            watching,
            started: Instant::now(),
            server_s: machine::own_s(pid)?,
            children_s: machine::children_s()?,
        })
    }

    pub(super) fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").arg(&pid).status()?;
        ensure!(sent.success(), "cannot stop {pid}");
        ensure!(
            self.child.wait()?.success(),
            "the server did not stop cleanly"
        );
        Ok(())
    }

    pub(super) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

fn resident_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A server that is watched.
pub(super) struct Sampling {
    pid: u32,
    stop: Arc<AtomicBool>,
    rss_kib: Arc<AtomicU64>,
    watching: JoinHandle<()>,
    started: Instant,
    server_s: f64,
    children_s: f64,
}

/// What the server took, and what everybody else but the generator did.
pub(super) struct Sample {
    server_cores: f64,
    rss_mib: u64,
    other_cores: f64,
}

impl Sampling {
    /// Ends it; the generator must have ended before.
    pub(super) fn finish(self, machine: &Machine) -> Result<Sample> {
        let seconds = self.started.elapsed().as_secs_f64();
        let server_s = machine::own_s(self.pid)? - self.server_s;
        let generator_s = machine::children_s()? - self.children_s;
        let busy_s = machine.busy_since()?;
        self.stop.store(true, Ordering::Relaxed);
        ensure!(self.watching.join().is_ok(), "watching the memory failed");
        Ok(Sample {
            server_cores: server_s / seconds,
            rss_mib: self.rss_kib.load(Ordering::Relaxed) / 1_024,
            other_cores: ((busy_s - server_s - generator_s) / seconds).max(0.0),
        })
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            server_cores,
            rss_mib,
            other_cores,
        } = self;
        write!(
            formatter,
            "{server_cores:.2} | {rss_mib} | {other_cores:.2}"
        )
    }
}
