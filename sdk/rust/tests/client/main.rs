//! What the client sends, and that the host never notices: server down, silent or talking nonsense.
#![expect(clippy::unwrap_used, reason = "a failed step of a test is its failure")]

mod stub;

use std::collections::BTreeSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use almanac_telemetry::{Call, Options, Status, Telemetry};
use serde_json::{Value, json};
use stub::{Answer, Stub, closed_port};

/// Longer than anything takes that happens at all.
const PATIENCE: Duration = Duration::from_secs(30);

fn options(endpoint: &str) -> Options {
    let mut options = Options::new(endpoint, "tools.example", "1.2.0");
    options.exit_wait = Duration::ZERO;
    options
}

fn texts(events: &[Value], field: &str) -> Vec<String> {
    let text = |event: &Value| event[field].as_str().unwrap_or_default().to_owned();
    events.iter().map(text).collect()
}

#[test]
fn a_call_becomes_an_event() {
    let server = Stub::start([]);
    let mut options = options(&server.url());
    options.key = Some("alm_i_x".to_owned());
    let telemetry = Telemetry::start(options);
    telemetry.record(Call::new("search").duration(Duration::from_micros(12_500)));
    assert!(telemetry.flush(PATIENCE));
    let [batch] = &server.batches()[..] else {
        panic!("one batch, not {:?}", server.batches());
    };
    assert_eq!(batch["project"], "tools.example");
    assert_eq!(batch["level"], "standard");
    assert_eq!(batch["events"][0]["tool"], "search");
    assert_eq!(batch["events"][0]["duration_ms"], 12.5);
    assert!(server.heads()[0].contains("authorization: Bearer alm_i_x"));
}

#[test]
fn what_is_wrapped_comes_back_as_it_was() {
    let server = Stub::start([]);
    let telemetry = Telemetry::start(options(&server.url()));
    assert_eq!(
        telemetry.wrap("fine", || Ok::<u8, io::Error>(7)).unwrap(),
        7
    );
    let late = telemetry.wrap("late", || {
        Err::<u8, _>(io::Error::from(io::ErrorKind::TimedOut))
    });
    assert_eq!(late.unwrap_err().kind(), io::ErrorKind::TimedOut);
    assert!(telemetry.wrap("wrong", || "secret".parse::<u8>()).is_err());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        telemetry.wrap("broken", || -> Result<(), io::Error> {
            std::panic::resume_unwind(Box::new("as it was"))
        })
    }));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"as it was"));
    drop(telemetry.call("left"));
    telemetry.call("told").finish(Status::Error);
    assert!(telemetry.flush(PATIENCE));

    let told: Vec<Value> = server
        .events()
        .iter()
        .map(|event| json!([event["tool"], event["status"], event["error_type"]]))
        .collect();
    let expected = json!([
        ["fine", "success", null],
        ["late", "timeout", "std::io::error::Error"],
        ["wrong", "error", "core::num::error::ParseIntError"],
        ["broken", "error", "panic"],
        ["left", "cancelled", null],
        ["told", "error", null],
    ]);
    assert_eq!(Value::from(told), expected);
    assert!(!format!("{:?}", server.batches()).contains("secret"));
}

#[test]
fn a_future_is_counted_when_it_ends_and_when_it_is_dropped() {
    let server = Stub::start([]);
    let telemetry = Telemetry::start(options(&server.url()));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut done = Box::pin(telemetry.wrap_async("done", async { Ok::<u8, io::Error>(1) }));
    assert!(done.as_mut().poll(&mut context).is_ready());
    let forever = std::future::pending::<Result<u8, io::Error>>();
    let mut dropped = Box::pin(telemetry.wrap_async("dropped", forever));
    assert!(dropped.as_mut().poll(&mut context).is_pending());
    drop(dropped);
    assert!(telemetry.flush(PATIENCE));
    assert_eq!(texts(&server.events(), "status"), ["success", "cancelled"]);
}

