//! The project's chores, one subcommand each; `--help` lists them. It calls the same tools a person
//! would call, in the right order, and says what each is doing. It holds no product code and
//! nothing depends on it.
#![expect(clippy::print_stdout, reason = "a task runner talks to its terminal")]

mod bench;
mod coverage;
mod install;
mod node;
mod process;
mod run;
mod soak;
mod stage;
mod stages;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Chores of the Almanac repository")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build everything, load a year of demonstration data once, and serve it.
    Run {
        /// Port on 127.0.0.1 to serve on.
        #[arg(long, default_value_t = 8000)]
        port: u16,
    },
    /// Install what the tests need and run every test there is.
    Test {
        /// Run only the named stages; may be given several times.
        #[arg(long, value_name = "STAGE")]
        only: Vec<String>,
    },
    /// The gate for a change: formatting, lints, tidy, tests, documents, dependencies, budgets.
    Check {
        /// Run only the named stages; may be given several times.
        #[arg(long, value_name = "STAGE")]
        only: Vec<String>,
    },
    /// Only the house rules that no other tool checks; takes a second.
    Tidy,
    /// Run a benchmark and print its figures; without a name, list them.
    Bench {
        /// Which one.
        name: Option<String>,
        /// Passed on to the benchmark.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Line coverage of the Rust tests.
    Coverage,
    /// The tests of reliability at the figures of a release, and what they saw as a table.
    Soak {
        /// Only the tests whose names contain this.
        filter: Option<String>,
        /// Share of the release's figures; never less than what every change runs.
        #[arg(long, default_value_t = 1.0)]
        scale: f64,
    },
}

fn main() -> ExitCode {
    match dispatch(Cli::parse().task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one task; `false` means that it ran to its end and found failures, already reported.
fn dispatch(task: Task) -> Result<bool> {
    match task {
        Task::Run { port } => run::run(port).map(|()| true),
        Task::Test { only } => stages::run(stages::Gate::Test, &only),
        Task::Check { only } => stages::run(stages::Gate::Check, &only),
        Task::Tidy => tidy::report(),
        Task::Bench { name, rest } => bench::run(name.as_deref(), &rest).map(|()| true),
        Task::Coverage => coverage::run().map(|()| true),
        Task::Soak { filter, scale } => soak::run(filter.as_deref(), scale),
    }
}
