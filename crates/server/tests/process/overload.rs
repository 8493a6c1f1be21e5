//! More work than the server can do: what it takes it keeps, what it cannot take it refuses at once
//! with 429 or 503, and afterwards it is as well as before.

use std::time::Duration;

use almanac_testkit::figures::{figure, report};
use almanac_testkit::ledger::{Load, Plan};
use almanac_testkit::wait::pause;

use crate::almanac;

#[test]
fn too_many_clients_are_answered_or_turned_away_and_nothing_breaks() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let load = Load::start(Plan {
        address: server.address(),
        host: project.host.clone(),
        clients: figure(64, 512),
        batch: 1,
        events: None,
    });
    pause(figure(Duration::from_secs(4), Duration::from_secs(300)));
    let resident = server.resident_bytes().unwrap_or_default() >> 20;
    let ledger = load.finish();
    // The ledger itself refuses every status but these two beside an acknowledgement.
    assert!(ledger.errors.is_empty(), "{:?}", ledger.errors);
    ledger.assert_stored_once(&server, &project);
    let (rate, p99) = (ledger.rate(), ledger.latency(99));
    let statuses = &ledger.statuses;
    report(
        "overload",
        &format!("{rate:.0} events/s, p99 {p99:?}, resident {resident} MiB, {statuses:?}"),
    );
}

#[test]
fn a_full_queue_turns_away_and_loses_nothing() {
    // Two segments of the smallest size are soon full when nothing may leave them.
    let mut server = almanac()
        .with("ALMANAC_QUEUE_SEGMENT_BYTES", "2 MiB")
        .with("ALMANAC_QUEUE_BYTES_MAX", "4 MiB")
        .with("ALMANAC_STORE_SEAL_AGE_S", 2)
        .start();
    let project = server.add_project("shop.example");
    let ledger = Load::start(Plan {
        address: server.address(),
        host: project.host.clone(),
        clients: 4,
        batch: 20,
        events: Some(figure(40_000, 1_000_000)),
    })
    .finish();
    let refused = ledger.statuses.get(&503).copied().unwrap_or_default();
    assert!(
        refused > 0,
        "the queue was never full: {:?}",
        ledger.statuses
    );
    ledger.assert_stored_once(&server, &project);
    let events = ledger.acknowledged;
    report(
        "full queue",
        &format!("{events} events, {refused} times 503, 0 lost, 0 twice"),
    );
}
