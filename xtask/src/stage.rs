//! A stage is one named step of a gate. This module runs a list of them in order, keeps going after
//! a failure, and ends with one summary. It does not know what any stage does.

pub(crate) mod counts;

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::Finished;
use counts::Counts;

/// One step of a gate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage {
    /// What `--only` calls it.
    pub(crate) name: &'static str,
    /// Stages without which this one means nothing; it is counted as failed when one of them
    /// failed.
    pub(crate) needs: &'static [&'static str],
    /// Does the work. An error is a failure of the stage.
    pub(crate) run: fn() -> Result<Outcome>,
}

/// How a stage ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Everything it looked at is as it should be.
    Passed(Counts),
    /// Something is wrong, and the output says what.
    Failed(Counts),
    /// There was nothing to do; the reason.
    Absent(&'static str),
}

impl Outcome {
    /// One command: passed or failed by its exit status, with the counts that it printed.
    pub(crate) fn of(finished: Finished) -> Outcome {
        let counts = Counts::read(&finished.output);
        if finished.success {
            Outcome::Passed(counts)
        } else {
            Outcome::Failed(counts)
        }
    }

    /// Both: failed when either failed, with the counts of both.
    pub(crate) fn and(self, other: Outcome) -> Outcome {
        match (self, other) {
            (Outcome::Absent(_), only) | (only, Outcome::Absent(_)) => only,
            (Outcome::Passed(one), Outcome::Passed(two)) => Outcome::Passed(one.plus(two)),
            (
                Outcome::Passed(one) | Outcome::Failed(one),
                Outcome::Passed(two) | Outcome::Failed(two),
            ) => Outcome::Failed(one.plus(two)),
        }
    }
}

#[derive(Debug)]
struct Report {
    name: &'static str,
    line: String,
    counts: Counts,
    failed: bool,
}

/// Runs the stages and prints the summary. `true` when nothing failed.
pub(crate) fn run_all(stages: &[Stage]) -> bool {
    let mut reports: Vec<Report> = Vec::new();
    for stage in stages {
        println!("\n=== {} ===", stage.name);
        let started = Instant::now();
        let broken = stage.needs.iter().find(|need| {
            reports
                .iter()
                .any(|report| report.name == **need && report.failed)
        });
        let report = match broken {
            Some(need) => Report {
                name: stage.name,
                line: format!("not run, because {need} failed"),
                counts: Counts {
                    passed: 0,
                    failed: 1,
                },
                failed: true,
            },
            None => report(stage.name, (stage.run)(), started.elapsed()),
        };
        println!("--- {}: {}", report.name, report.line);
        reports.push(report);
    }
    summarise(&reports)
}

fn report(name: &'static str, outcome: Result<Outcome>, took: Duration) -> Report {
    let seconds = took.as_secs_f64();
    match outcome {
        Ok(Outcome::Passed(counts)) => {
            let counts = counts.or_one_passed();
            Report {
                name,
                line: format!("ok in {seconds:.1} s"),
                counts,
                failed: false,
            }
        }
        Ok(Outcome::Failed(counts)) => {
            let counts = counts.or_one_failed();
            Report {
                name,
                line: format!("FAILED in {seconds:.1} s"),
                counts,
                failed: true,
            }
        }
        Ok(Outcome::Absent(why)) => Report {
            name,
            line: format!("nothing to do: {why}"),
            counts: Counts::ZERO,
            failed: false,
        },
        Err(error) => Report {
            name,
            line: format!("FAILED in {seconds:.1} s: {error:#}"),
            counts: Counts {
                passed: 0,
                failed: 1,
            },
            failed: true,
        },
    }
}

/// The last line is for machines: `N passed, N failed`, and nothing else on it.
fn summarise(reports: &[Report]) -> bool {
    println!("\n=== summary ===");
    let mut total = Counts::ZERO;
    for report in reports {
        let Counts { passed, failed } = report.counts;
        println!(
            "{:<14} {passed:>6} passed {failed:>5} failed   {}",
            report.name, report.line
        );
        total = total.plus(report.counts);
    }
    println!("\n{total}");
    total.failed == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(
        name: &'static str,
        needs: &'static [&'static str],
        run: fn() -> Result<Outcome>,
    ) -> Stage {
        Stage { name, needs, run }
    }

    #[test]
    fn a_failure_fails_the_gate_and_what_needs_it() {
        let passes = || {
            Ok(Outcome::Passed(Counts {
                passed: 3,
                failed: 0,
            }))
        };
        let fails = || anyhow::bail!("broken");
        assert!(run_all(&[
            stage("a", &[], passes),
            stage("b", &["a"], passes)
        ]));
        assert!(!run_all(&[stage("a", &[], fails), stage("b", &[], passes)]));
        let must_not_run = || panic!("ran although what it needs failed");
        assert!(!run_all(&[
            stage("a", &[], fails),
            stage("b", &["a"], must_not_run)
        ]));
    }

    #[test]
    fn one_failure_among_several_commands_is_kept() {
        let finished = |success: bool, output: &str| {
            Outcome::of(Finished {
                success,
                output: output.to_owned(),
            })
        };
        let fails = finished(false, "# pass 2\n# fail 1").and(finished(true, "# pass 4"));
        assert!(
            matches!(
                fails,
                Outcome::Failed(Counts {
                    passed: 6,
                    failed: 1
                })
            ),
            "{fails:?}"
        );
        let silent = finished(true, "").and(finished(false, "broken"));
        assert!(
            matches!(silent, Outcome::Failed(Counts::ZERO)),
            "{silent:?}"
        );
    }

    #[test]
    fn nothing_to_do_is_no_failure() {
        assert!(run_all(&[stage("a", &[], || Ok(Outcome::Absent(
            "no such folder"
        )))]));
    }
}
