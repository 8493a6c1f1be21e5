//! The description of the interface that a running server gives out is the one in the documents.

use serde_json::Value;

use almanac_testkit::http::Request;

use crate::almanac;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not configuration"
)]
fn the_description_in_the_documents_is_the_one_that_is_served() {
    let server = almanac().start();
    let reply = server.call(&Request::get("/api/openapi.json"));
    assert_eq!(reply.status, 200);
    let served: Value = reply.json();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let now = format!("{served:#}\n");
    if std::env::var_os("ALMANAC_UPDATE").is_some() {
        std::fs::write(path, &now).expect("the documents can be written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let remedy = "write it again: ALMANAC_UPDATE=1 cargo nextest run -p almanac-server openapi";
    assert!(kept == now, "docs/openapi.json is stale; {remedy}");
}
