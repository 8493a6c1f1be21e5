//! `almanac import access-log`: files or standard input, plain or gzip, with a progress bar; into
//! the store itself or through the server that has it open. Run again after a stop, it goes on
//! where it was: lines that are in already change nothing.

pub(crate) mod rows;
mod whole_lines;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use almanac_api::import::ImportReport;
use almanac_api::import::access_log::{AccessLogImport, Into};
use almanac_api::{Directory, Entry, Ledger};
use almanac_catalog::Catalog;
use almanac_ingest::{Agents, DataCentres, Places};
use almanac_model::Instant;
use anyhow::Context;
use flate2::read::MultiGzDecoder;
use serde_json::json;

use super::progress;
use crate::cli::{AccessLogArguments, ExitCode, Failure, World, existing_catalog, find_project};
use crate::jobs;
use crate::local::RunningServer;
use crate::wiring::{self, Engine};
use whole_lines::WholeLines;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Does the command.
pub(crate) async fn access_log(
    arguments: &AccessLogArguments,
    world: &mut World<'_>,
) -> anyhow::Result<()> {
    let catalog = existing_catalog(&world.config.data).await?;
    let project = find_project(&catalog, &arguments.project).await?;
    let host = arguments
        .host
        .clone()
        .unwrap_or_else(|| project.domain().to_owned());
    // Before anything is stored: of a list with a misspelt name, nothing is imported.
    arguments
        .files
        .iter()
        .try_for_each(|file| check_file(file))?;
    let target = match RunningServer::find(&world.config.data.dir) {
        Some(server) => Target::Server(server),
        None => Target::Here(Box::new(Here::open(catalog, world, project.id).await?)),
    };
    let mut sum = ImportReport::default();
    let mut broken = Vec::new();
    for file in &arguments.files {
        let (report, broke) = import_file(file, &host, arguments, &target, world)
            .with_context(|| format!("cannot import {}", file.display()))?;
        if let Some(error) = broke {
            let (name, lines) = (file.display(), report.lines);
            broken.push(format!("{name} breaks off after line {lines} ({error})"));
        }
        add(&mut sum, report);
    }
    if let Target::Here(here) = &target {
        jobs::save_counts(&here.catalog, &here.ledger).await?;
        here.engine.queue.close()?;
    }
    tell(&sum, world)?;
    if broken.is_empty() {
        return Ok(());
    }
    let text = format!(
        "{}; what came before is imported: import the whole file once you have it",
        broken.join(", ")
    );
    Err(Failure::new(ExitCode::Failed, text).into())
}

/// Where the events go.
pub(crate) enum Target {
    /// A server has the data directory open.
    Server(RunningServer),
    /// Nobody has: this process opens it.
    Here(Box<Here>),
}

pub(crate) struct Here {
    catalog: Catalog,
    engine: Engine,
    agents: Agents,
    places: Places,
    data_centres: DataCentres,
    views_per_span_max: Option<u16>,
    ledger: Ledger,
    entry: Arc<Entry>,
    now: Instant,
}

impl Here {
    /// What an import needs of it.
    fn destination(&self) -> Into<'_> {
        Into {
            store: &self.engine.store,
            catalog: &self.catalog,
            agents: &self.agents,
            places: &self.places,
            data_centres: &self.data_centres,
            views_per_span_max: self.views_per_span_max,
            ledger: &self.ledger,
            entry: &self.entry,
            now: self.now,
        }
    }

    async fn open(
        catalog: Catalog,
        world: &World<'_>,
        project: almanac_model::ProjectId,
    ) -> anyhow::Result<Self> {
        let directory = Directory::read(&catalog).await?;
        let entry = directory
            .by_id(project)
            .context("the project has just been removed")?;
        let engine = wiring::engine(&world.config)?;
        wiring::put_project(&engine.store, entry.settings.clone())?;
        Ok(Self {
            entry: Arc::clone(entry),
            catalog,
            engine,
            agents: wiring::agents()?,
            places: wiring::places(&world.config.geo)?,
            data_centres: wiring::data_centres(&world.config.bots)?,
            views_per_span_max: world.config.bots.views_per_span_max(),
            ledger: Ledger::default(),
            now: (world.clock)(),
        })
    }
}

fn check_file(file: &Path) -> Result<(), Failure> {
    if file == Path::new("-") {
        return Ok(());
    }
    let name = file.display();
    let refuse = |code, text: String| Err(Failure::new(code, text));
    match file.metadata() {
        Ok(metadata) if metadata.is_dir() => refuse(
            ExitCode::Failed,
            format!("{name} is a directory; name the log files in it"),
        ),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => refuse(
            ExitCode::NotFound,
            format!("there is no file {name}; nothing was imported"),
        ),
        Err(error) => refuse(
            ExitCode::Failed,
            format!("cannot read {name}: {error}; nothing was imported"),
        ),
    }
}

