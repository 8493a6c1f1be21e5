//! Good inputs, broken at random by a seed: whatever comes, it is taken or refused with a reason,
//! nobody panics, and the books balance. The targets of `fuzz/` do the same with a fuzzer.

use almanac_ingest::access_log::{parse, to_draft};
use almanac_ingest::record;
use almanac_model::{
    Event, EventId, Instant, Kind, NumberColumn, ProjectId, TextColumn, VisitorId,
};
use almanac_testkit::Random;
use almanac_testkit::figures::{figure, report};
use almanac_testkit::http::{Connection, Request, TIMEOUT};
use almanac_testkit::mutate::mutant;

use crate::almanac;

/// Longest message of a refused question, characters: it echoes a part of it at most.
const MESSAGE_CHARS_MAX: usize = 2_000;

/// Bodies of every shape that the doors take, but no engagement: the count of events with which the
/// books are compared leaves those out.
const BODIES: [&str; 7] = [
    r#"{"n":"pageview","u":"https://shop.example/a?utm_source=x&ref=y#z","d":"shop.example","r":"https://www.google.com/search?q=1"}"#,
    r#"{"name":"buy","url":"https://shop.example/","domain":"shop.example,b.example","props":{"colour":"red","n":7,"deep":{"x":[1]}},"revenue":{"currency":"EUR","amount":"12.50"}}"#,
    r#"[{"n":"pageview","u":"https://shop.example/1","d":"shop.example","id":"018f0000-0000-7000-8000-000000000001"},{"n":"pageview","u":"https://shop.example/2","d":"shop.example","at":1700000000000,"sent_at":"2026-01-01T00:00:00Z"}]"#,
    r#"{"name":"tool","domain":"shop.example","tool":{"name":"search","status":"error","duration_ms":1.5,"cache_hit":true},"model":{"provider":"p","name":"m","input_tokens":10,"cost_usd":0.01}}"#,
    r#"{"project":"shop.example","level":"detailed","installation_id":"550e8400-e29b-41d4-a716-446655440000","events":[{"tool":"search","status":"success","version":"1","duration_ms":3,"parameters":{"a":{"b":1}}}]}"#,
    r#"{"page_url":"https://shop.example/","referrer":"","user_agent":"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0","time_on_page":3.5,"metadata":{"k":"v"},"user_props":{"plan":"free"}}"#,
    r#"{"tool":"list","status":"success","version":"1.0","project":"shop.example","country":"de"}"#,
];

fn inputs<'a>(texts: &[&'a str]) -> Vec<&'a [u8]> {
    texts.iter().map(|text| text.as_bytes()).collect()
}

#[test]
fn broken_bodies_are_taken_or_refused_and_counted() {
    let mut server = almanac().start();
    server.add_project("shop.example");
    let inputs = inputs(&BODIES);
    let mut random = Random::new(21);
    let bodies = figure(3_000, 1_000_000);
    let mut connection = Connection::open(server.address(), TIMEOUT).expect("a connection");
    let mut taken = 0;
    for number in 0..bodies {
        let path = ["/api/event", "/api/track", "/v1/events"][number % 3];
        let body = mutant(&mut random, &inputs);
        let shown = String::from_utf8_lossy(&body).into_owned();
        let request = Request::new("POST", path).body(body);
        let reply = connection.send(&request).expect("an answer");
        match reply.status {
            201 | 202 | 207 => taken += 1,
            400 | 413 | 422 => {
                let error = reply.json();
                let says = error["error"].is_string() || error["rejected"].is_array();
                assert!(says, "{path} {shown}: {error}");
            }
            other => unreachable!("{path} {shown}: {other} {}", reply.text()),
        }
    }
    assert!(taken > bodies / 20, "only {taken} of {bodies} were taken");
    report(
        "broken bodies",
        &format!("{bodies} sent, {taken} taken, no other fault"),
    );
}

#[test]
fn broken_records_are_refused_or_read_the_same_way_twice() {
    let mut event = Event::new(
        EventId(7),
        ProjectId(3),
        Instant(1_700_000_000_000_000),
        VisitorId(9),
        Kind::Custom,
    );
    event.text[TextColumn::Name] = "buy".to_owned();
    event.text[TextColumn::Path] = "/päth".to_owned();
    event.numbers[NumberColumn::RevenueMicros] = Some(-5);
    event.properties = vec![("colour".to_owned(), "red".to_owned())];
    let mut good = Vec::new();
    record::encode(&event, &mut good);
    let mut random = Random::new(22);
    let mut read = 0;
    let records = figure(200_000, 20_000_000);
    for _ in 0..records {
        if let Ok(event) = record::decode(&mutant(&mut random, &[&good])) {
            let mut written = Vec::new();
            record::encode(&event, &mut written);
            assert_eq!(record::decode(&written).as_ref(), Ok(&event));
            read += 1;
        }
    }
    assert!(read > records / 20, "only {read} of {records} were read");
}

#[test]
fn broken_lines_of_access_logs_are_skipped_or_become_drafts() {
    let lines = [
        r#"203.0.113.7 - - [10/Oct/2025:13:55:36 +0200] "GET /a%20b?x=1 HTTP/1.1" 200 2326 "https://www.google.com/" "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0""#,
        r#"shop.example 2001:db8::1 - frank [10/Oct/2025:13:55:36 -0700] "GET http://shop.example/ HTTP/2.0" 304 - "-" "-""#,
        r#"- - - [31/Dec/9999:23:59:60 +0000] "\x16\x03" 400 0 "-" "curl/8.0""#,
    ];
    let inputs = inputs(&lines);
    let mut random = Random::new(23);
    let mut drafts = 0;
    let broken = figure(200_000, 20_000_000);
    for _ in 0..broken {
        let line = mutant(&mut random, &inputs);
        let text = String::from_utf8_lossy(&line);
        if parse(&text).is_ok_and(|entry| to_draft(&entry, "shop.example", true).is_ok()) {
            drafts += 1;
        }
    }
    assert!(
        drafts > broken / 50,
        "only {drafts} of {broken} were drafts"
    );
}

#[test]
fn broken_questions_are_refused_with_a_short_message_or_parsed() {
    let questions = [
        r#"{"site_id":"shop.example","metrics":["visitors","bounce_rate"],"date_range":"7d","dimensions":["visit:source","time:day"],"filters":[["is","event:page",["/a"]],["not",["contains","visit:country",["DE"]]]],"order_by":[["visitors","desc"]],"pagination":{"limit":10,"offset":5},"include":{"time_labels":true}}"#,
        r#"{"site_id":"1","metrics":["events"],"date_range":["2025-01-01","2025-02-01"],"filters":[["and",[["matches","event:page",["^/x.*$"]],["or",[["is","event:props:a",["1"]]]]]]]}"#,
    ];
    let inputs = inputs(&questions);
    let mut random = Random::new(24);
    let mut parsed = 0;
    let broken = figure(100_000, 10_000_000);
    for _ in 0..broken {
        let Ok(body) = serde_json::from_slice(&mutant(&mut random, &inputs)) else {
            continue;
        };
        match almanac_query::parse::parse(&body) {
            Ok(_) => parsed += 1,
            Err(refusal) => {
                let message = refusal.to_string();
                assert!(message.chars().count() <= MESSAGE_CHARS_MAX, "{message}");
            }
        }
    }
    assert!(
        parsed > broken / 50,
        "only {parsed} of {broken} were parsed"
    );
}
