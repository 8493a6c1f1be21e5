//! `almanac config`: what is configured.

use super::arguments::ConfigCommand;
use super::failure::Failure;
use super::world::World;
use crate::config::{shown_json, shown_text};

pub(super) fn run(command: &ConfigCommand, world: &mut World<'_>) -> Result<(), Failure> {
    match command {
        ConfigCommand::Show => {
            let text = shown_text(&world.sources);
            Ok(world.output.answer(&shown_json(&world.sources), &text)?)
        }
    }
}
