//! `almanac import parquet|ndjson|csv`: rows of other programs, enriched or raw, with a progress
//! bar; into the store itself or through the server that has it open. Reading goes on beside
//! storing. Run again after a stop, it goes on where it was: rows that are in change nothing.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

use almanac_api::import::rows::{RowsImport, RowsReport};
use anyhow::Context;
use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use indicatif::{HumanCount, ProgressBar};
use serde_json::json;

use super::{Here, Target, check_file, unpacked};
use crate::bulk::{self, Batch, Batches, Format, Mapping};
use crate::cli::{ExitCode, Failure, RowsArguments, World, existing_catalog, find_project};
use crate::command::progress;
use crate::jobs;
use crate::local::RunningServer;

/// Batches that wait while the one before is stored.
const BATCHES_WAITING: usize = 1;
/// Unreadable rows shown in the report.
const UNREADABLE_SHOWN: usize = 5;

/// Does the command.
pub(crate) async fn run(
    format: Format,
    arguments: &RowsArguments,
    world: &mut World<'_>,
) -> anyhow::Result<()> {
    let mapping = Mapping::parse(&arguments.map)?;
    let catalog = existing_catalog(&world.config.data).await?;
    let project = find_project(&catalog, &arguments.project).await?;
    // Before anything is stored: of a list with a misspelt name, nothing is imported.
    arguments
        .files
        .iter()
        .try_for_each(|file| check_file(file))?;
    let target = match RunningServer::find(&world.config.data.dir) {
        Some(server) => Target::Server(server),
        None => Target::Here(Box::new(Here::open(catalog, world, project.id).await?)),
    };
    let mut sum = Sum::default();
    for file in &arguments.files {
        let done = import_file(
            format,
            file,
            &mapping,
            &target,
            arguments,
            world.output.as_json,
        );
        let done = done.with_context(|| format!("cannot import {}", file.display()))?;
        sum.add(file, done);
    }
    if let Target::Here(here) = &target {
        while here.engine.store.compact_once()?.is_some() {}
        let looks = "summing up days {wide_bar} {pos} of {len} · {eta} left";
        let bar = progress::bar(Some(0), looks, world.output.as_json);
        here.engine.store.summarise_all(|done, days| {
            bar.set_length(days);
            bar.set_position(done);
        })?;
        bar.finish_and_clear();
        jobs::save_counts(&here.catalog, &here.ledger).await?;
        here.engine.queue.close()?;
    }
    sum.tell(world)
}

/// What became of a file, and its rows that could not be read.
type Done = (RowsReport, Unreadable);

/// Rows that could not be read: how many, and the first of them with the reason.
#[derive(Debug, Default)]
struct Unreadable {
    count: u64,
    first: Vec<(u64, String)>,
}

fn import_file(
    format: Format,
    file: &Path,
    mapping: &Mapping,
    target: &Target,
    arguments: &RowsArguments,
    is_quiet: bool,
) -> anyhow::Result<Done> {
    let (batches, length) = open(format, file, mapping)?;
    let looks = match length {
        Some(_) => "{prefix} {wide_bar} {percent}% · {msg} · {eta} left",
        None => "{prefix} {spinner} {msg}",
    };
    let bar = progress::bar(length, looks, is_quiet);
    bar.set_prefix(file.display().to_string());
    let reading = Reading::start(batches, bar.clone());
    let mut unreadable = Unreadable::default();
    let report = match target {
        Target::Here(here) => {
            let mut import = RowsImport::new(here.destination());
            for batch in reading.batches.iter() {
                let batch = batch?;
                unreadable.add(&batch);
                import.take(&batch.rows)?;
                shown(&bar, import.report().rows, batch.progress);
            }
            import.report().clone()
        }
        Target::Server(server) => {
            let mut body = Body {
                reading: &reading,
                bar: &bar,
                writer: None,
                written: Vec::new(),
                taken: 0,
                rows: 0,
                is_over: false,
                unreadable: &mut unreadable,
                fault: None,
            };
            let sent = send(server, &mut body, &arguments.project);
            if let Some(fault) = body.fault.take() {
                return Err(fault);
            }
            sent?
        }
    };
    bar.finish_and_clear();
    Ok((report, unreadable))
}

/// The rows of a file, and how long it is: in rows, or in bytes.
fn open(format: Format, path: &Path, mapping: &Mapping) -> anyhow::Result<(Batches, Option<u64>)> {
    if format == Format::Parquet {
        if path == Path::new("-") {
            let text = "Parquet cannot be read from standard input; name the file";
            return Err(Failure::new(ExitCode::Usage, text).into());
        }
        let (batches, rows) = bulk::parquet::batches(path, mapping)?;
        return Ok((batches, Some(rows)));
    }
    let (source, length): (Box<dyn Read + Send>, _) = if path == Path::new("-") {
        (Box::new(std::io::stdin()), None)
    } else {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        (Box::new(file), Some(bytes))
    };
    let (source, is_packed) = unpacked(BufReader::new(source))?;
    // The length of what is packed says nothing about how much is in it.
    let length = length.filter(|_| !is_packed);
    let source = Box::new(source);
    let batches = match format {
        Format::Csv => bulk::csv::batches(source, mapping)?,
        Format::Ndjson | Format::Parquet => bulk::ndjson::batches(source, mapping.clone()),
    };
    Ok((batches, length))
}

/// A file being read by a thread of its own.
struct Reading {
    batches: Receiver<anyhow::Result<Batch>>,
}

impl Reading {
    fn start(batches: Batches, bar: ProgressBar) -> Self {
        let (sender, receiver) = sync_channel(BATCHES_WAITING);
        std::thread::spawn(move || {
            for batch in batches {
                let is_last = batch.is_err();
                // Whoever stores has ended early and said why.
                if sender.send(batch).is_err() || is_last {
                    break;
                }
                bar.tick();
            }
        });
        Self { batches: receiver }
    }
}

