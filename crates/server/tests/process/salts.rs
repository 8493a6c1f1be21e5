//! The salts that tell visitors of cookieless projects apart: one lasts for its day, restarts and
//! kills included, and none is in any file of the catalog once it is 48 hours old. Clocks of the
//! past are given to the catalog, which is told the time by whoever calls it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use almanac_catalog::{Catalog, InstanceSecret, salt};
use almanac_model::{Instant, ProjectId};
use almanac_testkit::wait::until;
use jiff::civil::{Date, date};
use serde_json::json;

use crate::almanac;

const HOUR_US: i64 = 3_600_000_000;
/// Days that nothing else in the files names.
const OLD: Date = date(1907, 3, 11);
const YOUNG: Date = date(1907, 3, 12);
/// Characters of a sealed salt that are looked for.
const SEALED_CHARS: usize = 32;
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes salts as a server of some hours ago did.
fn make_salts(data_dir: &Path, project: ProjectId, salts: [(Date, i64); 2]) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let secret = InstanceSecret::load_or_create(data_dir).expect("the secret is there");
        let catalog = Catalog::open(data_dir, secret).await.expect("it opens");
        for (day, hours_ago) in salts {
            let now = jiff::Timestamp::now().as_microsecond();
            let then = Instant(now - hours_ago * HOUR_US);
            let made = salt::of_day(&catalog, project, day, then).await;
            made.expect("a salt is made");
        }
        catalog.close().await;
    });
}

/// All that the catalog keeps on disk.
fn bytes_of_catalog(data_dir: &Path) -> Vec<u8> {
    let files = fs::read_dir(data_dir).expect("the directory is there");
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    let paths = paths.filter(|path| path.is_file());
    paths
        .flat_map(|path| fs::read(path).unwrap_or_default())
        .collect()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

/// What is in the row behind the day: the salt as it is sealed.
fn sealed_of(bytes: &[u8], day: Date) -> Vec<u8> {
    let day = day.to_string();
    let at = find(bytes, day.as_bytes()).expect("the salt is in a file") + day.len();
    bytes[at..at + SEALED_CHARS].to_vec()
}

#[test]
fn a_salt_lasts_for_its_day_through_restarts_and_kills() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let view = json!({ "n": "pageview", "u": "https://shop.example/", "d": "shop.example" });
    assert_eq!(server.send(&view).status, 202);
    server.stop();
    server.restart();
    assert_eq!(server.send(&view).status, 202);
    server.kill();
    server.restart();
    assert_eq!(server.send(&view).status, 202);
    server.await_drained(&project);
    let question = json!({ "metrics": ["visitors", "events"], "date_range": "all" });
    let answer = server.ask(&project, &question);
    assert_eq!(answer["results"][0]["metrics"], json!([1, 3]), "{answer}");
}

#[test]
fn a_salt_is_in_no_file_once_it_is_two_days_old() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    server.stop();
    let data_dir = server.data_dir();
    let id = ProjectId(project.id.parse().expect("ids are numbers"));
    make_salts(&data_dir, id, [(OLD, 49), (YOUNG, 47)]);
    let before = bytes_of_catalog(&data_dir);
    let [old, young] = [OLD, YOUNG].map(|day| sealed_of(&before, day));
    server.restart();
    let destroyed = || {
        find(&bytes_of_catalog(&data_dir), &old)
            .is_none()
            .then_some(())
    };
    until("the old salt is destroyed", PATIENCE, destroyed);
    let after = bytes_of_catalog(&data_dir);
    assert_eq!(find(&after, OLD.to_string().as_bytes()), None);
    assert!(find(&after, &young).is_some(), "47 hours are not 48");
}
