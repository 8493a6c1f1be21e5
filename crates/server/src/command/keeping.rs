//! `almanac retention` and `almanac disk`: how long projects keep their events, what that ends, and
//! how much disk they take. Choosing needs only the catalog; a running server notices.

use almanac_api::keeping::{describe_disk, describe_retention};
use almanac_catalog::Catalog;
use almanac_catalog::project;
use almanac_catalog::retention::{self, Retention};
use anyhow::Context;
use serde_json::{Value, json};

use crate::cli::{
    DiskArguments, ExitCode, Failure, RetentionArguments, World, existing_catalog, find_project,
};
use crate::local::RunningServer;
use crate::wiring::{self, Engine};

/// Where events are: in a server that runs, or in the store itself.
pub(super) enum Place {
    Server(RunningServer),
    Store(Box<Engine>),
}

/// Where the events of projects are. Without a server the store also gets what the last one took
/// and did not seal.
pub(super) async fn place(world: &World<'_>, catalog: &Catalog) -> anyhow::Result<Place> {
    if let Some(server) = RunningServer::find(&world.config.data.dir) {
        return Ok(Place::Server(server));
    }
    let engine = wiring::engine(&world.config)?;
    for project in project::list(catalog).await? {
        wiring::put_project(&engine.store, project.settings()?)?;
    }
    wiring::replay(&engine)?;
    Ok(Place::Store(Box::new(engine)))
}

impl Place {
    /// Lets go of what was opened.
    pub(super) fn close(self) -> anyhow::Result<()> {
        if let Self::Store(engine) = self {
            engine.queue.close()?;
        }
        Ok(())
    }
}

/// The answer of a server, if it did what it was asked.
pub(super) fn accepted(status: u16, answer: Value) -> anyhow::Result<Value> {
    if status == 200 {
        return Ok(answer);
    }
    let text = answer["error"].as_str().unwrap_or("the server refused");
    Err(Failure::new(ExitCode::Failed, text).into())
}

/// `almanac retention`
pub(crate) async fn retention(
    arguments: &RetentionArguments,
    world: &mut World<'_>,
) -> anyhow::Result<()> {
    let catalog = existing_catalog(&world.config.data).await?;
    let project = find_project(&catalog, &arguments.project).await?;
    let wanted = match (arguments.days, arguments.for_ever) {
        (Some(days), _) => Some(Retention::Days(days)),
        (None, true) => Some(Retention::ForEver),
        (None, false) => None,
    };
    if let Some(wanted) = wanted.filter(|_| !arguments.dry_run) {
        retention::choose(&catalog, project.id, wanted, (world.clock)())
            .await
            .map_err(Failure::from)?;
    }
    let kept = match wanted {
        Some(wanted) => wanted,
        None => retention::of_project(&catalog, project.id).await?,
    };
    let place = place(world, &catalog).await?;
    catalog.close().await;
    let told = match (place, kept) {
        (Place::Server(_), Retention::ForEver) => {
            json!({ "days": null, "expired": { "events": 0, "days": 0 } })
        }
        (Place::Server(server), Retention::Days(days)) => {
            let path = format!("/api/projects/{}/retention", project.id.0);
            let answer = server.get(&path, &[("days", &days.to_string())])?;
            serde_json::from_reader(answer).context("the server's answer cannot be read")?
        }
        (Place::Store(engine), _) => {
            let (settings, now) = (project.settings()?, (world.clock)());
            let told = describe_retention(&engine.store, &settings, kept, now)?;
            engine.queue.close()?;
            told
        }
    };
    let text = match kept {
        Retention::ForEver => "events are kept for ever".to_owned(),
        Retention::Days(days) => format!(
            "events are kept for {days} days; {} events of {} days are older",
            told["expired"]["events"], told["expired"]["days"]
        ),
    };
    if world.output.as_json {
        writeln!(world.output.to, "{told:#}")?;
    } else {
        writeln!(world.output.to, "{text}")?;
    }
    Ok(())
}

/// `almanac disk`
pub(crate) async fn disk(arguments: &DiskArguments, world: &mut World<'_>) -> anyhow::Result<()> {
    let catalog = existing_catalog(&world.config.data).await?;
    let projects = match &arguments.project {
        Some(name) => vec![find_project(&catalog, name).await?],
        None => project::list(&catalog).await?,
    };
    let place = place(world, &catalog).await?;
    catalog.close().await;
    let mut told = Vec::with_capacity(projects.len());
    for project in &projects {
        let mut one = match &place {
            Place::Server(server) => {
                let path = format!("/api/projects/{}/disk", project.id.0);
                let answer = server.get(&path, &[])?;
                serde_json::from_reader(answer).context("the server's answer cannot be read")?
            }
            Place::Store(engine) => describe_disk(&engine.store, project.id),
        };
        one["id"] = json!(project.id.0.to_string());
        one["domain"] = json!(project.domain());
        told.push(one);
    }
    place.close()?;
    if world.output.as_json {
        writeln!(world.output.to, "{:#}", json!({ "projects": told }))?;
        return Ok(());
    }
    for one in &told {
        let domain = one["domain"].as_str().unwrap_or_default();
        let (bytes, events, days) = (&one["bytes"], &one["events"], &one["days"]);
        writeln!(
            world.output.to,
            "{domain}  {bytes} bytes  {events} events  {days} days"
        )?;
    }
    Ok(())
}
