//! `almanac demo`: adds the demo's projects and loads their year, with a progress bar. Running it
//! again on the same day changes nothing.

use almanac_catalog::project::{self, NewProject, Project};
use almanac_catalog::{Catalog, CatalogError};
use almanac_model::{Event, Instant};
use anyhow::Context;
use indicatif::ProgressBar;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use rayon::prelude::*;
use serde_json::json;

use super::progress;
use crate::cli::{DemoArguments, ExitCode, Failure, World, open_catalog};
use crate::demo::{self, DemoProject};
use crate::wiring::{self, Engine};

/// Days that are made and stored together.
const DAYS_AT_ONCE: usize = 31;
/// Largest factor of `--scale`: with it a month of events, which is made in memory, takes some
/// gigabytes.
const SCALE_MAX: f64 = 20.0;

/// Does the command.
pub(crate) async fn run(arguments: &DemoArguments, world: &mut World<'_>) -> anyhow::Result<()> {
    check_scale(arguments.scale)?;
    let now = (world.clock)();
    let until = match &arguments.today {
        None => now,
        Some(text) => end_of(text)?.min(now),
    };
    let catalog = open_catalog(&world.config.data).await?;
    let engine = wiring::engine(&world.config)?;
    let days = demo::DAYS.unsigned_abs() * demo::PROJECTS.len() as u64;
    let looks = "{prefix:18} {wide_bar} {percent}% · {per_sec} days · {eta} left";
    let bar = progress::bar(Some(days), looks, world.output.as_json);
    let mut loaded = Vec::new();
    let mut added = 0;
    for demo in &demo::PROJECTS {
        let project = find_or_add(&catalog, demo, until).await?;
        wiring::put_project(&engine.store, project.settings()?)?;
        bar.set_prefix(demo.name);
        added += load(&engine, demo, &project, (until, arguments.scale), &bar)?;
        loaded.push(project);
    }
    bar.finish_and_clear();
    while engine.store.compact_once()?.is_some() {}
    engine.queue.close()?;
    catalog.close().await;
    tell(&loaded, added, world)
}

fn check_scale(scale: f64) -> Result<(), Failure> {
    // Not a number is in no range.
    if scale > 0.0 && scale <= SCALE_MAX {
        return Ok(());
    }
    let text = format!("--scale {scale} is not above 0 and at most {SCALE_MAX}");
    Err(Failure::new(ExitCode::Usage, text))
}

async fn find_or_add(
    catalog: &Catalog,
    demo: &DemoProject,
    until: Instant,
) -> anyhow::Result<Project> {
    match project::by_reference(catalog, demo.host).await {
        Ok(project) => Ok(project),
        Err(CatalogError::NotFound { .. }) => {
            let mut new = NewProject::new(demo.name, &[demo.host], demo.time_zone);
            new.identity = demo.identity;
            Ok(project::add(catalog, new, until).await?)
        }
        Err(other) => Err(other.into()),
    }
}

/// Makes and stores the year, a month at a time; answers with how many events were new.
fn load(
    engine: &Engine,
    demo: &DemoProject,
    project: &Project,
    (until, scale): (Instant, f64),
    bar: &ProgressBar,
) -> anyhow::Result<u64> {
    let zone = TimeZone::get(demo.time_zone)?;
    let today = until.local_day(&zone);
    let days: Vec<Date> = (0..demo::DAYS)
        .rev()
        .map(|back| today.checked_sub(Span::new().days(back)))
        .collect::<Result<_, _>>()
        .context("the demo's year goes beyond the calendar")?;
    let mut added = 0;
    for month in days.chunks(DAYS_AT_ONCE) {
        let events: Vec<Event> = month
            .par_iter()
            .flat_map_iter(|day| demo::day(demo, project.id, *day, until, scale))
            .collect();
        added += engine.store.load(project.id, events)?.added;
        bar.inc(month.len() as u64);
    }
    Ok(added)
}

/// The last instant of a day, in UTC.
fn end_of(text: &str) -> anyhow::Result<Instant> {
    let day: Date = text.parse().map_err(|_| {
        Failure::new(
            ExitCode::Usage,
            format!("--today {text} is no date like 2026-11-21"),
        )
    })?;
    let next = day.checked_add(1.day())?;
    Ok(almanac_model::time::start_of_day(next, &TimeZone::UTC).plus_us(-1))
}

fn tell(projects: &[Project], added: u64, world: &mut World<'_>) -> anyhow::Result<()> {
    if world.output.as_json {
        let shape = |project: &Project| {
            let id = project.id.0.to_string();
            json!({ "id": id, "name": project.name, "domain": project.domain() })
        };
        let projects: Vec<_> = projects.iter().map(shape).collect();
        writeln!(
            world.output.to,
            "{:#}",
            json!({ "events": added, "projects": projects })
        )?;
        return Ok(());
    }
    let names: Vec<&str> = projects
        .iter()
        .map(|project| project.name.as_str())
        .collect();
    writeln!(
        world.output.to,
        "{added} events loaded for {}",
        names.join(", ")
    )?;
    Ok(())
}
