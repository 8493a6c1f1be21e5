//! Nothing is changed without an entry in the audit log: every endpoint that may change something is
//! used, and must leave one; or it stands here with the reason why it leaves none.

use std::collections::BTreeSet;
use std::fs;

use almanac_model::{Event, EventId, Instant, Kind, ProjectId, VisitorId};
use almanac_testkit::TestServer;
use almanac_testkit::http::{Reply, Request};
use almanac_testkit::server::session_cookie;
use serde_json::{Value, json};

use crate::accounts::{shown, token_of};
use crate::almanac;

const EMAIL: &str = "ada@shop.example";
const PASSWORD: &str = "a quiet evening";
const NEW_PASSWORD: &str = "a louder evening";

/// Endpoints that leave no entry, or that are not used here, and why.
const REASONS: &[(&str, &str)] = &[
    ("query", "asks"),
    ("funnel", "asks"),
    ("retention", "asks"),
    ("journey", "asks"),
    ("attribution", "asks"),
    ("inventory", "asks"),
    ("read_invitation", "asks"),
    ("collect_event", "events are counted in the ledger"),
    ("collect_page_visit", "events are counted in the ledger"),
    ("collect_telemetry", "events are counted in the ledger"),
    (
        "forget_visitor",
        "stands in the log of decisions; anybody may ask, as often as they like",
    ),
    (
        "begin_second_factor",
        "changes nothing until it is confirmed",
    ),
    (
        "ask_for_reset",
        "is answered alike for every address; a link that is made leaves reset.issue",
    ),
    (
        "sign_out",
        "ends the session that asks; its beginning stands there",
    ),
    (
        "refresh_tokens",
        "goes on with a session; a token that is used twice leaves session.reuse",
    ),
    (
        "begin_provider_sign_in",
        "changes nothing; coming back leaves session.start, identity.link or identity.join",
    ),
    (
        "unlink_provider",
        "leaves identity.unlink; see tests/python/test_provider_sign_in.py",
    ),
    (
        "verify_host",
        "leaves project.verify where the host proves it, for which no test has a public host",
    ),
    (
        "cancel_training",
        "leaves training.cancel where one runs, which no test can be sure of",
    ),
    (
        "serve_training",
        "leaves training.serve; see one_version_serves_and_can_be_changed_back of the catalog",
    ),
];

/// Somebody who does one thing after another and looks at the log after each.
struct Walk<'a> {
    server: &'a TestServer,
    /// Of the owner, who may read the log.
    cookie: String,
    done: BTreeSet<&'static str>,
}

