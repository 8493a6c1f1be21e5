//! Texts that try to be SQL in every field of a request that something is looked for by: filters,
//! properties, dimensions, orders, searches, names in paths. Each is answered like a text that
//! means nothing, and nothing has changed.

use almanac_testkit::TestServer;
use almanac_testkit::figures::{figure, report};
use almanac_testkit::http::{Reply, Request};
use almanac_testkit::server::Project;
use serde_json::{Value, json};

use crate::almanac;

const TEXTS: &str = include_str!("../../../../testdata/injection/sql.ndjson");
/// A text that nothing is called.
const HARMLESS: &str = "nothing is called like this";

/// The texts; every third of them at each change.
pub(crate) fn texts() -> Vec<String> {
    let read = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("a line is JSON");
        value["text"].as_str().expect("a text").to_owned()
    };
    TEXTS.lines().step_by(figure(3, 1)).map(read).collect()
}

/// A text as it stands in an address.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// A question with one part replaced.
fn question(project: &Project, part: &str, value: Value) -> Request {
    let mut question = json!({
        "site_id": project.id,
        "metrics": ["events"],
        "date_range": "all",
        "dimensions": ["event:page"],
    });
    question[part] = value;
    Request::post("/api/v2/query", &question)
}

/// Every request that a text stands in, with the name of its place.
fn requests(project: &Project, text: &str) -> Vec<(&'static str, Request)> {
    let at = escaped(text);
    let filter = |operator: &str, column: &str, value: &str| {
        question(project, "filters", json!([[operator, column, [value]]]))
    };
    let property = format!("event:props:{text}");
    let log = |field: &str| Request::get(format!("/api/audit?{field}={at}"));
    let saved = json!({ "name": text, "definition": { "kind": text, "event": text } });
    let goals = format!("/api/projects/{}/saved/goals", project.id);
    vec![
        ("filter is", filter("is", "event:page", text)),
        ("filter is not", filter("is_not", "visit:country", text)),
        ("filter contains", filter("contains", "visit:source", text)),
        ("filter of a property", filter("is", &property, "a")),
        (
            "value of a property",
            filter("is", "event:props:plan", text),
        ),
        ("filtered column", filter("is", text, "a")),
        ("filter operator", filter(text, "event:page", "a")),
        ("dimension", question(project, "dimensions", json!([text]))),
        (
            "property",
            question(project, "dimensions", json!([property])),
        ),
        (
            "order",
            question(project, "order_by", json!([[text, "asc"]])),
        ),
        (
            "direction",
            question(project, "order_by", json!([["events", text]])),
        ),
        ("metric", question(project, "metrics", json!([text]))),
        ("range", question(project, "date_range", json!(text))),
        (
            "site",
            question(project, "site_id", json!(format!("x{text}"))),
        ),
        ("actor of the log", log("actor")),
        ("action of the log", log("action")),
        ("subject of the log", log("subject")),
        (
            "project",
            Request::get(format!("/api/projects/x{at}/health")),
        ),
        (
            "kind of what is saved",
            Request::get(format!("/api/projects/{}/saved/x{at}", project.id)),
        ),
        ("definition", Request::post(goals, &saved)),
        (
            "metric of a trend",
            Request::get(format!(
                "/api/predictions/trend?site_id={}&metric={at}",
                project.id
            )),
        ),
        (
            "project of consents",
            Request::get(format!("/api/consents?project=x{at}")),
        ),
    ]
}

/// What matters of an answer: its status, and what was found.
fn essence(reply: &Reply) -> String {
    let found = match reply.status {
        200 => {
            let body = reply.json();
            format!("{} {}", body["results"], body["entries"])
        }
        _ => String::new(),
    };
    format!("{} {found}", reply.status)
}

/// Asks everything with every text. How many answers there were; each that is not the usual one is
/// a failure, but for texts that stand in the log by chance and for U+0000, which may be refused.
pub(crate) fn ask_everything(server: &TestServer, project: &Project, texts: &[String]) -> usize {
    let call = |request: Request| server.call(&request.header("cookie", server.cookie()));
    let usual: Vec<String> = requests(project, HARMLESS)
        .into_iter()
        .map(|(_, request)| essence(&call(request)))
        .collect();
    let before = state(server, project);
    let (mut answers, mut wrong) = (0, Vec::new());
    for text in texts {
        for ((place, request), usual) in requests(project, text).into_iter().zip(&usual) {
            let reply = call(request);
            answers += 1;
            let is_usual = essence(&reply) == *usual;
            let is_in_log = place.ends_with("the log") && reply.status == 200 && text.len() <= 2;
            let has_zero = text.contains('\0') && reply.status == 400;
            if !(is_usual || is_in_log || has_zero) {
                wrong.push(format!(
                    "{place} {text:?}: {} instead of {usual}",
                    essence(&reply)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(state(server, project), before);
    answers
}

/// What would be different if a text had been a statement.
fn state(server: &TestServer, project: &Project) -> Value {
    let get = |path: &str| {
        let reply = server.call(&Request::get(path).header("cookie", server.cookie()));
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()
    };
    json!([
        get("/api/team"),
        get("/api/projects"),
        get(&format!("/api/projects/{}/keys", project.id)),
        get(&format!("/api/projects/{}/saved/goals", project.id)),
        get("/api/audit")["entries"],
        server.events(project),
    ])
}

#[test]
fn no_text_in_a_request_is_ever_taken_for_sql() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let page = "https://shop.example/a";
    let sent = server.send(&json!({ "n": "pageview", "d": "shop.example", "u": page }));
    assert_eq!(sent.status, 202, "{}", sent.text());
    server.await_drained(&project);
    let answers = ask_everything(&server, &project, &texts());
    report(
        "SQL in requests, SQLite",
        &format!("{answers} answers, 0 deviations"),
    );
    server.stop();
}
