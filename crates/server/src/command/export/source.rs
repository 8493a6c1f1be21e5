//! Where the events of an export come from, day by day.

use std::io::{BufRead, BufReader, Read};
use std::ops::RangeInclusive;

use almanac_catalog::project::Project;
use almanac_store::Export;
use anyhow::Context;
use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use jiff::civil::Date;
use serde_json::Value;

use crate::cli::World;
use crate::local::RunningServer;
use crate::wiring::{self, Engine};

/// The events of some days.
pub(super) enum Source {
    /// Nobody has the data directory open: this process does.
    Here { export: Export, engine: Box<Engine> },
    /// A server has, and sends them.
    Server { rows: u64, stream: Box<dyn BufRead> },
}

/// The events of a day.
pub(super) type Batches<'a> = dyn Iterator<Item = anyhow::Result<RecordBatch>> + 'a;

impl Source {
    pub(super) fn open(
        world: &World<'_>,
        project: &Project,
        days: RangeInclusive<Date>,
    ) -> anyhow::Result<Self> {
        let Some(server) = RunningServer::find(&world.config.data.dir) else {
            let engine = wiring::engine(&world.config)?;
            wiring::put_project(&engine.store, project.settings()?)?;
            // Events that the last server took and did not seal.
            wiring::replay(&engine)?;
            let export = engine.store.export(project.id, days)?;
            let engine = Box::new(engine);
            return Ok(Self::Here { export, engine });
        };
        let id = project.id.0.to_string();
        let (from, to) = (days.start().to_string(), days.end().to_string());
        let mut query = vec![("project", id.as_str())];
        if *days.start() > Date::MIN {
            query.push(("from", &from));
        }
        if *days.end() < Date::MAX {
            query.push(("to", &to));
        }
        let mut stream = BufReader::new(server.get("/api/local/export", &query)?);
        let head = line(&mut stream)?.context("the server sent nothing")?;
        Ok(Self::Server {
            rows: head["rows"].as_u64().unwrap_or(0),
            stream: Box::new(stream),
        })
    }

    /// How many events there are.
    pub(super) fn rows(&self) -> u64 {
        match self {
            Self::Here { export, .. } => export.days().map(|(_, rows)| rows).sum(),
            Self::Server { rows, .. } => *rows,
        }
    }

    /// Hands each day with its events to `take`, in ascending order.
    pub(super) fn each_day(
        &mut self,
        take: &mut dyn FnMut(Date, &mut Batches<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Here { export, engine } => {
                for (day, _) in export.days() {
                    take(day, &mut export.batches(day).map(|batch| Ok(batch?)))?;
                }
                engine.queue.close()?;
                Ok(())
            }
            Self::Server { stream, .. } => {
                while let Some(head) = line(stream)? {
                    let day = head["day"].as_str().and_then(|day| day.parse().ok());
                    let day = day.context("the server's export cannot be read")?;
                    let rows = head["rows"].as_u64().unwrap_or(0);
                    let mut found = 0;
                    let batches = StreamReader::try_new(&mut *stream, None)?;
                    take(
                        day,
                        &mut batches.map(|batch| {
                            let batch = batch?;
                            found += batch.num_rows() as u64;
                            Ok(batch)
                        }),
                    )?;
                    anyhow::ensure!(found == rows, "the server's export broke off");
                }
                Ok(())
            }
        }
    }
}

/// The next line of the stream; `None` at its end.
fn line(stream: &mut impl BufRead) -> anyhow::Result<Option<Value>> {
    let mut text = String::new();
    // A line is short; what is longer is none.
    stream.take(1 << 10).read_line(&mut text)?;
    if text.is_empty() {
        return Ok(None);
    }
    let value = serde_json::from_str(&text).context("the server's export cannot be read")?;
    Ok(Some(value))
}