impl Walk<'_> {
    fn newest(&self) -> Vec<Value> {
        let request = Request::get("/api/audit").header("cookie", &self.cookie);
        let log = self.server.call(&request);
        assert_eq!(log.status, 200, "{}", log.text());
        log.json()["entries"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// Does something, which must leave an entry about it.
    fn watch<T>(&mut self, id: &'static str, action: &str, work: impl FnOnce() -> T) -> T {
        let known = self
            .newest()
            .first()
            .map_or(Value::Null, |entry| entry["id"].clone());
        let done = work();
        let since: Vec<Value> = self
            .newest()
            .into_iter()
            .take_while(|entry| entry["id"] != known)
            .collect();
        let about = since
            .iter()
            .filter(|entry| entry["action"] == action)
            .count();
        assert_eq!(about, 1, "{id} leaves no {action}: {since:?}");
        self.done.insert(id);
        done
    }

    /// The same for a request of the owner that must succeed.
    fn ask(&mut self, id: &'static str, action: &str, request: Request) -> Reply {
        let (server, cookie) = (self.server, self.cookie.clone());
        self.ask_as(id, action, request.header("cookie", cookie), server)
    }

    fn ask_as(
        &mut self,
        id: &'static str,
        action: &str,
        request: Request,
        server: &TestServer,
    ) -> Reply {
        let reply = self.watch(id, action, || server.call(&request));
        assert!((200..300).contains(&reply.status), "{id}: {}", reply.text());
        reply
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn with_body(method: &'static str, path: &str, body: &Value) -> Request {
    let request = Request::new(method, path).header("content-type", "application/json");
    request.body(body.to_string())
}

fn owner(server: &TestServer) -> Walk<'_> {
    let said = server.said();
    let token = said.split("/setup?token=").nth(1).unwrap_or_default();
    let token = token.split_whitespace().next().unwrap_or_default();
    let wish = json!({ "token": token, "email": EMAIL, "password": PASSWORD });
    let made = server.call(&Request::post("/api/setup", &wish));
    assert_eq!(made.status, 201, "{}", made.text());
    let mut walk = Walk {
        server,
        cookie: session_cookie(&made),
        done: BTreeSet::new(),
    };
    let first = walk.newest();
    assert!(
        first
            .iter()
            .any(|entry| entry["action"] == "setup.complete"),
        "{first:?}"
    );
    walk.done.insert("set_up");
    walk
}

fn account(walk: &mut Walk) {
    let (server, sign_in) = (walk.server, |password: &str| {
        Request::post(
            "/api/session",
            &json!({ "email": EMAIL, "password": password }),
        )
    });
    let elsewhere =
        session_cookie(&walk.ask_as("sign_in", "session.start", sign_in(PASSWORD), server));
    let rename = with_body("PATCH", "/api/account", &json!({ "name": "Ada" }));
    walk.ask("change_account", "user.rename", rename);
    let mine = Request::get("/api/account/sessions").header("cookie", elsewhere);
    let sessions = server.call(&mine).json()["sessions"].clone();
    let other = sessions.as_array().into_iter().flatten();
    let other = other.clone().find(|each| each["is_this"] == true);
    let path = format!(
        "/api/account/sessions/{}",
        text(&other.expect("a session")["id"])
    );
    walk.ask("end_session", "session.end", Request::new("DELETE", path));
    let wish = json!({ "email": EMAIL, "password": PASSWORD });
    let wish = Request::post("/api/auth/token", &wish);
    let made = walk.ask_as("create_tokens", "session.start", wish, server);
    let back = json!({ "refresh_token": made.json()["refresh_token"] });
    let back = Request::post("/api/auth/token/revoke", &back);
    walk.ask_as("revoke_tokens", "session.end", back, server);
    let others = Request::new("DELETE", "/api/account/sessions");
    walk.ask("end_other_sessions", "session.end_all", others);
    let wish = json!({ "password": PASSWORD, "new_password": NEW_PASSWORD });
    // The session that asks gets a new token, with which the log is read on.
    let request = Request::post("/api/account/password", &wish).header("cookie", &walk.cookie);
    let known = walk.newest().len();
    let changed = server.call(&request);
    assert!((200..300).contains(&changed.status), "{}", changed.text());
    walk.cookie = session_cookie(&changed);
    let since = walk.newest();
    let since = &since[..since.len() - known];
    assert!(
        since.iter().any(|entry| entry["action"] == "user.password"),
        "{since:?}"
    );
    walk.done.insert("change_password");
}

fn project(walk: &mut Walk) -> String {
    let wish = json!({ "name": "Shop", "hosts": ["shop.example"], "time_zone": "UTC" });
    let made = walk.ask(
        "create_project",
        "project.add",
        Request::post("/api/projects", &wish),
    );
    let id = text(&made.json()["project"]["id"]);
    let own = format!("/api/projects/{id}");
    let site = json!({ "site_id": id });
    let change = with_body("PATCH", &own, &json!({ "name": "The shop" }));
    walk.ask("change_project", "project.change", change);
    let goal = json!({ "name": "Buy", "definition": { "kind": "event", "event": "Buy" } });
    let goals = format!("{own}/saved/goals");
    let saved = walk.ask("create_saved", "goal.add", Request::post(&goals, &goal));
    let path = format!("{goals}/{}", text(&saved.json()["saved"]["id"]));
    walk.ask("remove_saved", "goal.remove", Request::new("DELETE", path));
    let days = with_body("PUT", &format!("{own}/retention"), &json!({ "days": 90 }));
    walk.ask("choose_retention", "project.retention", days);
    let shown = json!({ "masked": [], "unmasked_from": "editor", "stats_origins": [] });
    let shown = with_body("PUT", &format!("{own}/visibility"), &shown);
    walk.ask("choose_visibility", "project.visibility", shown);
    let holidays = json!({ "site_id": id, "country": "DE" });
    let holidays = with_body("PUT", "/api/predictions/holidays", &holidays);
    walk.ask("choose_holidays", "project.holidays", holidays);
    let retrain = Request::post("/api/predictions/retrain", &site);
    walk.ask("retrain", "training.ask", retrain);
    let person = json!({ "visitor": "1" });
    let erase = Request::post(format!("{own}/erase"), &person);
    walk.ask("erase", "events.erase", erase);
    let export = Request::post(format!("{own}/person"), &person);
    walk.ask("export_person", "person.export", export);
    id
}

fn keys(walk: &mut Walk, project: &str) {
    let path = format!("/api/projects/{project}/keys");
    let wish = json!({ "scope": "stats:read" });
    let made = walk.ask("create_key", "key.add", Request::post(&path, &wish));
    let path = format!("{path}/{}", text(&made.json()["id"]));
    walk.ask("revoke_key", "key.revoke", Request::new("DELETE", path));
    let wish = Request::post("/api/keys", &json!({}));
    let made = walk.ask("create_instance_key", "key.add", wish);
    let path = format!("/api/keys/{}", text(&made.json()["about"]["id"]));
    walk.ask("revoke_any_key", "key.revoke", Request::new("DELETE", path));
}

/// Invites somebody, who joins: the cookie and the id.
fn join(walk: &mut Walk, email: &str) -> (String, String) {
    let wish = json!({ "email": email, "role": "viewer" });
    let invite = Request::post("/api/team/invitations", &wish);
    let made = walk.ask("invite", "invitation.add", invite);
    let wish = json!({ "token": token_of(&made), "password": PASSWORD });
    let accept = Request::post("/api/invitation/accept", &wish);
    let joined = walk.ask_as(
        "accept_invitation",
        "invitation.accept",
        accept,
        walk.server,
    );
    (session_cookie(&joined), text(&joined.json()["user"]["id"]))
}

fn team(walk: &mut Walk) {
    let server = walk.server;
    let wish = json!({ "email": "nobody@shop.example", "role": "viewer" });
    let made = walk.ask(
        "invite",
        "invitation.add",
        Request::post("/api/team/invitations", &wish),
    );
    let path = format!(
        "/api/team/invitations/{}",
        text(&made.json()["invitation"]["id"])
    );
    walk.ask(
        "withdraw_invitation",
        "invitation.remove",
        Request::new("DELETE", path),
    );
    let (_, id) = join(walk, "bob@shop.example");
    let member = format!("/api/team/{id}");
    let change = with_body("PATCH", &member, &json!({ "role": "editor" }));
    walk.ask("change_member", "user.change", change);
    let end = Request::new("DELETE", format!("{member}/sessions"));
    walk.ask("end_member_sessions", "session.end_all", end);
    let reset = Request::new("POST", format!("{member}/reset"));
    let link = walk.ask("reset_member", "reset.issue", reset);
    let wish = json!({ "token": token_of(&link), "password": NEW_PASSWORD });
    let complete = Request::post("/api/reset/complete", &wish);
    walk.ask_as("complete_reset", "reset.complete", complete, server);
    walk.ask(
        "remove_member",
        "user.remove",
        Request::new("DELETE", member),
    );
}

/// A code works once, so that each of two people uses two.
fn second_factors(walk: &mut Walk) {
    let (path, server) = ("/api/account/second-factor", walk.server);
    for (email, last, action, then) in [
        (
            "eve@shop.example",
            "renew_recovery_codes",
            "second_factor.renew",
            "recovery-codes",
        ),
        (
            "dan@shop.example",
            "remove_second_factor",
            "second_factor.off",
            "remove",
        ),
    ] {
        let (cookie, _) = join(walk, email);
        let begin = Request::post(path, &json!({ "password": PASSWORD }));
        let begun = server.call(&begin.header("cookie", &cookie));
        let secret = text(&begun.json()["secret"]);
        let confirm = with_body("PUT", path, &json!({ "code": shown(&secret, 0) }));
        let confirm = confirm.header("cookie", &cookie);
        walk.ask_as("confirm_second_factor", "second_factor.on", confirm, server);
        let wish = json!({ "password": PASSWORD, "code": shown(&secret, 1) });
        let request = Request::post(format!("{path}/{then}"), &wish).header("cookie", &cookie);
        walk.ask_as(last, action, request, server);
    }
}

/// What commands of this machine do through the server.
fn commands(walk: &mut Walk, project: &str) {
    let (server, folder) = (walk.server, tempfile::tempdir().expect("a folder"));
    let rows = folder.path().join("rows.ndjson");
    let row = json!({
        "visitor": "7", "time": 1_748_736_000_000_000_u64, "kind": "pageview", "name": "pageview",
        "hostname": "shop.example", "path": "/",
    });
    fs::write(&rows, format!("{row}\n")).expect("rows");
    let log = folder.path().join("access.log");
    let line =
        "203.0.113.9 - - [01/Jun/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"\n";
    fs::write(&log, line).expect("a log");
    let import = |words: &[&str], file: &std::path::Path| {
        let file = file.display().to_string();
        let of = ["--project", project];
        server.run_json(&[&["import"], words, &[file.as_str()], &of[..]].concat())
    };
    walk.watch("import_rows", "events.import", || {
        import(&["ndjson"], &rows)
    });
    let host = ["access-log", "--host", "shop.example"];
    walk.watch("import_access_log", "events.import", || import(&host, &log));
    let id = ProjectId(project.parse().expect("a number"));
    let event = Event::new(EventId(7), id, Instant(1), VisitorId(7), Kind::Custom);
    let mut bytes = Vec::new();
    almanac_ingest::record::encode(&event, &mut bytes);
    let letters = server.data_dir().join("dead-letters");
    fs::write(letters.join(format!("{:020}.record", 999_999)), bytes).expect("a letter");
    fs::write(letters.join(format!("{:020}.reason", 999_999)), "a test").expect("a reason");
    walk.watch("replay_dead_letter", "dead_letter.replay", || {
        server.run_json(&["dead-letters", "replay", "999999"])
    });
}

#[test]
fn whatever_changes_something_leaves_an_entry_or_has_a_reason() {
    let server = almanac().start();
    let mut walk = owner(&server);
    account(&mut walk);
    let id = project(&mut walk);
    keys(&mut walk, &id);
    team(&mut walk);
    second_factors(&mut walk);
    commands(&mut walk, &id);

    let document = server.call(&Request::get("/api/openapi.json")).json();
    let mut silent = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let id = operation["operationId"].as_str().unwrap_or_default();
            let has_reason = REASONS.iter().any(|(known, _)| *known == id);
            // The front doors for other people's clients take events, as the three of our own do.
            let is_door = id.starts_with("door_");
            if method != "get" && !walk.done.contains(id) && !has_reason && !is_door {
                silent.push(format!("{id} ({method} {path})"));
            }
        }
    }
    assert!(
        silent.is_empty(),
        "neither an entry nor a reason: {silent:?}"
    );
    let verify = Request::get("/api/audit/verify").header("cookie", &walk.cookie);
    assert_eq!(server.call(&verify).json()["is_sound"], true);
}
