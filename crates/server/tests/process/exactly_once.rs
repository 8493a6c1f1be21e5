//! Events that come again, by every way in which they can: from a client that got no answer, twice
//! in the queue, and out of the dead letters. Each is stored once and counted for what it was.

use almanac_ingest::record;
use almanac_model::{Event, EventId, Instant, Kind, ProjectId, TextColumn, VisitorId};
use almanac_queue::{DiskFiles, Queue, QueueOptions};
use almanac_testkit::TestServer;
use almanac_testkit::http::{Reply, Request};
use almanac_testkit::server::Project;
use serde_json::{Value, json};

use crate::almanac;

const KEY: &str = "7d3c1f0a-26a5-4f0f-9f5b-0a4c4f6f2f11";

fn start() -> (TestServer, Project) {
    let mut server = almanac().start();
    let project = server.add_project("tool.example");
    (server, project)
}

fn call(tool: &str) -> Value {
    json!({ "project": "tool.example", "tool": tool, "status": "success", "version": "1.0" })
}

fn send_under(server: &TestServer, key: &str, body: &Value) -> Reply {
    server.call(&Request::post("/v1/events", body).header("idempotency-key", key))
}

fn check(server: &TestServer, body: &Value, status: u16, results: &[&str]) {
    let reply = server.call(&Request::post("/v1/events", body));
    assert_eq!(reply.status, status, "{}", reply.text());
    if !results.is_empty() {
        assert_eq!(reply.json()["results"], json!(results), "{}", reply.text());
    }
}

/// Puts records into the queue of a stopped server, as if a request had got no further.
fn put_into_queue(server: &TestServer, records: Vec<Vec<u8>>) {
    let dir = server.data_dir().join("queue");
    let files = std::sync::Arc::new(DiskFiles);
    let queue = Queue::open(&dir, QueueOptions::default(), files).expect("the queue opens");
    let records = records.into_iter().map(Into::into).collect();
    queue
        .append_blocking(records)
        .expect("the queue takes them");
    queue.close().expect("the queue closes");
}

fn record_of(project: u32, id: u128) -> Vec<u8> {
    let time = Instant(jiff::Timestamp::now().as_microsecond());
    let (id, visitor) = (EventId(id), VisitorId(7));
    let mut event = Event::new(id, ProjectId(project), time, visitor, Kind::ToolCall);
    "search".clone_into(&mut event.text[TextColumn::Name]);
    let mut bytes = Vec::new();
    record::encode(&event, &mut bytes);
    record::set_id_is_chosen(&mut bytes);
    bytes
}

#[test]
fn a_batch_says_of_each_event_what_became_of_it() {
    let (server, _) = start();
    let mut first = call("search");
    first["event_id"] = json!("0197a1de-5a3c-7000-8000-000000000001");
    check(
        &server,
        &json!([first, call("list")]),
        202,
        &["accepted", "accepted"],
    );
    check(
        &server,
        &json!([first, first]),
        202,
        &["duplicate", "duplicate"],
    );
    let mut above = call("search");
    above["duration_ms"] = json!(12);
    check(
        &server,
        &json!([above, call("a")]),
        207,
        &["rejected", "accepted"],
    );
    check(&server, &json!([above]), 400, &["rejected"]);
    let hundred = |count| Value::Array(vec![call("many"); count]);
    check(&server, &hundred(100), 202, &[]);
    check(&server, &hundred(101), 413, &[]);
    check(&server, &json!({ "events": [] }), 422, &[]);
    check(&server, &json!({ "events": 7 }), 422, &[]);
}

#[test]
fn a_request_under_its_key_is_taken_once_across_kills_and_seals() {
    let (mut server, project) = start();
    let batch = json!([call("first"), call("second")]);
    let taken = send_under(&server, KEY, &batch).json();
    assert_eq!(taken["accepted"], 2);
    server.kill();
    server.restart();
    assert_eq!(
        send_under(&server, KEY, &batch).json()["duplicate"],
        2,
        "from the queue"
    );
    server.stop();
    server.restart();
    assert_eq!(
        send_under(&server, KEY, &batch).json()["duplicate"],
        2,
        "from the log"
    );
    server.await_drained(&project);
    assert_eq!(server.events(&project), 2);
    assert_eq!(send_under(&server, "short", &batch).status, 400);
}

#[test]
fn a_record_that_is_twice_in_the_queue_is_stored_once() {
    let (mut server, project) = start();
    server.stop();
    let id: u32 = project.id.parse().expect("ids are numbers");
    put_into_queue(
        &server,
        vec![record_of(id, 1), record_of(id, 2), record_of(id, 1)],
    );
    for _ in 0..2 {
        server.restart();
        server.await_drained(&project);
        assert_eq!(server.events(&project), 2);
        let accounts = server.accounts(&project);
        assert_eq!(
            (accounts.accepted, accounts.duplicate),
            (2, 1),
            "{accounts:?}"
        );
        server.stop();
    }
}

#[test]
fn what_was_accepted_is_counted_exactly_after_kills() {
    let (mut server, project) = start();
    for round in 1..=5 {
        for _ in 0..20 {
            check(&server, &json!([call("search"), call("list")]), 202, &[]);
        }
        server.kill();
        server.restart();
        server.await_drained(&project);
        let accounts = server.accounts(&project);
        assert_eq!(accounts.accepted, server.events(&project), "{accounts:?}");
        assert_eq!(accounts.accepted, 40 * round, "{accounts:?}");
    }
}

#[test]
fn poison_waits_in_the_dead_letters_until_it_is_replayed_or_dropped() {
    let (mut server, project) = start();
    server.stop();
    let unknown = 4_000_000;
    put_into_queue(&server, vec![b"no record".to_vec(), record_of(unknown, 9)]);
    server.restart();
    server.await_drained(&project);
    let letters = |server: &TestServer| {
        let list = server.run_json(&["dead-letters", "list"]);
        list["dead_letters"].as_array().cloned().unwrap_or_default()
    };
    let found = letters(&server);
    assert_eq!(found.len(), 2, "{found:?}");
    let reason = found[0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("4000000"), "{reason}");

    // Replayed, both come back under other numbers, because nothing about them has changed.
    assert!(server.run(&["dead-letters", "replay"]).status.success());
    server.await_drained(&project);
    let again = letters(&server);
    assert_eq!(again.len(), 2, "{again:?}");
    assert!(again[1]["id"].as_u64() > found[0]["id"].as_u64());

    let id = again[0]["id"].to_string();
    assert!(
        !server.run(&["dead-letters", "drop", &id]).status.success(),
        "nobody agreed"
    );
    assert!(
        server
            .run(&["dead-letters", "drop", &id, "--yes"])
            .status
            .success()
    );
    assert_eq!(letters(&server).len(), 1);

    // Nothing was sealed, so every record is read again: what was replayed or dropped stays so.
    server.kill();
    server.restart();
    server.await_drained(&project);
    let left = letters(&server);
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["id"], again[1]["id"]);
}
