//! `cargo xtask bench ingest`: the release server under an open-loop load of single events and of
//! batches, with its processor time and memory. Every acknowledged event is on disk. The generator
//! shares the machine, as a proxy would.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// Requests per second (0: as many as go), events in a request, connections.
const SCENARIOS: &[(u32, u32, u32)] = &[
    (1_000, 1, 64),
    (17_000, 1, 64),
    (0, 1, 64),
    (167, 100, 16),
    (0, 100, 16),
];
/// How long each scenario runs unless told otherwise, seconds.
const SECONDS_DEFAULT: &str = "10";
const READY_WITHIN: Duration = Duration::from_secs(30);
/// The kernel counts processor time in these parts of a second.
const TICKS_PER_SECOND: f64 = 100.0;

pub(super) fn run(arguments: &[String]) -> Result<()> {
    let seconds = arguments.first().map_or(SECONDS_DEFAULT, String::as_str);
    seconds
        .parse::<u32>()
        .context("the argument is how many seconds each scenario runs")?;
    build()?;
    let data = std::env::temp_dir().join(format!("almanac-bench-{}", std::process::id()));
    let result = measure(&data, seconds);
    fs::remove_dir_all(&data).with_context(|| format!("cannot remove {}", data.display()))?;
    result
}

fn build() -> Result<()> {
    let status = Command::new("cargo")
        .args([
            "build",
            "--release",
            "-p",
            "almanac-server",
            "-p",
            "almanac-load",
        ])
        .status()?;
    ensure!(status.success(), "the release build failed");
    Ok(())
}

fn measure(data: &Path, seconds: &str) -> Result<()> {
    let almanac = |arguments: &[&str]| -> Result<()> {
        let status = Command::new("target/release/almanac")
            .args(arguments)
            .env("ALMANAC_DATA_DIR", data)
            .stdout(Stdio::null())
            .status()?;
        ensure!(status.success(), "almanac {arguments:?} failed");
        Ok(())
    };
    almanac(&["project", "add", "--name", "Load", "--host", "load.example"])?;
    println!("rate/s  batch  events/s  p50 ms  p99 ms  p99.9 ms  shed  cores  RSS MiB");
    for scenario in SCENARIOS {
        let server = Server::start(data)?;
        let before = server.cpu_seconds()?;
        let report = load(&server.address, *scenario, seconds)?;
        let cores = (server.cpu_seconds()? - before) / number(&report, &["seconds"])?;
        print_row(&report, cores, server.rss_mib()?)?;
        server.stop()?;
    }
    Ok(())
}

/// A running server.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(data: &Path) -> Result<Self> {
        let mut child = Command::new("target/release/almanac")
            .args(["serve", "--listen", "127.0.0.1:0", "--log-level", "warn"])
            .env("ALMANAC_DATA_DIR", data)
            .env("ALMANAC_RATE_LIMIT", "off")
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("the server has no output")?;
        let mut lines = BufReader::new(out).lines();
        let first = lines.next().context("the server said nothing")??;
        let address = first
            .rsplit_once("http://")
            .context("no address")?
            .1
            .trim()
            .to_owned();
        let server = Self { child, address };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&self) -> Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        while Instant::now() < deadline {
            let answer = Command::new("curl")
                .args([
                    "-sf",
                    "-o",
                    "/dev/null",
                    &format!("http://{}/readyz", self.address),
                ])
                .status()?;
            if answer.success() {
                return Ok(());
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        bail!(
            "the server was not ready within {} s",
            READY_WITHIN.as_secs()
        )
    }

    /// Processor time of the process so far, from `/proc/PID/stat` (fields 14 and 15).
    fn cpu_seconds(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after_name = stat.rsplit_once(')').context("an odd /proc/PID/stat")?.1;
        let field = |index: usize| -> Result<f64> {
            let text = after_name
                .split_whitespace()
                .nth(index)
                .context("a short /proc/PID/stat")?;
            Ok(text.parse()?)
        };
        Ok((field(11)? + field(12)?) / TICKS_PER_SECOND)
    }

    fn rss_mib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .context("no VmHWM")?;
        let kib: u64 = line
            .split_whitespace()
            .nth(1)
            .context("an odd VmHWM")?
            .parse()?;
        Ok(kib / 1024)
    }

    fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        ensure!(
            Command::new("kill").arg(&pid).status()?.success(),
            "cannot stop {pid}"
        );
        ensure!(
            self.child.wait()?.success(),
            "the server did not stop cleanly"
        );
        Ok(())
    }
}

fn load(address: &str, scenario: (u32, u32, u32), seconds: &str) -> Result<serde_json::Value> {
    let (rate, batch, connections) = scenario;
    let output = Command::new("target/release/almanac-load")
        .args([
            "--address",
            address,
            "--domain",
            "load.example",
            "--seconds",
            seconds,
        ])
        .args(["--rate", &rate.to_string(), "--batch", &batch.to_string()])
        .args(["--connections", &connections.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the load generator failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn number(report: &serde_json::Value, path: &[&str]) -> Result<f64> {
    let found = path.iter().fold(report, |value, key| &value[*key]);
    found
        .as_f64()
        .with_context(|| format!("the report has no {}", path.join(".")))
}

fn print_row(report: &serde_json::Value, cores: f64, rss_mib: u64) -> Result<()> {
    println!(
        "{:>6}  {:>5}  {:>8}  {:>6.2}  {:>6.2}  {:>8.2}  {:>4}  {cores:>5.2}  {rss_mib:>7}",
        number(report, &["rate"])?,
        number(report, &["batch"])?,
        number(report, &["events_s"])?,
        number(report, &["ms", "p50"])?,
        number(report, &["ms", "p99"])?,
        number(report, &["ms", "p999"])?,
        number(report, &["shed"])? + number(report, &["other"])? + number(report, &["broken"])?,
    );
    Ok(())
}
