//! The client against the real program: what it sends is counted once, at every level, also when
//! the server was killed in between.
#![expect(clippy::expect_used, reason = "a failed step of a test is its failure")]

use std::path::PathBuf;
use std::time::Duration;

use almanac_telemetry::{Call, Level, Options, Status, Telemetry};
use almanac_testkit::server::{Project, Setup, TestServer};

const PATIENCE: Duration = Duration::from_secs(60);

/// The program that the same build has made.
fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a file");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("target/<profile>/deps/<test>");
    let binary = profile.join("almanac");
    let remedy = "build it: cargo build -p almanac-server";
    assert!(
        binary.exists(),
        "{} is not there; {remedy}",
        binary.display()
    );
    binary
}

fn client(
    server: &TestServer,
    project: &Project,
    level: Level,
    spool: &std::path::Path,
) -> Telemetry {
    let endpoint = format!("http://{}", server.address());
    let mut options = Options::new(endpoint, project.host.clone(), "1.2.0");
    options.level = level;
    options.service = Some("indexer".to_owned());
    options.spool_dir = Some(spool.to_owned());
    options.exit_wait = Duration::ZERO;
    Telemetry::start(options)
}

#[test]
fn calls_are_counted_once_though_the_server_dies_in_between() {
    let mut server = Setup::new(binary()).start();
    let project = server.add_project("tools.example");
    let spool = tempfile::tempdir().unwrap();
    for level in [Level::Minimal, Level::Standard, Level::Detailed] {
        let telemetry = client(&server, &project, level, spool.path());
        let call = Call::new("search")
            .status(Status::Error)
            .duration(Duration::from_micros(12_500))
            .error_type("ParseError")
            .cache_hit(false)
            .parameter("limit", 3)
            .parameter("deep", true)
            .session("run-1");
        telemetry.record(call);
        assert!(telemetry.flush(PATIENCE), "{level:?}");
    }

    server.kill();
    let orphan = client(&server, &project, Level::Standard, spool.path());
    let built = orphan.wrap("build", || Ok::<_, std::io::Error>("built"));
    assert_eq!(built.unwrap(), "built");
    assert!(!orphan.flush(PATIENCE));
    drop(orphan);
    let kept: Vec<_> = spool.path().read_dir().unwrap().flatten().collect();
    assert_eq!(kept.len(), 1);
    // As if another process had sent it, and died before it could remove it.
    let copy = kept[0]
        .path()
        .with_file_name("almanac-999999999999999-copy.json");
    std::fs::copy(kept[0].path(), copy).unwrap();

    server.restart();
    let next = client(&server, &project, Level::Standard, spool.path());
    next.record(Call::new("build"));
    assert!(next.flush(PATIENCE));
    server.await_drained(&project);
    assert_eq!(server.events(&project), 5);
    let accounts = server.accounts(&project);
    assert_eq!((accounts.accepted, accounts.duplicate), (5, 1));
    assert!(spool.path().read_dir().unwrap().next().is_none());
}
