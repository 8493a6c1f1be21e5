//! The power fails under the whole process: it is killed, and with it goes everything on its disk
//! that was not synced, in the queue, the store and the catalog alike. What was acknowledged is
//! there afterwards, once: events, and the projects that a command said it had added.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use almanac_testkit::figures::{figure, report};
use almanac_testkit::ledger::{Load, Plan};
use almanac_testkit::lossy::LossyDisk;
use almanac_testkit::wait::pause;
use almanac_testkit::{Random, TestServer};

use crate::almanac;

/// Ages at which the power fails, milliseconds.
const AGE_MS: std::ops::RangeInclusive<usize> = 50..=1500;

#[test]
fn power_cuts_lose_no_acknowledged_event_and_no_project() {
    let mut disk = match LossyDisk::mount(11) {
        Ok(disk) => disk,
        Err(reason) => {
            report("power cut", &format!("SKIPPED: {reason}"));
            return;
        }
    };
    let mut random = Random::new(12);
    let mut server = almanac()
        .inside(disk.path())
        .with("ALMANAC_STORE_SEAL_AGE_S", 1)
        .start();
    let project = server.add_project("shop.example");
    // The folder itself is as old as the machine.
    for folder in [server.data_dir().join(".."), disk.path()] {
        sync_folder(&folder);
    }
    let load = Load::start(Plan {
        address: server.address(),
        host: project.host.clone(),
        clients: 4,
        batch: 5,
        events: None,
    });
    let (cuts, mut writes, mut names) = (figure(20, 500), 0, 0);
    for cut in 0..cuts {
        let age = AGE_MS.start() + random.below(AGE_MS.end() - AGE_MS.start() + 1);
        pause(Duration::from_millis(age as u64));
        server.add_project(&host(cut));
        server.kill();
        let lost = disk.cut().expect("the disk is mounted again");
        (writes, names) = (writes + lost.writes, names + lost.names);
        server.restart();
    }
    let ledger = load.finish();
    ledger.assert_stored_once(&server, &project);
    let found = hosts(&server);
    let missing: Vec<String> = (0..cuts)
        .map(host)
        .filter(|host| !found.contains(host))
        .collect();
    assert!(missing.is_empty(), "{missing:?} were added and are gone");
    let acknowledged = ledger.acknowledged;
    report(
        "power cut",
        &format!(
            "{cuts} cuts took {writes} writes and {names} changes of folders; {acknowledged} \
             acknowledged, 0 lost, 0 twice, no project lost"
        ),
    );
    // Before the disk, which somebody may not have open when it goes.
    drop(server);
}

fn sync_folder(path: &Path) {
    let synced = File::open(path).and_then(|folder| folder.sync_all());
    synced.expect("the folder can be synced");
}

fn host(cut: usize) -> String {
    format!("cut-{cut}.example")
}

fn hosts(server: &TestServer) -> Vec<String> {
    let list = server.run_json(&["project", "list"]);
    let projects = list["projects"].as_array().into_iter().flatten();
    let hosts =
        projects.flat_map(|project| project["hosts"].as_array().cloned().unwrap_or_default());
    hosts
        .filter_map(|host| host.as_str().map(str::to_owned))
        .collect()
}
