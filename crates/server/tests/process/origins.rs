//! Pages of other sites: which may read answers, and by which names the interface may be asked.

use almanac_testkit::TestServer;
use almanac_testkit::http::{Reply, Request};
use serde_json::{Value, json};

use crate::almanac;

const LISTED: &str = "https://intranet.example";

fn allowed(reply: &Reply) -> Option<&str> {
    reply.header("access-control-allow-origin")
}

fn choose_origins(server: &TestServer, project: &str, origins: &Value) -> u16 {
    let wish = json!({ "masked": [], "unmasked_from": "editor", "stats_origins": origins });
    let request = Request::new("PUT", format!("/api/projects/{project}/visibility"))
        .header("content-type", "application/json")
        .header("cookie", server.cookie())
        .body(wish.to_string());
    server.call(&request).status
}

fn preflight(path: &str, origin: &str) -> Request {
    Request::new("OPTIONS", path)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        )
}

#[test]
fn pages_of_a_projects_hosts_read_what_became_of_their_events_and_others_do_not() {
    let mut server = almanac().start();
    server.add_project("shop.example");
    let doors = [
        "/api/event",
        "/api/track",
        "/v1/events",
        "/api/send",
        "/api/forget",
    ];
    for (origin, may_read) in [
        ("https://shop.example", true),
        ("https://blog.shop.example", true),
        ("http://shop.example:8080", true),
        ("https://evil.example", false),
        ("https://shop.example.evil.example", false),
        ("https://evilshop.example", false),
        ("null", false),
        ("", false),
    ] {
        let expected = may_read.then_some(origin);
        for door in doors {
            let asked = server.call(&preflight(door, origin));
            assert_eq!(
                (asked.status, allowed(&asked)),
                (204, expected),
                "{door} {origin}"
            );
            let sent = Request::post(door, &json!({ "n": "pageview" })).header("origin", origin);
            let answered = server.call(&sent);
            assert_eq!(allowed(&answered), expected, "{door} {origin}");
            for reply in [&asked, &answered] {
                let vary = reply.header("vary").unwrap_or_default();
                assert!(vary.contains("origin"), "{door} {origin}: vary {vary:?}");
                let credentials = reply.header("access-control-allow-credentials");
                assert_eq!(credentials, None, "{door} {origin}");
            }
        }
    }
}

#[test]
fn a_page_asks_with_a_stats_key_where_the_project_lists_it_and_nowhere_else() {
    let mut server = almanac().start();
    let (shop, docs) = (
        server.add_project("shop.example"),
        server.add_project("docs.example"),
    );
    let path = "/api/v2/query";
    let question =
        |site: &str| json!({ "site_id": site, "metrics": ["events"], "date_range": "all" });
    let ask = |origin: &str, key: &str, site: &str| {
        let request = Request::post(path, &question(site))
            .bearer(key)
            .header("origin", origin);
        server.call(&request)
    };
    // Off unless somebody lists a page.
    let unlisted = ask(LISTED, &shop.stats_key, &shop.id);
    assert_eq!((unlisted.status, allowed(&unlisted)), (403, None));
    assert_eq!(allowed(&server.call(&preflight(path, LISTED))), None);

    for wrong in [json!(["*"]), json!(["null"]), json!(["shop.example"])] {
        assert_eq!(choose_origins(&server, &shop.id, &wrong), 400, "{wrong}");
    }
    assert_eq!(choose_origins(&server, &shop.id, &json!([LISTED])), 200);
    let listed = ask(LISTED, &shop.stats_key, &shop.id);
    assert_eq!(
        (listed.status, allowed(&listed)),
        (200, Some(LISTED)),
        "{}",
        listed.text()
    );
    let asked = server.call(&preflight(path, LISTED));
    assert_eq!((asked.status, allowed(&asked)), (204, Some(LISTED)));
    assert_eq!(
        asked.header("access-control-allow-headers"),
        Some("authorization, content-type")
    );
    for reply in [&listed, &asked] {
        assert_eq!(reply.header("access-control-allow-credentials"), None);
    }
    // Another page, another project, another key, and no key at all.
    let other = ask("https://evil.example", &shop.stats_key, &shop.id);
    assert_eq!((other.status, allowed(&other)), (403, None));
    assert_eq!(ask(LISTED, &docs.stats_key, &docs.id).status, 403);
    assert_eq!(ask(LISTED, &shop.ingest_key, &shop.id).status, 403);
    let by_cookie = Request::post(path, &question(&shop.id))
        .header("cookie", server.cookie())
        .header("origin", LISTED);
    assert_eq!(
        allowed(&server.call(&by_cookie)),
        None,
        "no credentials of a browser"
    );
    for private in [
        "/api/projects",
        "/api/account",
        "/api/session",
        "/api/audit",
    ] {
        let asked = server.call(&preflight(private, LISTED));
        assert_eq!(allowed(&asked), None, "{private}");
    }
    // Programs name no origin.
    let plain = Request::post(path, &question(&shop.id)).bearer(&shop.stats_key);
    assert_eq!(server.call(&plain).status, 200);
}

