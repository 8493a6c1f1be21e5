//! The rights of persons and of those who look after them: what is known under an id is given out,
//! erased wherever it is, and hidden from whom it should be. After an erasure every byte of the data
//! directory and of the log is searched.

use std::fs;
use std::path::Path;

use almanac_ingest::{record, visitor_of_id};
use almanac_model::{Event, EventId, Instant, Kind, ProjectId, TextColumn, VisitorId};
use almanac_testkit::TestServer;
use almanac_testkit::http::{Reply, Request};
use almanac_testkit::server::browser;
use serde_json::{Value, json};

use crate::almanac;

const PERSISTENT_ID: &str = "0199d1a0-1111-7000-8000-00000000aaaa";
const OTHER_ID: &str = "0199d1a0-2222-7000-8000-00000000bbbb";
const USER: &str = "user-known-to-nobody-else-4711";
const PLANTED: &str = "a-property-planted-to-be-found";
/// The letter that nobody could store, among the dead ones.
const LETTER: u64 = 999_999_999;

/// A request of the owner.
fn owner(server: &TestServer, request: Request) -> Reply {
    server.call(&request.header("cookie", server.cookie()))
}

/// A project whose visitors agree to be known; its id and its stats key.
fn consented(server: &TestServer) -> (String, String) {
    let wish = json!({
        "name": "Shop", "hosts": ["shop.example"], "time_zone": "UTC", "identity": "stable",
    });
    let made = owner(server, Request::post("/api/projects", &wish));
    assert_eq!(made.status, 201, "{}", made.text());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (
        text(&made.json()["project"]["id"]),
        text(&made.json()["keys"]["stats"]),
    )
}

fn send(server: &TestServer, event: &Value) {
    let mut request = Request::post("/api/event", event);
    for (name, value) in browser(1) {
        request = request.header(name, value);
    }
    let reply = server.call(&request);
    assert_eq!(
        (reply.status, reply.header("x-almanac-dropped")),
        (202, None)
    );
}

/// Things that a visitor did, with and without the user's id.
fn live(server: &TestServer, visitor: &str, user: &str, property: &str) {
    for name in ["pageview", "buy", "look"] {
        let address = "https://shop.example/";
        send(
            server,
            &json!({
                "n": name, "u": address, "vid": visitor, "uid": user, "p": { "note": property },
            }),
        );
    }
    let decision = json!({ "state": "granted" });
    send(
        server,
        &json!({
            "n": "consent", "u": "https://shop.example/", "vid": visitor, "uid": user, "p": decision,
        }),
    );
}

/// A dead letter of the visitor, as the server would have buried it.
fn bury(server: &TestServer, project: &str, visitor: VisitorId) {
    let project = ProjectId(project.parse().expect("a number"));
    let mut event = Event::new(EventId(7), project, Instant(0), visitor, Kind::Custom);
    event.text[TextColumn::User] = USER.into();
    event.properties = vec![("note".to_owned(), PLANTED.to_owned())];
    let mut bytes = Vec::new();
    record::encode(&event, &mut bytes);
    let folder = server.data_dir().join("dead-letters");
    fs::write(folder.join(format!("{LETTER:020}.record")), bytes).expect("a letter");
    fs::write(folder.join(format!("{LETTER:020}.reason")), "a test").expect("a reason");
}

/// Every file under a folder that holds one of these.
fn holding(folder: &Path, wanted: &[(&str, Vec<u8>)]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, wanted));
            continue;
        }
        let bytes = fs::read(&path).expect("a file");
        for (name, form) in wanted {
            if bytes.windows(form.len()).any(|window| window == form) {
                found.push(format!("{name} in {}", path.display()));
            }
        }
    }
    found
}

/// All forms in which the person may be written down.
fn forms(visitor: VisitorId) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("the persistent id", PERSISTENT_ID.as_bytes().to_vec()),
        ("the user", USER.as_bytes().to_vec()),
        ("the property", PLANTED.as_bytes().to_vec()),
        ("the visitor", visitor.0.to_string().into_bytes()),
        (
            "the visitor, little end first",
            visitor.0.to_le_bytes().to_vec(),
        ),
        (
            "the visitor, big end first",
            visitor.0.to_be_bytes().to_vec(),
        ),
    ]
}

