//! The binary `almanac`: reads the command line and the configuration, and runs one command. What a
//! failure is called and how it is told is the command line's business.

use std::io;
use std::process::ExitCode;

/// A request of collection takes a hundred small pieces of memory and gives them back on another
/// thread; the system's allocator spends a quarter of the request's time on that, this one a tenth.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    almanac_server::main_with(
        std::env::args_os().collect(),
        &mut io::stdout(),
        &mut io::stderr(),
    )
}
