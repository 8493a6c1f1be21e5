//! The server: configuration, command line, wiring, pump and jobs around the other crates. It holds
//! no business rule: what an event means and what a number says is decided in the crates it wires.

mod bulk;
mod certificate;
pub mod cli;
mod command;
pub mod config;
mod dead_letters;
mod dedupe_log;
pub mod demo;
mod jobs;
mod lists;
mod local;
mod mail;
mod metrics_help;
mod provider;
mod pump;
mod readiness;
mod run;
mod serve;
mod wiring;

pub use run::main_with;
