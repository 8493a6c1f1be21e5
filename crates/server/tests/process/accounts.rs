//! Accounts over real HTTP: second factors, guessing, sessions, members, resets, and the log of all
//! that.

use std::time::{SystemTime, UNIX_EPOCH};

use almanac_testkit::TestServer;
use almanac_testkit::http::{Reply, Request};
use almanac_testkit::server::session_cookie;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::almanac;

const PASSWORD: &str = "a quiet evening";

/// A request of somebody with a cookie.
fn by(server: &TestServer, cookie: &str, request: Request) -> Reply {
    server.call(&request.header("cookie", cookie))
}

fn change(method: &'static str, path: impl Into<String>, body: &Value) -> Request {
    let request = Request::new(method, path).header("content-type", "application/json");
    request.body(body.to_string())
}

fn sign_in(server: &TestServer, email: &str, password: &str, code: &str) -> Reply {
    let wish = json!({ "email": email, "password": password, "code": code });
    server.call(&Request::post("/api/session", &wish))
}

/// Invites a member as the owner and accepts: the member's cookie and id.
fn member(server: &TestServer, email: &str, role: &str) -> (String, String) {
    let wish = json!({ "email": email, "role": role });
    let made = by(
        server,
        server.cookie(),
        Request::post("/api/team/invitations", &wish),
    );
    assert_eq!(made.status, 201, "{}", made.text());
    let wish = json!({ "token": token_of(&made), "password": PASSWORD });
    let joined = server.call(&Request::post("/api/invitation/accept", &wish));
    assert_eq!(joined.status, 201, "{}", joined.text());
    let again = server.call(&Request::post("/api/invitation/accept", &wish));
    assert_eq!(again.status, 403, "an invitation works once");
    let id = joined.json()["user"]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    (session_cookie(&joined), id)
}

/// The token behind the `#` of the link in an answer.
pub(crate) fn token_of(reply: &Reply) -> String {
    let link = reply.json()["link"].as_str().unwrap_or_default().to_owned();
    link.split("#token=").nth(1).unwrap_or_default().to_owned()
}

