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
        json!({ "id": ["must be a UUID"] }),
    );
    check(
        json!({ "n": "", "u": "https://shop.example/", "d": "shop.example" }),
        json!({ "n": ["is required"] }),
    );
    check(
        json!({ "n": "x".repeat(121), "u": "https://shop.example/" }),
        json!({ "n": ["must have at most 120 characters, has 121"] }),
    );
    assert_eq!(server.accounts(&project).accepted, 0);
}

#[test]
fn an_event_that_names_no_page_or_no_project_is_told_which_field_is_missing() {
    let (server, project) = start();
    let check = |path: &str, event: Value, errors: Value| {
        let reply = server.call(&Request::post(path, &event));
        assert_eq!(reply.json()["errors"], errors, "{event}");
        assert_eq!(reply.status, 400, "{event}");
    };
    let required = "is required, unless url says the host of a project";
    check(
        "/api/event",
        json!({ "name": "pageview" }),
        json!({ "domain": [required], "url": ["is required"] }),
    );
    check(
        "/api/event",
        json!({ "name": "pageview", "domain": "shop.example" }),
        json!({ "url": ["is required"] }),
    );
    check(
        "/api/event",
        json!({ "name": "pageview", "domain": "nobody.example" }),
        json!({ "url": ["is required"] }),
    );
    check(
        "/api/event",
        json!({ "name": "pageview", "url": "file:///page.html" }),
        json!({ "domain": [required] }),
    );
    check(
        "/api/track",
        json!({ "user_agent": "Mozilla/5.0 Firefox/140.0" }),
        json!({ "domain": [required], "url": ["is required"] }),
    );
    let mixed = json!([{ "name": "pageview" }, view("/")]);
    let reply = server.call(&Request::post("/api/event", &mixed));
    assert_eq!(reply.status, 207, "{}", reply.text());
    let pointers = reply.json()["rejected"][0]["errors"].clone();
    assert_eq!(pointers[0]["pointer"], "/0/domain", "{pointers}");
    let accounts = server.accounts(&project);
    assert_eq!((accounts.received, accounts.accepted), (2, 1));
}

#[test]
fn a_request_that_cannot_be_read_says_why_and_counts_as_one_refused_event() {
    let (server, project) = start();
    let empty = "the body is empty; send an event as JSON, or an array of events";
    for path in ["/api/event", "/api/track", "/v1/events"] {
        let check = |body: &str, status: u16, error: &str| {
            let request = Request::new("POST", path).body(body);
            let reply = server.call(&request.bearer(&project.ingest_key));
            let said = reply.json()["error"].clone();
            let said = said.as_str().unwrap_or_default();
            assert_eq!(reply.status, status, "{path} {body:?}: {said}");
            assert!(said.contains(error), "{path} {body:?}: {said}");
        };
        check("", 400, empty);
        check(" \n", 400, empty);
        check("n=pageview", 400, "the body is not JSON");
        check(&"[".repeat(100), 400, "nested deeper than 32 levels");
    }
    let many = Value::from(vec![view("/"); 101]).to_string();
    let request = Request::new("POST", "/api/event").body(many);
    assert_eq!(
        server.call(&request.bearer(&project.ingest_key)).status,
        413
    );
    let headers = [("content-encoding", "rot13")];
    assert_eq!(post(&server, &headers, "{}").status, 415);

    let accounts = server.accounts(&project);
    let refused: Vec<(&str, u64)> = accounts
        .refused
        .iter()
        .map(|(reason, count)| (reason.as_str(), *count))
        .collect();
    assert_eq!(refused, [("too_large", 1), ("unreadable", 12)]);
    // Without a key nobody knows whose it was; the whole instance has a count of those.
    post(&server, &[], "no event");
    assert_eq!(
        server.unattributed(&project),
        [("unreadable".to_owned(), 2)].into()
    );
}

#[test]
fn a_rejected_event_is_in_the_books_of_the_project_that_it_names() {
    let (server, project) = start();
    let send = |path: &str, event: Value| server.call(&Request::post(path, &event)).status;
    let call = |project: &str, status: &str| json!({ "project": project, "tool": "search", "status": status, "version": "1" });
    assert_eq!(send("/v1/events", call("shop.example", "fine")), 400);
    assert_eq!(send("/v1/events", call(&project.id, "fine")), 400);
    let batch = json!({ "project": "shop.example", "events": ["no event", { "tool": "search" }] });
    assert_eq!(send("/v1/events", batch), 400);
    let wrong_id = json!({ "n": "pageview", "u": "https://shop.example/", "id": "seven" });
    assert_eq!(send("/api/event", wrong_id), 400);
    let accounts = server.accounts(&project);
    assert_eq!(accounts.refused, [("invalid_value".to_owned(), 5)].into());
    assert!(server.unattributed(&project).is_empty());

    assert_eq!(send("/v1/events", call("nobody.example", "success")), 400);
    let nameless = json!({ "tool": "search", "status": "success", "version": "1" });
    let reply = server.call(&Request::post("/v1/events", &nameless));
    let errors = reply.json()["rejected"][0].clone();
    assert_eq!(errors["reason"], "unknown_project", "{errors}");
    assert_eq!(
        errors["errors"][0]["pointer"], "/events/0/project",
        "{errors}"
    );
    let strays = server.unattributed(&project);
    assert_eq!(strays, [("unknown_project".to_owned(), 2)].into());
}

#[test]
fn a_log_that_is_imported_again_doubles_no_count() {
    let (server, project) = start();
    let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let at = jiff::Timestamp::now().strftime("%d/%b/%Y:%H:%M:%S +0000");
    let line = |agent: &str| {
        format!("198.18.0.9 - - [{at}] \"GET /a HTTP/1.1\" 200 9 \"-\" \"{agent}\"\n")
    };
    let log = server.data_dir().join("access.log");
    std::fs::write(&log, line(browser) + &line("curl/8.0")).expect("a file");
    let log = log.display().to_string();
    for (accepted, duplicate) in [(1, 0), (1, 1), (1, 2)] {
        let report = server.run_json(&["import", "access-log", &log, "--project", &project.id]);
        assert_eq!(report["refused"]["bot"], 1, "{report}");
        let accounts = server.accounts(&project);
        assert_eq!(accounts.refused, [].into());
        let counts = (accounts.received, accounts.accepted, accounts.duplicate);
        assert_eq!(counts, (accepted + duplicate, accepted, duplicate));
    }
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
