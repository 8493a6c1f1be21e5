//! `almanac drop-rule`: what a project does not count. Whether an event matches is the business of
//! collection, which reads the rules within a second of a change.

use almanac_catalog::Catalog;
use almanac_catalog::drop_rule::{self, DropKind, DropRule};
use serde_json::{Value, json};

use super::arguments::DropRuleCommand;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::world::{World, existing_catalog, find_project};

pub(super) async fn run(command: &DropRuleCommand, world: &mut World<'_>) -> Result<(), Failure> {
    let catalog = existing_catalog(&world.config.data).await?;
    let result = match command {
        DropRuleCommand::Add {
            project,
            kind,
            value,
        } => add(&catalog, project, kind, value, world).await,
        DropRuleCommand::List { project } => list(&catalog, project.as_deref(), world).await,
        DropRuleCommand::Remove { project, id } => remove(&catalog, project, *id, world).await,
    };
    catalog.close().await;
    result
}

async fn add(
    catalog: &Catalog,
    project: &str,
    kind: &str,
    value: &str,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let kind = DropKind::from_name(kind).ok_or_else(|| {
        let names = DropKind::ALL.map(DropKind::name).join(", ");
        Failure::new(ExitCode::Usage, format!("kind {kind:?} is none of {names}"))
    })?;
    let project = find_project(catalog, project).await?;
    let rule = drop_rule::add(catalog, project.id, kind, value, (world.clock)()).await?;
    let text = format!(
        "rule {}: {} refuses events with {} {}\n",
        rule.id,
        project.domain(),
        kind.name(),
        rule.value
    );
    Ok(world.output.answer(&written(&rule), &text)?)
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
    let mut rules = drop_rule::list(catalog).await?;
    rules.retain(|rule| project.is_none_or(|project| rule.project == project));
    let value = json!({ "drop_rules": rules.iter().map(written).collect::<Vec<_>>() });
    let rows: Vec<_> = rules
        .into_iter()
        .map(|rule| {
            [
                rule.id.to_string(),
                rule.project.0.to_string(),
                rule.kind.name().to_owned(),
                rule.value,
            ]
        })
        .collect();
    let empty = "no rules; add one with `almanac drop-rule add --project … --kind path --value …`";
    let heading = ["id", "project", "kind", "value"];
    Ok(world.output.table(&value, heading, &rows, empty)?)
}

async fn remove(
    catalog: &Catalog,
    project: &str,
    id: i64,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let project = find_project(catalog, project).await?;
    drop_rule::remove(catalog, project.id, id, (world.clock)()).await?;
    let value = json!({ "removed": id.to_string() });
    Ok(world
        .output
        .answer(&value, &format!("rule {id} is removed\n"))?)
}

fn written(rule: &DropRule) -> Value {
    json!({
        "id": rule.id.to_string(),
        "project": rule.project.0.to_string(),
        "kind": rule.kind.name(),
        "value": rule.value,
    })
}
