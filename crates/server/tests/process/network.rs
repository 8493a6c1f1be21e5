//! The network between client and server fails in every way that a network can: an event that is
//! sent again under its id is stored once, and a cut request leaves nothing stuck.

use std::time::Duration;

use almanac_testkit::figures::{figure, report};
use almanac_testkit::ledger::{Load, Plan};
use almanac_testkit::proxy::{Fault, FaultProxy};
use almanac_testkit::server::Project;
use almanac_testkit::wait::{pause, until};
use almanac_testkit::{Random, TestServer};

use crate::almanac;

/// How long a fault of a kind lasts.
const FAULT: Duration = Duration::from_millis(300);

fn start() -> (TestServer, Project, FaultProxy) {
    let mut server = almanac().with("ALMANAC_STORE_SEAL_AGE_S", 1).start();
    let project = server.add_project("shop.example");
    let proxy = FaultProxy::start(server.address(), 9);
    (server, project, proxy)
}

#[test]
fn lost_answers_lose_nothing_and_repeat_nothing() {
    let (server, project, proxy) = start();
    proxy.set(Fault::LoseAnswers(30));
    let ledger = Load::start(Plan {
        address: proxy.address(),
        host: project.host.clone(),
        clients: 8,
        batch: 10,
        events: Some(figure(20_000, 1_000_000)),
    })
    .finish();
    ledger.assert_stored_once(&server, &project);
    assert!(proxy.faults() > 0, "no answer was lost");
    assert!(
        server.accounts(&project).duplicate > 0,
        "nothing was sent again"
    );
    let (events, faults) = (ledger.acknowledged, proxy.faults());
    report(
        "lost answers",
        &format!("{events} events, {faults} answers lost, 0 lost, 0 twice"),
    );
}

#[test]
fn cut_delayed_and_half_closed_connections_lose_nothing_and_repeat_nothing() {
    let (server, project, proxy) = start();
    let mut random = Random::new(10);
    let load = Load::start(Plan {
        address: proxy.address(),
        host: project.host.clone(),
        clients: 6,
        batch: 5,
        events: None,
    });
    let rounds = figure(20, 400);
    for _ in 0..rounds {
        let fault = match random.below(4) {
            0 => Fault::CutAfter(random.below(4_000) as u64),
            1 => Fault::HalfClose,
            2 => Fault::Delay(Duration::from_millis(random.below(20) as u64)),
            _ => Fault::LoseAnswers(50),
        };
        proxy.set(fault);
        pause(FAULT);
        proxy.cut();
        proxy.set(Fault::None);
        let before = load.acknowledged();
        let flowing = || (load.acknowledged() > before + 20).then_some(());
        until("events flow again", Duration::from_secs(30), flowing);
    }
    let ledger = load.finish();
    ledger.assert_stored_once(&server, &project);
    let (events, faults) = (ledger.acknowledged, proxy.faults());
    report(
        "broken connections",
        &format!("{rounds} rounds, {faults} faults, {events} events, 0 lost, 0 twice"),
    );
}

#[test]
fn a_network_that_swallows_requests_only_delays_them() {
    let (server, project, proxy) = start();
    let load = Load::start(Plan {
        address: proxy.address(),
        host: project.host.clone(),
        clients: 4,
        batch: 1,
        events: None,
    });
    let some = || (load.acknowledged() > 50).then_some(());
    until("events flow", Duration::from_secs(30), some);
    proxy.set(Fault::Blackhole);
    pause(FAULT);
    proxy.set(Fault::None);
    // What was swallowed cannot come any more: its connections end, and its clients send again.
    proxy.cut();
    let before = load.acknowledged();
    let more = || (load.acknowledged() > before + 50).then_some(());
    until("events flow again", Duration::from_secs(30), more);
    load.finish().assert_stored_once(&server, &project);
}
