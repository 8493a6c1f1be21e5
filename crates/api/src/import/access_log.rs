//! Access logs of web servers: lines in, page views out, with programs told from people by the same
//! step as everywhere. Equal lines of one log are told apart by how many came before.

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use almanac_catalog::Catalog;
use almanac_ingest::access_log::{Skip, check_time, line_id, parse, to_draft};
use almanac_ingest::{
    Agents, Context, DataCentres, Hints, Origin, Places, Refusal, Sender, Signals, process,
    process_bot,
};
use almanac_model::{Event, EventId, Instant, ProjectId};
use almanac_store::Store;

use super::{ImportError, ImportReport, ImportSalts};
use crate::directory::Entry;
use crate::ledger::{Fate, Ledger};
use crate::projects::rfc3339;
use crate::recent::{RecentVisitors, Sighting};

/// Longest line that is read, bytes. A longer one is unreadable, and its rest is passed over.
const LINE_BYTES_MAX: usize = 64 * 1024;
/// Events that are stored together.
const EVENTS_AT_ONCE: usize = 100_000;
/// Lines remembered to number equal ones. Equal lines carry the same second, so they are near.
const LINES_REMEMBERED: usize = 200_000;
/// Unreadable lines shown in the report, and characters of each.
const UNREADABLE_SHOWN: usize = 5;
const UNREADABLE_CHARS: usize = 120;

/// An import under way.
#[expect(
    missing_debug_implementations,
    reason = "it holds salts and user agents of people"
)]
pub struct AccessLogImport<'a> {
    into: Into<'a>,
    host: String,
    with_assets: bool,
    batch: Vec<Event>,
    /// Kept apart, in the same order.
    bots: Vec<Event>,
    repeats: [HashMap<EventId, u64>; 2],
    salts: ImportSalts,
    recent: RecentVisitors,
    report: ImportReport,
    span: Option<(Instant, Instant)>,
}

/// Where events go, and what the steps need to make them.
#[derive(Clone, Copy)]
#[expect(
    missing_debug_implementations,
    reason = "its parts are threads, files and secrets"
)]
pub struct Into<'a> {
    pub store: &'a Store,
    pub catalog: &'a Catalog,
    pub agents: &'a Agents,
    pub places: &'a Places,
    /// Where programs live.
    pub data_centres: &'a DataCentres,
    /// Page views of one visitor in ten seconds that a person may have; none: any number.
    pub views_per_span_max: Option<u16>,
    pub ledger: &'a Ledger,
    pub entry: &'a Arc<Entry>,
    /// The present, by which lines of the future are known.
    pub now: Instant,
}

impl<'a> AccessLogImport<'a> {
    /// An import of a log of one host.
    pub fn new(into: Into<'a>, host: &str, with_assets: bool) -> Self {
        Self {
            into,
            host: host.to_owned(),
            with_assets,
            batch: Vec::new(),
            bots: Vec::new(),
            repeats: [HashMap::new(), HashMap::new()],
            salts: ImportSalts::default(),
            recent: RecentVisitors::new(into.views_per_span_max),
            report: ImportReport::default(),
            span: None,
        }
    }

    /// Reads lines to the end. `progress` is called with the bytes read so far, every few thousand
    /// lines. Blocks the thread.
    ///
    /// # Errors
    /// When the log cannot be read or the events cannot be stored; run the import again then.
    pub fn read(
        &mut self,
        log: &mut dyn BufRead,
        progress: &mut dyn FnMut(u64, &ImportReport),
    ) -> Result<(), ImportError> {
        let mut line = Vec::new();
        let mut bytes = 0;
        loop {
            let read = read_line(log, &mut line)?;
            if read == 0 {
                break;
            }
            bytes += read;
            self.take(line.trim_ascii_end());
            if self.report.lines.is_multiple_of(4096) {
                progress(bytes, &self.report);
            }
            if self.batch.len() + self.bots.len() >= EVENTS_AT_ONCE {
                self.store()?;
            }
        }
        self.store()?;
        progress(bytes, &self.report);
        Ok(())
    }

    /// What was done so far.
    pub fn report(&self) -> &ImportReport {
        &self.report
    }

