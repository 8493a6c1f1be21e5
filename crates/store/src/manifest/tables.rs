//! The tables of the manifest, and their rows. When something is written, and what becomes of it
//! when that fails, is the business of the manifest.

use std::path::Path;

use almanac_model::{Identity, ProjectId, ProjectSettings};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use super::{Change, Content, FileEntry};
use crate::StoreError;
use crate::file::Checks;
use crate::summary::SummaryEntry;

/// Project, days since 1970-01-01 and number of the run.
pub(super) type FileKey = (u32, i32, u64);
/// Rows, bytes of the events, earliest and latest time, bytes of the fingerprints (0: no such
/// file).
pub(super) type FileValue = (u64, u64, i64, i64, u64);
/// Zone, identity, longest gap in seconds, hosts separated by line feeds.
pub(super) type ProjectValue = (&'static str, u8, i64, &'static str);

pub(super) const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("numbers");
pub(super) const FILES: TableDefinition<FileKey, FileValue> = TableDefinition::new("files");
/// Checksums of a file, four bytes each; none for files of format 1.
pub(super) const CHECKS: TableDefinition<FileKey, &[u8]> = TableDefinition::new("checks");
/// Format, gap in seconds, tables, bytes and CRC-32C of the totals, rows and bytes of the events
/// near midnight, and checksums of these.
pub(super) type SummaryValue<'a> = (u64, i64, u64, (u64, u32), (u64, u64), &'a [u8]);
pub(super) const SUMMARIES: TableDefinition<FileKey, SummaryValue<'static>> =
    TableDefinition::new("summaries");
pub(super) const PROJECTS: TableDefinition<u32, ProjectValue> = TableDefinition::new("projects");

pub(super) const FORMAT_KEY: &str = "format";
pub(super) const POSITION_KEY: &str = "position";

/// Everything a database says.
pub(super) fn read(database: &Database, path: &Path) -> Result<Content, StoreError> {
    let read = database.begin_read().map_err(StoreError::manifest)?;
    let numbers = read.open_table(NUMBERS).map_err(StoreError::manifest)?;
    let position = numbers.get(POSITION_KEY).map_err(StoreError::manifest)?;
    let mut content = Content {
        position: position.map_or(0, |value| value.value()),
        ..Content::default()
    };
    let table = read.open_table(PROJECTS).map_err(StoreError::manifest)?;
    for row in table.iter().map_err(StoreError::manifest)? {
        let (id, value) = row.map_err(StoreError::manifest)?;
        let id = ProjectId(id.value());
        content
            .projects
            .insert(id.0, settings(id, value.value(), path)?);
    }
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
        content.files.insert(key.value(), (file, summary));
    }
    Ok(content)
}

/// Writes everything of a content into a database without files and projects.
pub(super) fn put_all(write: &WriteTransaction, content: &Content) -> Result<(), StoreError> {
    for settings in content.projects.values() {
        put_project(write, settings)?;
    }
    let files: Vec<FileEntry> = content
        .files
        .values()
        .map(|(file, _)| file.clone())
        .collect();
    let change = Change {
        added: &files,
        removed: &[],
        position: Some(content.position),
    };
    put(write, &change)?;
    for (file, summary) in content.files.values() {
        if let Some(summary) = summary {
            put_summary(write, file, summary)?;
        }
    }
    Ok(())
}

/// Makes a change of files and position.
pub(super) fn put(write: &WriteTransaction, change: &Change<'_>) -> Result<(), StoreError> {
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
    Ok(())
}

/// Names the summary of a file in place of the one before.
pub(super) fn put_summary(
    write: &WriteTransaction,
    file: &FileEntry,
    summary: &SummaryEntry,
) -> Result<(), StoreError> {
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
    Ok(())
}

/// Keeps the settings of a project.
pub(super) fn put_project(
    write: &WriteTransaction,
    settings: &ProjectSettings,
) -> Result<(), StoreError> {
    let zone = settings.zone.iana_name();
    let zone = zone.ok_or(StoreError::ZoneWithoutName(settings.id))?;
    let identity = match settings.identity {
        Identity::Cookieless => 0,
        Identity::Stable => 1,
    };
    let hosts = settings.hosts.join("\n");
    let mut projects = write.open_table(PROJECTS).map_err(StoreError::manifest)?;
    projects
        .insert(
            settings.id.0,
            (zone, identity, settings.visit_gap_s, hosts.as_str()),
        )
        .map_err(StoreError::manifest)?;
    Ok(())
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

pub(super) fn key(file: &FileEntry) -> FileKey {
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
