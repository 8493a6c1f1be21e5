//! `almanac project`: sites and products whose events are kept.

use almanac_catalog::Actor;
use almanac_catalog::project::{self, NewProject, Project};
use almanac_model::limits::VISIT_GAP_DEFAULT_S;
use serde_json::{Value, json};

use super::arguments::ProjectCommand;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::time;
use super::world::{World, existing_catalog, open_catalog};

pub(super) async fn run(command: &ProjectCommand, world: &mut World<'_>) -> Result<(), Failure> {
    match command {
        ProjectCommand::Add {
            name,
            hosts,
            time_zone,
            identity,
        } => {
            let identity = project::identity_from_name(identity).ok_or_else(|| {
                let message = format!("identity {identity:?} is neither cookieless nor stable");
                Failure::new(ExitCode::Usage, message)
            })?;
            let new = NewProject {
                name: name.clone(),
                hosts: hosts.clone(),
                time_zone: time_zone.clone(),
                identity,
                visit_gap_s: VISIT_GAP_DEFAULT_S,
            };
            add(new, world).await
        }
        ProjectCommand::List => list(world).await,
    }
}

async fn add(new: NewProject, world: &mut World<'_>) -> Result<(), Failure> {
    let catalog = open_catalog(&world.config.data)
        .await?
        .acting(Actor::command_line());
    let project = project::add(&catalog, new, (world.clock)()).await?;
    catalog.close().await;
    let text = format!(
        "added project {} ({}) for {}\nnext: almanac key add --project {} --scope stats\n",
        project.id.0,
        project.name,
        project.hosts.join(", "),
        project.domain()
    );
    Ok(world
        .output
        .answer(&json!({ "project": written(&project) }), &text)?)
}

async fn list(world: &mut World<'_>) -> Result<(), Failure> {
    let catalog = existing_catalog(&world.config.data).await?;
    let projects = project::list(&catalog).await?;
    catalog.close().await;
    let value = json!({ "projects": projects.iter().map(written).collect::<Vec<_>>() });
    let rows: Vec<_> = projects
        .into_iter()
        .map(|project| {
            let hosts = project.hosts.join(", ");
            [
                project.id.0.to_string(),
                project.name,
                hosts,
                project.time_zone,
            ]
        })
        .collect();
    let heading = ["id", "name", "hosts", "time zone"];
    let empty = "no projects yet; add one with `almanac project add --name … --host …`";
    Ok(world.output.table(&value, heading, &rows, empty)?)
}

/// The shape of the API's, less what only the store knows.
fn written(project: &Project) -> Value {
    json!({
        "id": project.id.0.to_string(),
        "name": project.name,
        "domain": project.domain(),
        "hosts": project.hosts,
        "time_zone": project.time_zone,
        "identity": project::identity_name(project.identity),
        "created_at": time::written(project.created_at),
    })
}
