//! The state of the store in memory: for each project its days, for each day its runs. A question
//! holds one version of it; changes make new versions and never touch what somebody holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use almanac_model::{Instant, ProjectSettings};
use jiff::civil::Date;

use crate::file::FileRun;
use crate::run::{self, Run};
use crate::summary::Summary;

/// Set in the number of what is hot of a partition that has files too: counted numbers never grow
/// as far.
const HOT_ALONE: u64 = 1 << 63;

/// A project with its days.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) settings: ProjectSettings,
    pub(crate) days: BTreeMap<Date, Arc<Partition>>,
}

/// The runs of one project and local day.
#[derive(Debug, Clone, Default)]
pub(crate) struct Partition {
    /// The number of this version among everything that the cache knows.
    pub(crate) number: u64,
    pub(crate) files: Vec<Arc<FileRun>>,
    /// Hot runs that are being written to a file.
    pub(crate) sealing: Vec<Arc<HotRun>>,
    /// Hot runs, of falling size.
    pub(crate) hot: Vec<Arc<HotRun>>,
    /// The summary that has everything but the events in `files`.
    pub(crate) summary: Option<Arc<Summary>>,
}

/// A run in memory only.
#[derive(Debug)]
pub(crate) struct HotRun {
    pub(crate) run: Run,
    pub(crate) span: (i64, i64),
    pub(crate) bytes: usize,
}

impl HotRun {
    /// `None` for a run without rows.
    pub(crate) fn new(run: Run) -> Option<Self> {
        let span = run.span()?;
        let bytes = run.bytes();
        Some(Self { run, span, bytes })
    }
}

impl Partition {
    pub(crate) fn rows(&self) -> u64 {
        let hot: usize = self.hot_runs().map(|hot| hot.run.rows()).sum();
        self.files.iter().map(|file| file.entry.rows).sum::<u64>() + hot as u64
    }

    /// The earliest and the latest instant of its events; `None` without events.
    pub(crate) fn span(&self) -> Option<(Instant, Instant)> {
        let spans = self.files.iter().map(|file| file.entry.span);
        let spans = spans.chain(self.hot_runs().map(|hot| hot.span));
        let (start, end) = spans.reduce(|one, two| (one.0.min(two.0), one.1.max(two.1)))?;
        Some((Instant(start), Instant(end)))
    }

    /// The runs that are in memory only, in order of arrival.
    pub(crate) fn hot_runs(&self) -> impl Iterator<Item = &Arc<HotRun>> {
        self.sealing.iter().chain(&self.hot)
    }

    /// Each of its files for itself, and what is hot together: for questions that do not care
    /// whether the rows of a visitor stand together. A file stays what it is while events come in,
    /// and so does all that is known of it.
    pub(crate) fn apart(self: &Arc<Self>) -> Vec<Arc<Self>> {
        let hot_rows = self.hot_runs().next().is_some();
        if self.files.len() + usize::from(hot_rows) == 1 {
            return vec![Arc::clone(self)];
        }
        let of_file = |file: &Arc<FileRun>| Self {
            number: self.number,
            files: vec![Arc::clone(file)],
            ..Self::default()
        };
        let hot = hot_rows.then(|| Self {
            number: self.number | HOT_ALONE,
            sealing: self.sealing.clone(),
            hot: self.hot.clone(),
            ..Self::default()
        });
        let files = self.files.iter().map(of_file);
        files.chain(hot).map(Arc::new).collect()
    }

    /// The events near midnight alone, where it is one file with a summary that has the rest by
    /// that table, for visits with that gap in seconds.
    pub(crate) fn near_ends(&self, table: usize, gap_s: i64) -> Option<Self> {
        let [file] = self.files.as_slice() else {
            return None;
        };
        if self.hot_runs().next().is_some() {
            return None;
        }
        let summary = file.summary().filter(|one| one.has(table, gap_s))?;
        Some(Self {
            number: summary.edges.number,
            files: vec![Arc::clone(&summary.edges)],
            summary: Some(summary),
            ..Self::default()
        })
    }

    /// Adds a hot run and merges neighbours of similar size, so that there are few of them and each
    /// row is merged about log2(rows) times.
    pub(crate) fn add_hot(&mut self, added: HotRun) {
        self.hot.push(Arc::new(added));
        while let [.., older, newer] = self.hot.as_slice() {
            if older.run.rows() > 2 * newer.run.rows() {
                break;
            }
            let merged = HotRun::new(run::merge(&[&older.run, &newer.run]));
            self.hot.truncate(self.hot.len() - 2);
            self.hot.extend(merged.map(Arc::new));
        }
    }
}