    fn take(&mut self, line: &[u8]) {
        self.report.lines += 1;
        if line.is_empty() {
            return;
        }
        let done = if line.len() > LINE_BYTES_MAX {
            Err(Skip::Unreadable)
        } else {
            self.event(line)
        };
        if let Err(skip) = done {
            *self
                .report
                .skipped
                .entry(skip.name().to_owned())
                .or_default() += 1;
            if skip == Skip::Unreadable && self.report.unreadable.len() < UNREADABLE_SHOWN {
                let text = String::from_utf8_lossy(line)
                    .chars()
                    .take(UNREADABLE_CHARS)
                    .collect();
                self.report.unreadable.push((self.report.lines, text));
            }
        }
    }

    fn event(&mut self, line: &[u8]) -> Result<(), Skip> {
        let text = String::from_utf8_lossy(line);
        let entry = parse(&text)?;
        check_time(&entry, self.into.now)?;
        let mut draft = to_draft(&entry, &self.host, self.with_assets)?;
        let repeat = self.repeat(line_id(line, 0));
        let id = line_id(line, repeat);
        draft.id = Some(id);
        let sender = Sender {
            ip: entry.ip,
            user_agent: entry.user_agent.to_owned(),
            received: entry.time,
            origin: Origin::AccessLog,
            signals: Signals::default(),
            hints: Hints::default(),
        };
        let salts = self.salts.of(&self.into, entry.time);
        let settings = &self.into.entry.settings;
        let project = settings.id;
        let recent = |visitor, at| {
            self.recent
                .was_active(project, visitor, at, settings.visit_gap_s)
        };
        let hurried = |visitor, at| self.recent.hurried(project, visitor, at);
        let context = Context {
            project: settings,
            rules: &self.into.entry.rules,
            salts: &salts,
            places: self.into.places,
            agents: self.into.agents,
            recent: &recent,
            hurried: &hurried,
            data_centres: self.into.data_centres,
            random_id: id,
        };
        match process(&draft, &sender, &context) {
            Ok(event) => {
                self.recent.saw(&Sighting::of(&event), event.time);
                self.batch.push(event);
            }
            // In the report and not in the ledger: nothing of a refused line is kept by which it
            // could be known again, so the same log would be counted anew with every import.
            Err(refused) => {
                if refused.reason == Refusal::Bot && !self.into.entry.rules.refuses_bots {
                    self.bots.extend(process_bot(&draft, &sender, &context));
                }
                *self
                    .report
                    .refused
                    .entry(refused.reason.name().to_owned())
                    .or_default() += 1;
            }
        }
        Ok(())
    }

    /// How many equal lines came before.
    fn repeat(&mut self, line: EventId) -> u64 {
        let [current, previous] = &mut self.repeats;
        let before = current
            .get(&line)
            .or_else(|| previous.get(&line))
            .copied()
            .unwrap_or(0);
        current.insert(line, before + 1);
        if current.len() >= LINES_REMEMBERED {
            *previous = std::mem::take(current);
        }
        before
    }

    fn store(&mut self) -> Result<(), ImportError> {
        let events = std::mem::take(&mut self.batch);
        let bots = std::mem::take(&mut self.bots);
        let project: ProjectId = self.into.entry.settings.id;
        if !bots.is_empty() {
            self.into.store.load(project.of_bots(), bots)?;
        }
        let (Some(first), Some(last)) = (
            events.iter().map(|event| event.time).min(),
            events.iter().map(|event| event.time).max(),
        ) else {
            return Ok(());
        };
        let loaded = self.into.store.load(project, events)?;
        self.report.imported += loaded.added;
        self.report.duplicate += loaded.duplicate;
        let (known_first, known_last) = self.span.unwrap_or((first, last));
        let span = (known_first.min(first), known_last.max(last));
        self.span = Some(span);
        self.report.first_event_at = Some(rfc3339(span.0));
        self.report.last_event_at = Some(rfc3339(span.1));
        let accepted = std::iter::repeat_n((project, Fate::Accepted), loaded.added as usize);
        let duplicate = std::iter::repeat_n((project, Fate::Duplicate), loaded.duplicate as usize);
        self.into.ledger.enter(last, accepted.chain(duplicate));
        Ok(())
    }
}

/// Reads the next line into `line`, of an overlong one only enough to know it for one. Answers with
/// the bytes passed; none at the end.
fn read_line(log: &mut dyn BufRead, line: &mut Vec<u8>) -> std::io::Result<u64> {
    line.clear();
    let room = LINE_BYTES_MAX as u64 + 1;
    let mut passed = std::io::Read::take(&mut *log, room).read_until(b'\n', line)?;
    if line.len() > LINE_BYTES_MAX && !line.ends_with(b"\n") {
        passed += log.skip_until(b'\n')?;
    }
    Ok(passed as u64)
}
