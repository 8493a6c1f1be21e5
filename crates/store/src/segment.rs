//! A segment: one partition as a question sees it, its runs merged in memory and its columns
//! decoded on demand. It holds one version of the partition and refuses to see later ones.

mod numbers;
mod page_views;
mod property_names;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use almanac_model::{Instant, ProjectId, TimeRange};
use jiff::civil::Date;

use crate::cache::{Key, Part};
use crate::dictionary::{CodeColumn, Dictionary};
use crate::file::{FileRun, KIND, TIME, VISITOR};
use crate::order;
use crate::partition::Partition;
use crate::run::Run;
use crate::summary::Summary;
use crate::visits::{At, Pieces};
use crate::{Store, StoreError};

pub(crate) use numbers::Numbers;
pub(crate) use page_views::PageViews;

/// Codes of a column, row by row.
#[derive(Debug)]
pub(crate) enum Codes {
    /// Every row is blank.
    Blank,
    /// One code per row.
    Rows(Vec<u32>),
}

impl Codes {
    #[inline]
    pub(crate) fn get(&self, row: usize) -> u32 {
        match self {
            Self::Blank => 0,
            Self::Rows(codes) => codes[row],
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Blank => 0,
            Self::Rows(codes) => 4 * codes.len(),
        }
    }
}

/// One partition as a question sees it.
#[derive(Debug)]
pub(crate) struct Segment<'a> {
    store: &'a Store,
    project: ProjectId,
    day: Date,
    partition: Arc<Partition>,
    bytes_read: AtomicU64,
}

impl<'a> Segment<'a> {
    pub(crate) fn new(
        store: &'a Store,
        project: ProjectId,
        day: Date,
        partition: Arc<Partition>,
    ) -> Self {
        Self {
            store,
            project,
            day,
            partition,
            bytes_read: AtomicU64::new(0),
        }
    }

    pub(crate) fn day(&self) -> Date {
        self.day
    }

    pub(crate) fn rows(&self) -> u64 {
        self.partition.rows()
    }

    /// The earliest and the latest instant of its events; `None` without events.
    pub(crate) fn span(&self) -> Option<(Instant, Instant)> {
        self.partition.span()
    }

    /// The summary that has everything but the events that are here.
    pub(crate) fn summary(&self) -> Option<&Arc<Summary>> {
        self.partition.summary.as_ref()
    }

    /// Whether all its events lie in the range.
    pub(crate) fn lies_in(&self, range: TimeRange) -> bool {
        self.span()
            .is_none_or(|(start, end)| range.contains(start) && range.contains(end))
    }

    /// Bytes of the columns that were read from files for this segment so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// Time of each row, UTC microseconds.
    pub(crate) fn times(&self) -> Result<Arc<Vec<i64>>, StoreError> {
        self.column(Part::Times, TIME, FileRun::times, |run| &run.times)
    }

    /// Kind of each row, with the bit for interactive.
    pub(crate) fn kinds(&self) -> Result<Arc<Vec<u8>>, StoreError> {
        self.column(Part::Kinds, KIND, FileRun::kinds, |run| &run.kinds)
    }

    fn visitors(&self) -> Result<Arc<Vec<u64>>, StoreError> {
        self.column(Part::Visitors, VISITOR, FileRun::visitors, |run| {
            &run.visitors
        })
    }

    /// The pieces of visits for a gap in seconds.
    pub(crate) fn pieces(&self, gap_s: i64) -> Result<Arc<Pieces>, StoreError> {
        let make = || -> Result<_, StoreError> {
            // Of a long range, these columns together would push everything else out of the cache.
            if let Some(file) = self.only_file() {
                [VISITOR, TIME, KIND]
                    .iter()
                    .for_each(|name| self.read(file, name));
                let (visitors, times, kinds) = (file.visitors()?, file.times()?, file.kinds()?);
                return Ok(Pieces::derive(&visitors, &times, &kinds, gap_s));
            }
            Ok(Pieces::derive(
                &self.visitors()?,
                &self.times()?,
                &self.kinds()?,
                gap_s,
            ))
        };
        let key = Key {
            of: self.number(),
            part: Part::Pieces(gap_s),
        };
        self.store.cache.get_or_make(key, Pieces::bytes, make)
    }