#[test]
fn an_answer_that_is_not_the_servers_is_asked_for_again_with_the_same_id() {
    let portal = "<html>Please sign in to this network</html>";
    let cases = [
        Answer::bytes("\u{0}\u{1} not http at all\r\n\r\n"),
        Answer::bytes(""),
        Answer::status(503, "retry-after: 0\r\n", ""),
        Answer::status(429, "retry-after: soon\r\n", ""),
        Answer::status(302, "location: http://192.0.2.1/\r\n", ""),
        Answer::status(200, "", portal),
        Answer::status(404, "", ""),
    ];
    for answer in cases {
        let shown = format!("{answer:?}");
        let server = Stub::start([answer]);
        let telemetry = Telemetry::start(options(&server.url()));
        telemetry.record(Call::new("search"));
        server.await_requests(2);
        let ids: BTreeSet<String> = texts(&server.events(), "event_id").into_iter().collect();
        assert_eq!(ids.len(), 1, "{shown}");
    }
}

#[test]
fn an_answer_of_the_server_is_final() {
    for status in [202, 207, 400, 401, 403, 413, 422] {
        let server = Stub::start([Answer::status(status, "", "{}")]);
        let telemetry = Telemetry::start(options(&server.url()));
        for tool in ["first", "second"] {
            telemetry.record(Call::new(tool));
            assert!(telemetry.flush(PATIENCE), "{status}");
        }
        assert_eq!(texts(&server.events(), "tool"), ["first", "second"]);
    }
}

#[test]
fn a_server_that_never_answers_holds_up_nobody() {
    let server = Stub::start([Answer::Never]);
    let telemetry = Telemetry::start(options(&server.url()));
    telemetry.record(Call::new("search"));
    server.await_requests(1);
    // The request is under way and stays so: the host's work goes on beside it, and ends.
    assert_eq!(
        telemetry.wrap("other", || Ok::<u8, io::Error>(7)).unwrap(),
        7
    );
    drop(telemetry);
}

#[test]
fn memory_is_bounded_and_the_oldest_events_go() {
    let server = Stub::start([Answer::status(503, "", "")]);
    let telemetry = Telemetry::start(options(&server.url()));
    telemetry.record(Call::new("first"));
    assert!(!telemetry.flush(PATIENCE));
    for number in 0..1_010 {
        telemetry.record(Call::new(format!("tool-{number}")));
    }
    assert!(telemetry.flush(PATIENCE));
    let tools = texts(&server.events(), "tool");
    assert_eq!(tools[..2], ["first", "tool-10"]);
    assert_eq!(tools.len(), 1 + 1_000);
    let sizes = server.batches();
    let size = |batch: &Value| batch["events"].as_array().unwrap().len();
    assert!(sizes.iter().map(size).all(|size| size <= 100));
}

#[test]
fn what_a_process_could_not_send_the_next_one_sends() {
    let folder = tempfile::tempdir().unwrap();
    let spooling = |endpoint: &str| {
        let mut options = options(endpoint);
        options.spool_dir = Some(folder.path().to_owned());
        options
    };
    let first = Telemetry::start(spooling(&closed_port()));
    first.record(Call::new("left"));
    drop(first.clone());
    first.record(Call::new("left too"));
    drop(first);
    assert!(folder.path().read_dir().unwrap().next().is_some());

    let server = Stub::start([]);
    let second = Telemetry::start(spooling(&server.url()));
    second.record(Call::new("new"));
    assert!(second.flush(PATIENCE));
    let tools: BTreeSet<String> = texts(&server.events(), "tool").into_iter().collect();
    let expected = ["left", "left too", "new"].map(str::to_owned);
    assert_eq!(tools, BTreeSet::from(expected));
    assert!(folder.path().read_dir().unwrap().next().is_none());
}

#[test]
fn a_spool_that_cannot_be_written_is_no_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut options = options(&closed_port());
    options.spool_dir = Some(file.path().to_owned());
    let telemetry = Telemetry::start(options);
    telemetry.record(Call::new("search"));
    assert!(!telemetry.flush(PATIENCE));
}

#[test]
fn switched_off_it_sends_nothing() {
    let server = Stub::start([]);
    let mut options = options(&server.url());
    options.enabled = false;
    let telemetry = Telemetry::start(options);
    assert_eq!(
        telemetry.wrap("search", || Ok::<u8, io::Error>(7)).unwrap(),
        7
    );
    assert!(telemetry.flush(PATIENCE));
    telemetry.close();
    assert_eq!(server.heads(), Vec::<String>::new());
}
