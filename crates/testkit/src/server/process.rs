//! The process of a test server: how it is started, found on the network, signalled and ended.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{PATIENCE, Setup};
use crate::Random;
use crate::wait::until;

/// Exit code of a server whose port is taken.
const PORT_TAKEN: i32 = 10;
/// Ports to choose from. They lie below those that systems give to outgoing connections, so that
/// no client ever sits on the port of a server that is down.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// Longest that one attempt to connect to a starting server may take.
const CONNECT: Duration = Duration::from_secs(1);

/// A child that is killed rather than left behind.
#[derive(Debug)]
pub(super) struct Process(Child);

impl Process {
    /// Starts the server on some free port.
    pub(super) fn on_free_port(setup: &Setup, folder: &Path) -> (Self, SocketAddr) {
        fs::create_dir_all(data_dir(folder)).expect("the data directory can be made");
        let start = || {
            let address = free_address();
            Self::start(setup, folder, address).map(|process| (process, address))
        };
        until("the server listens on a free port", PATIENCE, start).0
    }

    /// Starts the server on that port, again if the one before has not quite left it.
    pub(super) fn on_port(setup: &Setup, folder: &Path, address: SocketAddr) -> Self {
        let start = || Self::start(setup, folder, address);
        until("the server listens on its port again", PATIENCE, start).0
    }

    /// Starts the server and waits for nothing.
    pub(super) fn spawn(setup: &Setup, folder: &Path, address: SocketAddr) -> Self {
        let child = command(setup, folder)
            .arg("serve")
            .env("ALMANAC_LISTEN", address.to_string())
            .stdin(Stdio::null())
            .stdout(appended(&folder.join("out.txt")))
            .stderr(appended(&folder.join("log.txt")))
            .spawn()
            .expect("the program starts");
        Self(child)
    }

    /// One attempt; nothing when the port is taken.
    fn start(setup: &Setup, folder: &Path, address: SocketAddr) -> Option<Self> {
        let mut process = Self::spawn(setup, folder, address);
        let answers = || {
            if let Some(status) = process.ended() {
                let said = said(folder);
                assert_eq!(status.code(), Some(PORT_TAKEN), "{status}:\n{said}");
                return Some(false);
            }
            TcpStream::connect_timeout(&address, CONNECT)
                .is_ok()
                .then_some(true)
        };
        let listens = until("the server listens", PATIENCE, answers).0;
        listens.then_some(process)
    }

    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Asks it to stop.
    pub(super) fn terminate(&self) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.is_ok_and(|sent| sent.success()), "no signal to {pid}");
    }

    /// How it ended, once it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().expect("the server can be waited for")
    }

    /// Kills it, and waits until the system has taken back what it held.
    pub(super) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself in between; waiting tells either way.
        self.0.kill().ok();
        self.0.wait().expect("the server can be waited for");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// The program, told where its data is and nothing else of this machine.
pub(super) fn command(setup: &Setup, folder: &Path) -> Command {
    let mut command = Command::new(&setup.binary);
    command
        .env_clear()
        .current_dir(folder)
        .env("ALMANAC_DATA_DIR", data_dir(folder))
        .envs(setup.settings.iter().map(|(name, value)| (name, value)));
    command
}

pub(super) fn data_dir(folder: &Path) -> PathBuf {
    folder.join("data")
}

pub(super) fn said(folder: &Path) -> String {
    let read = |name| fs::read(folder.join(name)).unwrap_or_default();
    let both = [read("out.txt"), read("log.txt")].concat();
    String::from_utf8_lossy(&both).into_owned()
}

pub(super) fn resident_bytes(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// The headers of a browser at an address, one of many.
pub fn browser(number: u64) -> [(&'static str, String); 2] {
    let [.., high, low] = number.to_be_bytes();
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    [
        ("user-agent", agent.to_owned()),
        ("x-forwarded-for", format!("198.18.{high}.{low}")),
    ]
}

fn appended(path: &Path) -> File {
    let mut options = File::options();
    let file = options.create(true).append(true).open(path);
    file.expect("the log of the server can be written")
}

/// A loopback address at which nobody listens.
pub fn free_address() -> SocketAddr {
    static TRIES: AtomicU64 = AtomicU64::new(0);
    let seed = u64::from(std::process::id()) << 32 | TRIES.fetch_add(1, Ordering::Relaxed);
    let mut random = Random::new(seed);
    let free = || {
        let offset = u16::try_from(random.below(PORTS.len())).unwrap_or_default();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, PORTS.start + offset));
        TcpListener::bind(address).is_ok().then_some(address)
    };
    until("a port is free", PATIENCE, free).0
}
