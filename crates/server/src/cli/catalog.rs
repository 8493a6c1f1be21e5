//! `almanac catalog`: the tables themselves, for an operator who has to go back to an older
//! program.

use serde_json::json;

use super::arguments::CatalogCommand;
use super::failure::Failure;
use super::world::{World, existing_catalog};

pub(super) async fn run(command: &CatalogCommand, world: &mut World<'_>) -> Result<(), Failure> {
    match command {
        CatalogCommand::GoBack { to } => go_back(*to, world).await,
    }
}

async fn go_back(to: i64, world: &mut World<'_>) -> Result<(), Failure> {
    let catalog = existing_catalog(&world.config.data).await?;
    let done = catalog.go_back_to(to).await;
    catalog.close().await;
    done?;
    let text = format!("the catalog is at version {to}; start the older program now\n");
    Ok(world.output.answer(&json!({ "version": to }), &text)?)
}
