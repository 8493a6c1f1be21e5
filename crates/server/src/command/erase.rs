//! `almanac erase`: the events of a visitor, a user or a day, or all before a day, go for good;
//! first they are counted. By the store itself or through the server that has it open.

use std::io::{BufRead, BufReader};

use almanac_api::keeping::{EraseRequest, erase_in, note_erasure};
use almanac_catalog::project::Project;
use serde_json::Value;

use super::keeping::{Place, place};
use crate::cli::{
    EraseArguments, ErasedEvents, ExitCode, Failure, World, existing_catalog, find_project,
};

/// Does the command.
pub(crate) async fn run(arguments: &EraseArguments, world: &mut World<'_>) -> anyhow::Result<()> {
    let mut request = request_of(&arguments.what);
    // A mistake is told before anything is opened.
    request
        .what()
        .map_err(|text| Failure::new(ExitCode::Usage, text))?;
    let catalog = existing_catalog(&world.config.data).await?;
    let project = find_project(&catalog, &arguments.project).await?;
    let place = place(world, &catalog).await?;
    let mut told = None;
    if arguments.dry_run || !arguments.yes {
        request.dry_run = true;
        let counted = erase(&place, &project, &request)?;
        if !arguments.dry_run {
            confirm(&counted, &project, world)?;
        }
        told = Some(counted);
    }
    if !arguments.dry_run {
        request.dry_run = false;
        let erased = erase(&place, &project, &request)?;
        // A server writes it down itself.
        if let Place::Store(_) = &place {
            note_erasure(&catalog, project.id, &erased, (world.clock)()).await?;
        }
        told = Some(erased);
    }
    place.close()?;
    tell(&told.unwrap_or_default(), world)
}

fn request_of(what: &ErasedEvents) -> EraseRequest {
    EraseRequest {
        visitor: what.visitor.clone(),
        user: what.user.clone(),
        day: what.day.clone(),
        before: what.before.clone(),
        dry_run: false,
    }
}

fn erase(place: &Place, project: &Project, request: &EraseRequest) -> anyhow::Result<Value> {
    match place {
        Place::Server(server) => {
            let path = format!("/api/projects/{}/erase", project.id.0);
            let (status, answer) = server.post(&path, &[], serde_json::to_string(request)?)?;
            super::keeping::accepted(status, answer)
        }
        Place::Store(engine) => {
            let what = request
                .what()
                .map_err(|text| Failure::new(ExitCode::Usage, text))?;
            Ok(erase_in(&engine.store, project.id, &what, request.dry_run)?)
        }
    }
}

/// Asks before events are lost for ever; without an answer they are not.
fn confirm(counted: &Value, project: &Project, world: &mut World<'_>) -> anyhow::Result<()> {
    let (events, days, name) = (&counted["events"], &counted["days"], project.domain());
    write!(
        world.output.to,
        "erase {events} events of {days} days of {name} for ever? [y/N] "
    )?;
    world.output.to.flush()?;
    let mut answer = String::new();
    BufReader::new(&mut world.input).read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    let text = "nothing was erased; answer y, or add --yes, to erase";
    Err(Failure::new(ExitCode::Usage, text).into())
}

fn tell(told: &Value, world: &mut World<'_>) -> anyhow::Result<()> {
    let out = &mut *world.output.to;
    if world.output.as_json {
        writeln!(out, "{told:#}")?;
        return Ok(());
    }
    let (events, days) = (&told["events"], &told["days"]);
    if told["dry_run"] == true {
        writeln!(out, "{events} events of {days} days would be erased")?;
    } else {
        writeln!(out, "{events} events of {days} days erased")?;
    }
    Ok(())
}