/// The code that an app with this secret shows so many steps from now.
#[expect(clippy::disallowed_methods, reason = "an app has a clock of its own")]
pub(crate) fn shown(secret: &str, steps_ahead: u64) -> String {
    let mut bits = String::new();
    for letter in secret.chars() {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .find(letter)
            .expect("base 32");
        bits.push_str(&format!("{value:05b}"));
    }
    let digits: Vec<u8> = bits.bytes().map(|bit| bit - b'0').collect();
    let (bytes, _) = digits.as_chunks::<8>();
    let key: Vec<u8> = bytes
        .iter()
        .map(|bits| bits.iter().fold(0, |byte, bit| (byte << 1) | bit))
        .collect();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a present");
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("any length is a key");
    mac.update(&(now.as_secs() / 30 + steps_ahead).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let four = digest[offset..offset + 4].try_into().expect("four bytes");
    format!(
        "{:06}",
        (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000
    )
}

#[test]
fn a_second_factor_is_asked_for_once_it_works_and_no_reset_goes_around_it() {
    let server = almanac().start();
    let email = "bob@test.example";
    let (cookie, id) = member(&server, email, "editor");
    let path = "/api/account/second-factor";
    let begin = |password: &str| {
        by(
            &server,
            &cookie,
            Request::post(path, &json!({ "password": password })),
        )
    };
    assert_eq!(begin("not the password").status, 400);
    let begun = begin(PASSWORD);
    assert_eq!(begun.status, 201, "{}", begun.text());
    assert_eq!(
        sign_in(&server, email, PASSWORD, "").status,
        200,
        "not on yet"
    );
    let secret = begun.json()["secret"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let confirm = |code: &str| {
        by(
            &server,
            &cookie,
            change("PUT", path, &json!({ "code": code })),
        )
    };
    assert_eq!(confirm("12345").status, 400);
    let confirmed = confirm(&shown(&secret, 0));
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    let recovery = confirmed.json()["recovery_codes"].clone();
    assert_eq!(recovery.as_array().map(Vec::len), Some(10));
    let recovery = recovery[0].as_str().unwrap_or_default().to_owned();

    let without = sign_in(&server, email, PASSWORD, "");
    assert_eq!(without.status, 401);
    assert_eq!(without.json()["second_factor"], "needed");
    assert!(without.header("set-cookie").is_none());
    let wrong_password = sign_in(&server, email, "not the password", "");
    assert!(wrong_password.json()["second_factor"].is_null());
    let code = shown(&secret, 1);
    assert_eq!(sign_in(&server, email, PASSWORD, &code).status, 200);
    assert_eq!(sign_in(&server, email, PASSWORD, &code).status, 401, "used");
    assert_eq!(sign_in(&server, email, PASSWORD, &recovery).status, 200);
    assert_eq!(
        sign_in(&server, email, PASSWORD, &recovery).status,
        401,
        "used"
    );

    let path = format!("/api/team/{id}/reset");
    let link = by(&server, server.cookie(), Request::new("POST", path));
    assert_eq!(link.status, 201, "{}", link.text());
    let wish = json!({ "token": token_of(&link), "password": "a louder evening" });
    let complete = || server.call(&Request::post("/api/reset/complete", &wish));
    let completed = complete();
    assert_eq!(completed.status, 204, "{}", completed.text());
    assert!(completed.header("set-cookie").is_none());
    assert_eq!(complete().status, 403, "a link works once");
    let who = by(&server, &cookie, Request::get("/api/session"));
    assert_eq!(who.status, 401, "a reset ends every session");
    assert_eq!(sign_in(&server, email, "a louder evening", "").status, 401);

    let off = server.run_json(&["user", "second-factor-off", "--email", email]);
    assert_eq!(off["user"]["email"], email);
    assert_eq!(sign_in(&server, email, "a louder evening", "").status, 200);
}

#[test]
fn guessing_gets_slower_where_it_happens_and_nowhere_else() {
    let server = almanac().start();
    let email = "bob@test.example";
    member(&server, email, "viewer");
    let from = |address: &str, password: &str| {
        let wish = json!({ "email": email, "password": password });
        let request = Request::post("/api/session", &wish).header("x-forwarded-for", address);
        server.call(&request)
    };
    for _ in 0..6 {
        assert_eq!(from("203.0.113.9", "not the password").status, 401);
    }
    let slowed = from("203.0.113.9", PASSWORD);
    assert_eq!(slowed.status, 429, "the right one has to wait as well");
    let wait_s = slowed
        .header("retry-after")
        .and_then(|text| text.parse().ok());
    assert!(wait_s.is_some_and(|seconds: u32| (1..=3).contains(&seconds)));
    assert_eq!(
        from("198.51.100.7", PASSWORD).status,
        200,
        "the owner is elsewhere"
    );

    let log = by(
        &server,
        server.cookie(),
        Request::get("/api/audit?action=session.refused"),
    );
    let entries = log.json()["entries"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert_eq!(
        entries.len(),
        2,
        "of six, the two that made somebody wait: {entries:?}"
    );
    assert!(!log.text().contains("203.0.113"), "no address is kept");
}

#[test]
fn sessions_are_known_by_their_device_and_end_at_once() {
    let server = almanac().start();
    let email = "bob@test.example";
    let (first, _) = member(&server, email, "viewer");
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0";
    let wish = json!({ "email": email, "password": PASSWORD });
    let request = Request::post("/api/session", &wish).header("user-agent", firefox);
    let second = session_cookie(&server.call(&request));
    let list = |cookie: &str| by(&server, cookie, Request::get("/api/account/sessions"));
    let sessions = list(&second).json()["sessions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert_eq!(sessions.len(), 2);
    let of = |is_this: bool| {
        let found = sessions.iter().find(|each| each["is_this"] == is_this);
        found.cloned().expect("a session")
    };
    assert_eq!(of(true)["device"], "Firefox on Linux");
    let path = format!(
        "/api/account/sessions/{}",
        of(false)["id"].as_str().unwrap_or_default()
    );
    assert_eq!(
        by(&server, &second, Request::new("DELETE", path)).status,
        204
    );
    assert_eq!(list(&first).status, 401);

    let third = session_cookie(&sign_in(&server, email, PASSWORD, ""));
    let all = Request::new("DELETE", "/api/account/sessions");
    assert_eq!(by(&server, &second, all).json()["ended"], 1);
    assert_eq!(list(&third).status, 401);

    let fourth = session_cookie(&sign_in(&server, email, PASSWORD, ""));
    let path = "/api/account/password";
    let wish = |old: &str, new: &str| json!({ "password": old, "new_password": new });
    let refused = [
        wish("not the password", "a louder evening"),
        wish(PASSWORD, "password"),
        wish(PASSWORD, "short"),
    ];
    for body in refused {
        assert_eq!(
            by(&server, &second, Request::post(path, &body)).status,
            400,
            "{body}"
        );
    }
    let body = wish(
        PASSWORD,
        "ein lauter Abend mit Füßen und 日本語, ganz ohne Regeln der Zusammensetzung",
    );
    let changed = by(&server, &second, Request::post(path, &body));
    assert_eq!(changed.status, 204, "{}", changed.text());
    for over in [&second, &fourth] {
        assert_eq!(list(over).status, 401, "a new password ends every session");
    }
    assert_eq!(list(&session_cookie(&changed)).status, 200);
}

#[test]
fn an_admin_manages_members_but_no_owner_and_the_last_owner_stays() {
    let server = almanac().start();
    let (admin, admin_id) = member(&server, "eve@test.example", "admin");
    let (bob, bob_id) = member(&server, "bob@test.example", "viewer");
    let team = by(&server, &admin, Request::get("/api/team")).json();
    let owner = team["members"].as_array().and_then(|all| {
        let found = all.iter().find(|each| each["role"] == "owner");
        found.map(|each| each["id"].as_str().unwrap_or_default().to_owned())
    });
    let owner = owner.expect("an owner");
    let patch = |cookie: &str, id: &str, body: &Value| {
        by(
            &server,
            cookie,
            change("PATCH", format!("/api/team/{id}"), body),
        )
        .status
    };
    assert_eq!(patch(&admin, &owner, &json!({ "disabled": true })), 403);
    assert_eq!(patch(&admin, &bob_id, &json!({ "role": "owner" })), 403);
    assert_eq!(patch(&admin, &admin_id, &json!({ "role": "owner" })), 403);
    let invitation = json!({ "email": "mallory@test.example", "role": "owner" });
    let refused = by(
        &server,
        &admin,
        Request::post("/api/team/invitations", &invitation),
    );
    assert_eq!(refused.status, 403);
    for path in [
        format!("/api/team/{owner}/reset"),
        format!("/api/team/{owner}/sessions"),
    ] {
        let method = if path.ends_with("reset") {
            "POST"
        } else {
            "DELETE"
        };
        assert_eq!(by(&server, &admin, Request::new(method, path)).status, 403);
    }
    let lesser = json!({ "role": "admin" });
    assert_eq!(
        patch(server.cookie(), &owner, &lesser),
        409,
        "the last owner"
    );

    assert_eq!(patch(&admin, &bob_id, &json!({ "role": "editor" })), 200);
    let wish = json!({ "name": "Shop", "hosts": ["shop.example"], "time_zone": "UTC" });
    let made = by(&server, &bob, Request::post("/api/projects", &wish));
    assert_eq!(made.status, 201, "a new role counts at once");
    let granted = json!({ "reach": "granted", "grants": [] });
    assert_eq!(patch(&admin, &bob_id, &granted), 200);
    let list = by(&server, &bob, Request::get("/api/projects")).json();
    assert_eq!(list["projects"], json!([]), "out of reach at once");
    let removed = by(
        &server,
        &admin,
        Request::new("DELETE", format!("/api/team/{bob_id}")),
    );
    assert_eq!(removed.status, 204);
    assert_eq!(by(&server, &bob, Request::get("/api/session")).status, 401);
}

#[test]
fn what_was_done_can_be_read_taken_away_and_verified_and_tells_no_secret() {
    let server = almanac().start();
    let (bob, bob_id) = member(&server, "bob@test.example", "viewer");
    let owner = server.cookie();
    let wish = json!({ "name": "=cmd()" });
    let key = by(&server, owner, Request::post("/api/keys", &wish)).json();
    let text = key["key"].as_str().unwrap_or_default().to_owned();
    assert!(text.starts_with("alm_a_"), "{key}");
    let link = by(
        &server,
        owner,
        Request::new("POST", format!("/api/team/{bob_id}/reset")),
    );
    let reset = token_of(&link);

    let log = by(&server, owner, Request::get("/api/audit"));
    let entries = log.json()["entries"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let actions: Vec<&str> = entries
        .iter()
        .filter_map(|each| each["action"].as_str())
        .collect();
    assert_eq!(actions[..2], ["reset.issue", "key.add"], "{actions:?}");
    for action in [
        "invitation.add",
        "invitation.accept",
        "session.start",
        "user.add",
    ] {
        assert!(actions.contains(&action), "{action} in {actions:?}");
    }
    assert_eq!(entries[1]["after"]["scope"], "admin");
    let export = by(&server, owner, Request::get("/api/audit/export"));
    assert_eq!(
        export.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    let secret = text.rsplit('_').next().unwrap_or_default();
    let cookie = bob.split('=').nth(1).unwrap_or_default();
    for hidden in [PASSWORD, secret, &reset, cookie] {
        for told in [&log.text(), &export.text(), &server.said()] {
            assert!(
                !hidden.is_empty() && !told.contains(hidden),
                "{hidden} is told"
            );
        }
    }

    let verdict = by(&server, owner, Request::get("/api/audit/verify")).json();
    assert_eq!(verdict["is_sound"], true, "{verdict}");
    let head = verdict["head"].as_str().unwrap_or_default().to_owned();
    let verified = server.run_json(&["audit", "verify", "--head", &head]);
    assert_eq!(verified["head"], head.as_str());
    let wrong = server.run(&["audit", "verify", "--head", "0f1e"]);
    assert_eq!(wrong.status.code(), Some(1));
    let listed = server.run_json(&["audit", "list", "--action", "key"]);
    assert_eq!(listed["entries"][0]["action"], "key.add");
}

#[test]
fn a_forgotten_password_is_answered_alike_for_everybody_and_helped_by_the_command_line() {
    let server = almanac().start();
    member(&server, "bob@test.example", "viewer");
    let ask = |email: &str| {
        let asked = server.call(&Request::post("/api/reset", &json!({ "email": email })));
        (asked.status, asked.text())
    };
    assert_eq!(ask("bob@test.example"), ask("stranger@test.example"));
    let made = server.run_json(&["user", "reset", "--email", "bob@test.example"]);
    let link = made["link"].as_str().unwrap_or_default();
    let token = link.split("#token=").nth(1).unwrap_or_default();
    let wish = json!({ "token": token, "password": "a louder evening" });
    let completed = server.call(&Request::post("/api/reset/complete", &wish));
    assert_eq!(completed.status, 204, "{}", completed.text());
    let signed_in = sign_in(&server, "bob@test.example", "a louder evening", "");
    assert_eq!(signed_in.status, 200);
}
