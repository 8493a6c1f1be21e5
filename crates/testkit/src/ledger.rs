//! Keeps, outside the server, what the server has acknowledged: numbered events with ids of their
//! own, sent by many connections at once, again under the same id until they are acknowledged.
//! Afterwards the store must hold each acknowledged number once and nothing else.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::{Connection, Reply, Request};
use crate::server::{Project, TestServer, browser};
use crate::wait::pause;

/// Longest that a client waits for an answer before it sends again.
const ANSWER: Duration = Duration::from_secs(10);
/// Pause before a client sends again what was not acknowledged.
const RETRY: Duration = Duration::from_millis(10);

/// What to send, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where to.
    pub address: SocketAddr,
    /// The host of the project.
    pub host: String,
    /// Clients that send at the same time, each over a connection that it keeps.
    pub clients: u64,
    /// Events in one request; one is sent as an object, several as an array.
    pub batch: u64,
    /// Events to send; without, until the load is finished.
    pub events: Option<u64>,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Acknowledged events: they are numbered from 0 and none is left out.
    pub acknowledged: u64,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Attempts that ended without an answer, by the kind of error.
    pub errors: BTreeMap<String, u64>,
    /// Time from sending a request to its acknowledgement, retries left out, microseconds, sorted.
    pub latencies_us: Vec<u64>,
    /// How long the load lasted.
    pub lasted: Duration,
}

/// Clients at work.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<()>>,
    started: Instant,
}

#[derive(Debug)]
struct Shared {
    plan: Plan,
    next: AtomicU64,
    acknowledged: AtomicU64,
    stop: AtomicBool,
    ledger: Mutex<Ledger>,
}

impl Load {
    /// Starts the clients.
    pub fn start(plan: Plan) -> Self {
        let shared = Arc::new(Shared {
            plan,
            next: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            ledger: Mutex::default(),
        });
        let client = |_| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.client())
        };
        Self {
            clients: (0..shared.plan.clients).map(client).collect(),
            shared: Arc::clone(&shared),
            started: Instant::now(),
        }
    }

    /// Events acknowledged up to now.
    pub fn acknowledged(&self) -> u64 {
        self.shared.acknowledged.load(Ordering::Relaxed)
    }

    /// Lets every client get its last request acknowledged, for which the server must be up, and
    /// gives the ledger.
    pub fn finish(self) -> Ledger {
        if self.shared.plan.events.is_none() {
            self.shared.stop.store(true, Ordering::Relaxed);
        }
        for client in self.clients {
            client.join().expect("no client fails");
        }
        let mut ledger = self
            .shared
            .ledger
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        ledger.acknowledged = self.shared.acknowledged.load(Ordering::Relaxed);
        ledger.lasted = self.started.elapsed();
        ledger.latencies_us.sort_unstable();
        std::mem::take(&mut ledger)
    }
}

impl Shared {
    fn client(&self) {
        let mut connection = None;
        let mut own = Ledger::default();
        while !self.stop.load(Ordering::Relaxed) {
            let first = self.next.fetch_add(self.plan.batch, Ordering::Relaxed);
            let end = first + self.plan.batch;
            let end = self.plan.events.map_or(end, |events| end.min(events));
            if first >= end {
                break;
            }
            self.deliver(first, end, &mut connection, &mut own);
            self.acknowledged.fetch_add(end - first, Ordering::Relaxed);
        }
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.absorb(own);
    }

    /// Sends a batch until it is acknowledged.
    fn deliver(&self, first: u64, end: u64, connection: &mut Option<Connection>, own: &mut Ledger) {
        let request = request(&self.plan, first, end);
        loop {
            let sent = Instant::now();
            match attempt(self.plan.address, connection, &request) {
                Ok(reply) => {
                    *own.statuses.entry(reply.status).or_default() += 1;
                    if matches!(reply.status, 200 | 202) {
                        assert_whole(&reply, end - first);
                        own.latencies_us.push(sent.elapsed().as_micros() as u64);
                        return;
                    }
                    let again = matches!(reply.status, 429 | 503);
                    assert!(again, "{} {}", reply.status, reply.text());
                }
                Err(error) => {
                    *own.errors.entry(error.kind().to_string()).or_default() += 1;
                }
            }
            pause(RETRY);
        }
    }
}

impl Ledger {
    /// Asserts that the store holds every acknowledged event once and nothing else.
    pub fn assert_stored_once(&self, server: &TestServer, project: &Project) {
        server.await_drained(project);
        let stored = server.events_by_page(project);
        let mut lost: Vec<u64> = Vec::new();
        let mut repeated: Vec<(u64, u64)> = Vec::new();
        for number in 0..self.acknowledged {
            match stored.get(&page(number)) {
                None => lost.push(number),
                Some(1) => {}
                Some(times) => repeated.push((number, *times)),
            }
        }
        let (lost_count, repeated_count) = (lost.len(), repeated.len());
        lost.truncate(10);
        repeated.truncate(10);
        assert!(
            lost_count + repeated_count == 0,
            "of {} acknowledged events {lost_count} are lost (first {lost:?}) and \
             {repeated_count} are stored more than once (first {repeated:?})",
            self.acknowledged
        );
        let strangers = stored.len() as u64 - self.acknowledged;
        assert_eq!(strangers, 0, "pages that nobody sent");
    }

    /// The latency that so many hundredths of the acknowledged requests kept.
    pub fn latency(&self, percent: usize) -> Duration {
        let at = (self.latencies_us.len() * percent / 100).min(self.latencies_us.len() - 1);
        Duration::from_micros(self.latencies_us.get(at).copied().unwrap_or_default())
    }

    /// Acknowledged events per second.
    pub fn rate(&self) -> f64 {
        self.acknowledged as f64 / self.lasted.as_secs_f64()
    }

    fn absorb(&mut self, other: Self) {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        for (error, count) in other.errors {
            *self.errors.entry(error).or_default() += count;
        }
        self.latencies_us.extend(other.latencies_us);
    }
}

fn attempt(
    address: SocketAddr,
    kept: &mut Option<Connection>,
    request: &Request,
) -> io::Result<Reply> {
    let mut connection = match kept.take() {
        Some(connection) => connection,
        None => Connection::open(address, ANSWER)?,
    };
    let reply = connection.send(request)?;
    if reply.header("connection") != Some("close") {
        *kept = Some(connection);
    }
    Ok(reply)
}

fn request(plan: &Plan, first: u64, end: u64) -> Request {
    let mut events: Vec<Value> = (first..end)
        .map(|number| event(&plan.host, number))
        .collect();
    let body = if plan.batch == 1 {
        events.remove(0)
    } else {
        Value::Array(events)
    };
    let mut request = Request::post("/api/event", &body);
    for (name, value) in browser(first) {
        request = request.header(name, value);
    }
    request
}

fn event(host: &str, number: u64) -> Value {
    json!({
        "n": "pageview",
        "u": format!("https://{host}{}", page(number)),
        "d": host,
        "id": format!("00000000-0000-4000-8000-{number:012x}"),
    })
}

fn page(number: u64) -> String {
    format!("/event/{number}")
}

/// A batch is acknowledged when the server accounts for each of its events and refuses none.
fn assert_whole(reply: &Reply, events: u64) {
    assert_eq!(reply.header("x-almanac-dropped"), None, "{}", reply.text());
    if reply.body == b"ok" {
        return;
    }
    let body = reply.json();
    let taken = body["accepted"].as_u64().unwrap_or(0) + body["duplicate"].as_u64().unwrap_or(0);
    assert_eq!(taken, events, "{body}");
}
