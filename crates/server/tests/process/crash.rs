//! The server is killed in the middle of its work, again and again: what it acknowledged is there,
//! once, and it is soon ready again.

use std::time::Duration;

use almanac_testkit::Random;
use almanac_testkit::figures::{figure, report};
use almanac_testkit::ledger::{Load, Plan};
use almanac_testkit::wait::pause;

use crate::almanac;

/// Ages at which the server is killed, milliseconds.
const AGE_MS: std::ops::RangeInclusive<usize> = 10..=1500;

/// Kills under load. Rows are sealed every second, so that deaths meet sealing and merging too.
fn crash_loop(name: &str, seed: u64, kills: usize, clients: u64, batch: u64) {
    let mut random = Random::new(seed);
    let mut server = almanac().with("ALMANAC_STORE_SEAL_AGE_S", 1).start();
    let project = server.add_project("shop.example");
    let load = Load::start(Plan {
        address: server.address(),
        host: project.host.clone(),
        clients,
        batch,
        events: None,
    });
    let mut ready_ms = Vec::new();
    for _ in 0..kills {
        let age = AGE_MS.start() + random.below(AGE_MS.end() - AGE_MS.start() + 1);
        pause(Duration::from_millis(age as u64));
        server.kill();
        ready_ms.push(server.restart().as_millis());
    }
    let ledger = load.finish();
    ledger.assert_stored_once(&server, &project);
    ready_ms.sort_unstable();
    let p99 = ready_ms[(ready_ms.len() * 99 / 100).min(ready_ms.len() - 1)];
    let acknowledged = ledger.acknowledged;
    report(
        name,
        &format!("{kills} kills, {acknowledged} acknowledged, 0 lost, 0 twice, ready p99 {p99} ms"),
    );
}

#[test]
fn kills_lose_no_acknowledged_event_and_repeat_none() {
    crash_loop("crash loop, single events", 1, figure(25, 500), 4, 1);
}

#[test]
fn kills_lose_no_acknowledged_batch_and_repeat_none() {
    crash_loop("crash loop, batches", 2, figure(25, 500), 2, 5);
}
