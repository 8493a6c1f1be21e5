//! A disk that fills up: what was acknowledged stays, questions are still answered, and once there
//! is room again the server takes events without being restarted.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use almanac_testkit::figures::report;
use almanac_testkit::ledger::{Load, Plan};
use almanac_testkit::wait::until;
use serde_json::json;

use crate::almanac;

/// Bytes of the whole file system, and of what stands in the way until space returns.
const DISK: &str = "size=48m";
const BALLAST_BYTES: usize = 32 << 20;

/// A small file system of its own; gone when dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Nothing where this user may not mount.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", DISK, "tmpfs"])
            .arg(folder.path())
            .output();
        let mounted = mounted.is_ok_and(|output| output.status.success());
        mounted.then(|| Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.path()).status();
        assert!(unmounted.is_ok(), "the small disk stays mounted");
    }
}

#[test]
fn a_full_disk_turns_away_and_heals_by_itself() {
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: this user may not mount a small file system");
        return;
    };
    let ballast = disk.path().join("ballast");
    fs::write(&ballast, vec![1; BALLAST_BYTES]).expect("room for the ballast");
    let mut server = almanac()
        .inside(disk.path())
        .with("ALMANAC_QUEUE_SEGMENT_BYTES", "2 MiB")
        .start();
    let project = server.add_project("shop.example");
    // Signing in writes to the disk, so it comes before the disk is full.
    server.cookie();
    let load = Load::start(Plan {
        address: server.address(),
        host: project.host.clone(),
        clients: 4,
        batch: 50,
        events: None,
    });
    let mut before = 0;
    let stuck = || {
        let now = load.acknowledged();
        let full = fs::write(disk.path().join("probe"), vec![1; 64 << 10]).is_err();
        let is_stuck = full && now > 0 && now == before;
        before = now;
        is_stuck.then_some(())
    };
    until("the disk is full", Duration::from_secs(60), stuck);
    let question = json!({ "metrics": ["events"], "date_range": "all" });
    let visible = server.ask(&project, &question)["results"][0]["metrics"][0].clone();
    assert!(
        visible.as_u64().is_some_and(|events| events > 0),
        "{visible}"
    );

    fs::remove_file(&ballast).expect("the ballast goes");
    let before = load.acknowledged();
    let flowing = || (load.acknowledged() > before + 100).then_some(());
    let (_, healed) = until("events flow again", Duration::from_secs(30), flowing);
    let ledger = load.finish();
    ledger.assert_stored_once(&server, &project);
    let events = ledger.acknowledged;
    report(
        "full disk",
        &format!("{events} events, 0 lost, 0 twice, healed after {healed:?}"),
    );
}
