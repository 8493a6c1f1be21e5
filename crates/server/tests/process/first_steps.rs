//! An event sent to a running server: acknowledged, counted, visible, and still there after a stop
//! and after a kill.

use std::time::Duration;

use almanac_testkit::wait::until;
use serde_json::json;

use crate::almanac;

#[test]
fn an_acknowledged_event_is_visible_and_survives_a_stop_and_a_kill() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let page = |path| json!({ "n": "pageview", "u": format!("https://shop.example{path}") });

    let reply = server.send(&page("/one"));
    assert_eq!((reply.status, reply.text().as_str()), (202, "ok"));
    let visible = || (server.events(&project) == 1).then_some(());
    let (_, took) = until("the event is visible", Duration::from_secs(10), visible);
    println!("visible {took:?} after the acknowledgement");

    server.stop();
    server.restart();
    assert_eq!(server.events(&project), 1);
    assert_eq!(server.accounts(&project).accepted, 1);

    assert_eq!(server.send(&page("/two")).status, 202);
    server.kill();
    let took = server.restart();
    println!("ready {took:?} after the kill");
    let pages = server.events_by_page(&project);
    assert_eq!(
        pages.into_iter().collect::<Vec<_>>(),
        [("/one".to_owned(), 1), ("/two".to_owned(), 1)]
    );
}