    /// Codes of a column in a shared dictionary.
    pub(crate) fn codes(
        &self,
        column: &CodeColumn,
        dictionary: &Dictionary,
    ) -> Result<Arc<Codes>, StoreError> {
        let part = || Part::Codes(dictionary.id, column.clone());
        let of_file = |file: &FileRun| {
            let key = Key {
                of: file.number,
                part: part(),
            };
            self.store.cache.get_or_make(key, Codes::bytes, || {
                self.read(file, column.stored_name());
                Ok::<_, StoreError>(
                    file.codes(column, dictionary)?
                        .map_or(Codes::Blank, Codes::Rows),
                )
            })
        };
        if let Some(file) = self.only_file() {
            return of_file(file);
        }
        let key = Key {
            of: self.partition.number,
            part: part(),
        };
        self.store.cache.get_or_make(key, Codes::bytes, || {
            let mut parts = Vec::new();
            for file in &self.partition.files {
                parts.push((of_file(file)?, file.entry.rows as usize));
            }
            for hot in self.partition.hot_runs() {
                let codes = hot
                    .run
                    .codes(column, dictionary)
                    .map_or(Codes::Blank, Codes::Rows);
                parts.push((Arc::new(codes), hot.run.rows()));
            }
            if parts
                .iter()
                .all(|(codes, _)| matches!(**codes, Codes::Blank))
            {
                return Ok(Codes::Blank);
            }
            let all: Vec<u32> = parts
                .iter()
                .flat_map(|(codes, rows)| (0..*rows).map(|row| codes.get(row)))
                .collect();
            Ok(Codes::Rows(self.in_order(&all)?))
        })
    }

    /// Codes of a fact of visits, piece by piece.
    pub(crate) fn visit_codes(
        &self,
        gap_s: i64,
        at: At,
        column: &CodeColumn,
        dictionary: &Dictionary,
    ) -> Result<Arc<Codes>, StoreError> {
        let key = Key {
            of: self.number(),
            part: Part::VisitCodes(gap_s, at, dictionary.id, column.clone()),
        };
        self.store.cache.get_or_make(key, Codes::bytes, || {
            let pieces = self.pieces(gap_s)?;
            let codes = self.codes(column, dictionary)?;
            if matches!(*codes, Codes::Blank) {
                return Ok(Codes::Blank);
            }
            let kinds = if at == At::First {
                Arc::default()
            } else {
                self.kinds()?
            };
            let code = |piece| {
                pieces
                    .row_at(&kinds, piece, at)
                    .map_or(0, |row| codes.get(row))
            };
            Ok::<_, StoreError>(Codes::Rows((0..pieces.len()).map(code).collect()))
        })
    }

    /// A column that every run has.
    fn column<T: Copy + Send + Sync + 'static>(
        &self,
        part: Part,
        name: &str,
        of_file: fn(&FileRun) -> Result<Vec<T>, StoreError>,
        of_run: fn(&Run) -> &Vec<T>,
    ) -> Result<Arc<Vec<T>>, StoreError> {
        let size = |values: &Vec<T>| values.len() * size_of::<T>();
        let cached = |file: &FileRun| {
            let key = Key {
                of: file.number,
                part: part.clone(),
            };
            self.store.cache.get_or_make(key, size, || {
                self.read(file, name);
                of_file(file)
            })
        };
        if let Some(file) = self.only_file() {
            return cached(file);
        }
        let key = Key {
            of: self.partition.number,
            part: part.clone(),
        };
        self.store.cache.get_or_make(key, size, || {
            let mut all = Vec::with_capacity(self.rows() as usize);
            for file in &self.partition.files {
                all.extend_from_slice(&cached(file)?);
            }
            for hot in self.partition.hot_runs() {
                all.extend_from_slice(of_run(&hot.run));
            }
            self.in_order(&all)
        })
    }

    /// Rows of all runs, one after another, brought into the order of the segment.
    fn in_order<T: Copy>(&self, all: &[T]) -> Result<Vec<T>, StoreError> {
        Ok(self.order()?.iter().map(|at| all[*at as usize]).collect())
    }

    /// Where each row of the segment is among the rows of all runs, one after another.
    fn order(&self) -> Result<Arc<Vec<u32>>, StoreError> {
        let key = Key {
            of: self.partition.number,
            part: Part::Order,
        };
        let size = |order: &Vec<u32>| 4 * order.len();
        self.store.cache.get_or_make(key, size, || {
            let hot: Vec<&Run> = self.partition.hot_runs().map(|hot| &hot.run).collect();
            order::order(&self.partition.files, &hot)
        })
    }

    /// The number under which the cache keeps what is derived from the whole segment.
    pub(crate) fn number(&self) -> u64 {
        self.only_file()
            .map_or(self.partition.number, |file| file.number)
    }

    /// Whether it is one file and nothing hot, as a day is that nothing more comes for.
    pub(crate) fn is_one_file(&self) -> bool {
        self.only_file().is_some()
    }

    /// The file of a partition that consists of one file and nothing hot.
    fn only_file(&self) -> Option<&Arc<FileRun>> {
        match self.partition.files.as_slice() {
            [file] if self.partition.hot_runs().next().is_none() => Some(file),
            _ => None,
        }
    }

    fn read(&self, file: &FileRun, column: &str) {
        tracing::trace!(project = self.project.0, day = %self.day, column, "reading a column");
        self.bytes_read
            .fetch_add(file.column_bytes(column), Ordering::Relaxed);
    }
}
