//! Bodies made to hurt: bombs, depth, width, odd numbers, broken text. Each is refused with a 4xx,
//! and the server neither grows nor stops serving others.

use std::io::Write;

use almanac_testkit::TestServer;
use almanac_testkit::figures::{figure, report};
use almanac_testkit::http::Request;
use almanac_testkit::ledger::{Load, Plan};
use almanac_testkit::server::browser;
use serde_json::{Value, json};

use crate::almanac;

/// How much the server may have grown after all of them, bytes.
const GROWTH_BYTES_MAX: u64 = 32 << 20;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut packed, 4096, 5, 22);
    encoder.write_all(bytes).expect("memory");
    drop(encoder);
    packed
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).expect("memory")
}

/// A frame that claims to need a window of 2 GiB, and then holds next to nothing.
fn zstd_with_endless_window() -> Vec<u8> {
    let magic = [0x28, 0xb5, 0x2f, 0xfd];
    // No content size; 2 to the power of 10 + 21; one last raw block of two bytes.
    [&magic[..], &[0x00, 21 << 3], &[0x11, 0x00, 0x00], b"{}"].concat()
}

fn with_field(field: &str, value: &str) -> Vec<u8> {
    format!(r#"{{"n":"buy","d":"shop.example","u":"https://shop.example/","{field}":{value}}}"#)
        .into_bytes()
}

fn keys(count: usize) -> String {
    let pairs: Vec<String> = (0..count).map(|key| format!("\"k{key}\":1")).collect();
    format!("{{{}}}", pairs.join(","))
}

/// A name, the value of `content-encoding`, and a body.
fn bombs() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let spaces = vec![b' '; 64 << 20];
    let keys = keys(1_000_000).into_bytes();
    let deep = |open: &str| open.repeat(100_000).into_bytes();
    vec![
        ("gzip of 64 MiB", "gzip", gzip(&spaces)),
        ("brotli of 64 MiB", "br", brotli(&spaces)),
        ("zstd of 64 MiB", "zstd", zstd(&spaces)),
        (
            "zstd with an endless window",
            "zstd",
            zstd_with_endless_window(),
        ),
        ("brotli cut short", "br", brotli(&keys)[..500].to_vec()),
        ("zstd cut short", "zstd", zstd(&keys)[..500].to_vec()),
        ("no brotli at all", "br", b"hello".to_vec()),
        ("no zstd at all", "zstd", b"hello".to_vec()),
        ("a million keys in brotli", "br", brotli(&keys)),
        ("a million keys in zstd", "zstd", zstd(&keys)),
        ("gzip of gzip", "gzip", gzip(&gzip(b"{}"))),
        ("gzip cut short", "gzip", gzip(&spaces)[..500].to_vec()),
        ("no gzip at all", "gzip", b"hello".to_vec()),
        ("an unknown encoding", "rot13", b"{}".to_vec()),
        ("arrays 100,000 deep", "", deep("[")),
        ("objects 100,000 deep", "", deep("{\"a\":")),
        (
            "properties 100,000 deep",
            "",
            with_field("p", &"[".repeat(100_000)),
        ),
        ("a million keys in gzip", "gzip", gzip(&keys)),
        ("a million keys", "", keys),
        (
            "a name of 500 kB",
            "",
            with_field("name", &json!("x".repeat(500_000)).to_string()),
        ),
        (
            "an address of 500 kB",
            "",
            with_field("url", &json!("x".repeat(500_000)).to_string()),
        ),
        ("a number beyond all", "", with_field("e", "1e400")),
        ("an engagement of 1e308 ms", "", with_field("e", "1e308")),
        ("a negative depth", "", with_field("sd", "-1e30")),
        ("not a number", "", with_field("e", "NaN")),
        ("a lone surrogate", "", with_field("t", r#""\ud800""#)),
        (
            "broken UTF-8",
            "",
            with_field("t", "\"x\"")
                .into_iter()
                .chain([0xff, 0xfe])
                .collect(),
        ),
        ("nothing", "", Vec::new()),
        (
            "101 events",
            "",
            Value::from(vec![json!({}); 101]).to_string().into_bytes(),
        ),
    ]
}

fn send(server: &TestServer, encoding: &str, body: &[u8]) -> u16 {
    let mut request = Request::new("POST", "/api/event")
        .header("content-type", "application/json")
        .body(body);
    for (name, value) in browser(3) {
        request = request.header(name, value);
    }
    if !encoding.is_empty() {
        request = request.header("content-encoding", encoding);
    }
    // A server that has refused a body may close the connection while it is still being sent.
    server.try_call(&request).map_or(413, |reply| reply.status)
}

#[test]
fn every_bomb_is_refused_and_the_server_does_not_grow() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let bombs = bombs();
    let throw = || {
        for _ in 0..figure(3, 100) {
            for (name, encoding, body) in &bombs {
                let status = send(&server, encoding, body);
                assert!((400..500).contains(&status), "{name}: {status}");
            }
        }
    };
    // As often before measuring as after: every thread of the server keeps some memory for its next
    // request, and that must be all that there is.
    throw();
    let before = server.resident_bytes();
    throw();
    let view = json!({ "n": "pageview", "u": "https://shop.example/" });
    assert_eq!(server.send(&view).status, 202);
    server.await_drained(&project);
    assert_eq!(server.events(&project), 1);
    if let (Some(before), Some(after)) = (before, server.resident_bytes()) {
        let growth = after.saturating_sub(before);
        assert!(growth <= GROWTH_BYTES_MAX, "grew by {growth} bytes");
        report(
            "bombs",
            &format!("{} kinds, all 4xx, grew by {growth} bytes", bombs.len()),
        );
    }
}

#[test]
fn a_site_of_endless_pages_and_property_names_leaves_others_alone() {
    let mut server = almanac().start();
    let (endless, other) = (
        server.add_project("endless.example"),
        server.add_project("b.example"),
    );
    let events = figure(20_000, 10_000_000);
    let load = Load::start(Plan {
        address: server.address(),
        host: endless.host.clone(),
        clients: 4,
        batch: 50,
        events: Some(events),
    });
    let view = |at: u64| {
        let names: Vec<(String, Value)> = (0..20)
            .map(|name| (format!("p{}", at * 20 + name), json!(at)))
            .collect();
        let properties: serde_json::Map<String, Value> = names.into_iter().collect();
        json!({ "n": "pageview", "u": "https://b.example/", "p": properties })
    };
    for at in 0..100 {
        assert_eq!(server.send(&view(at)).status, 202);
    }
    let ledger = load.finish();
    ledger.assert_stored_once(&server, &endless);
    server.await_drained(&other);
    assert_eq!(server.events(&other), 100);
    let resident = server.resident_bytes().unwrap_or_default() >> 20;
    report(
        "cardinality",
        &format!("{events} distinct pages, 2000 property names, resident {resident} MiB"),
    );
}
