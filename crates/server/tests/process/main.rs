//! Tests of the whole process: the real program, its command line and its HTTP interface, with
//! nothing of it replaced. One file per theme; `docs/reliability.md` tells what each one promises.

mod crash;
mod first_steps;
mod network;
mod restart;

use almanac_testkit::Setup;

/// The program under test, with its defaults.
fn almanac() -> Setup {
    Setup::new(env!("CARGO_BIN_EXE_almanac"))
}
