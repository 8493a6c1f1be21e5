//! `almanac project`: sites and products whose events are kept.

use almanac_catalog::Actor;
use almanac_catalog::project::{self, NewProject, Project, ProjectChange};
use almanac_model::limits::VISIT_GAP_DEFAULT_S;
use serde_json::{Value, json};

use super::arguments::ProjectCommand;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::time;
use super::world::{World, existing_catalog, find_project, open_catalog};

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
        ProjectCommand::Change {
            project,
            name,
            hosts,
            query_parameters,
            no_query_parameters,
        } => {
            let some = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
            let none = no_query_parameters.then(Vec::new);
            let wish = ProjectChange {
                name: name.clone(),
                hosts: some(hosts),
                query_parameters: some(query_parameters).or(none),
            };
            change(project, wish, world).await
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

async fn change(
    reference: &str,
    wish: ProjectChange,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let catalog = existing_catalog(&world.config.data)
        .await?
        .acting(Actor::command_line());
    let id = find_project(&catalog, reference).await?.id;
    let project = project::update(&catalog, id, wish, (world.clock)()).await?;
    catalog.close().await;
    let text = format!(
        "project {} ({}): hosts {}; kept parameters of addresses: {}\n",
        project.id.0,
        project.name,
        project.hosts.join(", "),
        match project.query_parameters.join(", ") {
            none if none.is_empty() => "none".to_owned(),
            some => some,
        },
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
        "query_parameters": project.query_parameters,
        "time_zone": project.time_zone,
        "identity": project::identity_name(project.identity),
        "created_at": time::written(project.created_at),
    })
}
