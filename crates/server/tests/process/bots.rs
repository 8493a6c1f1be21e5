//! Bots, at a running server: refused among people, counted, kept apart and there to be looked at.

use almanac_testkit::TestServer;
use almanac_testkit::http::Request;
use almanac_testkit::server::{Project, browser};
use serde_json::{Value, json};

use crate::almanac;

const CRAWLER: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

fn view(path: &str) -> Value {
    json!({ "n": "pageview", "u": format!("https://shop.example{path}") })
}

fn crawl(server: &TestServer, event: &Value) {
    let request = Request::post("/api/event", event).header("user-agent", CRAWLER);
    assert_eq!(server.call(&request).status, 202);
}

/// What bots did, by sort, name and page.
fn bots(server: &TestServer, project: &Project) -> Value {
    let question = json!({
        "traffic": "bots", "metrics": ["visitors", "pageviews"], "date_range": "all",
        "dimensions": ["event:props:bot", "visit:browser", "event:page"],
    });
    server.ask(project, &question)["results"].clone()
}

#[test]
fn bots_are_refused_counted_and_kept_apart_through_a_crash() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    assert_eq!(server.send(&view("/")).status, 202);
    let mut event = view("/cart");
    event["id"] = json!("018f0000-0000-7000-8000-000000000001");
    for _ in 0..2 {
        crawl(&server, &event);
    }
    server.await_drained(&project);
    let expected = json!([{ "dimensions": ["crawler", "Googlebot", "/cart"], "metrics": [1, 1] }]);
    assert_eq!(bots(&server, &project), expected);
    assert_eq!(
        server.events(&project),
        1,
        "people are counted without them"
    );
    let accounts = server.accounts(&project);
    assert_eq!(
        (accounts.accepted, accounts.refused.get("bot")),
        (1, Some(&2))
    );

    server.kill();
    server.restart();
    server.await_drained(&project);
    crawl(&server, &event);
    assert_eq!(bots(&server, &project), expected);
    assert_eq!(server.accounts(&project).accepted, 1);
    server.assert_balanced();
}

#[test]
fn a_project_may_keep_nothing_of_bots_but_their_count() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let rule = [
        "drop-rule",
        "add",
        "--project",
        "shop.example",
        "--kind",
        "bot",
        "--value",
        "any",
    ];
    server.run_json(&rule);
    server.stop();
    server.restart();
    crawl(&server, &view("/"));
    server.await_drained(&project);
    assert_eq!(bots(&server, &project), json!([]));
    assert_eq!(server.accounts(&project).refused.get("bot"), Some(&1));
}

#[test]
fn who_views_pages_faster_than_a_person_is_a_bot_from_then_on() {
    let mut server = almanac()
        .with("ALMANAC_BOTS_PAGEVIEWS_PER_10S_MAX", 3)
        .start();
    let project = server.add_project("shop.example");
    for page in 0..12 {
        assert_eq!(server.send(&view(&format!("/{page}"))).status, 202);
    }
    let mut other = Request::post("/api/event", &view("/calm"));
    for (name, value) in browser(8) {
        other = other.header(name, value);
    }
    assert_eq!(server.call(&other).header("x-almanac-dropped"), None);
    server.await_drained(&project);
    let accounts = server.accounts(&project);
    let refused = accounts.refused.get("bot").copied().unwrap_or_default();
    // The views of ten seconds may lie in two spans of the clock.
    assert!((1..=8).contains(&refused), "{accounts:?}");
    let rows = bots(&server, &project);
    assert_eq!(
        rows.as_array().map(Vec::len),
        Some(refused as usize),
        "{rows}"
    );
    assert_eq!(rows[0]["dimensions"][0], "timing");
}
