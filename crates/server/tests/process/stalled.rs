//! A store that cannot write: collection goes on, memory stays bounded, and when the store is well
//! again everything arrives.

use std::fs;
use std::path::Path;
use std::time::Duration;

use almanac_testkit::figures::{figure, report};
use almanac_testkit::ledger::{Load, Plan};
use almanac_testkit::wait::until;

use crate::almanac;

/// Rows that are sealed at once; the pump lets the store hold twice as many.
const SEAL_ROWS: u64 = 2_000;
/// Records that the pump moves at once.
const BATCH_ROWS: u64 = 10_000;
const MIB: u64 = 1 << 20;

/// Puts a file where the store makes its folders, so that no seal succeeds.
struct Blockade {
    folder: std::path::PathBuf,
    aside: std::path::PathBuf,
}

impl Blockade {
    fn raise(data: &Path) -> Self {
        let folder = data.join("store").join("events");
        let aside = data.join("store").join("events-aside");
        fs::rename(&folder, &aside).expect("the folder of events is there");
        fs::write(&folder, "in the way").expect("a file");
        Self { folder, aside }
    }

    fn lift(self) {
        fs::remove_file(&self.folder).expect("the file goes");
        fs::rename(&self.aside, &self.folder).expect("the folder comes back");
    }
}

#[test]
fn a_store_that_cannot_write_stops_neither_collection_nor_the_bounds_of_memory() {
    let mut server = almanac()
        .with("ALMANAC_STORE_SEAL_ROWS_MAX", SEAL_ROWS)
        .start();
    let project = server.add_project("shop.example");
    let blockade = Blockade::raise(&server.data_dir());
    let send = |events| {
        let plan = Plan {
            address: server.address(),
            host: project.host.clone(),
            clients: 4,
            batch: 50,
            events: Some(events),
        };
        Load::start(plan).finish()
    };
    let held = || (server.metric("almanac_pump_held_total")? > 0.0).then_some(());
    let few = SEAL_ROWS * 2 + BATCH_ROWS;
    let first = send(few);
    until(
        "the pump waits for the store",
        Duration::from_secs(30),
        held,
    );
    let before = server.resident_bytes();
    let events = figure(25_000, 5_000_000);
    // The numbers begin anew, so what came first comes again, and is known.
    let ledger = send(events);
    let after = server.resident_bytes();
    let rows = server.metric("almanac_store_hot_rows").unwrap_or_default();
    assert!(
        rows <= (SEAL_ROWS * 2 + BATCH_ROWS) as f64,
        "{rows} rows are held"
    );
    let pending = server.accounts(&project).pending;
    assert!(pending >= events - few, "only {pending} events wait");
    let grown = before
        .zip(after)
        .map(|(before, after)| after.saturating_sub(before));
    // Ids and counts of what waits are in memory; the events are not.
    let grown_max = figure(32 * MIB, 256 * MIB);
    assert!(
        grown.is_none_or(|grown| grown < grown_max),
        "grew by {grown:?} bytes"
    );
    assert_eq!(first.acknowledged, few);

    blockade.lift();
    ledger.assert_stored_once(&server, &project);
    let grown = grown.unwrap_or_default() / MIB;
    report(
        "stalled store",
        &format!("{events} events acknowledged, {pending} waiting, grew by {grown} MiB"),
    );
}
