//! The manifest: which files hold the events, what projects there are, and up to which queue record
//! everything is in those files. One transaction moves all of it together. It does not touch the
//! files themselves.

mod format;

use std::path::Path;

use almanac_model::{Identity, ProjectId, ProjectSettings};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use crate::StoreError;
use crate::file::Checks;
use crate::summary::SummaryEntry;
use format::FORMAT;

/// Project, days since 1970-01-01 and number of the run.
type FileKey = (u32, i32, u64);
/// Rows, bytes of the events, earliest and latest time, bytes of the fingerprints (0: no such
/// file).
type FileValue = (u64, u64, i64, i64, u64);
/// Zone, identity, longest gap in seconds, hosts separated by line feeds.
type ProjectValue = (&'static str, u8, i64, &'static str);

const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");
const FILES: TableDefinition<FileKey, FileValue> = TableDefinition::new("files");
/// Checksums of a file, four bytes each; none for files of format 1.
const CHECKS: TableDefinition<FileKey, &[u8]> = TableDefinition::new("checks");
/// Format, gap in seconds, tables, bytes and CRC-32C of the totals, rows and bytes of the events
/// near midnight, and checksums of these.
type SummaryValue<'a> = (u64, i64, u64, (u64, u32), (u64, u64), &'a [u8]);
const SUMMARIES: TableDefinition<FileKey, SummaryValue<'static>> =
    TableDefinition::new("summaries");
const PROJECTS: TableDefinition<u32, ProjectValue> = TableDefinition::new("projects");

const FORMAT_KEY: &str = "format";
const POSITION_KEY: &str = "position";

/// One sealed file, as the manifest knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileEntry {
    pub(crate) project: ProjectId,
    pub(crate) day: Date,
    pub(crate) run: u64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// Earliest and latest time, UTC microseconds.
    pub(crate) span: (i64, i64),
    /// Bytes of the fingerprints beside it, 0 when no event of it was bulk-loaded.
    pub(crate) ids_bytes: u64,
    /// Checksums of its parts, empty when none are known.
    pub(crate) checks: Checks,
}

/// What one transaction changes.
#[derive(Debug, Default)]
pub(crate) struct Change<'a> {
    pub(crate) added: &'a [FileEntry],
    pub(crate) removed: &'a [FileEntry],
    pub(crate) position: Option<u64>,
}

/// Everything the manifest says.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) position: u64,
    pub(crate) projects: Vec<ProjectSettings>,
    /// Each with its summary, if it has one.
    pub(crate) files: Vec<(FileEntry, Option<SummaryEntry>)>,
}

/// The manifest's database.
#[derive(Debug)]
pub(crate) struct Manifest {
    database: Database,
}

