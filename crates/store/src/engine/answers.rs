//! Whole answers, kept under the question and the versions of everything that it looked at, so that
//! a kept answer is never a stale one. The cache of the store bounds them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use almanac_query::{Plan, ResultSet, Row, Table};

use crate::Store;
use crate::cache::{Key, Part};

/// How often an answer was kept already.
#[derive(Debug, Default)]
pub(crate) struct AnswerCounts {
    hits: AtomicU64,
    misses: AtomicU64,
}

/// How the cache of answers has done since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheUsage {
    /// Questions whose answer was kept.
    pub answer_hits: u64,
    /// Questions that had to be worked out.
    pub answer_misses: u64,
    /// Bytes of everything kept: columns, visits, totals and answers.
    pub bytes: u64,
}

impl Store {
    /// How the cache has done, for a metric.
    pub fn cache_usage(&self) -> CacheUsage {
        CacheUsage {
            answer_hits: self.answers.hits.load(Ordering::Relaxed),
            answer_misses: self.answers.misses.load(Ordering::Relaxed),
            bytes: self.cache.bytes() as u64,
        }
    }

    /// The answer to a plan over segments of these numbers, if it is kept.
    pub(super) fn kept_answer(&self, key: &Key) -> Option<ResultSet> {
        let kept = self.cache.find::<ResultSet>(key);
        let count = if kept.is_some() {
            &self.answers.hits
        } else {
            &self.answers.misses
        };
        count.fetch_add(1, Ordering::Relaxed);
        let mut answer = ResultSet::clone(&*kept?);
        // Nothing was looked at this time.
        answer.stats.table = Table::Summary;
        answer.stats.because = "this very answer was kept, and none of its days has changed";
        (
            answer.stats.partitions,
            answer.stats.rows,
            answer.stats.bytes,
        ) = (0, 0, 0);
        Some(answer)
    }

    /// Keeps an answer.
    pub(super) fn keep_answer(&self, key: Key, answer: &ResultSet) {
        let texts = |row: &Row| {
            row.dimensions
                .iter()
                .map(|text| 24 + text.len())
                .sum::<usize>()
        };
        let row = |row: &Row| 64 + texts(row) + 16 * row.metrics.len();
        let bytes = 256 + answer.rows.iter().map(row).sum::<usize>();
        self.cache.keep(key, Arc::new(answer.clone()), bytes);
    }
}

/// The key of an answer. Settings of the project are part of the plan, and versions of days never
/// come twice.
pub(super) fn key(plan: &Plan, numbers: Arc<[u64]>) -> Key {
    let project = &plan.project;
    let of_project = (
        project.id,
        project.identity,
        project.visit_gap_s,
        project.zone.iana_name(),
    );
    let asked = (&plan.filter, &plan.metrics, &plan.dimensions, &plan.order);
    let page = (plan.range, plan.limit, plan.offset, plan.table);
    Key {
        of: 0,
        part: Part::Answer(format!("{of_project:?} {asked:?} {page:?}").into(), numbers),
    }
}
