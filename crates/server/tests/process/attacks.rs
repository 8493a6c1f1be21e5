//! Attacks on the way in, over real sockets: requests that two programs read differently, headers
//! that carry others, parameters that appear twice or should not appear at all, and names that mean
//! something to other languages. What bombs and slow clients do stands in `hostile` and `slow`.

use std::io::Read;

use almanac_testkit::TestServer;
use almanac_testkit::http::{Connection, Reply, Request, TIMEOUT};
use almanac_testkit::server::browser;
use serde_json::{Value, json};

use crate::almanac;

/// How long the server of these tests waits for more, milliseconds: each conversation ends then.
const PATIENCE_MS: u64 = 500;
/// What must not be answered: the request inside the body of another.
const INNER: &str = "GET /healthz?inner HTTP/1.1\r\nhost: a\r\n\r\n";

/// The statuses of all answers to some bytes, until the server ends the connection.
fn statuses(server: &TestServer, bytes: &[u8]) -> Vec<u16> {
    let mut connection = Connection::open(server.address(), TIMEOUT).expect("a connection");
    // A server that has refused the head may close before it has read the rest.
    let mut told = Vec::new();
    if connection.write(bytes).is_ok() {
        let mut socket = connection.socket();
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = socket.read(&mut piece) {
            told.extend_from_slice(&piece[..read]);
        }
    }
    let told = String::from_utf8_lossy(&told).into_owned();
    let heads = told.split("HTTP/1.1 ").skip(1);
    heads
        .map(|head| {
            head.get(..3)
                .and_then(|status| status.parse().ok())
                .unwrap_or(0)
        })
        .collect()
}

fn post(headers: &str, rest: &str) -> String {
    format!("POST /api/event HTTP/1.1\r\nhost: a\r\n{headers}\r\n{rest}")
}

/// A name, the bytes, and the answers; 400 alone means that nothing after it is read.
fn ambiguous() -> Vec<(&'static str, String, Vec<u16>)> {
    let length = INNER.len();
    let chunked = "transfer-encoding: chunked\r\n";
    // A body in chunks is read by its chunks, and the connection ends with its answer.
    let chunks = |body: &str| format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    vec![
        (
            "two whole requests",
            format!("{INNER}{INNER}"),
            vec![200, 200],
        ),
        (
            "length before chunks",
            post(
                &format!("content-length: 4\r\n{chunked}"),
                &format!("0\r\n\r\n{INNER}"),
            ),
            vec![400],
        ),
        (
            "chunks before length",
            post(
                &format!("{chunked}content-length: {length}\r\n"),
                &format!("0\r\n\r\n{INNER}"),
            ),
            vec![400],
        ),
        (
            "chunks and what follows them",
            post(chunked, &format!("{}{INNER}", chunks("{}"))),
            vec![400],
        ),
        (
            "two lengths",
            post(
                &format!("content-length: 0\r\ncontent-length: {length}\r\n"),
                INNER,
            ),
            vec![400],
        ),
        (
            "two lengths in one line",
            post(&format!("content-length: 0, {length}\r\n"), INNER),
            vec![400],
        ),
        (
            "a negative length",
            post("content-length: -1\r\n", INNER),
            vec![400],
        ),
        (
            "a signed length",
            post("content-length: +0\r\n", INNER),
            vec![400],
        ),
        (
            "a length in hex",
            post("content-length: 0x0\r\n", INNER),
            vec![400],
        ),
        (
            "an empty length",
            post("content-length: \r\n", INNER),
            vec![400],
        ),
        (
            "a length beyond all",
            post("content-length: 18446744073709551616\r\n", INNER),
            vec![400],
        ),
        (
            "xchunked",
            post(
                "transfer-encoding: xchunked\r\n",
                &format!("0\r\n\r\n{INNER}"),
            ),
            vec![400],
        ),
        (
            "chunked twice, the last is another",
            post(
                "transfer-encoding: chunked, identity\r\n",
                &format!("0\r\n\r\n{INNER}"),
            ),
            vec![400],
        ),
        (
            "a space before the colon",
            post(
                "transfer-encoding : chunked\r\n",
                &format!("0\r\n\r\n{INNER}"),
            ),
            vec![400],
        ),
        (
            "a line that goes on in the next",
            post(
                "transfer-encoding:\r\n chunked\r\n",
                &format!("0\r\n\r\n{INNER}"),
            ),
            vec![400],
        ),
        (
            "a name with a control character",
            post(
                "transfer\u{b}-encoding: chunked\r\n",
                &format!("0\r\n\r\n{INNER}"),
            ),
            vec![400],
        ),
        (
            "chunks in HTTP/1.0",
            format!("POST /api/event HTTP/1.0\r\n{chunked}\r\n0\r\n\r\n{INNER}"),
            vec![400],
        ),
        (
            "a chunk's size beyond all",
            post(chunked, &format!("fffffffffffffffff\r\n{INNER}")),
            vec![400],
        ),
        (
            "a chunk's size with a sign",
            post(chunked, &format!("-1\r\n{INNER}")),
            vec![400],
        ),
        (
            "a chunk's size that ends with a line feed alone",
            post(chunked, &format!("2\n{{}}\r\n0\r\n\r\n{INNER}")),
            vec![400],
        ),
        (
            "a chunk that is longer than it says",
            post(chunked, &format!("1\r\n{{}}\r\n0\r\n\r\n{INNER}")),
            vec![400],
        ),
        (
            "an extension with a line feed in it",
            post(chunked, &format!("2;a=\n\r\n{{}}\r\n0\r\n\r\n{INNER}")),
            vec![400],
        ),
        (
            "endless extensions",
            post(
                chunked,
                &format!("2;{}\r\n{{}}\r\n0\r\n\r\n{INNER}", "a".repeat(1 << 20)),
            ),
            vec![400],
        ),
        (
            "trailers that name a length",
            post(
                chunked,
                &format!("0\r\ncontent-length: {length}\r\n\r\n{INNER}"),
            ),
            vec![400],
        ),
        (
            "a carriage return alone",
            format!("GET /healthz HTTP/1.1\rhost: a\r\n\r\n{INNER}"),
            vec![400],
        ),
        (
            "a zero byte in a header",
            format!("GET /healthz HTTP/1.1\r\nhost: a\0b\r\n\r\n{INNER}"),
            vec![400],
        ),
        (
            "a newer protocol",
            format!("GET /healthz HTTP/9.9\r\nhost: a\r\n\r\n{INNER}"),
            vec![400],
        ),
        (
            "no protocol",
            format!("GET /healthz\r\n\r\n{INNER}"),
            vec![400],
        ),
        (
            "the preface of another protocol",
            format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{INNER}"),
            vec![],
        ),
        (
            "a method with a space",
            format!("GET  /healthz HTTP/1.1\r\nhost: a\r\n\r\n{INNER}"),
            vec![400],
        ),
    ]
}