impl Manifest {
    /// Opens the manifest, or makes an empty one.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Database::create(path).map_err(|error| match error {
            redb::DatabaseError::DatabaseAlreadyOpen => StoreError::Locked {
                path: path.to_owned(),
            },
            other => StoreError::manifest(other),
        })?;
        format::copy_aside(path, &database, FORMAT)?;
        format::bring_up_to_date(path, &database, &format::STEPS)?;
        Ok(Self { database })
    }

    /// Everything it says.
    pub(crate) fn read(&self, path: &Path) -> Result<Content, StoreError> {
        let read = self.database.begin_read().map_err(StoreError::manifest)?;
        let numbers = read.open_table(NUMBERS).map_err(StoreError::manifest)?;
        let position = numbers.get(POSITION_KEY).map_err(StoreError::manifest)?;
        let position = position.map_or(0, |value| value.value());
        let mut projects = Vec::new();
        let table = read.open_table(PROJECTS).map_err(StoreError::manifest)?;
        for row in table.iter().map_err(StoreError::manifest)? {
            let (id, value) = row.map_err(StoreError::manifest)?;
            projects.push(settings(ProjectId(id.value()), value.value(), path)?);
        }
        let mut files = Vec::new();
        let checks = read.open_table(CHECKS).map_err(StoreError::manifest)?;
        let summaries = read.open_table(SUMMARIES).map_err(StoreError::manifest)?;
        let table = read.open_table(FILES).map_err(StoreError::manifest)?;
        for row in table.iter().map_err(StoreError::manifest)? {
            let (key, value) = row.map_err(StoreError::manifest)?;
            let kept = checks.get(key.value()).map_err(StoreError::manifest)?;
            let kept = kept.map_or_else(Checks::default, |kept| checks_of(kept.value()));
            let summary = summaries.get(key.value()).map_err(StoreError::manifest)?;
            let summary = summary.map(|kept| summary_of(kept.value()));
            let file = entry(key.value(), value.value(), kept, path)?;
            files.push((file, summary));
        }
        Ok(Content {
            position,
            projects,
            files,
        })
    }

    /// Commits a change; durable when it returns.
    pub(crate) fn commit(&self, change: &Change) -> Result<(), StoreError> {
        let write = self.database.begin_write().map_err(StoreError::manifest)?;
        {
            let mut files = write.open_table(FILES).map_err(StoreError::manifest)?;
            let mut checks = write.open_table(CHECKS).map_err(StoreError::manifest)?;
            let mut summaries = write.open_table(SUMMARIES).map_err(StoreError::manifest)?;
            for file in change.added {
                checks
                    .insert(key(file), bytes_of(&file.checks).as_slice())
                    .map_err(StoreError::manifest)?;
                let (start, end) = file.span;
                let value = (file.rows, file.bytes, start, end, file.ids_bytes);
                files
                    .insert(key(file), value)
                    .map_err(StoreError::manifest)?;
            }
            for file in change.removed {
                files.remove(key(file)).map_err(StoreError::manifest)?;
                checks.remove(key(file)).map_err(StoreError::manifest)?;
                summaries.remove(key(file)).map_err(StoreError::manifest)?;
            }
            if let Some(position) = change.position {
                let mut numbers = write.open_table(NUMBERS).map_err(StoreError::manifest)?;
                numbers
                    .insert(POSITION_KEY, position)
                    .map_err(StoreError::manifest)?;
            }
        }
        write.commit().map_err(StoreError::manifest)
    }

    /// Names the summary of a file in place of the one before.
    pub(crate) fn commit_summary(
        &self,
        file: &FileEntry,
        summary: &SummaryEntry,
    ) -> Result<(), StoreError> {
        let write = self.database.begin_write().map_err(StoreError::manifest)?;
        {
            let mut summaries = write.open_table(SUMMARIES).map_err(StoreError::manifest)?;
            let checks = bytes_of(&summary.edge_checks);
            let value = (
                summary.format,
                summary.gap_s,
                summary.tables,
                summary.sums,
                summary.edges,
                checks.as_slice(),
            );
            summaries
                .insert(key(file), value)
                .map_err(StoreError::manifest)?;
        }
        write.commit().map_err(StoreError::manifest)
    }

    /// Keeps the settings of a project; `zone` is its zone's name.
    pub(crate) fn put_project(
        &self,
        settings: &ProjectSettings,
        zone: &str,
    ) -> Result<(), StoreError> {
        let write = self.database.begin_write().map_err(StoreError::manifest)?;
        {
            let mut projects = write.open_table(PROJECTS).map_err(StoreError::manifest)?;
            let identity = match settings.identity {
                Identity::Cookieless => 0,
                Identity::Stable => 1,
            };
            let hosts = settings.hosts.join("\n");
            let value = (zone, identity, settings.visit_gap_s, hosts.as_str());
            projects
                .insert(settings.id.0, value)
                .map_err(StoreError::manifest)?;
        }
        write.commit().map_err(StoreError::manifest)
    }
}

fn settings(
    id: ProjectId,
    (zone, identity, visit_gap_s, hosts): (&str, u8, i64, &str),
    path: &Path,
) -> Result<ProjectSettings, StoreError> {
    Ok(ProjectSettings {
        id,
        hosts: hosts
            .split('\n')
            .filter(|host| !host.is_empty())
            .map(str::to_owned)
            .collect(),
        zone: TimeZone::get(zone).map_err(StoreError::damaged(path))?,
        // What is stored was named already.
        query_parameters: Vec::new(),
        identity: if identity == 0 {
            Identity::Cookieless
        } else {
            Identity::Stable
        },
        visit_gap_s,
    })
}

fn key(file: &FileEntry) -> FileKey {
    (file.project.0, day_number(file.day), file.run)
}

fn entry(
    (project, day, run): FileKey,
    (rows, bytes, start, end, ids_bytes): FileValue,
    checks: Checks,
    path: &Path,
) -> Result<FileEntry, StoreError> {
    let day = day_of_number(day).ok_or_else(|| format!("there is no day {day}"));
    let day = day.map_err(StoreError::damaged(path))?;
    let project = ProjectId(project);
    Ok(FileEntry {
        project,
        day,
        run,
        rows,
        bytes,
        span: (start, end),
        ids_bytes,
        checks,
    })
}

fn summary_of((format, gap_s, tables, sums, edges, checks): SummaryValue) -> SummaryEntry {
    SummaryEntry {
        format,
        gap_s,
        tables,
        sums,
        edges,
        edge_checks: checks_of(checks),
    }
}

fn bytes_of(checks: &Checks) -> Vec<u8> {
    checks.iter().flat_map(|one| one.to_le_bytes()).collect()
}

fn checks_of(kept: &[u8]) -> Checks {
    let (checks, _) = kept.as_chunks();
    checks.iter().map(|one| u32::from_le_bytes(*one)).collect()
}

/// Days from 1970-01-01 to a date.
pub(crate) fn day_number(day: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    // Any two dates of the calendar are less than 8 million days apart.
    epoch.until(day).map_or(0, |span| span.get_days())
}

/// The date that many days after 1970-01-01, if the calendar has it.
pub(crate) fn day_of_number(number: i32) -> Option<Date> {
    let days = jiff::Span::new().try_days(i64::from(number)).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(days).ok()
}
