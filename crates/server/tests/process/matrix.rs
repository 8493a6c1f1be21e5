//! Who may do what: every endpoint that the router has, as every kind of caller, on the own, a
//! foreign and an absent project. The endpoints come from the document that the router describes
//! itself with, so that a new one without a row here fails.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use almanac_testkit::TestServer;
use almanac_testkit::http::{Reply, Request};
use almanac_testkit::server::session_cookie;
use serde_json::{Value, json};

use crate::almanac;

/// Every kind of caller, in the order of the columns of `RULES`.
const CALLERS: [&str; 14] = [
    "nobody",
    "owner",
    "token",
    "admin",
    "editor",
    "viewer",
    "guest viewer",
    "guest editor",
    "ingest",
    "stats:read",
    "project:write",
    "admin key",
    "revoked",
    "disabled",
];

/// Where a request about a project leads: own, foreign, absent.
const OBJECTS: [&str; 3] = ["own", "foreign", "absent"];

/// What each need gives each caller: `a`llowed, `u`nauthorised (401), `f`orbidden (403), `h`idden
/// (404, as if it were not there); three letters where a project is named.
const RULES: [(&str, &str); 12] = [
    (
        "look",
        "uuu aah aah aah aah aah ahh ahh fff ahh ahh aah uuu uuu",
    ),
    (
        "oversee",
        "uuu aah aah aah aah aah ahh ahh fff fff ahh aah uuu uuu",
    ),
    (
        "change",
        "uuu aah aah aah aah ffh fhh ahh fff fff ahh aah uuu uuu",
    ),
    (
        "govern",
        "uuu aah aah aah ffh ffh fhh fhh fff fff fff aah uuu uuu",
    ),
    (
        "keys",
        "uuu aah aah aah aah ffh fhh ahh fff fff fff aah uuu uuu",
    ),
    ("account", "u a a a a a a a f f f f u u"),
    ("projects", "u a a a a a a a f f f a u u"),
    ("add project", "u a a a a f f f f f f a u u"),
    ("team", "u a a a f f f f f f f a u u"),
    ("instance keys", "u a a a f f f f f f f f u u"),
    ("this machine", "u f f f f f f f f f f f u u"),
    ("collect", "a a u a a a a a a f f f u a"),
];

/// What each endpoint needs. `open` is for anybody and does not look at who asks.
const NEEDS: &[(&str, &[&str])] = &[
    (
        "look",
        &[
            "query",
            "funnel",
            "retention",
            "journey",
            "attribution",
            "inventory",
            "list_saved",
            "realtime",
            "forecast",
            "forecast_page_visits",
            "forecast_accuracy",
            "show_trend",
            "list_trainings",
            "list_anomalies",
            "list_noticed_anomalies",
            "show_holidays",
            "consents",
        ],
    ),
    (
        "oversee",
        &[
            "show_project",
            "project_health",
            "live",
            "list_keys",
            "show_retention",
            "show_visibility",
            "show_disk",
            "show_verification",
        ],
    ),
    (
        "change",
        &[
            "change_project",
            "create_saved",
            "remove_saved",
            "retrain",
            "cancel_training",
            "serve_training",
            "choose_holidays",
            "verify_host",
        ],
    ),
    (
        "govern",
        &[
            "erase",
            "export_person",
            "choose_retention",
            "choose_visibility",
        ],
    ),
    ("keys", &["create_key", "revoke_key"]),
    (
        "account",
        &[
            "who_am_i",
            "account",
            "change_account",
            "change_password",
            "begin_second_factor",
            "confirm_second_factor",
            "remove_second_factor",
            "renew_recovery_codes",
            "list_sessions",
            "end_other_sessions",
            "end_session",
            "unlink_provider",
        ],
    ),
    ("projects", &["list_projects"]),
    ("add project", &["create_project"]),
    (
        "team",
        &[
            "team",
            "invite",
            "withdraw_invitation",
            "change_member",
            "remove_member",
            "end_member_sessions",
            "reset_member",
            "audit",
            "verify_audit",
            "export_audit",
        ],
    ),
    (
        "instance keys",
        &["list_all_keys", "create_instance_key", "revoke_any_key"],
    ),
    (
        "this machine",
        &[
            "import_access_log",
            "import_rows",
            "export_rows",
            "replay_dead_letter",
        ],
    ),
    (
        "collect",
        &["collect_event", "collect_page_visit", "collect_telemetry"],
    ),
    (
        "open",
        &[
            "setup_state",
            "set_up",
            "sign_in",
            "sign_out",
            "begin_provider_sign_in",
            "end_provider_sign_in",
            "create_tokens",
            "refresh_tokens",
            "revoke_tokens",
            "public_keys",
            "ask_for_reset",
            "complete_reset",
            "read_invitation",
            "accept_invitation",
            "alive",
            "ready",
            "health",
            "metrics",
            "openapi",
            "forget_visitor",
            "script",
        ],
    ),
];

