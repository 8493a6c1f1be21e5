//! `cargo xtask soak`: the tests of reliability at the figures of a release, against a release
//! build, and a table of what each of them did and saw. It holds no test itself.

use std::time::Instant;

use anyhow::{Result, bail, ensure};

use crate::process::{cargo, stream};

/// How the tests mark a row of the table.
const MARK: &str = "figure | ";
/// Histories of the queue on its simulated disk, each with a crash after every step.
const QUEUE_SEEDS: f64 = 100_000.0;
/// Never fewer than with every change.
const QUEUE_SEEDS_MIN: f64 = 2_000.0;

/// Tests that are run together.
struct Part {
    name: &'static str,
    arguments: &'static [&'static str],
}

/// In the order in which they run: what is soonest done comes first.
const PARTS: &[Part] = &[
    Part {
        name: "the queue on a simulated disk",
        arguments: &["--package", "almanac-queue"],
    },
    Part {
        name: "the store, killed at every step",
        arguments: &["--package", "almanac-store", "--test", "model"],
    },
    Part {
        name: "the whole process",
        arguments: &["--package", "almanac-server", "--test", "process"],
    },
];

/// Runs the tests whose names contain `filter`, one at a time, so that figures are not each
/// other's, at that share of the figures of a release. `false` when one failed.
pub(crate) fn run(filter: Option<&str>, scale: f64) -> Result<bool> {
    ensure!(
        scale > 0.0 && scale <= 100.0,
        "the scale is {scale}, it must be above 0 and at most 100; 1 is a release"
    );
    let (mut table, mut is_good) = (Vec::new(), true);
    for (number, part) in PARTS.iter().enumerate() {
        println!("\n[{}/{}] {}", number + 1, PARTS.len(), part.name);
        let started = Instant::now();
        let (success, output) = run_part(part, filter, scale)?;
        let passed = passed(&output);
        table.extend(rows(&output).map(|(test, seen)| (test.to_owned(), seen.to_owned())));
        if passed > 0 || !success {
            let seconds = started.elapsed().as_secs();
            let ended = if success { "passed" } else { "FAILED" };
            table.push((
                part.name.to_owned(),
                format!("{ended}: {passed} tests passed in {seconds} s, the build included"),
            ));
        }
        is_good &= success;
    }
    if table.is_empty() {
        bail!("no test ran; is {filter:?} in the name of one?");
    }
    println!("\n| test, at {scale} of a release | seen |\n|---|---|");
    for (test, seen) in table {
        println!("| {test} | {seen} |");
    }
    Ok(is_good)
}

fn run_part(part: &Part, filter: Option<&str>, scale: f64) -> Result<(bool, String)> {
    let run = ["--", "--nocapture", "--test-threads", "1"];
    let arguments = [&["test", "--release", "--locked"], part.arguments, &run].concat();
    let mut tests = cargo(&arguments);
    let seeds = (QUEUE_SEEDS * scale).max(QUEUE_SEEDS_MIN);
    tests
        .args(filter)
        .env("ALMANAC_SOAK", scale.to_string())
        .env("ALMANAC_QUEUE_SEEDS", format!("{seeds:.0}"));
    let finished = stream(tests)?;
    Ok((finished.success, finished.output))
}

fn rows(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let row = |line: &str| line.find(MARK).map(|at| at + MARK.len());
    text.lines()
        .filter_map(move |line| line.get(row(line)?..)?.split_once(" | "))
}

/// How many tests the runner says have passed.
fn passed(text: &str) -> u64 {
    let count = |line: &str| {
        let (before, _) = line.split_once(" passed;")?;
        before.rsplit(' ').next()?.parse::<u64>().ok()
    };
    text.lines().filter_map(count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_wherever_the_test_runner_puts_them() {
        let text = "test a ... figure | crash loop | 50 kills\nok\nfigure | bombs | 21 kinds\n";
        let found: Vec<_> = rows(text).collect();
        assert_eq!(found, [("crash loop", "50 kills"), ("bombs", "21 kinds")]);
    }

    #[test]
    fn passed_tests_are_counted_over_all_binaries() {
        let one = "test result: ok. 12 passed; 0 failed; 0 ignored";
        let two = "test result: FAILED. 3 passed; 1 failed; 0 ignored";
        assert_eq!(passed(&format!("{one}\nrunning 4 tests\n{two}\n")), 15);
        assert_eq!(passed("nothing"), 0);
    }
}
