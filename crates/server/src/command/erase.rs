//! `almanac erase`: the events of a visitor, a user or a day, or all before a day, go for good;
//! first they are counted. By the store itself or through the server that has it open.

use std::io::{BufRead, BufReader};

use almanac_api::keeping::{EraseRequest, erase_in, note_erasure};
use almanac_catalog::project::Project;
use almanac_catalog::{Catalog, consent};
use almanac_store::Erase;
use serde_json::{Value, json};

use super::keeping::{Place, place};
use crate::cli::{
    EraseArguments, ErasedEvents, ExitCode, Failure, World, existing_catalog, find_project,
};
use crate::dead_letters::DeadLetters;

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
        let counted = erase(&place, (&catalog, &project), &request, world).await?;
        if !arguments.dry_run {
            confirm(&counted, &project, world)?;
        }
        told = Some(counted);
    }
    if !arguments.dry_run {
        request.dry_run = false;
        let erased = erase(&place, (&catalog, &project), &request, world).await?;
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

async fn erase(
    place: &Place,
    (catalog, project): (&Catalog, &Project),
    request: &EraseRequest,
    world: &World<'_>,
) -> anyhow::Result<Value> {
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
            let (dry_run, now) = (request.dry_run, (world.clock)());
            let mut told = erase_in(&engine.store, project.id, &what, dry_run)?;
            let dead = DeadLetters::open(&world.config.data.dir)?;
            let swept = dead.erase(project.id, &what, dry_run)?;
            told["dead_letters"] = json!(swept.letters);
            told["unreadable_dead_letters"] = json!(swept.unreadable);
            // The queue's files are a server's: it removes what is stored as soon as it runs.
            told["is_queue_emptied"] = json!(false);
            told["decisions"] = json!(decisions(catalog, project, &what, &told, world).await?);
            if !dry_run {
                // A server writes it down itself.
                note_erasure(catalog, project.id, &told, now).await?;
            }
            Ok(told)
        }
    }
}

/// How many decisions of the visitor were erased, or would be.
async fn decisions(
    catalog: &Catalog,
    project: &Project,
    what: &Erase,
    told: &Value,
    world: &World<'_>,
) -> anyhow::Result<u64> {
    let Erase::Visitor(visitor) = what else {
        return Ok(0);
    };
    if told["dry_run"] == true {
        let found = consent::of_visitor(catalog, project.id, *visitor).await?;
        return Ok(found.len() as u64);
    }
    let knew = told["events"] != 0 || told["dead_letters"] != 0;
    let now = (world.clock)();
    Ok(consent::forget(catalog, project.id, *visitor, knew, now).await?)
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
    let also = match (&told["dead_letters"], &told["decisions"]) {
        (letters, decisions) if *letters == 0 && *decisions == 0 => String::new(),
        (letters, decisions) => format!(", {letters} dead letters and {decisions} decisions"),
    };
    let done = if told["dry_run"] == true {
        "would be erased"
    } else {
        "erased"
    };
    writeln!(out, "{events} events of {days} days{also} {done}")?;
    if told["unreadable_dead_letters"] != 0 {
        let unreadable = &told["unreadable_dead_letters"];
        writeln!(
            out,
            "nobody can tell whose {unreadable} dead letters are; see `almanac dead-letters list`"
        )?;
    }
    Ok(())
}
