//! Who may do what, over real HTTP: the one set-up, sessions, keys and their scopes, and pages of
//! other origins.

use std::thread;

use almanac_testkit::TestServer;
use almanac_testkit::http::{Reply, Request};
use almanac_testkit::server::session_cookie;
use serde_json::{Value, json};

use crate::almanac;

const PASSWORD: &str = "correct horse battery staple";

/// The tokens of all set-up links that the server has printed.
fn tokens(server: &TestServer) -> Vec<String> {
    let said = server.said();
    let after = said.split("/setup?token=").skip(1);
    let token = |text: &str| text.split_whitespace().next().map(str::to_owned);
    after.filter_map(token).collect()
}

fn set_up(server: &TestServer, token: &str, email: &str) -> Reply {
    let wish = json!({ "token": token, "email": email, "password": PASSWORD });
    server.call(&Request::post("/api/setup", &wish))
}

fn set_up_is_needed(server: &TestServer) -> Value {
    server.call(&Request::get("/api/setup")).json()["needed"].clone()
}

#[test]
fn of_two_who_use_the_set_up_link_one_becomes_the_owner() {
    let mut server = almanac().start();
    let printed = tokens(&server);
    let [token] = printed.as_slice() else {
        unreachable!("one link is printed: {printed:?}")
    };
    assert_eq!(set_up_is_needed(&server), true);
    assert_eq!(
        set_up(&server, "not-the-token", "eve@shop.example").status,
        403
    );

    let mut statuses = thread::scope(|scope| {
        let emails = ["ada@shop.example", "eve@shop.example"];
        let racers = emails.map(|email| scope.spawn(|| set_up(&server, token, email).status));
        racers.map(|racer| racer.join().expect("a racer"))
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(set_up_is_needed(&server), false);
    assert_eq!(set_up(&server, token, "mallory@shop.example").status, 409);

    server.stop();
    server.restart();
    assert_eq!(tokens(&server), printed, "a second link was printed");
    assert_eq!(set_up(&server, token, "mallory@shop.example").status, 409);
}

#[test]
fn a_session_lasts_from_sign_in_to_sign_out() {
    let server = almanac().start();
    let email = "ada@shop.example";
    let reply = set_up(&server, &tokens(&server)[0], email);
    assert_eq!(reply.status, 201, "{}", reply.text());

    let sign_in = |password: &str| {
        let wish = json!({ "email": email, "password": password });
        server.call(&Request::post("/api/session", &wish))
    };
    assert_eq!(sign_in("wrong horse battery staple").status, 401);
    let signed_in = sign_in(PASSWORD);
    assert_eq!(signed_in.status, 200);
    let whole = signed_in.header("set-cookie").unwrap_or_default();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(whole.contains(attribute), "{whole}");
    }

    let cookie = session_cookie(&signed_in);
    let who = || server.call(&Request::get("/api/session").header("cookie", &cookie));
    assert_eq!(who().json()["user"]["email"], email);
    let sign_out = Request::new("DELETE", "/api/session").header("cookie", &cookie);
    assert_eq!(server.call(&sign_out).status, 204);
    assert_eq!(who().status, 401);
}

#[test]
fn a_key_opens_what_its_scope_says_for_its_project_until_it_is_revoked() {
    let mut server = almanac().start();
    let (shop, docs) = (
        server.add_project("shop.example"),
        server.add_project("docs.example"),
    );
    let question = json!({ "site_id": shop.id, "metrics": ["events"], "date_range": "all" });
    let ask = |key: &str| {
        let request = Request::post("/api/v2/query", &question);
        let request = if key.is_empty() {
            request
        } else {
            request.bearer(key)
        };
        server.call(&request).status
    };
    assert_eq!(ask(&shop.stats_key), 200);
    assert_eq!(ask(&shop.ingest_key), 403);
    assert_eq!(
        ask(&docs.stats_key),
        404,
        "a foreign project is as good as none"
    );
    assert_eq!(ask("alm_s_000000000000_none"), 401);
    assert_eq!(ask(""), 401);

    let event = json!({ "n": "pageview", "u": "https://shop.example/" });
    let send = |key: &str| {
        server
            .call(&Request::post("/api/event", &event).bearer(key))
            .status
    };
    assert_eq!(send(&shop.ingest_key), 202);
    assert_eq!(send(&shop.stats_key), 403);

    let path = format!("/api/projects/{}/keys", shop.id);
    let keys = server
        .call(&Request::get(&path).header("cookie", server.cookie()))
        .json();
    let keys = keys["keys"].as_array().cloned().unwrap_or_default();
    let stats = keys
        .iter()
        .find(|key| key["scope"] == "stats:read")
        .expect("a stats key");
    let revoke = format!("{path}/{}", stats["id"].as_str().unwrap_or_default());
    let request = Request::new("DELETE", revoke).header("cookie", server.cookie());
    assert_eq!(server.call(&request).status, 204);
    assert_eq!(ask(&shop.stats_key), 401);
}

#[test]
fn a_role_changes_what_it_may_and_looks_at_the_rest() {
    let mut server = almanac().start();
    let shop = server.add_project("shop.example");
    let path = format!("/api/projects/{}", shop.id);
    let keys = format!("{path}/keys");
    let change = json!({ "name": "Shop" });
    let key = json!({ "scope": "stats" });
    for (role, may_change) in [
        ("owner", true),
        ("admin", true),
        ("editor", true),
        ("viewer", false),
    ] {
        let cookie = match role {
            "owner" => server.cookie().to_owned(),
            other => server.sign_in_as(other),
        };
        let status = |request: Request| server.call(&request.header("cookie", &cookie)).status;
        let looks = [
            path.clone(),
            keys.clone(),
            format!("{path}/health"),
            format!("{path}/realtime"),
        ];
        for look in looks {
            assert_eq!(status(Request::get(&look)), 200, "{role} {look}");
        }
        let expected = |status| if may_change { status } else { 403 };
        let wish =
            json!({ "name": role, "hosts": [format!("{role}.example")], "time_zone": "UTC" });
        assert_eq!(
            status(Request::post("/api/projects", &wish)),
            expected(201),
            "{role}"
        );
        let changing = Request::new("PATCH", &path).body(change.to_string());
        let changing = changing.header("content-type", "application/json");
        assert_eq!(status(changing), expected(200), "{role}");
        assert_eq!(status(Request::post(&keys, &key)), expected(201), "{role}");
        let revoke = Request::new("DELETE", format!("{keys}/1"));
        assert_eq!(status(revoke), expected(204), "{role}");
    }
}

#[test]
fn answers_are_kept_by_nobody() {
    let server = almanac().start();
    for path in ["/api/session", "/api/projects", "/api/nothing"] {
        let reply = server.call(&Request::get(path).header("cookie", server.cookie()));
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[test]
fn a_method_that_is_not_known_is_told_so_in_json() {
    let server = almanac().start();
    for path in ["/healthz", "/api/v2/query", "/api/event"] {
        let reply = server.call(&Request::new("PUT", path));
        assert_eq!(reply.status, 405, "{path}");
        assert!(reply.header("allow").is_some(), "{path}");
        let said = reply.json()["error"].clone();
        assert!(
            said.as_str().is_some_and(|text| text.contains("PUT")),
            "{path}: {said}"
        );
    }
}

#[test]
fn a_page_of_another_origin_changes_nothing() {
    let server = almanac().start();
    let wish = json!({ "name": "Shop", "hosts": ["shop.example"], "time_zone": "UTC" });
    let create = |name: &str, value: &str| {
        let request = Request::post("/api/projects", &wish)
            .header("cookie", server.cookie())
            .header(name, value);
        server.call(&request).status
    };
    assert_eq!(create("origin", "https://evil.example"), 403);
    assert_eq!(create("origin", "null"), 403);
    assert_eq!(create("sec-fetch-site", "cross-site"), 403);
    assert_eq!(
        create("origin", &format!("http://{}", server.address())),
        201
    );
}

#[test]
fn a_new_project_is_collected_at_once_whoever_made_it() {
    let mut server = almanac().start();
    let send = |server: &TestServer, host: &str| {
        let reply = server.send(&json!({ "n": "pageview", "u": format!("https://{host}/") }));
        (
            reply.status,
            reply.header("x-almanac-dropped").map(str::to_owned),
        )
    };
    assert_eq!(send(&server, "shop.example"), (202, Some("1".to_owned())));

    let wish = json!({ "name": "Shop", "hosts": ["shop.example"], "time_zone": "UTC" });
    let request = Request::post("/api/projects", &wish).header("cookie", server.cookie());
    assert_eq!(server.call(&request).status, 201);
    assert_eq!(send(&server, "shop.example"), (202, None));

    let docs = server.add_project("docs.example");
    assert_eq!(send(&server, &docs.host), (202, None));
    assert_eq!(server.accounts(&docs).accepted, 1);
}
