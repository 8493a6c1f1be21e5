//! `cargo xtask bench ingest [SECONDS]`: the release server under single events and batches, open
//! loop and as fast as answers come, with its processor time and memory; how soon events are
//! visible; and how soon it is ready after a kill. Every acknowledged event is on disk. Generators
//! share the machine, and what else runs there is told beside each figure.

mod machine;
mod server;
mod wrk;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::program;
use machine::Machine;
use server::{Sample, Server};

/// One load: what it is called, and what it sends.
struct Scenario {
    name: &'static str,
    /// Requests per second; 0: as many as answers come.
    rate: u32,
    /// Events in a request.
    batch: u32,
    connections: u32,
}

const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "single, 1,000 a second",
        rate: 1_000,
        batch: 1,
        connections: 16,
    },
    Scenario {
        name: "single, open loop",
        rate: 17_000,
        batch: 1,
        connections: 64,
    },
    Scenario {
        name: "single, closed loop",
        rate: 0,
        batch: 1,
        connections: 64,
    },
    Scenario {
        name: "1 M events/min, batches of 100",
        rate: 167,
        batch: 100,
        connections: 16,
    },
    Scenario {
        name: "batches of 100, closed loop",
        rate: 0,
        batch: 100,
        connections: 16,
    },
];
/// How long each load lasts unless told otherwise, seconds.
const SECONDS_DEFAULT: u32 = 10;
/// Events whose way to visibility is measured, beside a load of a million events a minute.
const PROBES: u32 = 50;
/// Unsealed events in the queue when the server is killed.
const UNSEALED: u64 = 1_000_000;
/// Longest that filling the queue for that may take, seconds.
const FILL_SECONDS_MAX: u32 = 120;
const DOMAIN: &str = "load.example";

pub(super) fn run(arguments: &[String]) -> Result<()> {
    let seconds = match arguments {
        [] => SECONDS_DEFAULT,
        [seconds] => seconds
            .parse()
            .context("the argument is how many seconds each load lasts")?,
        _ => bail!("`bench ingest` takes one argument, seconds, got {arguments:?}"),
    };
    program::build(&["almanac-server", "almanac-load"])?;
    let bench = Bench {
        data: std::env::temp_dir().join(format!("almanac-bench-{}", std::process::id())),
        seconds,
    };
    let result = bench.measure();
    std::fs::remove_dir_all(&bench.data)
        .with_context(|| format!("cannot remove {}", bench.data.display()))?;
    result
}

/// What all loads have in common.
struct Bench {
    data: PathBuf,
    seconds: u32,
}

impl Bench {
    fn measure(&self) -> Result<()> {
        let project = self.almanac(&["project", "add", "--name", "Load", "--host", DOMAIN])?;
        let id = project["project"]["id"].as_str().context("no project")?;
        let key = self.almanac(&["key", "add", "--project", id, "--scope", "stats"])?;
        let key = key["key"].as_str().context("no key")?.to_owned();
        println!("cores: {}; each load {} s", machine::cores(), self.seconds);
        println!(
            "| load | requests/s | events/s | p50 ms | p99 ms | p99.9 ms | not taken | \
             server cores | RSS MiB, largest | others, cores |"
        );
        println!("|---|---|---|---|---|---|---|---|---|---|");
        self.wrk()?;
        for scenario in SCENARIOS {
            self.load(scenario)?;
        }
        self.probe(&key)?;
        self.recover()
    }

