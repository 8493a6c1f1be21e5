//! The server is asked to stop under load and started again: every request under way is answered,
//! and nothing is lost or repeated.

use std::time::Duration;

use almanac_testkit::Random;
use almanac_testkit::figures::{figure, report};
use almanac_testkit::ledger::{Load, Plan};
use almanac_testkit::wait::{pause, until};

use crate::almanac;

#[test]
fn restarts_under_load_lose_nothing_and_break_no_request() {
    let mut random = Random::new(17);
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let load = Load::start(Plan {
        address: server.address(),
        host: project.host.clone(),
        clients: 4,
        batch: 1,
        events: None,
    });
    let restarts = figure(20, 200);
    for _ in 0..restarts {
        pause(Duration::from_millis(random.below(400) as u64));
        let before = load.acknowledged();
        let flowing = || (load.acknowledged() > before).then_some(());
        until("events flow", Duration::from_secs(30), flowing);
        server.stop();
        server.restart();
    }
    let ledger = load.finish();
    ledger.assert_stored_once(&server, &project);
    // A kept connection may be closed between two requests, and nobody listens for a moment; an
    // answer that never comes, or any status but these, is a fault.
    for status in ledger.statuses.keys() {
        assert!(matches!(status, 202 | 503), "{:?}", ledger.statuses);
    }
    assert!(
        !ledger.errors.contains_key("timed out"),
        "{:?}",
        ledger.errors
    );
    let (events, errors) = (ledger.acknowledged, &ledger.errors);
    report(
        "rolling restart",
        &format!("{restarts} restarts, {events} acknowledged, 0 lost, 0 twice, ended {errors:?}"),
    );
}
