//! The binary `almanac`: reads the command line and the configuration, and runs one command. What a
//! failure is called and how it is told is the command line's business.

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    almanac_server::main_with(
        std::env::args_os().collect(),
        &mut io::stdout(),
        &mut io::stderr(),
    )
}