    /// Runs a command of the program, for its answer.
    fn almanac(&self, arguments: &[&str]) -> Result<Value> {
        let output = Command::new(program::path("almanac"))
            .args(arguments)
            .arg("--json")
            .env("ALMANAC_DATA_DIR", &self.data)
            .stderr(Stdio::inherit())
            .output()?;
        ensure!(output.status.success(), "almanac {arguments:?} failed");
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn wrk(&self) -> Result<()> {
        if !wrk::is_installed() {
            println!("| wrk is not installed |");
            return Ok(());
        }
        let (found, sample) =
            self.beside_server(|server| wrk::run(&server.address, self.seconds))?;
        let ms = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), |ms| format!("{ms:.2}"));
        println!(
            "| single, wrk -c64 | {rate:.0} | {rate:.0} | {} | {} | | {} | {sample} |",
            ms(found.p50_ms),
            ms(found.p99_ms),
            found.not_taken,
            rate = found.requests_s,
        );
        Ok(())
    }

    fn load(&self, scenario: &Scenario) -> Result<()> {
        let (report, sample) =
            self.beside_server(|server| generate(&server.address, scenario, self.seconds))?;
        let number = |name: &str| report[name].as_f64().unwrap_or(f64::NAN);
        let ms = |name: &str| report["ms"][name].as_f64().unwrap_or(f64::NAN);
        println!(
            "| {} | {} | {} | {:.2} | {:.2} | {:.2} | {} | {sample} |",
            scenario.name,
            number("requests_s"),
            number("events_s"),
            ms("p50"),
            ms("p99"),
            ms("p999"),
            number("shed") + number("other") + number("broken"),
        );
        Ok(())
    }

    /// Runs something against a server of its own and samples both meanwhile.
    fn beside_server<T>(&self, work: impl FnOnce(&Server) -> Result<T>) -> Result<(T, Sample)> {
        let server = Server::start(&self.data, &[])?;
        let machine = Machine::now()?;
        let sampling = server.sample()?;
        let done = work(&server)?;
        let sample = sampling.finish(&machine)?;
        server.stop()?;
        Ok((done, sample))
    }

    fn probe(&self, key: &str) -> Result<()> {
        let server = Server::start(&self.data, &[])?;
        let [.., million, _] = SCENARIOS else {
            bail!("there is no load of a million events a minute");
        };
        let (address, seconds) = (server.address.clone(), self.seconds.max(20));
        let load = std::thread::spawn(move || generate(&address, million, seconds));
        let probes = PROBES.to_string();
        let report = almanac_load(&server.address, &["--probes", &probes, "--key", key])?;
        let ms = |name: &str| report["ms"][name].as_f64().unwrap_or(f64::NAN);
        println!(
            "\nvisible after the acknowledgement, {PROBES} probes beside 1 M events/min: \
             p50 {:.0} ms, p99 {:.0} ms, largest {} ms",
            ms("p50"),
            ms("p99"),
            ms("max"),
        );
        if load.join().is_err() {
            bail!("the load beside the probes failed");
        }
        server.stop()
    }

    fn recover(&self) -> Result<()> {
        let data = self.data.join("recovery");
        let never = [
            ("ALMANAC_STORE_SEAL_ROWS_MAX", "10000000"),
            ("ALMANAC_STORE_SEAL_AGE_S", "86400"),
        ];
        let inner = Self {
            data,
            seconds: self.seconds,
        };
        inner.almanac(&["project", "add", "--name", "Load", "--host", DOMAIN])?;
        let server = Server::start(&inner.data, &never)?;
        fill(&server)?;
        let unsealed = server.metric("almanac_store_hot_rows")?;
        server.kill()?;
        let mut ready_ms = Vec::new();
        for _ in 0..3 {
            let again = Server::start(&inner.data, &never)?;
            ready_ms.push(again.ready_after.as_millis());
            again.kill()?;
        }
        let before = machine::load_average()?;
        println!(
            "ready after kill -9 with {unsealed} unsealed events: {ready_ms:?} ms \
             (load average {before})"
        );
        Ok(())
    }
}

/// Sends until there are enough unsealed events.
fn fill(server: &Server) -> Result<()> {
    let fill = Scenario {
        name: "fill",
        rate: 0,
        batch: 100,
        connections: 16,
    };
    let mut spent_s = 0;
    while server.metric("almanac_store_hot_rows")? < UNSEALED as f64 {
        ensure!(
            spent_s < FILL_SECONDS_MAX,
            "no {UNSEALED} events within {FILL_SECONDS_MAX} s"
        );
        generate(&server.address, &fill, 2)?;
        spent_s += 2;
    }
    Ok(())
}

fn generate(address: &str, scenario: &Scenario, seconds: u32) -> Result<Value> {
    let number = |number: u32| number.to_string();
    almanac_load(
        address,
        &[
            "--seconds",
            &number(seconds),
            "--rate",
            &number(scenario.rate),
            "--batch",
            &number(scenario.batch),
            "--connections",
            &number(scenario.connections),
        ],
    )
}

fn almanac_load(address: &str, arguments: &[&str]) -> Result<Value> {
    let output = Command::new(program::path("almanac-load"))
        .args(["--address", address, "--domain", DOMAIN])
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the load generator failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A script of a peer generator, beside this file.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/bench/ingest")
        .join(name)
}
