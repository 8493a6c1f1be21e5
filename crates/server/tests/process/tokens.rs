//! What programs get to act for a person: tokens by password or by a browser's session, their
//! refreshing, and that every end of a session is the end of its tokens, at once.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use almanac_testkit::TestServer;
use almanac_testkit::http::{Reply, Request};
use almanac_testkit::server::session_cookie;
use serde_json::{Value, json};

use crate::almanac;

/// A stream that is not closed within this was forgotten; it is looked at every 16 seconds.
const CLOSED_WITHIN: Duration = Duration::from_secs(60);

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// An account of its own: address and password.
pub(crate) fn account(server: &TestServer, email: &str, role: &str) -> Value {
    let made = server.run_json(&["user", "add", "--email", email, "--role", role]);
    json!({ "email": email, "password": made["password"] })
}

/// The tokens that an account gets for a program of that name.
pub(crate) fn tokens(server: &TestServer, account: &Value, name: &str) -> Value {
    let mut wish = account.clone();
    wish["name"] = json!(name);
    let reply = server.call(&Request::post("/api/auth/token", &wish));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn refresh(server: &TestServer, tokens: &Value) -> Reply {
    let wish = json!({ "refresh_token": tokens["refresh_token"] });
    server.call(&Request::post("/api/auth/token/refresh", &wish))
}

fn who(server: &TestServer, tokens: &Value) -> Reply {
    let token = text(&tokens["access_token"]);
    server.call(&Request::get("/api/account").bearer(&token))
}

#[test]
fn a_program_acts_for_a_person_until_its_session_ends() {
    let server = almanac().with("ALMANAC_TOKENS_ACCESS_S", 60).start();
    let ada = account(&server, "ada@shop.example", "editor");
    let first = tokens(&server, &ada, "weekly report");
    assert_eq!(first["token_type"], "Bearer");
    assert_eq!(first["expires_in"], 60);
    assert_eq!(who(&server, &first).json()["email"], "ada@shop.example");

    let second = refresh(&server, &first).json();
    assert_eq!(second["session"], first["session"]);
    assert_eq!(who(&server, &second).status, 200);
    assert_eq!(who(&server, &first).status, 200, "it is not over yet");

    let cookie = session_cookie(&server.call(&Request::post("/api/session", &ada)));
    let path = "/api/account/sessions";
    let listed = server
        .call(&Request::get(path).header("cookie", &cookie))
        .json();
    let named: Vec<_> = listed["sessions"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let mine = named.iter().find(|each| each["kind"] == "program");
    let mine = mine.expect("the program is listed");
    assert_eq!(mine["name"], "weekly report");
    assert_eq!(mine["id"], first["session"]);
    let end = Request::new("DELETE", format!("{path}/{}", text(&mine["id"])));
    assert_eq!(server.call(&end.header("cookie", &cookie)).status, 204);
    assert_eq!(who(&server, &second).status, 401);
    assert_eq!(refresh(&server, &second).status, 401);

    // A wrong password is a wrong sign-in, here as there.
    let wrong = json!({ "email": "ada@shop.example", "password": "not the password" });
    let refused = server.call(&Request::post("/api/auth/token", &wrong));
    assert_eq!(refused.status, 401);
}

#[test]
fn a_refresh_token_that_was_spent_ends_its_session_and_stands_in_the_log() {
    let server = almanac().start();
    let ada = account(&server, "ada@shop.example", "viewer");
    let (first, other) = (tokens(&server, &ada, "one"), tokens(&server, &ada, "two"));
    let second = refresh(&server, &first).json();
    let stolen = refresh(&server, &first);
    assert_eq!(stolen.status, 401);
    assert!(stolen.text().contains("used before"), "{}", stolen.text());
    assert_eq!(who(&server, &second).status, 401);
    assert_eq!(refresh(&server, &second).status, 401);
    assert_eq!(
        who(&server, &other).status,
        200,
        "the other program goes on"
    );
    let log = Request::get("/api/audit?action=session.reuse").header("cookie", server.cookie());
    let noted = server.call(&log).json();
    assert_eq!(
        noted["entries"].as_array().map(Vec::len),
        Some(1),
        "{noted}"
    );

    let back = json!({ "refresh_token": other["refresh_token"] });
    let revoke = || {
        server
            .call(&Request::post("/api/auth/token/revoke", &back))
            .status
    };
    assert_eq!((revoke(), revoke()), (204, 204));
    assert_eq!(who(&server, &other).status, 401);
}

#[test]
fn tokens_of_a_browser_end_with_its_session_and_make_no_others() {
    let server = almanac().start();
    let ada = account(&server, "ada@shop.example", "viewer");
    let cookie = session_cookie(&server.call(&Request::post("/api/session", &ada)));
    let ask = |name: &str, value: &str| {
        let wish = json!({ "name": "notebook" });
        server.call(&Request::post("/api/auth/token", &wish).header(name, value))
    };
    let made = ask("cookie", &cookie);
    assert_eq!(made.status, 200, "{}", made.text());
    let made = made.json();
    assert_eq!(who(&server, &made).status, 200);
    let bearer = format!("Bearer {}", text(&made["access_token"]));
    assert_eq!(ask("authorization", &bearer).status, 403);
    let forged = Request::post("/api/auth/token", &json!({ "name": "x" }))
        .header("cookie", &cookie)
        .header("origin", "https://evil.example");
    assert_eq!(server.call(&forged).status, 403);

    let out = Request::new("DELETE", "/api/session").header("cookie", &cookie);
    assert_eq!(server.call(&out).status, 204);
    assert_eq!(who(&server, &made).status, 401);
    assert_eq!(refresh(&server, &made).status, 401);
}

#[test]
fn a_new_signing_key_believes_the_old_one_unless_it_is_forgotten() {
    let server = almanac().start();
    let ada = account(&server, "ada@shop.example", "viewer");
    let first = tokens(&server, &ada, "one");
    let keys = || {
        let answer = server.call(&Request::get("/.well-known/jwks.json")).json();
        let keys = answer["keys"].as_array().cloned().unwrap_or_default();
        assert!(
            keys.iter()
                .all(|key| key["d"].is_null() && key["alg"] == "EdDSA")
        );
        keys.iter().map(|key| text(&key["kid"])).collect::<Vec<_>>()
    };
    let before = keys();
    assert_eq!(before.len(), 1);
    let rotated = server.run_json(&["key", "rotate-signing"]);
    assert_eq!(keys().len(), 2);
    assert!(keys().contains(&text(&rotated["kid"])));
    assert_eq!(who(&server, &first).status, 200);

    server.run_json(&["key", "rotate-signing", "--forget-old"]);
    assert_eq!(keys().len(), 1);
    assert_eq!(who(&server, &first).status, 401);
    let second = refresh(&server, &first).json();
    assert_eq!(who(&server, &second).status, 200);
}

#[test]
fn an_open_stream_ends_soon_after_its_session() {
    let mut server = almanac().start();
    let shop = server.add_project("shop.example");
    let ada = account(&server, "ada@shop.example", "viewer");
    let cookie = session_cookie(&server.call(&Request::post("/api/session", &ada)));
    let program = tokens(&server, &ada, "wall");
    let bearer = format!("Bearer {}", text(&program["access_token"]));
    let streams = [("cookie", cookie.clone()), ("authorization", bearer)].map(|(name, value)| {
        let socket = TcpStream::connect(server.address()).expect("a connection");
        socket
            .set_read_timeout(Some(CLOSED_WITHIN))
            .expect("a time");
        let path = format!("/api/projects/{}/live", shop.id);
        let host = server.address();
        let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{name}: {value}\r\n\r\n");
        (&socket)
            .write_all(head.as_bytes())
            .expect("a request is sent");
        let mut lines = BufReader::new(socket).lines();
        let first = lines.next().expect("an answer").expect("a line");
        assert!(first.contains("200"), "{first}");
        let live = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("visitors")));
        assert!(live.is_some(), "nothing live came");
        lines
    });
    let path = "/api/account/sessions";
    let end_others = Request::new("DELETE", path).header("cookie", &cookie);
    assert_eq!(server.call(&end_others).status, 200);
    let out = Request::new("DELETE", "/api/session").header("cookie", &cookie);
    assert_eq!(server.call(&out).status, 204);
    for lines in streams {
        // The connection is kept for further requests: what ends is the answer, by an empty chunk.
        let mut rest = lines.map(|line| line.expect("the stream ends before the test gives up"));
        assert!(rest.any(|line| line == "0"), "the stream did not end");
    }
}
