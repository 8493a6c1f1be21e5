//! A disk that fails, stalls or dies with the server at a chosen step: each kind of step that the
//! whole process takes on its disk, in queue, store and catalog alike, the n-th step whatever it
//! is, and syncs by chance. After each the power fails too, and what was acknowledged is there.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use almanac_testkit::figures::{figure, report};
use almanac_testkit::http::Request;
use almanac_testkit::ledger::{Load, Plan};
use almanac_testkit::lossy::{Aim, LossyDisk, Strike};
use almanac_testkit::server::Project;
use almanac_testkit::wait::{pause, until};
use almanac_testkit::{Random, TestServer};
use serde_json::{Value, json};

use crate::almanac;

/// How long the server goes on after trouble has struck, so that it may acknowledge what it must
/// not, before the power fails.
const AFTERMATH: Duration = Duration::from_millis(150);
/// How long a disk stalls.
const STALL: Duration = Duration::from_millis(400);
/// Longest that events may take to flow again on a disk that works again.
const HEALING: Duration = Duration::from_secs(30);
/// Pieces of work, all of which come around.
const PIECES: usize = 4;
/// Pieces of work in which a step must come that came before.
const PIECES_MAX: usize = 5 * PIECES;
const OTHER: &str = "other.example";
/// Days that are imported and erased, all long ago.
const DAYS: [&str; 2] = ["2026-03-01", "2026-03-02"];

/// A server under load on a disk that can be troubled.
struct Trial {
    // Dropped in this order: nobody may have the disk open when it goes.
    server: TestServer,
    disk: LossyDisk,
    load: Option<Load>,
    project: Project,
    /// The id of a project whose events come and go.
    other: String,
    past: tempfile::NamedTempFile,
    /// How often the work has begun anew.
    rounds: usize,
    cuts: u64,
}

impl Trial {
    /// Nothing where this system cannot mount such a disk.
    fn start(name: &str, seed: u64) -> Option<Self> {
        let disk = match LossyDisk::mount(seed) {
            Ok(disk) => disk,
            Err(reason) => {
                report(name, &format!("SKIPPED: {reason}"));
                return None;
            }
        };
        let mut server = almanac()
            .inside(disk.path())
            .with("ALMANAC_STORE_SEAL_AGE_S", 1)
            .with("ALMANAC_QUEUE_SEGMENT_BYTES", "1 MiB")
            .start();
        let project = server.add_project("shop.example");
        let added = [
            "project",
            "add",
            "--name",
            "Other",
            "--host",
            "other.example",
        ];
        let other = server.run_json(&added)["project"]["id"].clone();
        server.cookie();
        // The folders themselves are as old as the machine.
        for folder in [server.data_dir().join(".."), disk.path()] {
            let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
            synced.expect("the folder can be synced");
        }
        let load = Load::start(Plan {
            address: server.address(),
            host: project.host.clone(),
            clients: 3,
            batch: 5,
            events: None,
        });
        Some(Self {
            server,
            disk,
            load: Some(load),
            project,
            other: other.as_str().expect("an id").to_owned(),
            past: past(),
            rounds: 0,
            cuts: 0,
        })
    }

    fn acknowledged(&self) -> u64 {
        self.load.as_ref().map_or(0, Load::acknowledged)
    }

    /// One piece of what a server does beside collecting: a command, an import, an erasure, in a
    /// new project each time around, so that what happens once to a project happens often. Any may
    /// fail.
    fn work(&mut self, piece: usize) {
        self.rounds += usize::from(piece.is_multiple_of(PIECES));
        let host = format!("around-{}.example", self.rounds);
        let past = self.past.path().display().to_string();
        let import = ["import", "ndjson", &past, "--project"];
        match piece % PIECES {
            0 => drop(
                self.server
                    .run(&["project", "add", "--name", &host, "--host", &host]),
            ),
            1 => drop(self.server.run(&[&import[..], &[&host]].concat())),
            2 => drop(self.server.run(&[&import[..], &[OTHER]].concat())),
            _ => self.erase(DAYS[piece / PIECES % DAYS.len()]),
        }
    }

    fn erase(&self, day: &str) {
        let path = format!("/api/projects/{}/erase", self.other);
        let request = Request::post(path, &json!({ "day": day }))
            .header("cookie", self.server.cookie())
            .header("origin", format!("http://{}", self.server.address()));
        // The server may be down, which is what this is about.
        drop(self.server.try_call(&request));
    }

    /// Starts the server, lets it work until trouble has struck, and tells whether it has.
    fn suffer(&mut self, aim: Aim, strike: Strike) -> bool {
        self.server.kill();
        self.disk.trouble(aim, strike);
        self.server.restart_unwatched();
        for piece in 0..PIECES_MAX {
            if self.disk.struck() > 0 {
                break;
            }
            self.work(piece);
        }
        pause(AFTERMATH);
        self.disk.struck() > 0
    }

