//! Clients that hold connections instead of using them: they are shown out, and in the meantime
//! nobody else waits for them.

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use almanac_testkit::TestServer;
use almanac_testkit::figures::{figure, report};
use almanac_testkit::http::{Connection, Request, TIMEOUT};
use almanac_testkit::wait::until;
use serde_json::json;

use crate::almanac;

/// How long the server of these tests waits for the head of a request, and for its body,
/// milliseconds.
const PATIENCE_MS: u64 = 1_000;
/// A slow client is gone after this long at the latest.
const EVICTED: Duration = Duration::from_secs(30);
/// Connections that a file limit of 1,024 leaves room for.
const SOCKETS: usize = 400;

fn open(server: &TestServer, bytes: &[u8]) -> Connection {
    let mut connection = Connection::open(server.address(), TIMEOUT).expect("a connection");
    connection.write(bytes).expect("the first bytes are taken");
    connection.socket().set_nonblocking(true).expect("a socket");
    connection
}

/// Whether the server has ended a connection; an answer before the end is as good.
fn is_ended(connection: &Connection) -> bool {
    let mut buffer = [0; 4096];
    loop {
        match connection.socket().read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != ErrorKind::WouldBlock,
        }
    }
}

/// Slow clients that go on to send a byte each time they are looked at, until all are shown out.
fn assert_evicted(name: &str, first: &[u8]) {
    let mut server = almanac()
        .with("ALMANAC_HEADER_TIMEOUT_MS", PATIENCE_MS)
        .with("ALMANAC_BODY_TIMEOUT_MS", PATIENCE_MS)
        .start();
    let project = server.add_project("shop.example");
    let count = figure(SOCKETS / 2, SOCKETS);
    let mut slow: Vec<Connection> = (0..count).map(|_| open(&server, first)).collect();
    let started = Instant::now();
    let mut answered: u64 = 0;
    let gone = || {
        let view = json!({ "n": "pageview", "u": "https://shop.example/" });
        assert_eq!(server.send(&view).status, 202);
        answered += 1;
        slow.retain_mut(|connection| !is_ended(connection) && connection.write(b"x").is_ok());
        slow.is_empty().then_some(())
    };
    until("slow clients are gone", EVICTED, gone);
    let took = started.elapsed();
    server.await_drained(&project);
    assert_eq!(server.events(&project), answered);
    report(
        name,
        &format!("{count} gone after {took:?}, {answered} others answered"),
    );
}

#[test]
fn a_client_that_never_ends_its_head_is_shown_out() {
    assert_evicted(
        "slow head",
        b"POST /api/event HTTP/1.1\r\nhost: a\r\nx-slow: ",
    );
}

#[test]
fn a_client_that_never_ends_its_body_is_shown_out() {
    let head = "POST /api/event HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";
    let head = format!("{head}content-length: 100000\r\n\r\n{{");
    assert_evicted("slow body", head.as_bytes());
}

#[test]
fn a_client_that_says_nothing_is_shown_out() {
    let server = almanac()
        .with("ALMANAC_HEADER_TIMEOUT_MS", PATIENCE_MS)
        .start();
    // The second could still become the preface of another protocol.
    let mut silent: Vec<Connection> = [&b""[..], b"P"].map(|first| open(&server, first)).into();
    let gone = || {
        silent.retain(|connection| !is_ended(connection));
        silent.is_empty().then_some(())
    };
    until("silent clients are gone", EVICTED, gone);
}

#[test]
fn a_body_that_does_not_come_in_time_is_answered_with_408() {
    let mut server = almanac()
        .with("ALMANAC_BODY_TIMEOUT_MS", PATIENCE_MS)
        .start();
    let project = server.add_project("shop.example");
    for path in ["/api/event", "/api/track", "/v1/events"] {
        let mut connection = Connection::open(server.address(), TIMEOUT).expect("a connection");
        let key = &project.ingest_key;
        let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\n");
        let head = format!("{head}content-length: 100\r\n\r\n{{");
        connection.write(head.as_bytes()).expect("the first bytes");
        let reply = connection.read().expect("an answer before the body's end");
        assert_eq!(reply.status, 408, "{path}: {}", reply.text());
        let said = reply.json()["error"].clone();
        let said = said.as_str().unwrap_or_default();
        assert!(said.starts_with("the body did not come in time"), "{said}");
    }
    let refused = server.accounts(&project).refused;
    assert_eq!(refused, [("unreadable".to_owned(), 3)].into());
}

#[test]
fn idle_connections_cost_little_and_keep_nobody_out() {
    let server = almanac().start();
    let before = server.resident_bytes();
    let health = Request::get("/healthz").bytes("a");
    let idle: Vec<Connection> = (0..SOCKETS).map(|_| open(&server, &health)).collect();
    assert_eq!(server.call(&Request::get("/healthz")).status, 200);
    let grown = server
        .resident_bytes()
        .zip(before)
        .map(|(now, then)| now.saturating_sub(then));
    report(
        "idle connections",
        &format!(
            "{} open, grew by {} bytes",
            idle.len(),
            grown.unwrap_or_default()
        ),
    );
    assert!(grown.is_none_or(|bytes| bytes < 64 << 20), "{grown:?}");
}
