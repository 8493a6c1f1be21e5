//! No address and no user agent of a visitor is ever written down, and no salt outlives its time:
//! the bytes of every file that the server leaves, and of its log at its most talkative, are
//! searched for what was sent.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use almanac_testkit::TestServer;
use almanac_testkit::http::Request;
use serde_json::{Value, json};

use crate::almanac;

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CRAWLER: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
/// What a browser tells of its device when asked: with the version it may be one of few.
const MODEL: &str = "SM-F971B/DS-4711";

/// Addresses, each in the company of events that take another way through the server.
const ADDRESSES: [&str; 4] = [
    "203.0.113.177",
    "198.51.100.211",
    "2001:db8:5eed:f00d:1234:5678:9abc:def0",
    "2001:db8:cafe:1:8d3c:77aa:42b1:901e",
];

fn every_way(server: &TestServer) {
    let page = |host: &str| json!({ "n": "pageview", "u": format!("https://{host}/") });
    let wrong = json!({ "n": "pageview", "u": "https://shop.example/", "id": "seven" });
    let question = json!({ "site_id": "shop.example", "metrics": ["events"], "date_range": "all" });
    for address in ADDRESSES {
        let send = |path: &str, agent: &str, body: &Value| {
            let request = Request::post(path, body)
                .header("user-agent", agent)
                .header("sec-ch-ua-platform", "\"Android\"")
                .header("sec-ch-ua-model", format!("\"{MODEL}\""))
                .header("x-forwarded-for", address);
            server.call(&request).status
        };
        assert_eq!(send("/api/event", BROWSER, &page("shop.example")), 202);
        assert_eq!(send("/api/event", CRAWLER, &page("shop.example")), 202);
        assert_eq!(send("/api/event", BROWSER, &page("nobody.example")), 202);
        assert_eq!(send("/api/event", BROWSER, &wrong), 400);
        assert_eq!(send("/api/event", BROWSER, &json!("no event")), 400);
        assert_eq!(send("/api/v2/query", BROWSER, &question), 401);
        let debugged = Request::post("/api/event", &page("shop.example"))
            .header("x-forwarded-for", address)
            .header("x-debug-request", "true");
        assert_eq!(server.call(&debugged).text(), address);
    }
}

/// Every file under a folder, and its bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
    found
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn packed(address: IpAddr) -> Vec<Vec<u8>> {
    match address {
        IpAddr::V4(v4) => vec![v4.octets().to_vec()],
        IpAddr::V6(v6) => {
            let octets = v6.octets();
            let mut reversed = octets;
            reversed.reverse();
            vec![octets.to_vec(), reversed.to_vec()]
        }
    }
}

fn assert_nothing_personal(files: &[(String, Vec<u8>)]) {
    assert!(!files.is_empty());
    for (name, bytes) in files {
        let mut four_bytes = 0;
        for text in ADDRESSES {
            assert!(!contains(bytes, text.as_bytes()), "{text} stands in {name}");
            let address: IpAddr = text.parse().expect("an address");
            let found = packed(address).iter().any(|form| contains(bytes, form));
            if address.is_ipv6() {
                assert!(!found, "{text} stands in {name}, packed");
            }
            four_bytes += usize::from(found);
        }
        for agent in [BROWSER, CRAWLER, MODEL] {
            assert!(!contains(bytes, agent.as_bytes()), "{agent} in {name}");
        }
        // Any four bytes may stand somewhere by chance, but not those of two addresses.
        assert!(four_bytes < 2, "addresses stand in {name}, packed");
    }
}

#[test]
fn no_address_is_in_any_file_or_in_the_log() {
    let mut server = almanac().with("ALMANAC_LOG_LEVEL", "trace").start();
    let project = server.add_project("shop.example");
    every_way(&server);
    server.await_drained(&project);
    let log = server.said();
    assert!(
        log.contains("answered"),
        "the log is not at its most talkative"
    );
    assert_nothing_personal(&[("the log".to_owned(), log.into_bytes())]);
    // While events wait in the queue, and once they are sealed in files.
    assert_nothing_personal(&files(&server.data_dir()));
    server.stop();
    assert_nothing_personal(&files(&server.data_dir()));
    server.restart();
}
