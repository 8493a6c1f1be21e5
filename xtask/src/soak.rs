//! `cargo xtask soak`: the tests of reliability at the figures of a release, against a release
//! build, and a table of what each of them did and saw. It holds no test itself.

use anyhow::{Result, bail};

use crate::process::{cargo, stream};

/// How the tests mark a row of the table.
const MARK: &str = "figure | ";

/// Runs the tests whose names contain `filter`, one at a time, so that figures are not each
/// other's. `false` when one failed.
pub(crate) fn run(filter: Option<&str>) -> Result<bool> {
    let mut arguments = vec![
        "test",
        "--release",
        "--locked",
        "--package",
        "almanac-server",
    ];
    arguments.extend([
        "--test",
        "process",
        "--",
        "--nocapture",
        "--test-threads",
        "1",
    ]);
    arguments.extend(filter);
    let mut tests = cargo(&arguments);
    tests.env("ALMANAC_SOAK", "1");
    let finished = stream(tests)?;
    let rows = rows(&finished.output);
    if rows.is_empty() {
        bail!("no test reported a figure; is {filter:?} the name of one?");
    }
    println!("\n| test | seen |\n|---|---|");
    for (test, seen) in rows {
        println!("| {test} | {seen} |");
    }
    Ok(finished.success)
}

fn rows(text: &str) -> Vec<(&str, &str)> {
    let row = |line: &str| line.find(MARK).map(|at| at + MARK.len());
    text.lines()
        .filter_map(|line| line.get(row(line)?..)?.split_once(" | "))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_wherever_the_test_runner_puts_them() {
        let text = "test a ... figure | crash loop | 50 kills\nok\nfigure | bombs | 21 kinds\n";
        assert_eq!(
            rows(text),
            [("crash loop", "50 kills"), ("bombs", "21 kinds")]
        );
    }
}