/// Asks by a name, as a page does whose own name leads here.
fn by_name(server: &TestServer, path: &str, host: &str) -> u16 {
    let text = format!(
        "GET {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\nconnection: close\r\n\r\n"
    );
    let mut connection =
        almanac_testkit::http::Connection::open(server.address(), almanac_testkit::http::TIMEOUT)
            .expect("a connection");
    connection.write(text.as_bytes()).expect("a request");
    connection.read().expect("an answer").status
}

#[test]
fn a_name_that_is_not_ours_opens_nothing() {
    let local = almanac().start();
    let named = almanac()
        .with("ALMANAC_BASE_URL", "https://stats.example")
        .start();
    let port = local.address().port();
    for (host, on_local, on_named) in [
        (format!("127.0.0.1:{port}"), true, true),
        (format!("localhost:{port}"), true, true),
        (format!("[::1]:{port}"), true, true),
        ("stats.example".to_owned(), false, true),
        ("STATS.example:443".to_owned(), false, true),
        (format!("evil.example:{port}"), false, false),
        ("stats.example.evil.example".to_owned(), false, false),
        ("127.0.0.1.evil.example".to_owned(), false, false),
        ("2130706433.evil.example".to_owned(), false, false),
    ] {
        for path in ["/api/setup", "/api/session", "/api/openapi.json"] {
            for (server, opens) in [(&local, on_local), (&named, on_named)] {
                let status = by_name(server, path, &host);
                assert_eq!(status != 421, opens, "{path} by {host}: {status}");
            }
        }
        for path in ["/healthz", "/js/almanac.js"] {
            assert_eq!(by_name(&local, path, &host), 200, "{path} by {host}");
        }
    }
}

#[test]
fn links_lead_to_the_configured_address_whatever_name_a_request_uses() {
    let server = almanac()
        .with("ALMANAC_BASE_URL", "https://stats.example")
        .start();
    assert!(server.said().contains("https://stats.example/setup?token="));
    let wish = json!({ "email": "bob@test.example", "role": "viewer" });
    for (name, value) in [
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-forwarded-proto", "javascript"),
        ("x-original-url", "/evil"),
        ("x-host", "evil.example"),
    ] {
        let mut wish = wish.clone();
        wish["email"] = json!(format!("{name}@test.example"));
        let request = Request::post("/api/team/invitations", &wish)
            .header("cookie", server.cookie())
            .header(name, value);
        let made = server.call(&request);
        assert_eq!(made.status, 201, "{}", made.text());
        let link = made.json()["link"].as_str().unwrap_or_default().to_owned();
        assert!(link.starts_with("https://stats.example/"), "{name}: {link}");
        assert!(!made.text().contains("evil"), "{name}: {}", made.text());
    }
}