#[test]
fn a_request_that_can_be_read_in_two_ways_hides_no_other() {
    let server = almanac()
        .with("ALMANAC_HEADER_TIMEOUT_MS", PATIENCE_MS)
        .with("ALMANAC_BODY_TIMEOUT_MS", PATIENCE_MS)
        .start();
    let mut wrong = Vec::new();
    for (name, bytes, expected) in ambiguous() {
        let found = statuses(&server, bytes.as_bytes());
        if found != expected {
            wrong.push(format!("{name}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn owner(server: &TestServer, request: Request) -> Reply {
    server.call(&request.header("cookie", server.cookie()))
}

#[test]
fn what_is_sent_comes_back_in_no_header() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let evil = [
        "a\r\nset-cookie: evil=1",
        "a%0d%0aset-cookie:%20evil=1",
        "a\u{560a}evil",
        "\u{0}evil",
    ];
    for text in evil {
        let escaped = text
            .replace('\r', "%0D")
            .replace('\n', "%0A")
            .replace([' ', '\0'], "%20");
        let requests = [
            Request::get(format!("/api/projects/{escaped}")),
            Request::get(format!("/js/{escaped}")),
            Request::get(format!("/api/audit/export?actor={escaped}")),
            Request::get(format!("/{escaped}")),
            Request::get(format!("/login?next={escaped}")),
            Request::post("/api/v2/query", &json!({ "site_id": text })),
            Request::post("/api/event", &json!({ "n": text, "u": text, "d": text })),
            Request::post("/v1/events", &json!({ "events": [{ "tool": text }] })),
            Request::post("/api/session", &json!({ "email": text, "password": text })),
        ];
        for request in requests {
            let reply = owner(&server, request.clone());
            for (name, value) in &reply.headers {
                let is_made_here = name == "set-cookie" && value.contains("almanac");
                assert!(name != "set-cookie" || is_made_here, "{request:?}: {value}");
                assert!(!value.contains("evil"), "{request:?}: {name}: {value}");
            }
            assert!(reply.status < 500, "{request:?}: {}", reply.status);
        }
    }
    // The one header that repeats what a client sends takes plain words only.
    for (sent, comes_back) in [
        ("a-b_c.9", true),
        ("a b", false),
        ("a;b", false),
        ("<b>", false),
    ] {
        let reply = server.call(&Request::get("/healthz").header("x-request-id", sent));
        let found = reply.header("x-request-id").unwrap_or_default();
        assert_eq!(found == sent, comes_back, "{sent}: {found}");
    }
    // File names are fixed: nobody's words are in them.
    let reply = owner(&server, Request::get("/api/audit/export"));
    let expected = "attachment; filename=\"almanac-audit.csv\"";
    assert_eq!(reply.header("content-disposition"), Some(expected));
    server.await_drained(&project);
}

#[test]
fn no_answer_leads_to_another_site() {
    let server = almanac().start();
    for path in [
        "//evil.example",
        "//evil.example/%2e%2e",
        "/\\evil.example",
        "/%5cevil.example",
        "/login?next=//evil.example",
        "/login?next=https://evil.example",
        "/login?next=%2F%09%2Fevil.example",
        "/projects/1/?next=//evil.example",
        "/.evil.example",
        "/https://evil.example",
        "/%2f%2fevil.example",
        "/api//evil.example",
        "/js//evil.example",
        "/assets/..//evil.example",
        "/@evil.example",
    ] {
        let reply = server.call(&Request::get(path));
        assert!(
            !(300..400).contains(&reply.status),
            "{path}: {}",
            reply.status
        );
        assert_eq!(reply.header("location"), None, "{path}");
        assert_eq!(reply.header("refresh"), None, "{path}");
    }
}

#[test]
fn no_answer_can_be_framed_guessed_or_kept_by_a_page() {
    let server = almanac().start();
    for path in [
        "/",
        "/login",
        "/setup",
        "/api/session",
        "/api/openapi.json",
        "/nothing.js",
        "/healthz",
    ] {
        let reply = server.call(&Request::get(path));
        let header = |name: &str| reply.header(name).unwrap_or_default().to_owned();
        let policy = header("content-security-policy");
        for directive in [
            "default-src 'self'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(directive), "{path}: {policy}");
        }
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains('*'),
            "{path}: {policy}"
        );
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(
            header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
    }
}

#[test]
fn live_answers_are_for_our_own_pages() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let path = format!("/api/projects/{}/live", project.id);
    // Pushed by events of the server over HTTP, so that no socket can be opened across sites; asked
    // for as one, or from another page without its cookie, it is not there.
    for (headers, expected) in [
        (vec![("origin", "https://evil.example")], 401),
        (
            vec![
                ("connection", "upgrade"),
                ("upgrade", "websocket"),
                ("sec-websocket-version", "13"),
                ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ("origin", "https://evil.example"),
            ],
            401,
        ),
    ] {
        let mut request = Request::get(&path);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let reply = server.call(&request);
        assert_eq!(reply.status, expected);
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
}

/// Names that mean something to JavaScript, in every place where a client chooses names.
const POLLUTING: [&str; 6] = [
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "__defineGetter__",
];

#[test]
fn names_that_mean_something_elsewhere_are_names_like_any_other() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    for name in POLLUTING {
        let event = json!({
            "n": name, "u": format!("https://shop.example/{name}"), "p": { name: "yes" },
        });
        assert_eq!(server.send(&event).status, 202, "{name}");
        // As a field of the event itself it is one that nobody knows.
        let mut nested = json!({ "n": "pageview", "u": "https://shop.example/" });
        nested[name] = json!({ "isAdmin": true, "status": 200 });
        assert!(server.send(&nested).status < 500, "{name}");
        let question = json!({
            "site_id": project.id, "metrics": ["events"], "date_range": "all", name: { "polluted": 1 },
        });
        let reply = owner(&server, Request::post("/api/v2/query", &question));
        assert_eq!(reply.status, 400, "{name}: {}", reply.text());
    }
    server.await_drained(&project);
    for name in POLLUTING {
        let answer = server.ask(
            &project,
            &json!({
                "metrics": ["events"], "date_range": "all",
                "dimensions": [format!("event:props:{name}")],
                "filters": [["is", "event:name", [name]]],
            }),
        );
        let row = &answer["results"][0];
        assert_eq!(
            (&row["metrics"][0], &row["dimensions"][0]),
            (&json!(1), &json!("yes")),
            "{name}"
        );
    }
}

#[test]
fn a_parameter_that_appears_twice_is_refused_and_never_the_better_of_two() {
    let mut server = almanac().start();
    let (own, other) = (
        server.add_project("shop.example"),
        server.add_project("docs.example"),
    );
    let (own_id, other_id) = (&own.id, &other.id);
    let by_key = |request: Request| server.call(&request.bearer(&own.stats_key));
    for path in [
        format!("/api/predictions/forecast?site_id={own_id}&site_id={other_id}"),
        format!("/api/predictions/forecast?site_id={other_id}&site_id={own_id}"),
        format!("/api/consents?project={own_id}&project={other_id}"),
        format!("/api/consents?project={other_id}&project={own_id}"),
        format!("/api/consents?project={own_id}&project[]={other_id}"),
    ] {
        let reply = by_key(Request::get(&path));
        assert!(
            matches!(reply.status, 400 | 404),
            "{path}: {} {}",
            reply.status,
            reply.text()
        );
    }
    // Of two members of one name the last one counts, for the decision and for the answer alike.
    for (first, last, expected) in [(own_id, other_id, 404), (other_id, own_id, 200)] {
        let text = format!(
            r#"{{"site_id":"{first}","site_id":"{last}","metrics":["events"],"date_range":"all"}}"#
        );
        let request =
            Request::new("POST", "/api/v2/query").header("content-type", "application/json");
        let reply = by_key(request.body(text));
        assert_eq!(reply.status, expected, "{}", reply.text());
    }
}

#[test]
fn nobody_gives_themselves_what_only_others_can_give() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let editor = server.sign_in_as("editor");
    let change = |method: &'static str, path: String, body: &Value| {
        let request = Request::new(method, path).header("content-type", "application/json");
        let request = request.header("cookie", &editor);
        server.call(&request.body(body.to_string())).status
    };
    let own = format!("/api/projects/{}", project.id);
    for (method, path, body) in [
        (
            "PATCH",
            "/api/account".to_owned(),
            json!({ "name": "Eve", "role": "owner" }),
        ),
        (
            "PATCH",
            "/api/account".to_owned(),
            json!({ "name": "Eve", "reach": "all" }),
        ),
        (
            "PATCH",
            "/api/account".to_owned(),
            json!({ "name": "Eve", "id": "1" }),
        ),
        (
            "PATCH",
            "/api/account".to_owned(),
            json!({ "name": "Eve", "email": "x@test.example" }),
        ),
        ("PATCH", own.clone(), json!({ "name": "Shop", "id": "9" })),
        (
            "PATCH",
            own.clone(),
            json!({ "name": "Shop", "identity": "stable" }),
        ),
        (
            "PATCH",
            own.clone(),
            json!({ "name": "Shop", "masked": [] }),
        ),
        (
            "PATCH",
            own.clone(),
            json!({ "name": "Shop", "created_at": "2020-01-01T00:00:00Z" }),
        ),
        (
            "POST",
            format!("{own}/keys"),
            json!({ "scope": "stats:read", "project": "9" }),
        ),
        (
            "POST",
            format!("{own}/keys"),
            json!({ "scope": "stats:read", "prefix": "alm" }),
        ),
        (
            "POST",
            format!("{own}/saved/goals"),
            json!({
                "name": "a", "definition": { "kind": "event", "event": "a" }, "project": "9",
            }),
        ),
        (
            "POST",
            "/api/projects".to_owned(),
            json!({
                "name": "Mine", "hosts": ["mine.example"], "time_zone": "UTC", "owner": "1",
            }),
        ),
    ] {
        let status = change(method, path.clone(), &body);
        assert!(
            matches!(status, 400 | 422),
            "{method} {path} {body}: {status}"
        );
    }
    // A key of the whole instance is not to be had by naming its scope.
    let status = change("POST", format!("{own}/keys"), &json!({ "scope": "admin" }));
    assert!(matches!(status, 400 | 403 | 422), "{status}");
    let me = server
        .call(&Request::get("/api/account").header("cookie", &editor))
        .json();
    assert_eq!(me["role"], "editor");
}

