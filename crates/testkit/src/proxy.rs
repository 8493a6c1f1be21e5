//! A TCP proxy that breaks connections on purpose. It understands no HTTP: a fault is something
//! that happens to bytes, at a point that the test chooses.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::Random;
use crate::wait::pause;

/// Bytes moved at once.
const BUFFER_BYTES: usize = 64 * 1024;

/// What happens to what passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Of the answers, so many hundredths are lost: the server has sent them, the connection ends.
    LoseAnswers(usize),
    /// Connections end in both directions after so many bytes towards the server.
    CutAfter(u64),
    /// Bytes towards the server vanish while the connection stays.
    Blackhole,
    /// The client's side is closed towards the server once it has sent something; answers pass.
    HalfClose,
    /// Every piece waits so long, in both directions.
    Delay(Duration),
}

/// A proxy in front of one address. Dropping it closes its port and all its connections.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    upstream: SocketAddr,
    fault: Mutex<Fault>,
    random: Mutex<Random>,
    faults: AtomicU64,
    stop: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl FaultProxy {
    /// A proxy without faults; the seed decides which answers get lost later.
    pub fn start(upstream: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared {
            upstream,
            fault: Mutex::new(Fault::None),
            random: Mutex::new(Random::new(seed)),
            faults: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            open: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        let acceptor = std::thread::spawn(move || accept(&listener, &accepting));
        Self {
            address,
            shared,
            acceptor: Some(acceptor),
        }
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets what happens from now on, to open connections too.
    pub fn set(&self, fault: Fault) {
        *lock(&self.shared.fault) = fault;
    }

    /// How often a fault has struck.
    pub fn faults(&self) -> u64 {
        self.shared.faults.load(Ordering::Relaxed)
    }

    /// Cuts every open connection at once.
    pub fn cut(&self) {
        for stream in lock(&self.shared.open).drain(..) {
            self.shared.faults.fetch_add(1, Ordering::Relaxed);
            end(&stream);
        }
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes the acceptor, which then sees that it should end.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            acceptor.join().ok();
        }
        self.cut();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for client in listener.incoming() {
        if shared.stop.load(Ordering::Relaxed) {
            return;
        }
        // A client that cannot be served sees its connection end, as with any broken network.
        if let Ok(client) = client {
            connect(client, shared).ok();
        }
    }
}

fn connect(client: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    let server = TcpStream::connect(shared.upstream)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    lock(&shared.open).extend([client.try_clone()?, server.try_clone()?]);
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    let requests = Arc::clone(shared);
    std::thread::spawn(move || pass(from, to, |piece| requests.towards_server(piece)));
    let answers = Arc::clone(shared);
    std::thread::spawn(move || pass(server, client, |piece| answers.towards_client(piece)));
    Ok(())
}

impl Shared {
    fn towards_server(&self, piece: Piece) -> Fate {
        match *lock(&self.fault) {
            Fault::None | Fault::LoseAnswers(_) => Fate::Pass,
            Fault::CutAfter(bytes) if piece.passed + piece.bytes as u64 >= bytes => {
                self.struck();
                Fate::PassThenCut(usize::try_from(bytes.saturating_sub(piece.passed)).unwrap_or(0))
            }
            Fault::CutAfter(_) => Fate::Pass,
            Fault::Blackhole => {
                self.struck();
                Fate::Swallow
            }
            Fault::HalfClose => {
                self.struck();
                Fate::PassThenClose
            }
            Fault::Delay(length) => Fate::PassAfter(length),
        }
    }

    fn towards_client(&self, _: Piece) -> Fate {
        match *lock(&self.fault) {
            Fault::LoseAnswers(percent) if lock(&self.random).below(100) < percent => {
                self.struck();
                Fate::PassThenCut(0)
            }
            Fault::Delay(length) => Fate::PassAfter(length),
            _ => Fate::Pass,
        }
    }

    fn struck(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }
}

/// Some bytes on their way, and how many went before them.
#[derive(Debug, Clone, Copy)]
struct Piece {
    passed: u64,
    bytes: usize,
}

/// What happens to a piece.
enum Fate {
    Pass,
    PassAfter(Duration),
    PassThenCut(usize),
    PassThenClose,
    Swallow,
}

/// Moves bytes until one side ends or a fault ends both.
fn pass(mut from: TcpStream, mut to: TcpStream, judge: impl Fn(Piece) -> Fate) {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut passed = 0;
    while let Ok(bytes) = from.read(&mut buffer) {
        let piece = &buffer[..bytes];
        if piece.is_empty() {
            // The other direction goes on: ending one is no fault.
            to.shutdown(Shutdown::Write).ok();
            return;
        }
        let written = match judge(Piece { passed, bytes }) {
            Fate::Pass => to.write_all(piece),
            Fate::PassAfter(length) => {
                pause(length);
                to.write_all(piece)
            }
            Fate::PassThenCut(part) => {
                to.write_all(&piece[..part.min(bytes)]).ok();
                break;
            }
            Fate::PassThenClose => {
                to.write_all(piece).ok();
                to.shutdown(Shutdown::Write).ok();
                return;
            }
            Fate::Swallow => Ok(()),
        };
        passed += bytes as u64;
        if written.is_err() {
            break;
        }
    }
    end(&from);
    end(&to);
}

/// Ends a connection; one that has ended already needs nothing.
fn end(stream: &TcpStream) {
    stream.shutdown(Shutdown::Both).ok();
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
