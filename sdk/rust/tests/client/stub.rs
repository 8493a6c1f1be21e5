//! A server for these tests: it keeps what it was sent, and answers as the test says, which may be
//! never, or nonsense.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);

/// What a request is answered with.
#[derive(Debug)]
pub(crate) enum Answer {
    Bytes(String),
    /// The connection stays open and silent.
    Never,
}

impl Answer {
    pub(crate) fn bytes(text: &str) -> Self {
        Self::Bytes(text.to_owned())
    }

    pub(crate) fn status(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Bytes(format!(
            "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        ))
    }
}

#[derive(Debug, Default)]
struct Seen {
    heads: Vec<String>,
    batches: Vec<Value>,
    held: Vec<TcpStream>,
}

#[derive(Debug)]
pub(crate) struct Stub {
    address: SocketAddr,
    shared: Arc<(Mutex<Seen>, Condvar)>,
}

impl Stub {
    /// Answers the first requests so, and all later ones with 202.
    pub(crate) fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new((Mutex::new(Seen::default()), Condvar::new()));
        let seen = Arc::clone(&shared);
        let mut answers: VecDeque<Answer> = answers.into_iter().collect();
        // The thread ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let answer = answers.pop_front();
                let answer = answer.unwrap_or_else(|| Answer::status(202, "", "{}"));
                serve(&stream.unwrap(), answer, &seen);
            }
        });
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.shared.0.lock().unwrap().heads.clone()
    }

    pub(crate) fn batches(&self) -> Vec<Value> {
        self.shared.0.lock().unwrap().batches.clone()
    }

    pub(crate) fn events(&self) -> Vec<Value> {
        let list = |batch: &Value| batch["events"].as_array().cloned().unwrap_or_default();
        self.batches().iter().flat_map(list).collect()
    }

    /// Waits until so many requests have come.
    pub(crate) fn await_requests(&self, count: usize) {
        let (seen, changed) = &*self.shared;
        let is_short = |seen: &mut Seen| seen.batches.len() < count;
        let waited = changed.wait_timeout_while(seen.lock().unwrap(), PATIENCE, is_short);
        let (seen, _) = waited.unwrap();
        assert!(
            seen.batches.len() >= count,
            "{} requests",
            seen.batches.len()
        );
    }
}

/// Reads one request, keeps it, and answers it.
fn serve(stream: &TcpStream, answer: Answer, shared: &(Mutex<Seen>, Condvar)) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(
            reader.read_line(&mut head).unwrap(),
            0,
            "the head ended early"
        );
    }
    let head = head.to_ascii_lowercase().replace("bearer", "Bearer");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let batch = serde_json::from_slice(&body).unwrap();
    let mut seen = shared.0.lock().unwrap();
    seen.heads.push(head);
    seen.batches.push(batch);
    match answer {
        Answer::Bytes(text) => {
            let mut stream = stream;
            // A client that has gone away is part of some tests.
            drop(stream.write_all(text.as_bytes()));
        }
        Answer::Never => seen.held.push(stream.try_clone().unwrap()),
    }
    shared.1.notify_all();
}

/// An address at which nobody listens.
pub(crate) fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