#[test]
fn text_of_every_kind_is_text() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let odd = [
        "\u{202e}gnp.exe",
        "\u{feff}bom",
        "\u{0}zero",
        "a\u{300}\u{301}\u{302}",
        "👩‍👩‍👧‍👦",
        "\u{1b}[31mred",
        "\u{2028}line",
        "ﬀ",
        "İstanbul",
        "\u{fffd}",
        "\u{10ffff}",
        "%00",
        "${jndi:ldap://evil}",
        "{{7*7}}",
        "%s%n%x",
        "'; DROP TABLE users;--",
        "<script>alert(1)</script>",
        "../../../etc/passwd",
    ];
    for text in odd {
        let event = json!({
            "n": text, "u": "https://shop.example/", "t": text, "r": text, "p": { "odd": text, text: "x" },
        });
        let mut request = Request::post("/api/event", &event).header("x-request-id", "odd");
        for (name, value) in browser(1) {
            request = request.header(name, value);
        }
        let status = server.call(&request).status;
        assert!(matches!(status, 202 | 400), "{text:?}: {status}");
        let question = json!({
            "site_id": project.id, "metrics": ["events"], "date_range": "all",
            "filters": [["is", "event:props:odd", [text]]],
        });
        let reply = owner(&server, Request::post("/api/v2/query", &question));
        assert_eq!(reply.status, 200, "{text:?}: {}", reply.text());
        let question = json!({ "site_id": text, "metrics": [text], "date_range": text });
        let status = owner(&server, Request::post("/api/v2/query", &question)).status;
        assert!(matches!(status, 400 | 404), "{text:?}: {status}");
    }
    server.await_drained(&project);
    assert!(
        !server.said().contains('\u{1b}'),
        "an escape sequence stands in the log"
    );
}
