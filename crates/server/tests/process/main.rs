//! Tests of the whole process: the real program, its command line and its HTTP interface, with
//! nothing of it replaced. One file per theme; `docs/reliability.md` tells what each one promises.
#![expect(clippy::expect_used, reason = "a failed step of a test is its failure")]

mod access;
mod accounts;
#[cfg(unix)]
mod acme;
mod attacks;
mod audited;
mod bots;
mod clocks;
mod collection;
mod crash;
mod disk_full;
#[cfg(target_os = "linux")]
mod disk_trouble;
mod exactly_once;
mod first_steps;
mod forecast;
mod hostile;
mod injection;
mod mail;
mod matrix;
mod migration;
mod mutants;
mod network;
mod openapi;
mod origins;
mod overload;
mod postgres;
#[cfg(target_os = "linux")]
mod power_cut;
mod predictions;
mod privacy;
mod restart;
mod rights;
mod salts;
mod series_files;
mod slow;
mod stalled;
mod startup;
mod tls;
mod token_refusals;
mod tokens;

use almanac_testkit::Setup;

/// The program under test, with its defaults.
fn almanac() -> Setup {
    Setup::new(env!("CARGO_BIN_EXE_almanac"))
}
