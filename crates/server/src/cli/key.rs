//! `almanac key`: keys for programs, and the key that signs access tokens.

use almanac_catalog::key::{self, Key, KeyScope, KeyWish};
use almanac_catalog::project::Project;
use almanac_catalog::{Catalog, signing_key};
use almanac_model::time::SECOND_US;
use serde_json::{Value, json};

use super::arguments::KeyCommand;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::time;
use super::world::{World, existing_catalog, find_project};

const DAY_US: i64 = 86_400 * SECOND_US;

pub(super) async fn run(command: &KeyCommand, world: &mut World<'_>) -> Result<(), Failure> {
    let catalog = existing_catalog(&world.config.data).await?;
    let result = match command {
        KeyCommand::Add {
            project,
            scope,
            is_for_all: _,
            name,
            expires_in,
        } => {
            let about = (project.as_deref(), scope.as_deref(), *expires_in);
            add(&catalog, about, name, world).await
        }
        KeyCommand::List { project } => list(&catalog, project.as_deref(), world).await,
        KeyCommand::Revoke { key } => revoke(&catalog, key, world).await,
        KeyCommand::RotateSigning { forget_old } => rotate(&catalog, *forget_old, world).await,
    };
    catalog.close().await;
    result
}

async fn add(
    catalog: &Catalog,
    (project, scope, expires_in): (Option<&str>, Option<&str>, Option<i64>),
    name: &str,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let scope = scope.map_or(Ok(KeyScope::Admin), scope_of)?;
    let project = match project {
        Some(reference) => Some(find_project(catalog, reference).await?),
        None => None,
    };
    let now = (world.clock)();
    let after = |days: i64| now.plus_us(days.saturating_mul(DAY_US));
    let wish = KeyWish {
        project: project.as_ref().map(|project| project.id),
        scope,
        name: name.to_owned(),
        expires_at: expires_in.map(after),
    };
    let new = key::make(catalog, wish, now).await?;
    let mut value = written(&new.key);
    value["key"] = json!(new.text);
    let text = format!(
        "{}\n\nkey {} for {} ({}); it is shown only now\n",
        new.text,
        new.key.id,
        project
            .as_ref()
            .map_or("the whole instance", Project::domain),
        scope.name()
    );
    Ok(world.output.answer(&value, &text)?)
}

fn scope_of(name: &str) -> Result<KeyScope, Failure> {
    KeyScope::from_name(name).ok_or_else(|| {
        let names = KeyScope::ALL.map(KeyScope::name).join(", ");
        Failure::new(
            ExitCode::Usage,
            format!("scope {name:?} is none of {names}"),
        )
    })
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

async fn rotate(catalog: &Catalog, forget_old: bool, world: &mut World<'_>) -> Result<(), Failure> {
    let kid = signing_key::rotate(catalog, forget_old, (world.clock)()).await?;
    let old = if forget_old {
        "what was signed before is good no more"
    } else {
        "what was signed before is good until it is over"
    };
    let text = format!("access tokens are signed by key {kid} from now on; {old}\n");
    Ok(world.output.answer(&json!({ "kid": kid }), &text)?)
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