/// What was done, and why the file ended early if it did.
fn import_file(
    file: &Path,
    host: &str,
    arguments: &AccessLogArguments,
    target: &Target,
    world: &mut World<'_>,
) -> anyhow::Result<(ImportReport, Option<std::io::Error>)> {
    let length = file.metadata().ok().map(|metadata| metadata.len());
    let length = length.filter(|length| *length > 0);
    let looks = match length {
        Some(_) => "{prefix} {wide_bar} {percent}% · {binary_bytes_per_sec} · {eta} left · {msg}",
        None => "{prefix} {spinner} {binary_bytes} · {binary_bytes_per_sec} · {msg}",
    };
    let bar = progress::bar(length, looks, world.output.as_json);
    bar.set_prefix(file.display().to_string());
    let source: Box<dyn Read + '_> = if file == Path::new("-") {
        Box::new(&mut *world.input)
    } else {
        Box::new(File::open(file)?)
    };
    let (source, _) = unpacked(BufReader::new(bar.wrap_read(source)))?;
    let mut lines = WholeLines::new(source);
    let report = match target {
        Target::Server(server) => send(server, &mut lines, host, arguments)?,
        Target::Here(here) => {
            let mut import =
                AccessLogImport::new(here.destination(), host, arguments.include_static);
            import.read(&mut BufReader::new(&mut lines), &mut |_, so_far| {
                bar.set_message(format!("{} lines", so_far.lines));
            })?;
            import.report().clone()
        }
    };
    bar.finish_and_clear();
    Ok((report, lines.broke()))
}

fn send(
    server: &RunningServer,
    lines: &mut dyn Read,
    host: &str,
    arguments: &AccessLogArguments,
) -> anyhow::Result<ImportReport> {
    let with_assets = arguments.include_static.to_string();
    let query = [
        ("project", arguments.project.as_str()),
        ("host", host),
        ("with_assets", with_assets.as_str()),
    ];
    let mut lines = Reader(lines);
    let body = ureq::SendBody::from_reader(&mut lines);
    let (status, answer) = server.post("/api/local/import/access-log", &query, body)?;
    if status != 200 {
        let text = answer["error"]
            .as_str()
            .unwrap_or("the server refused the log")
            .to_owned();
        return Err(Failure::new(ExitCode::Failed, text).into());
    }
    serde_json::from_value(answer).context("the server's report cannot be read")
}

/// A sized reader around an unsized one.
struct Reader<'a>(&'a mut dyn Read);

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

/// What a file says, whether it is packed or not, and whether it was.
fn unpacked<S: BufRead>(mut source: S) -> std::io::Result<(Unpacked<S>, bool)> {
    if source.fill_buf()?.starts_with(&GZIP_MAGIC) {
        return Ok((Unpacked::Gzip(MultiGzDecoder::new(source)), true));
    }
    Ok((Unpacked::Plain(source), false))
}

/// A reader of what was packed or not.
enum Unpacked<S> {
    Plain(S),
    Gzip(MultiGzDecoder<S>),
}

impl<S: BufRead> Read for Unpacked<S> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(source) => source.read(buffer),
            Self::Gzip(source) => source.read(buffer),
        }
    }
}

fn add(sum: &mut ImportReport, part: ImportReport) {
    sum.lines += part.lines;
    sum.imported += part.imported;
    sum.duplicate += part.duplicate;
    for (reason, count) in part.skipped {
        *sum.skipped.entry(reason).or_default() += count;
    }
    for (reason, count) in part.refused {
        *sum.refused.entry(reason).or_default() += count;
    }
    sum.unreadable.extend(part.unreadable);
    sum.first_event_at = [sum.first_event_at.take(), part.first_event_at]
        .into_iter()
        .flatten()
        .min();
    sum.last_event_at = [sum.last_event_at.take(), part.last_event_at]
        .into_iter()
        .flatten()
        .max();
}

fn tell(report: &ImportReport, world: &mut World<'_>) -> anyhow::Result<()> {
    if world.output.as_json {
        writeln!(world.output.to, "{:#}", json!(report))?;
        return Ok(());
    }
    let out = &mut *world.output.to;
    writeln!(out, "{} lines read", report.lines)?;
    writeln!(
        out,
        "{} page views imported, {} were there already",
        report.imported, report.duplicate
    )?;
    for (reason, count) in &report.skipped {
        writeln!(out, "{count} lines skipped: {reason}")?;
    }
    for (reason, count) in &report.refused {
        writeln!(out, "{count} page views not counted: {reason}")?;
    }
    for (number, text) in &report.unreadable {
        writeln!(out, "line {number} cannot be read: {text}")?;
    }
    if let (Some(first), Some(last)) = (&report.first_event_at, &report.last_event_at) {
        writeln!(out, "from {first} to {last}")?;
    }
    Ok(())
}
