//! `almanac export`: events of some days to a file or to standard output, out of the store itself
//! or through the server that has it open. A file is made of parts, one a day, so that an export
//! that was cut off goes on where it was.

mod parts;
mod source;

use std::path::Path;

use anyhow::Context;
use indicatif::{HumanCount, ProgressBar};
use jiff::civil::Date;
use serde_json::json;

use super::progress;
use crate::bulk::Format;
use crate::bulk::write::Writer;
use crate::cli::{ExitCode, ExportArguments, Failure, World, existing_catalog, find_project};

use parts::Parts;
use source::Source;

/// Does the command.
pub(crate) async fn run(arguments: &ExportArguments, world: &mut World<'_>) -> anyhow::Result<()> {
    let format = format_of(arguments)?;
    let first = day_of("--from", arguments.from.as_deref(), Date::MIN)?;
    let last = day_of("--to", arguments.to.as_deref(), Date::MAX)?;
    let catalog = existing_catalog(&world.config.data).await?;
    let project = find_project(&catalog, &arguments.project).await?;
    if arguments.output == Path::new("-") {
        let mut source = Source::open(world, &project, first..=last)?;
        let bar = progress::bar(Some(source.rows()), LOOKS, world.output.as_json);
        // Standard output belongs to the events; there is nothing else to say.
        let mut writer = Writer::new(format, Vec::new(), true)?;
        let out = &mut *world.output.to;
        source.each_day(&mut |_, batches| {
            for batch in batches {
                let batch = batch?;
                writer.write(&batch)?;
                out.write_all(&std::mem::take(writer.written()))?;
                shown(&bar, batch.num_rows() as u64);
            }
            Ok(())
        })?;
        out.write_all(&writer.finish()?)?;
        out.flush()?;
        bar.finish_and_clear();
        return Ok(());
    }
    let mut parts = Parts::open(&arguments.output, format, project.id)?;
    let from = parts.last().unwrap_or(first).max(first);
    let mut source = Source::open(world, &project, from..=last)?;
    let bar = progress::bar(Some(source.rows()), LOOKS, world.output.as_json);
    source.each_day(&mut |day, batches| {
        parts.write(
            day,
            &mut batches.inspect(|batch| {
                let rows = batch.as_ref().map_or(0, |batch| batch.num_rows());
                shown(&bar, rows as u64);
            }),
        )
    })?;
    bar.finish_and_clear();
    let (days, bytes) = parts
        .finish(first..=last)
        .with_context(|| format!("cannot complete {}", arguments.output.display()))?;
    let file = arguments.output.display().to_string();
    if world.output.as_json {
        let answer = json!({ "file": file, "days": days, "bytes": bytes });
        writeln!(world.output.to, "{answer:#}")?;
    } else {
        writeln!(
            world.output.to,
            "{days} days with events written to {file}, {bytes} bytes"
        )?;
    }
    Ok(())
}

fn format_of(arguments: &ExportArguments) -> Result<Format, Failure> {
    let ending = arguments
        .output
        .extension()
        .and_then(|ending| ending.to_str());
    match (arguments.format.as_deref(), ending) {
        (Some("parquet"), _) | (None, Some("parquet")) => Ok(Format::Parquet),
        (Some("csv"), _) | (None, Some("csv")) => Ok(Format::Csv),
        (Some("ndjson"), _) | (None, _) => Ok(Format::Ndjson),
        (Some(other), _) => {
            let text = format!("--format {other} is none of parquet, ndjson and csv");
            Err(Failure::new(ExitCode::Usage, text))
        }
    }
}

fn day_of(flag: &str, text: Option<&str>, default: Date) -> Result<Date, Failure> {
    let Some(text) = text else {
        return Ok(default);
    };
    text.parse().map_err(|_| {
        let text = format!("{flag} {text} is no day like 2026-11-21");
        Failure::new(ExitCode::Usage, text)
    })
}

/// The bar of an export.
const LOOKS: &str = "{wide_bar} {percent}% · {msg} · {eta} left";

fn shown(bar: &ProgressBar, rows: u64) {
    bar.inc(rows);
    let rate = bar.per_sec() as u64;
    let rows = HumanCount(bar.position());
    bar.set_message(format!("{rows} rows · {} rows/s", HumanCount(rate)));
}
