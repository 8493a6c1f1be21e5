//! `almanac key`: keys for programs.

use almanac_catalog::Catalog;
use almanac_catalog::key::{self, Key, KeyScope};
use serde_json::{Value, json};

use super::arguments::KeyCommand;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::time;
use super::world::{World, existing_catalog, find_project};

pub(super) async fn run(command: &KeyCommand, world: &mut World<'_>) -> Result<(), Failure> {
    let catalog = existing_catalog(&world.config.data).await?;
    let result = match command {
        KeyCommand::Add {
            project,
            scope,
            name,
        } => add(&catalog, project, scope, name, world).await,
        KeyCommand::List { project } => list(&catalog, project.as_deref(), world).await,
        KeyCommand::Revoke { key } => revoke(&catalog, key, world).await,
    };
    catalog.close().await;
    result
}

async fn add(
    catalog: &Catalog,
    project: &str,
    scope: &str,
    name: &str,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let scope = KeyScope::from_name(scope).ok_or_else(|| {
        let names = KeyScope::ALL.map(KeyScope::name).join(", ");
        Failure::new(
            ExitCode::Usage,
            format!("scope {scope:?} is none of {names}"),
        )
    })?;
    let project = find_project(catalog, project).await?;
    let new = key::add(catalog, project.id, scope, name, (world.clock)()).await?;
    let mut value = written(&new.key);
    value["key"] = json!(new.text);
    let text = format!(
        "{}\n\nkey {} for {} ({}); it is shown only now\n",
        new.text,
        new.key.id,
        project.domain(),
        scope.name()
    );
    Ok(world.output.answer(&value, &text)?)
}

async fn list(
    catalog: &Catalog,
    project: Option<&str>,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let project = match project {
        Some(reference) => Some(find_project(catalog, reference).await?.id),
        None => None,
    };
    let keys = key::list(catalog, project).await?;
    let value = json!({ "keys": keys.iter().map(written).collect::<Vec<_>>() });
    let rows: Vec<_> = keys
        .into_iter()
        .map(|key| {
            let state = match (key.revoked_at, key.last_used_at) {
                (Some(at), _) => format!("revoked {}", time::written(at)),
                (None, Some(at)) => format!("last used {}", time::written(at)),
                (None, None) => "never used".to_owned(),
            };
            let scope = key.scope.name().to_owned();
            [
                key.id.to_string(),
                key.project
                    .map_or_else(|| "all".to_owned(), |id| id.0.to_string()),
                scope,
                key.prefix,
                key.name,
                state,
            ]
        })
        .collect();
    let heading = ["id", "project", "scope", "prefix", "name", "state"];
    let empty = "no keys yet; make one with `almanac key add --project … --scope stats`";
    Ok(world.output.table(&value, heading, &rows, empty)?)
}

async fn revoke(catalog: &Catalog, text: &str, world: &mut World<'_>) -> Result<(), Failure> {
    let id = match text.parse() {
        // A prefix has twelve characters, which may all be digits; no id is that long.
        Ok(id) if text.len() < 12 => id,
        _ => key::id_of_prefix(catalog, text).await?,
    };
    key::revoke(catalog, id, None, (world.clock)()).await?;
    let value = json!({ "revoked": id.to_string() });
    Ok(world
        .output
        .answer(&value, &format!("key {id} is revoked\n"))?)
}

fn written(key: &Key) -> Value {
    json!({
        "id": key.id.to_string(),
        "project": key.project.map(|id| id.0.to_string()),
        "scope": key.scope.name(),
        "prefix": key.prefix,
        "name": key.name,
        "created_at": time::written(key.created_at),
        "expires_at": key.expires_at.map(time::written),
        "last_used_at": key.last_used_at.map(time::written),
        "revoked_at": key.revoked_at.map(time::written),
    })
}
