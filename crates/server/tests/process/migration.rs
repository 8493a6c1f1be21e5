//! A data directory of an older format, and a program that is killed while it brings it to the
//! newer one: the next start goes on, nothing is lost, and the older manifest is kept beside it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use almanac_testkit::Random;
use almanac_testkit::figures::{figure, report};
use almanac_testkit::wait::{pause, until};
use redb::{Database, ReadableDatabase, TableDefinition};
use serde_json::json;

use crate::almanac;

const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");
/// The format before summaries.
const OLDER: u64 = 2;
const NEWER: u64 = 3;
const EVENTS: u64 = 30;
const KILLS: u64 = 12;
const SOAK_KILLS: u64 = 300;
/// How old a process is at most when it is killed, microseconds: a start takes some hundred
/// milliseconds, most of it before and around the migration.
const AGE_US_MAX: usize = 300_000;

#[test]
fn a_kill_at_any_moment_of_a_migration_loses_nothing() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    for number in 0..EVENTS {
        let event = json!({"name": "pageview", "domain": "shop.example",
            "url": format!("https://shop.example/{number}")});
        assert_eq!(server.send(&event).status, 202);
    }
    server.await_drained(&project);
    let pages = server.events_by_page(&project);
    assert_eq!(pages.len() as u64, EVENTS);
    server.stop();
    let manifest = server.data_dir().join("store/manifest.redb");
    let mut random = Random::new(3);
    let mut done_before_the_kill = 0;
    let kills = figure(KILLS, SOAK_KILLS);
    for _ in 0..kills {
        set_back(&manifest);
        server.restart_unwatched();
        let age = Duration::from_micros(random.below(AGE_US_MAX) as u64);
        pause(age);
        server.kill();
        done_before_the_kill += u64::from(format_of(&manifest) == NEWER);
        server.restart();
        assert_eq!(server.events_by_page(&project), pages);
        server.stop();
        assert_eq!(format_of(&manifest), NEWER);
        assert_eq!(format_of(&copy_of(&manifest)), OLDER);
    }
    report(
        "kills during a migration",
        &format!("{kills} kills, {done_before_the_kill} of them after its commit, nothing lost"),
    );
}

/// Makes the manifest one of the older format, as the older program left it.
fn set_back(manifest: &Path) {
    let copy = copy_of(manifest);
    if copy.exists() {
        std::fs::remove_file(&copy).expect("the copy is ours");
    }
    let database = Database::open(manifest).expect("nobody holds the manifest");
    let write = database.begin_write().expect("a transaction");
    {
        let mut numbers = write.open_table(NUMBERS).expect("the table is there");
        numbers.insert("format", OLDER).expect("a number");
    }
    let summaries: TableDefinition<u64, u64> = TableDefinition::new("summaries");
    write.delete_table(summaries).expect("a table");
    write.commit().expect("a commit");
}

fn format_of(manifest: &Path) -> u64 {
    // The dead process may hold it a moment longer.
    let open = || Database::open(manifest).ok();
    let database = until("the manifest is free", Duration::from_secs(10), open).0;
    let read = database.begin_read().expect("a transaction");
    let numbers = read.open_table(NUMBERS).expect("the table is there");
    let format = numbers.get("format").expect("a number");
    format.map_or(0, |format| format.value())
}

fn copy_of(manifest: &Path) -> PathBuf {
    manifest.with_extension(format!("format{OLDER}.redb"))
}