/// Callers by the names that the document has for their credentials.
const KEYS: [(&str, &str); 5] = [
    ("token", "access_token"),
    ("ingest", "ingest_key"),
    ("stats:read", "stats_key"),
    ("project:write", "write_key"),
    ("admin key", "admin_key"),
];

/// An endpoint as the document describes it.
struct Endpoint {
    id: String,
    method: &'static str,
    path: String,
    security: Vec<String>,
    takes_site: bool,
}

fn endpoints(server: &TestServer) -> Vec<Endpoint> {
    let document = server.call(&Request::get("/api/openapi.json")).json();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
            let method = known
                .into_iter()
                .find(|known| known.eq_ignore_ascii_case(method));
            let method = method.expect("a method that is known");
            let named = |value: &Value| value.as_array().cloned().unwrap_or_default();
            let security = named(&operation["security"]);
            let names = security.iter().filter_map(|each| each.as_object());
            found.push(Endpoint {
                id: operation["operationId"].as_str().expect("an id").to_owned(),
                method,
                path: path.clone(),
                security: names.flat_map(|each| each.keys().cloned()).collect(),
                takes_site: named(&operation["parameters"])
                    .iter()
                    .any(|each| each["name"] == "site_id"),
            });
        }
    }
    found
}

/// A credential: nothing, a cookie or a key.
type Credential = Option<(&'static str, String)>;

/// A world with everybody in it, and two projects.
struct Cast {
    credentials: BTreeMap<&'static str, Credential>,
    objects: [String; 3],
}

fn invite(server: &TestServer, email: &str, grants: &Value) -> String {
    let wish = json!({ "email": email, "role": "viewer", "reach": "granted", "grants": grants });
    let asked = Request::post("/api/team/invitations", &wish).header("cookie", server.cookie());
    let made = server.call(&asked);
    assert_eq!(made.status, 201, "{}", made.text());
    let link = made.json()["link"].as_str().unwrap_or_default().to_owned();
    let token = link.split("#token=").nth(1).unwrap_or_default();
    let acceptance = json!({ "token": token, "password": "a quiet evening" });
    let joined = server.call(&Request::post("/api/invitation/accept", &acceptance));
    assert_eq!(joined.status, 201, "{}", joined.text());
    session_cookie(&joined)
}

/// An owner whose session may end: the server's own one still looks at the accounts at the end.
fn another_owner(server: &TestServer, email: &str) -> Value {
    let made = server.run_json(&["user", "add", "--email", email, "--role", "owner"]);
    json!({ "email": email, "password": made["password"] })
}

fn second_owner(server: &TestServer) -> String {
    let wish = another_owner(server, "second@test.example");
    session_cookie(&server.call(&Request::post("/api/session", &wish)))
}

/// The access token of a program that acts for an owner of its own.
fn token(server: &TestServer) -> String {
    let wish = another_owner(server, "third@test.example");
    let made = server.call(&Request::post("/api/auth/token", &wish));
    assert_eq!(made.status, 200, "{}", made.text());
    let token = made.json()["access_token"].as_str().map(str::to_owned);
    token.unwrap_or_default()
}

fn cast(server: &mut TestServer) -> Cast {
    let (own, foreign) = (
        server.add_project("shop.example"),
        server.add_project("docs.example"),
    );
    let owner = server.cookie().to_owned();
    let as_owner = |request: Request| server.call(&request.header("cookie", &owner));
    let key = |scope: &str| {
        let wish = json!({ "scope": scope });
        let made = as_owner(Request::post(
            format!("/api/projects/{}/keys", own.id),
            &wish,
        ));
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()
    };
    let text = |made: &Value| made["key"].as_str().unwrap_or_default().to_owned();
    let revoked = key("stats:read");
    let path = format!(
        "/api/projects/{}/keys/{}",
        own.id,
        revoked["id"].as_str().unwrap_or_default()
    );
    assert_eq!(as_owner(Request::new("DELETE", path)).status, 204);
    let admin = as_owner(Request::post("/api/keys", &json!({}))).json();
    let grant = |role: &str| json!([{ "project": own.id, "role": role }]);
    let disabled = invite(server, "off@test.example", &grant("admin"));
    let me = Request::get("/api/account").header("cookie", &disabled);
    let id = server.call(&me).json()["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let off = Request::new("PATCH", format!("/api/team/{id}"))
        .header("content-type", "application/json")
        .body(json!({ "disabled": true }).to_string());
    assert_eq!(as_owner(off).status, 200);

    let cookie = |text: String| Some(("cookie", text));
    let bearer = |text: String| Some(("authorization", format!("Bearer {text}")));
    let credentials = BTreeMap::from([
        ("nobody", None),
        ("owner", cookie(second_owner(server))),
        ("token", bearer(token(server))),
        ("admin", cookie(server.sign_in_as("admin"))),
        ("editor", cookie(server.sign_in_as("editor"))),
        ("viewer", cookie(server.sign_in_as("viewer"))),
        (
            "guest viewer",
            cookie(invite(server, "g@test.example", &grant("viewer"))),
        ),
        (
            "guest editor",
            cookie(invite(server, "e@test.example", &grant("editor"))),
        ),
        ("ingest", bearer(own.ingest_key.clone())),
        ("stats:read", bearer(own.stats_key.clone())),
        ("project:write", bearer(text(&key("project:write")))),
        ("admin key", bearer(text(&admin))),
        ("revoked", bearer(text(&revoked))),
        ("disabled", cookie(disabled)),
    ]);
    Cast {
        credentials,
        objects: [own.id, foreign.id, "4711".to_owned()],
    }
}

/// A body that gets as far as the decision, and no further than it must: what is named beside the
/// project does not exist.
fn body(id: &str, site: &str, tag: &str) -> Value {
    let asked = json!({ "site_id": site, "date_range": "7d" });
    let with = |name: &str, value: Value| {
        let mut body = asked.clone();
        body[name] = value;
        body
    };
    let wrong = "not the password";
    match id {
        "query" => with("metrics", json!(["events"])),
        "funnel" => with(
            "steps",
            json!([{ "kind": "page", "page": "/" }, { "kind": "page", "page": "/b" }]),
        ),
        "retention" | "journey" | "attribution" | "inventory" => asked,
        "retrain" | "cancel_training" | "serve_training" | "choose_holidays" => {
            json!({ "site_id": site })
        }
        "create_saved" => json!({
            "name": tag, "definition": { "kind": "event", "event": "Signup" }
        }),
        "erase" => json!({ "visitor": "1", "dry_run": true }),
        "export_person" => json!({ "visitor": "1" }),
        "choose_retention" => json!({ "days": null }),
        "choose_visibility" => {
            json!({ "masked": [], "unmasked_from": "editor", "stats_origins": [] })
        }
        "verify_host" => json!({ "host": "elsewhere.example" }),
        "create_key" => json!({ "scope": "ingest", "name": tag }),
        "change_project" | "change_account" => json!({ "name": "Shop" }),
        "create_project" => {
            let host = tag.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
            json!({ "name": "Made", "hosts": [format!("{host}.example")], "time_zone": "UTC" })
        }
        "change_password" => json!({ "password": wrong, "new_password": "a louder evening" }),
        "begin_second_factor" => json!({ "password": wrong }),
        "confirm_second_factor" => json!({ "code": "000000" }),
        "remove_second_factor" | "renew_recovery_codes" => {
            json!({ "password": wrong, "code": "000000" })
        }
        "invite" => {
            let name = tag.replace([' ', ':'], "-");
            json!({ "email": format!("{name}@test.example"), "role": "viewer" })
        }
        "change_member" => json!({ "role": "viewer" }),
        "sign_in" => json!({ "email": format!("{tag}@test.example"), "password": wrong }),
        "create_tokens" => {
            json!({ "email": format!("{tag}@test.example"), "password": wrong })
        }
        "refresh_tokens" | "revoke_tokens" => json!({ "refresh_token": "alm_r_none" }),
        "set_up" => json!({ "token": "x", "email": "x@test.example", "password": wrong }),
        "ask_for_reset" => json!({ "email": "nobody@test.example" }),
        "complete_reset" | "accept_invitation" => json!({ "token": "x", "password": wrong }),
        "read_invitation" => json!({ "token": "x" }),
        "collect_event" => json!({ "n": "pageview", "u": "https://elsewhere.example/" }),
        "collect_page_visit" => json!({ "page_url": "https://elsewhere.example/" }),
        _ => json!({}),
    }
}

fn request(endpoint: &Endpoint, site: &str, tag: &str) -> Request {
    let mut path = endpoint
        .path
        .replace("{id}", site)
        .replace("{kind}", "goals")
        .replace("{file}", "almanac.js");
    for other in ["key", "saved", "version", "session", "member", "invitation"] {
        path = path.replace(&format!("{{{other}}}"), "999999");
    }
    assert!(!path.contains('{'), "{path}: say what stands there");
    if endpoint.takes_site {
        path.push_str(&format!("?site_id={site}"));
    }
    match endpoint.id.as_str() {
        "consents" => path.push_str(&format!("?project={site}")),
        "import_access_log" => path.push_str("?project=1&host=shop.example&with_assets=false"),
        "import_rows" => path.push_str("?project=1"),
        "export_rows" => path.push_str("?project=1&from=2026-01-01&to=2026-01-02"),
        _ => {}
    }
    let request = Request::new(endpoint.method, path);
    if endpoint.method == "GET" || endpoint.method == "DELETE" {
        return request;
    }
    request
        .header("content-type", "application/json")
        .body(body(&endpoint.id, site, tag).to_string())
}

/// The first line of an answer that never ends, and what a refusal says.
fn status_of_stream(server: &TestServer, path: &str, credential: &Credential) -> u16 {
    let mut socket = TcpStream::connect(server.address()).expect("a connection");
    let mut head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n", server.address());
    if let Some((name, value)) = credential {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("connection: close\r\n\r\n");
    socket
        .write_all(head.as_bytes())
        .expect("a request is sent");
    let mut line = String::new();
    BufReader::new(socket)
        .read_line(&mut line)
        .expect("an answer");
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    status.expect("a status")
}

/// The letter of a status. A 404 hides the project only if it speaks of the project.
fn letter(status: u16, reply: Option<&Reply>) -> char {
    let hides = |reply: &Reply| reply.text().contains("there is no project");
    match status {
        401 => 'u',
        403 => 'f',
        404 if reply.is_none_or(hides) => 'h',
        500.. => 'x',
        _ => 'a',
    }
}

fn ask(
    server: &TestServer,
    cast: &Cast,
    endpoint: &Endpoint,
    who: &str,
    object: usize,
) -> (char, u16) {
    let (site, credential) = (&cast.objects[object], &cast.credentials[who]);
    if endpoint.id == "live" {
        let path = endpoint.path.replace("{id}", site);
        let status = status_of_stream(server, &path, credential);
        return (letter(status, None), status);
    }
    let tag = format!("{} {who} {object}", endpoint.id.replace('_', "-"));
    let mut request = request(endpoint, site, &tag);
    if let Some((name, value)) = credential {
        request = request.header(name, value);
    }
    let reply = server.call(&request);
    (letter(reply.status, Some(&reply)), reply.status)
}

#[test]
fn every_endpoint_lets_in_whom_it_should_and_nobody_else() {
    let mut server = almanac().start();
    let cast = cast(&mut server);
    let need_of: BTreeMap<&str, &str> = NEEDS
        .iter()
        .flat_map(|(need, ids)| ids.iter().map(move |id| (*id, *need)))
        .collect();
    let rules = BTreeMap::from(RULES);
    let mut endpoints = endpoints(&server);
    // Signing out ends the sessions that the others need.
    endpoints.sort_by_key(|endpoint| endpoint.id == "sign_out");
    let (mut cells, mut wrong) = (0_u32, Vec::new());
    for endpoint in endpoints {
        // The front doors for other people's clients take events of anybody who names a project.
        if endpoint.id.starts_with("door_") {
            continue;
        }
        let id = endpoint.id.as_str();
        let need = need_of.get(id).copied();
        let need = need.unwrap_or_else(|| panic!("{id} has no row: say in NEEDS who may"));
        let Some(rule) = rules.get(need) else {
            let same = ask(&server, &cast, &endpoint, "nobody", 0).1;
            for who in CALLERS {
                let (_, found) = ask(&server, &cast, &endpoint, who, 0);
                cells += 1;
                if found != same {
                    wrong.push(format!("{id} as {who}: {found}, as nobody: {same}"));
                }
            }
            continue;
        };
        for (who, expected) in CALLERS.into_iter().zip(rule.split(' ')) {
            for (object, expected) in expected.chars().enumerate() {
                let (found, status) = ask(&server, &cast, &endpoint, who, object);
                cells += 1;
                if found != expected {
                    let about = OBJECTS[object];
                    wrong.push(format!(
                        "{id} as {who} on {about}: {status}, not {expected}"
                    ));
                }
            }
        }
        for (who, scheme) in KEYS {
            let column = CALLERS
                .iter()
                .position(|each| *each == who)
                .expect("a column");
            let opens = rule
                .split(' ')
                .nth(column)
                .is_some_and(|cell| cell.starts_with('a'));
            let told = endpoint.security.iter().any(|name| name == scheme);
            if opens != told {
                wrong.push(format!("{id}: the document is wrong about {scheme}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cells} cells:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(cells > 1_000, "{cells} cells");
    println!("{cells} cells of the access matrix hold");
}