    /// The power fails, and the server starts again on a disk that works.
    fn cut(&mut self) {
        self.disk.calm();
        self.server.kill();
        let said = self.server.said();
        assert!(!said.contains("panicked"), "{said}");
        self.disk.cut().expect("the disk is mounted again");
        self.server.restart();
        self.cuts += 1;
    }

    /// Steps of a start and some rounds of work on a disk that works.
    fn steps(&mut self) -> BTreeMap<String, u64> {
        self.server.kill();
        self.disk.calm();
        self.server.restart();
        for piece in 0..PIECES_MAX {
            self.work(piece);
        }
        self.disk.steps()
    }

    fn finish(mut self, name: &str, seen: &str) {
        let ledger = self.load.take().expect("the load goes on").finish();
        ledger.assert_stored_once(&self.server, &self.project);
        let (cuts, events) = (self.cuts, ledger.acknowledged);
        let refused = ledger.statuses.get(&503).copied().unwrap_or_default();
        report(
            name,
            &format!(
                "{seen}; {cuts} power cuts, {events} acknowledged, {refused} times 503, 0 lost, 0 twice"
            ),
        );
    }
}

/// A few events of days long ago.
fn past() -> tempfile::NamedTempFile {
    let line = |(number, day): (usize, &&str)| -> Value {
        json!({
            "time": format!("{day}T10:00:00Z"),
            "kind": "pageview",
            "hostname": OTHER,
            "path": format!("/{number}"),
            "visitor": number.to_string(),
        })
    };
    let lines: Vec<String> = DAYS
        .iter()
        .enumerate()
        .map(line)
        .map(|line| line.to_string())
        .collect();
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), lines.join("\n")).expect("the file can be written");
    file
}

#[test]
fn no_step_on_the_disk_loses_an_event_when_it_kills_fails_or_stalls() {
    let name = "trouble at each step";
    let Some(mut trial) = Trial::start(name, 21) else {
        return;
    };
    let steps: Vec<String> = trial.steps().into_keys().collect();
    for part in ["queue/", "store/", "catalog"] {
        let is_there = steps.iter().any(|step| step.contains(part));
        assert!(is_there, "no step in {part}: {steps:?}");
    }
    let (mut struck, mut missed) = (0, Vec::new());
    for step in &steps {
        for strike in [Strike::Kill, Strike::Fail, Strike::Stall(STALL)] {
            match trial.suffer(Aim::Named(step.clone()), strike) {
                true => struck += 1,
                false => missed.push((step.as_str(), strike)),
            }
            trial.cut();
        }
    }
    let all = steps.len() * 3;
    // Some steps depend on when things happen, but most must have been met.
    assert!(
        struck * 10 >= all * 9,
        "{struck} of {all} struck, not {missed:?}"
    );
    trial.finish(
        name,
        &format!(
            "{} kinds of steps, {struck} of {all} troubles struck",
            steps.len()
        ),
    );
}

#[test]
fn a_disk_that_fails_at_the_nth_step_or_from_it_on_loses_no_event() {
    let name = "trouble at the n-th step";
    let Some(mut trial) = Trial::start(name, 22) else {
        return;
    };
    let total: u64 = trial.steps().into_values().sum();
    let wanted = figure(16, 2_000).min(total);
    let numbers = (0..wanted).map(|turn| 1 + turn * total / wanted);
    for number in numbers {
        for aim in [Aim::Nth(number), Aim::From(number)] {
            trial.suffer(aim, Strike::Fail);
            trial.cut();
        }
    }
    trial.finish(
        name,
        &format!("{wanted} of {total} steps, each failing once and for good"),
    );
}

#[test]
fn failed_syncs_are_never_acknowledged_and_heal_by_themselves() {
    let name = "failed syncs";
    let Some(mut trial) = Trial::start(name, 23) else {
        return;
    };
    let mut random = Random::new(24);
    let runs = figure(40, 100);
    let mut struck = 0;
    for run in 0..runs {
        let probability = (1 + random.below(100)) as f64 / 100.0;
        trial.disk.trouble(Aim::Syncs(probability), Strike::Fail);
        let hit = || (trial.disk.struck() > 0).then_some(());
        until("a sync fails", HEALING, hit);
        pause(AFTERMATH);
        struck += trial.disk.struck();
        if run % 2 == 0 {
            trial.cut();
            continue;
        }
        trial.disk.calm();
        let before = trial.acknowledged();
        let flowing = || (trial.acknowledged() > before + 50).then_some(());
        until("events flow again without a restart", HEALING, flowing);
        if run % 8 > 1 {
            continue;
        }
        let seals = || trial.server.metric("almanac_seal_seconds_count");
        let before = seals();
        let sealing = || (seals() > before).then_some(());
        until("the store seals again without a restart", HEALING, sealing);
    }
    trial.finish(name, &format!("{runs} runs, {struck} syncs failed"));
}