fn person(server: &TestServer, project: &str, asked: &Value) -> Value {
    let path = format!("/api/projects/{project}/person");
    let reply = owner(server, Request::post(path, asked));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn erase(server: &TestServer, project: &str, asked: &Value) -> Value {
    let path = format!("/api/projects/{project}/erase");
    let reply = owner(server, Request::post(path, asked));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn count(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

#[test]
fn whoever_is_erased_is_in_no_byte_of_the_data_directory_and_of_the_log() {
    let mut server = almanac().with("ALMANAC_LOG_LEVEL", "trace").start();
    let (project, _) = consented(&server);
    let visitor = visitor_of_id(ProjectId(project.parse().expect("a number")), PERSISTENT_ID);
    let by_visitor = json!({ "visitor": visitor.0.to_string() });
    live(&server, PERSISTENT_ID, USER, PLANTED);
    live(&server, OTHER_ID, "somebody else", "another property");
    bury(&server, &project, visitor);

    let known = person(&server, &project, &by_visitor);
    assert_eq!(
        (count(&known["events"]), count(&known["decisions"])),
        (4, 1)
    );
    assert_eq!(known["dead_letters"], 1);
    assert_eq!(known["events"][0]["user"], USER);
    let known = person(&server, &project, &json!({ "user": USER }));
    assert_eq!(
        (count(&known["events"]), &known["dead_letters"]),
        (4, &json!(1))
    );

    let mut dry = by_visitor.clone();
    dry["dry_run"] = json!(true);
    let counted = erase(&server, &project, &dry);
    let erased = erase(&server, &project, &by_visitor);
    for told in [&counted, &erased] {
        let found = [&told["events"], &told["dead_letters"], &told["decisions"]];
        assert_eq!(found, [&json!(4), &json!(1), &json!(1)], "{told}");
    }
    assert_eq!(erased["is_queue_emptied"], true);
    let again = erase(&server, &project, &by_visitor);
    let found = [
        &again["events"],
        &again["dead_letters"],
        &again["decisions"],
    ];
    assert_eq!(found, [&json!(0), &json!(0), &json!(0)], "{again}");
    let known = person(&server, &project, &json!({ "user": USER }));
    assert_eq!(
        known,
        json!({ "events": [], "decisions": [], "dead_letters": 0 })
    );

    let forms = forms(visitor);
    assert_eq!(
        holding(&server.data_dir(), &forms),
        [""; 0],
        "while it runs"
    );
    server.stop();
    assert_eq!(
        holding(&server.data_dir(), &forms),
        [""; 0],
        "once it has stopped"
    );
    let log = server.said();
    for text in [PERSISTENT_ID, USER, PLANTED] {
        assert!(!log.contains(text), "{text} stands in the log");
    }
    server.restart();
    let left = erase(
        &server,
        &project,
        &json!({ "user": "somebody else", "dry_run": true }),
    );
    assert_eq!(left["events"], 4, "somebody else is still there");
}

#[test]
fn what_a_command_erases_is_out_of_the_queue_once_a_server_seals() {
    let mut server = almanac().with("ALMANAC_STORE_SEAL_AGE_S", 1).start();
    let (project, _) = consented(&server);
    let visitor = visitor_of_id(ProjectId(project.parse().expect("a number")), PERSISTENT_ID);
    live(&server, PERSISTENT_ID, USER, PLANTED);
    server.kill();
    bury(&server, &project, visitor);
    let number = visitor.0.to_string();
    let erased = server.run_json(&[
        "erase",
        "--project",
        &project,
        "--visitor",
        &number,
        "--yes",
    ]);
    assert_eq!(
        [
            &erased["events"],
            &erased["dead_letters"],
            &erased["decisions"]
        ],
        [&json!(4), &json!(1), &json!(1)]
    );
    server.restart();
    live(&server, "somebody-else", "eve", "nothing");
    let gone = || {
        holding(&server.data_dir(), &forms(visitor))
            .is_empty()
            .then_some(())
    };
    almanac_testkit::wait::until(
        "the queue is clean",
        std::time::Duration::from_secs(30),
        gone,
    );
}

fn ask(server: &TestServer, credential: (&str, &str), path: &str, body: &Value) -> Reply {
    server.call(&Request::post(path, body).header(credential.0, credential.1))
}

#[test]
fn hidden_values_are_shown_to_those_who_may_see_them_and_guessed_by_nobody() {
    let server = almanac().start();
    let (project, key) = consented(&server);
    live(&server, PERSISTENT_ID, USER, PLANTED);
    live(&server, OTHER_ID, "somebody else", "another property");
    let hidden = json!({
        "masked": ["event:user", "event:props:note"], "unmasked_from": "admin", "stats_origins": [],
    });
    let path = format!("/api/projects/{project}/visibility");
    let choose = Request::new("PUT", &path).header("content-type", "application/json");
    let chosen = owner(&server, choose.body(hidden.to_string()));
    assert_eq!((chosen.status, chosen.json()), (200, hidden));
    let save = |kind: &str, name: &str, definition: Value| {
        let path = format!("/api/projects/{project}/saved/{kind}");
        let wish = json!({ "name": name, "definition": definition });
        assert_eq!(
            owner(&server, Request::post(path, &wish)).status,
            201,
            "{name}"
        );
    };
    save(
        "segments",
        "one person",
        json!([["is", "event:user", [USER]]]),
    );
    save("segments", "one page", json!([["is", "event:page", ["/"]]]));
    save(
        "goals",
        "planted",
        json!({ "kind": "property", "property": "note", "value": PLANTED }),
    );

    let (admin, editor) = (server.sign_in_as("admin"), server.sign_in_as("editor"));
    let viewer = server.sign_in_as("viewer");
    let bearer = format!("Bearer {key}");
    let question = |more: Value| {
        let mut question =
            json!({ "site_id": project, "metrics": ["events", "visitors"], "date_range": "all" });
        for (name, value) in more.as_object().into_iter().flatten() {
            question[name] = value.clone();
        }
        question
    };
    // What is asked, and how many rows those who may see everything get.
    let splits = [
        (json!({ "dimensions": ["event:user"] }), 2),
        (json!({ "dimensions": ["event:props:note"] }), 3),
        (json!({ "dimensions": ["event:name", "event:user"] }), 8),
    ];
    let refused = [
        (
            "/api/v2/query",
            question(json!({ "filters": [["is", "event:user", [USER]]] })),
        ),
        (
            "/api/v2/query",
            question(json!({ "filters": [["not", ["contains", "event:props:note", ["plant"]]]] })),
        ),
        (
            "/api/v2/query",
            question(json!({ "filters": [["has_done", ["matches", "event:user", ["^user"]]]] })),
        ),
        (
            "/api/v2/query",
            question(json!({ "filters": [["is", "segment", ["one person"]]] })),
        ),
        (
            "/api/v2/query",
            question(json!({ "filters": [["is", "event:goal", ["planted"]]] })),
        ),
        (
            "/api/v2/funnel",
            json!({ "site_id": project, "date_range": "all", "steps": [
                { "filters": [["is", "event:user", [USER]]] },
                { "filters": [["is", "event:page", ["/"]]] },
            ] }),
        ),
        (
            "/api/v2/retention",
            json!({ "site_id": project, "date_range": "7d", "start": [["is", "event:user", [USER]]] }),
        ),
        (
            "/api/v2/attribution",
            json!({ "site_id": project, "date_range": "7d",
                "conversion": [["is", "event:props:note", [PLANTED]]] }),
        ),
    ];
    let forecast = format!(
        "/api/predictions/forecast?site_id={project}&filters=%5B%5B%22is%22%2C%22event%3Auser%22%2C%5B%22{USER}%22%5D%5D%5D"
    );
    for (who, credential, sees) in [
        ("owner", ("cookie", server.cookie()), true),
        ("admin", ("cookie", admin.as_str()), true),
        ("editor", ("cookie", editor.as_str()), false),
        ("viewer", ("cookie", viewer.as_str()), false),
        ("stats key", ("authorization", bearer.as_str()), false),
    ] {
        for (split, rows) in &splits {
            let reply = ask(
                &server,
                credential,
                "/api/v2/query",
                &question(split.clone()),
            );
            assert_eq!(reply.status, 200, "{who} {split}: {}", reply.text());
            let text = reply.text();
            let shows = text.contains(USER) || text.contains(PLANTED);
            assert_eq!(shows, sees, "{who} {split}: {text}");
            if sees {
                assert_eq!(count(&reply.json()["results"]), *rows, "{who} {split}");
            } else {
                let last = &reply.json()["results"][0]["dimensions"];
                let last = last.as_array().and_then(|values| values.last()).cloned();
                assert_eq!(last, Some(json!("(masked)")), "{who} {split}");
            }
        }
        // Without a name per row there is one row, of all visitors.
        if !sees {
            let one = question(json!({ "dimensions": ["event:user"] }));
            let reply = ask(&server, credential, "/api/v2/query", &one).json();
            assert_eq!(reply["results"][0]["metrics"], json!([8, 2]), "{who}");
            assert_eq!(count(&reply["results"]), 1, "{who}");
        }
        for (path, asked) in &refused {
            let reply = ask(&server, credential, path, asked);
            let expected = if sees { 200 } else { 400 };
            assert_eq!(reply.status, expected, "{who} {asked}: {}", reply.text());
        }
        let expected = if sees { 200 } else { 400 };
        let reply = server.call(&Request::get(&forecast).header(credential.0, credential.1));
        assert_eq!(reply.status, expected, "{who} forecast: {}", reply.text());
        let listed = |kind: &str| {
            let path = format!("/api/projects/{project}/saved/{kind}");
            server.call(&Request::get(path).header(credential.0, credential.1))
        };
        let (segments, goals) = (listed("segments"), listed("goals"));
        assert_eq!(segments.text().contains(USER), sees, "{who}");
        assert!(segments.text().contains("one page"), "{who}");
        assert_eq!(goals.text().contains(PLANTED), sees, "{who}");
    }
}
