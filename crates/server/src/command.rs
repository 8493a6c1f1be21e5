//! Commands that need more than the catalog: each takes what was said on the command line and the
//! world it may touch, and either opens the data directory itself or asks the server that has it.

pub(crate) mod anomaly;
pub(crate) mod dead_letters;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod forecast;
pub(crate) mod import;
pub(crate) mod keeping;
pub(crate) mod mail;
mod progress;
pub(crate) mod query;
mod table;
pub(crate) mod training;
