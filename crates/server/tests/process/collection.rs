//! What the front door of collection takes and answers, over real HTTP, and where each event is
//! counted.

use std::io::Write;
use std::time::Duration;

use almanac_testkit::TestServer;
use almanac_testkit::figures::report;
use almanac_testkit::http::{Reply, Request};
use almanac_testkit::server::{Project, browser};
use almanac_testkit::wait::until;
use serde_json::{Value, json};

use crate::almanac;

/// Attempts whose time to visibility is reported.
const LOOKS: u64 = 20;

fn start() -> (TestServer, Project) {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    (server, project)
}

fn view(path: &str) -> Value {
    json!({ "n": "pageview", "u": format!("https://shop.example{path}") })
}

/// Sends as a browser, with some headers more.
fn post(server: &TestServer, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Reply {
    let mut request = Request::new("POST", "/api/event").body(body);
    for (name, value) in browser(7) {
        request = request.header(name, value);
    }
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    server.call(&request)
}

#[test]
fn plain_text_and_gzip_are_taken_like_json() {
    let (server, project) = start();
    let plain = post(
        &server,
        &[("content-type", "text/plain")],
        view("/plain").to_string(),
    );
    assert_eq!(plain.status, 202, "{}", plain.text());

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(view("/gzip").to_string().as_bytes())
        .expect("memory");
    let headers = [
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
    ];
    let packed = post(&server, &headers, gzip.finish().expect("memory"));
    assert_eq!(packed.status, 202, "{}", packed.text());

    server.await_drained(&project);
    let pages: Vec<String> = server.events_by_page(&project).into_keys().collect();
    assert_eq!(pages, ["/gzip", "/plain"]);
}

#[test]
fn an_event_is_visible_soon_after_its_acknowledgement() {
    let (server, project) = start();
    let mut slowest = Duration::ZERO;
    for look in 1..=LOOKS {
        assert_eq!(server.send(&view("/")).status, 202);
        let visible = || (server.events(&project) == look).then_some(());
        let (_, took) = until("the event is visible", Duration::from_secs(10), visible);
        slowest = slowest.max(took);
    }
    report(
        "visible after acknowledgement",
        &format!("slowest of {LOOKS}: {slowest:?}"),
    );
}

#[test]
fn a_wrong_field_is_named_with_its_reason() {
    let (server, project) = start();
    let check = |event: Value, errors: Value| {
        let reply = server.send(&event);
        assert_eq!(
            (reply.status, &reply.json()["errors"]),
            (400, &errors),
            "{event}"
        );
    };
    check(
        json!({ "n": "pageview", "u": "https://shop.example/", "id": "seven" }),
        json!({ "event_id": ["must be a UUID"] }),
    );
    check(
        json!({ "n": "", "u": "https://shop.example/", "d": "shop.example" }),
        json!({ "name": ["is required"] }),
    );
    check(
        json!({ "n": "x".repeat(121), "u": "https://shop.example/" }),
        json!({ "name": ["must have at most 120 characters, has 121"] }),
    );
    assert_eq!(server.accounts(&project).accepted, 0);
}

#[test]
fn a_client_can_ask_which_address_it_is_seen_with() {
    let (server, _) = start();
    let headers = [("x-debug-request", "true")];
    let reply = post(&server, &headers, view("/").to_string());
    assert_eq!((reply.status, reply.text().as_str()), (200, "198.18.0.7"));
}

#[test]
fn what_is_dropped_says_so_and_is_counted_with_its_reason() {
    let (server, project) = start();
    let stray = json!({ "n": "pageview", "u": "https://nobody.example/", "d": "nobody.example" });
    assert_eq!(server.send(&stray).header("x-almanac-dropped"), Some("1"));

    let foreign = json!({ "n": "pageview", "u": "https://evil.example/", "d": "shop.example" });
    assert_eq!(server.send(&foreign).header("x-almanac-dropped"), Some("1"));

    let crawler = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    let request = Request::post("/api/event", &view("/")).header("user-agent", crawler);
    let reply = server.call(&request);
    assert_eq!(
        (reply.status, reply.header("x-almanac-dropped")),
        (202, Some("1"))
    );

    assert_eq!(server.send(&view("/")).header("x-almanac-dropped"), None);
    let accounts = server.accounts(&project);
    let reasons: Vec<(&str, u64)> = accounts
        .refused
        .iter()
        .map(|(reason, count)| (reason.as_str(), *count))
        .collect();
    assert_eq!(reasons, [("bot", 1), ("unknown_host", 1)]);
    assert_eq!((accounts.received, accounts.accepted), (3, 1));
}

#[test]
fn an_event_sent_again_under_its_id_is_counted_once_after_a_restart_too() {
    let (mut server, project) = start();
    let mut event = view("/");
    event["id"] = json!("018f0000-0000-7000-8000-000000000001");
    for _ in 0..2 {
        assert_eq!(server.send(&event).status, 202);
    }
    server.stop();
    server.restart();
    assert_eq!(server.send(&event).status, 202);
    server.kill();
    server.restart();
    assert_eq!(server.send(&event).status, 202);
    server.await_drained(&project);
    assert_eq!(server.events(&project), 1);
}
