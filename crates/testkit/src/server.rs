//! A running `almanac` of a test's own: the real program on a free loopback port, over a temporary
//! directory, driven through its public interfaces only. Dropping it stops it, and asserts that
//! nothing waits in the queue and that the books balance.

mod answers;
mod process;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

pub use answers::{Accounts, Project, session_cookie};
pub use process::{browser, free_address};

use crate::http::{Connection, Reply, Request, TIMEOUT};
use crate::wait::until;
use process::Process;

/// How long a server may take to become ready or to stop before its test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Setup {
    binary: PathBuf,
    settings: Vec<(String, String)>,
    parent: Option<PathBuf>,
}

impl Setup {
    /// The defaults of the program at that path, without limits on how often one may ask: tests
    /// look again until something holds.
    pub fn new(binary: impl AsRef<Path>) -> Self {
        Self {
            binary: binary.as_ref().to_owned(),
            settings: vec![("ALMANAC_RATE_LIMIT".to_owned(), "off".to_owned())],
            parent: None,
        }
    }

    /// The same with a setting, by the name of its variable.
    #[must_use]
    pub fn with(mut self, variable: &str, value: impl ToString) -> Self {
        self.settings.push((variable.to_owned(), value.to_string()));
        self
    }

    /// The same with its data in a new folder of that one, for instance on a small file system.
    #[must_use]
    pub fn inside(mut self, parent: impl AsRef<Path>) -> Self {
        self.parent = Some(parent.as_ref().to_owned());
        self
    }

    /// Starts it.
    pub fn start(self) -> TestServer {
        TestServer::start(self)
    }
}

/// A server, running or not, and its directory.
#[derive(Debug)]
pub struct TestServer {
    setup: Setup,
    folder: TempDir,
    address: SocketAddr,
    process: Option<Process>,
    projects: Vec<Project>,
    /// Whether the process is not the first one.
    restarted: bool,
    cookie: OnceLock<String>,
}

impl TestServer {
    /// Starts the program on an empty directory and waits until it is ready.
    pub fn start(setup: Setup) -> Self {
        let folder = match &setup.parent {
            Some(parent) => TempDir::with_prefix_in("almanac-", parent),
            None => TempDir::with_prefix("almanac-"),
        };
        let folder = folder.expect("a temporary folder can be made");
        let (process, address) = Process::on_free_port(&setup, folder.path());
        let mut server = Self {
            setup,
            folder,
            address,
            process: Some(process),
            projects: Vec::new(),
            restarted: false,
            cookie: OnceLock::new(),
        };
        server.await_ready();
        server
    }

    /// Where it listens; the same after a restart.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its data directory.
    pub fn data_dir(&self) -> PathBuf {
        process::data_dir(self.folder.path())
    }

    /// What it has written to its standard output and its log, since the first start.
    pub fn said(&self) -> String {
        process::said(self.folder.path())
    }

    /// The process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Resident memory, bytes; nothing where the system does not tell.
    pub fn resident_bytes(&self) -> Option<u64> {
        process::resident_bytes(self.pid()?)
    }

    /// Sends one request over a connection of its own.
    pub fn call(&self, request: &Request) -> Reply {
        self.try_call(request).expect("the server answers")
    }

    /// The same when the server may be down.
    ///
    /// # Errors
    /// What the socket says.
    pub fn try_call(&self, request: &Request) -> std::io::Result<Reply> {
        Connection::open(self.address, TIMEOUT)?.send(request)
    }

    /// Waits for `/readyz`, and tells how long that took.
    pub fn await_ready(&mut self) -> Duration {
        let ready = || {
            let ended = self.process.as_mut().and_then(Process::ended);
            assert!(ended.is_none(), "ended with {ended:?}:\n{}", self.said());
            let reply = self.try_call(&Request::get("/readyz")).ok()?;
            (reply.status == 200).then_some(())
        };
        until("the server is ready", PATIENCE, ready).1
    }

    /// Runs a command of the program on the same directory.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// A command of the program on the same directory, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = process::command(&self.setup, self.folder.path());
        command.args(arguments);
        command
    }

    /// Runs a command with `--json` and gives what it answers.
    pub fn run_json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        let failure = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {failure}");
        serde_json::from_slice(&output.stdout).expect("the command answers JSON")
    }

    /// Asks it to stop, as a supervisor does, and waits until it has. Fails the test when it does
    /// not end well.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.terminate();
            let status = until("the server stops", PATIENCE, || process.ended()).0;
            assert!(status.success(), "ended with {status}:\n{}", self.said());
        }
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.as_mut()?.ended()
    }

    /// Kills it in the middle of whatever it does.
    pub fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }

    /// Starts it again on the same directory and address and waits for nothing, because it may
    /// well end before it is ready.
    pub fn restart_unwatched(&mut self) {
        assert!(self.process.is_none(), "stop it before starting it again");
        self.restarted = true;
        let folder = self.folder.path();
        self.process = Some(Process::spawn(&self.setup, folder, self.address));
    }

    /// Starts it again on the same directory and address, and tells how long it took to be ready.
    pub fn restart(&mut self) -> Duration {
        assert!(self.process.is_none(), "stop it before starting it again");
        let started = std::time::Instant::now();
        self.restarted = true;
        self.process = Some(Process::on_port(
            &self.setup,
            self.folder.path(),
            self.address,
        ));
        self.await_ready();
        started.elapsed()
    }
}

/// Lines of the log that a failed test shows.
const LAST_LINES: usize = 30;

impl Drop for TestServer {
    #[expect(clippy::print_stderr, reason = "a failed test shows what led to it")]
    fn drop(&mut self) {
        // A test that has failed already should tell why, and not what follows from it.
        if std::thread::panicking() {
            let said = self.said();
            let lines: Vec<&str> = said.lines().rev().take(LAST_LINES).collect();
            for line in lines.into_iter().rev() {
                eprintln!("almanac: {line}");
            }
            if let Some(process) = self.process.take() {
                process.kill();
            }
            return;
        }
        if self.process.is_some() {
            self.assert_balanced();
        }
        self.stop();
    }
}
