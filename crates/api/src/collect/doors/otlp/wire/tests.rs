//! Cases of both encodings: the same request read from protobuf and from JSON is the same, and no
//! bytes are too odd for the reader.

use serde_json::json;

use super::super::json as json_form;
use super::super::protobuf::{put_bytes, put_varint};
use super::*;

/// A message of parts, each under its number.
fn message(parts: &[(u64, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, part) in parts {
        put_bytes(&mut bytes, *number, part);
    }
    bytes
}

fn fixed64(into: &mut Vec<u8>, number: u8, value: u64) {
    into.push(number << 3 | 1);
    into.extend(value.to_le_bytes());
}

fn text_value(text: &str) -> Vec<u8> {
    message(&[(1, text.as_bytes())])
}

fn attribute(name: &str, value: &[u8]) -> Vec<u8> {
    message(&[(1, name.as_bytes()), (2, value)])
}

/// Resource, scope and item around one another, as every signal has them.
fn request(resource: &[u8], item: &[u8]) -> Vec<u8> {
    let scope = message(&[(ITEM, item)]);
    message(&[(
        RESOURCE_ITEM,
        &message(&[(RESOURCE, resource), (SCOPE_ITEM, &scope)]),
    )])
}

fn chat_span() -> Vec<u8> {
    let mut tokens = Vec::new();
    put_varint(&mut tokens, 3, 120);
    let mut score = Vec::new();
    fixed64(&mut score, 4, 0.75_f64.to_bits());
    let reasons = message(&[(
        5,
        &message(&[(1, &text_value("stop")), (1, &text_value("x"))]),
    )]);
    let judged = message(&[
        (2, EVALUATION.as_bytes()),
        (3, &attribute("gen_ai.evaluation.score.value", &score)),
    ]);
    let mut status = Vec::new();
    put_varint(&mut status, 3, STATUS_ERROR);
    let mut span = message(&[
        (1, &[1; 16]),
        (2, &[2; 8]),
        (5, b"chat gpt"),
        (9, &attribute("gen_ai.operation.name", &text_value("chat"))),
        (9, &attribute("gen_ai.usage.input_tokens", &tokens)),
        (
            9,
            &attribute("gen_ai.input.messages", &text_value("a secret question")),
        ),
        (9, &attribute("gen_ai.response.finish_reasons", &reasons)),
        (11, &judged),
        (11, &message(&[(2, b"gen_ai.choice")])),
        (15, &status),
    ]);
    put_varint(&mut span, 6, 3);
    fixed64(&mut span, 7, 1_795_262_400_000_000_001);
    fixed64(&mut span, 8, 1_795_262_401_000_000_001);
    span
}

#[test]
fn protobuf_and_json_become_the_same_records() {
    let resource = message(&[(1, &attribute("service.name", &text_value("docs")))]);
    let from_protobuf = read(&request(&resource, &chat_span()), Signal::Traces).unwrap();
    let text = |key: &str, text: &str| json!({"key": key, "value": {"stringValue": text}});
    let reasons = json!([{"stringValue": "stop"}, {"stringValue": "x"}]);
    let span = json!({
        "traceId": "01".repeat(16), "spanId": "02".repeat(8), "name": "chat gpt", "kind": 3,
        "startTimeUnixNano": "1795262400000000001", "endTimeUnixNano": "1795262401000000001",
        "attributes": [
            text("gen_ai.operation.name", "chat"),
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "120"}},
            text("gen_ai.input.messages", "a secret question"),
            {"key": "gen_ai.response.finish_reasons", "value": {"arrayValue": {"values": reasons}}},
        ],
        "events": [
            {"name": EVALUATION, "attributes": [
                {"key": "gen_ai.evaluation.score.value", "value": {"doubleValue": 0.75}}]},
            {"name": "gen_ai.choice"},
        ],
        "status": {"code": 2},
    });
    let resource = json!({"attributes": [text("service.name", "docs")]});
    let body =
        json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]});
    let from_json = json_form::read(&body.to_string().into(), Signal::Traces).unwrap();
    assert_eq!(from_protobuf, from_json);
    let [record] = &from_json.records[..] else {
        panic!("{from_json:?}");
    };
    assert_eq!(
        record.attributes.text(&["gen_ai.response.finish_reasons"]),
        "stop"
    );
    assert_eq!(record.resource.text(&["service.name"]), "docs");
    assert!(record.has_failed && record.evaluations.len() == 1);
    assert!(!format!("{record:?}").contains("secret"));
}

#[test]
fn spans_that_are_no_calls_are_let_go_and_points_of_calls_counted() {
    let span = message(&[(1, &[1; 16]), (2, &[2; 8]), (5, b"GET /")]);
    assert_eq!(
        read(&request(&[], &span), Signal::Traces).unwrap(),
        Batch::default()
    );
    let histogram = message(&[(1, b""), (1, b"")]);
    for (name, points) in [
        ("gen_ai.client.token.usage", 2),
        ("http.server.duration", 0),
    ] {
        let metric = message(&[(1, name.as_bytes()), (9, &histogram)]);
        let found = read(&request(&[], &metric), Signal::Metrics).unwrap();
        assert_eq!(found.points, points, "{name}");
    }
}

#[test]
fn a_request_cut_anywhere_is_an_error_or_shorter() {
    let whole = request(&[], &chat_span());
    for end in 0..whole.len() {
        let found = read(&whole[..end], Signal::Traces);
        assert!(found.is_err() || end == 0, "{end}: {found:?}");
    }
}

#[test]
fn no_bytes_break_the_reader() {
    // A cheap generator of bytes that look like fields more often than noise would.
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..64)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let high = state.to_be_bytes();
                if high[1] < 128 { high[0] } else { 1 << 3 | 2 }
            })
            .collect();
        for signal in [Signal::Traces, Signal::Logs, Signal::Metrics] {
            if let Ok(batch) = read(&bytes, signal) {
                assert!(batch.records.len() <= bytes.len());
            }
        }
    }
}