impl Unreadable {
    fn add(&mut self, batch: &Batch) {
        self.count += batch.unreadable.len() as u64;
        let room = UNREADABLE_SHOWN.saturating_sub(self.first.len());
        self.first
            .extend(batch.unreadable.iter().take(room).cloned());
    }
}

fn send(server: &RunningServer, body: &mut Body<'_>, project: &str) -> anyhow::Result<RowsReport> {
    let query = [("project", project)];
    let body = ureq::SendBody::from_reader(body);
    let (status, answer) = server.post("/api/local/import/rows", &query, body)?;
    if status != 200 {
        let text = answer["error"]
            .as_str()
            .unwrap_or("the server refused the rows");
        return Err(Failure::new(ExitCode::Failed, text).into());
    }
    serde_json::from_value(answer).context("the server's report cannot be read")
}

/// The rows of a file as an Arrow stream that is made while it is read.
struct Body<'a> {
    reading: &'a Reading,
    bar: &'a ProgressBar,
    writer: Option<StreamWriter<Vec<u8>>>,
    /// What was made and not taken yet, from `taken` on.
    written: Vec<u8>,
    taken: usize,
    rows: u64,
    is_over: bool,
    unreadable: &'a mut Unreadable,
    /// Why the file cannot be read on.
    fault: Option<anyhow::Error>,
}

impl Body<'_> {
    /// Makes the next piece of the stream.
    fn make(&mut self) -> anyhow::Result<()> {
        let Ok(batch) = self.reading.batches.recv() else {
            self.is_over = true;
            let mut writer = match self.writer.take() {
                Some(writer) => writer,
                None => StreamWriter::try_new(Vec::new(), &almanac_store::rows_schema())?,
            };
            writer.finish()?;
            self.written = std::mem::take(writer.get_mut());
            return Ok(());
        };
        let batch = batch?;
        self.unreadable.add(&batch);
        self.rows += batch.rows.num_rows() as u64;
        shown(self.bar, self.rows, batch.progress);
        if batch.rows.num_rows() > 0 {
            self.write(&bulk::complete(&batch.rows)?)?;
        }
        Ok(())
    }

    fn write(&mut self, rows: &RecordBatch) -> anyhow::Result<()> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let schema = rows.schema();
                self.writer
                    .insert(StreamWriter::try_new(Vec::new(), &schema)?)
            }
        };
        writer.write(rows)?;
        self.written = std::mem::take(writer.get_mut());
        Ok(())
    }
}

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.taken == self.written.len() {
            if self.is_over {
                return Ok(0);
            }
            (self.written, self.taken) = (Vec::new(), 0);
            if let Err(fault) = self.make() {
                self.fault = Some(fault);
                return Err(std::io::Error::other("the file cannot be read on"));
            }
        }
        let some = buffer.len().min(self.written.len() - self.taken);
        buffer[..some].copy_from_slice(&self.written[self.taken..self.taken + some]);
        self.taken += some;
        Ok(some)
    }
}

/// Moves the bar on and tells the rate.
fn shown(bar: &ProgressBar, rows: u64, progress: u64) {
    bar.inc(progress);
    let seconds = bar.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
    let rate = (rows as f64 / seconds) as u64;
    bar.set_message(format!(
        "{} rows · {} rows/s",
        HumanCount(rows),
        HumanCount(rate)
    ));
}

/// What became of all files.
#[derive(Debug, Default)]
struct Sum {
    report: RowsReport,
    unreadable: u64,
    shown: Vec<(String, u64, String)>,
}

impl Sum {
    fn add(&mut self, file: &Path, (part, unreadable): Done) {
        let sum = &mut self.report;
        sum.rows += part.rows;
        sum.imported += part.imported;
        sum.duplicate += part.duplicate;
        for (reason, count) in part.refused {
            *sum.refused.entry(reason).or_default() += count;
        }
        let known = sum.first_event_at.take().into_iter();
        sum.first_event_at = known.chain(part.first_event_at).min();
        sum.last_event_at = sum.last_event_at.take().max(part.last_event_at);
        self.unreadable += unreadable.count;
        let name = file.display().to_string();
        let shown = unreadable.first.into_iter();
        self.shown
            .extend(shown.map(|(row, text)| (name.clone(), row, text)));
        self.shown.truncate(UNREADABLE_SHOWN);
    }

    fn tell(&self, world: &mut World<'_>) -> anyhow::Result<()> {
        let report = &self.report;
        if world.output.as_json {
            let shown = self
                .shown
                .iter()
                .map(|(file, row, text)| json!({ "file": file, "row": row, "reason": text }));
            let mut answer = json!(report);
            answer["unreadable"] = json!(self.unreadable);
            answer["unreadable_first"] = shown.collect();
            writeln!(world.output.to, "{answer:#}")?;
            return Ok(());
        }
        let out = &mut *world.output.to;
        writeln!(out, "{} rows read", report.rows + self.unreadable)?;
        writeln!(
            out,
            "{} events imported, {} were there already",
            report.imported, report.duplicate
        )?;
        for (reason, count) in &report.refused {
            writeln!(out, "{count} rows refused: {reason}")?;
        }
        if self.unreadable > 0 {
            writeln!(out, "{} rows cannot be read", self.unreadable)?;
        }
        for (file, row, text) in &self.shown {
            writeln!(out, "{file}, row {row}: {text}")?;
        }
        if let (Some(first), Some(last)) = (&report.first_event_at, &report.last_event_at) {
            writeln!(out, "from {first} to {last}")?;
        }
        Ok(())
    }
}
