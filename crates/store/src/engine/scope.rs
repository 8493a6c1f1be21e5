//! Chooses what a plan reads: the days of its range, and as many neighbouring days as visits reach
//! into. Other days are not opened.

use std::ops::Range;
use std::sync::Arc;

use almanac_model::{Dimension, Identity, ProjectId, TimeUnit};
use almanac_query::{EngineError, Plan};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rayon::prelude::*;

use super::limits::Limits;
use super::order::VisitorOrder;
use super::snapshot::Snapshot;
use crate::cache::{Key, Part};
use crate::partition::Partition;
use crate::segment::Segment;
use crate::visits::{Chains, LooseEnd, Pieces, follow_back, follow_on, loose_ends, loose_starts};
use crate::{Store, StoreError};

/// The segments of a question in ascending order of days, with the visits in them.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) store: &'a Store,
    pub(super) segments: Vec<Segment<'a>>,
    pub(super) pieces: Vec<Arc<Pieces>>,
    /// Which segments lie in the range; the others are there for visits that reach into those.
    pub(super) core: Range<usize>,
    pub(super) chains: Arc<Chains>,
    /// The longest gap inside a visit, seconds.
    pub(super) gap_s: i64,
    /// Earliest and latest instant of all segments, UTC microseconds.
    pub(super) span: (i64, i64),
    pub(super) zone: TimeZone,
    /// Which totals are read where a segment has a summary.
    table: Option<usize>,
}

/// The first and the last local day that a plan's range touches; `None` when it is empty.
pub(super) fn days(plan: &Plan) -> Option<(Date, Date)> {
    let (range, zone) = (plan.range, &plan.project.zone);
    let last = range.end.plus_us(-1).local_day(zone);
    (range.start < range.end).then(|| (range.start.local_day(zone), last))
}

/// Whether somebody may be there on several days of one row of the answer.
pub(super) fn may_come_again(plan: &Plan) -> bool {
    let is_short = |one: &Dimension| matches!(one, Dimension::Time(unit) if *unit <= TimeUnit::Day);
    plan.project.identity == Identity::Stable && !plan.dimensions.iter().any(is_short)
}

impl<'a> Scope<'a> {
    /// Opens the segments of a plan.
    pub(super) fn choose(
        snapshot: &Snapshot<'a>,
        plan: &Plan,
        table: Option<usize>,
        limits: &Limits,
    ) -> Result<Self, EngineError> {
        let (store, gap_s) = (snapshot.store, plan.project.visit_gap_s);
        let mut days = partitions(snapshot, plan)?;
        let range = range(plan, &days);
        take_summaries(plan, table, &mut days, &range);
        let open = |day: &Day| open(store, plan, day, limits);
        let core = open_all(&days[range.clone()], &open)?;
        let earlier = before(&days[..range.start], &core, gap_s, &open)?;
        let later = after(&days[range.end..], &core, gap_s, &open)?;
        let core_range = earlier.len()..earlier.len() + core.len();
        let (segments, pieces): (Vec<_>, Vec<_>) =
            earlier.into_iter().rev().chain(core).chain(later).unzip();
        let key = Key {
            of: 0,
            part: Part::Chains(numbers(&segments), gap_s),
        };
        let chains = store.cache.get_or_make(key, Chains::bytes, || {
            Ok::<_, EngineError>(Chains::join(&pieces, gap_s))
        })?;
        Ok(Self::of(store, plan, (segments, pieces), core_range, chains).with(table))
    }

    /// Opens each run of the range as a segment of its own, for a plan that takes events one by
    /// one. Visits are not whole in such segments, and none reaches into another.
    pub(super) fn choose_apart(
        snapshot: &Snapshot<'a>,
        plan: &Plan,
        table: Option<usize>,
        limits: &Limits,
    ) -> Result<Self, EngineError> {
        let days = partitions(snapshot, plan)?;
        let core = days[range(plan, &days)].iter();
        let mut runs: Vec<Day> = core
            .flat_map(|(day, partition)| partition.apart().into_iter().map(|run| (*day, run)))
            .collect();
        let all = 0..runs.len();
        take_summaries(plan, table, &mut runs, &all);
        let opened = open_all(&runs, &|run: &Day| open(snapshot.store, plan, run, limits))?;
        let (segments, pieces): (Vec<_>, Vec<_>) = opened.into_iter().unzip();
        let (chains, store) = (Chains::none(segments.len()), snapshot.store);
        let opened = (segments, pieces);
        Ok(Self::of(store, plan, opened, all, Arc::new(chains)).with(table))
    }

    /// One segment with given chains.
    pub(super) fn alone(
        store: &'a Store,
        plan: &Plan,
        segment: Segment<'a>,
        pieces: Arc<Pieces>,
        chains: Chains,
    ) -> Self {
        let opened = (vec![segment], vec![pieces]);
        Self::of(store, plan, opened, 0..1, Arc::new(chains))
    }

    fn with(self, table: Option<usize>) -> Self {
        Self { table, ..self }
    }

    fn of(
        store: &'a Store,
        plan: &Plan,
        (segments, pieces): (Vec<Segment<'a>>, Vec<Arc<Pieces>>),
        core: Range<usize>,
        chains: Arc<Chains>,
    ) -> Self {
        Self {
            store,
            span: span(&segments),
            zone: plan.project.zone.clone(),
            gap_s: plan.project.visit_gap_s,
            segments,
            pieces,
            core,
            chains,
            table: None,
        }
    }

    /// Which totals of its summary a segment in the range is counted by, beside what it has of
    /// events; `None` where its events are all.
    pub(super) fn table_for(&self, number: usize) -> Option<usize> {
        let has_one = self.segments[number].summary().is_some();
        self.table
            .filter(|_| has_one && self.core.contains(&number))
    }

    /// How many segments have a summary in place of most of their events.
    pub(super) fn summarised(&self) -> usize {
        let has_one = |one: &&Segment| one.summary().is_some();
        self.segments.iter().filter(has_one).count()
    }

    /// How many local days the segments are of.
    pub(super) fn days(&self) -> usize {
        let mut days: Vec<Date> = self.segments.iter().map(Segment::day).collect();
        days.dedup();
        days.len()
    }

    /// Something of each segment in the range, in parallel.
    pub(super) fn of_core<T: Send>(
        &self,
        read: impl Fn(usize) -> Result<T, StoreError> + Sync,
    ) -> Result<Vec<T>, StoreError> {
        self.core.clone().into_par_iter().map(&read).collect()
    }

    /// Whether visitors are told apart over days, so that each day's count is not enough. Where the
    /// answer is split by days or less, no visitor is in the same row twice.
    pub(super) fn is_exact_over_days(&self, plan: &Plan) -> bool {
        self.core.len() > 1 && may_come_again(plan)
    }

    /// Whether something of a segment may count: it is in the range, or visits reach into it.
    pub(super) fn is_touched(&self, number: usize) -> bool {
        self.core.contains(&number) || !self.chains.members[number].is_empty()
    }

    /// The visitors of the days in the range, in one order.
    pub(super) fn visitor_order(&self, store: &Store) -> Result<Arc<VisitorOrder>, EngineError> {
        // Places count from the first segment, so how many lie before the core is part of the key.
        let key = Key {
            of: self.core.start as u64,
            part: Part::VisitorOrder(numbers(&self.segments[self.core.clone()])),
        };
        store.cache.get_or_make(key, VisitorOrder::bytes, || {
            let pieces = &self.pieces[self.core.clone()];
            Ok(VisitorOrder::of(pieces, self.core.start))
        })
    }
}

/// The numbers under which the cache knows these segments.
pub(super) fn numbers(segments: &[Segment]) -> Arc<[u64]> {
    segments.iter().map(Segment::number).collect()
}

/// A day with its partition.
type Day = (Date, Arc<Partition>);
/// A segment with its pieces.
type Opened<'a> = (Segment<'a>, Arc<Pieces>);

/// The segments before the core that visits of it began in, nearest first.
fn before<'a>(
    days: &[Day],
    core: &[Opened<'a>],
    gap_s: i64,
    open: &impl Fn(&Day) -> Result<Opened<'a>, EngineError>,
) -> Result<Vec<Opened<'a>>, EngineError> {
    let mut found: Vec<Opened> = Vec::new();
    let mut starts: Option<Vec<LooseEnd>> = None;
    for day in days.iter().rev() {
        let Some(end_s) = day.1.span().map(|(_, end)| end.seconds()) else {
            continue;
        };
        let of_core = || {
            core.iter()
                .flat_map(|one| loose_starts(&one.1, end_s, gap_s))
                .collect()
        };
        let mut open_starts = starts.unwrap_or_else(of_core);
        open_starts.retain(|(_, start_s)| start_s - end_s <= gap_s);
        if open_starts.is_empty() {
            break;
        }
        let opened = open(day)?;
        starts = Some(follow_back(&open_starts, &opened.1, gap_s));
        found.push(opened);
    }
    Ok(found)
}

/// The segments after the core that visits of it go on in, nearest first.
fn after<'a>(
    days: &[Day],
    core: &[Opened<'a>],
    gap_s: i64,
    open: &impl Fn(&Day) -> Result<Opened<'a>, EngineError>,
) -> Result<Vec<Opened<'a>>, EngineError> {
    let mut found: Vec<Opened> = Vec::new();
    let mut ends: Option<Vec<LooseEnd>> = None;
    for day in days {
        let Some(start_s) = day.1.span().map(|(start, _)| start.seconds()) else {
            continue;
        };
        let of_core = || {
            core.iter()
                .flat_map(|one| loose_ends(&one.1, start_s, gap_s))
                .collect()
        };
        let mut open_ends = ends.unwrap_or_else(of_core);
        open_ends.retain(|(_, end_s)| start_s - end_s <= gap_s);
        if open_ends.is_empty() {
            break;
        }
        let opened = open(day)?;
        ends = Some(follow_on(&open_ends, &opened.1, gap_s));
        found.push(opened);
    }
    Ok(found)
}

/// Puts the events near midnight in place of all events of a day, where a summary has the rest:
/// on days that lie whole in the range, and on those beside it, of which nothing else matters.
fn take_summaries(plan: &Plan, table: Option<usize>, days: &mut [Day], range: &Range<usize>) {
    let Some(table) = table else {
        return;
    };
    for (at, (_, partition)) in days.iter_mut().enumerate() {
        let is_whole = partition
            .span()
            .is_some_and(|(start, end)| plan.range.contains(start) && plan.range.contains(end));
        if !range.contains(&at) || is_whole {
            let edges = partition.near_ends(table, plan.project.visit_gap_s);
            if let Some(edges) = edges {
                *partition = Arc::new(edges);
            }
        }
    }
}

/// Where the days of the plan's range are.
fn range(plan: &Plan, days: &[Day]) -> Range<usize> {
    match self::days(plan) {
        Some((first, last)) => {
            let start = days.partition_point(|(day, _)| *day < first);
            start..days.partition_point(|(day, _)| *day <= last)
        }
        None => 0..0,
    }
}

fn open<'a>(
    store: &'a Store,
    plan: &Plan,
    (day, partition): &Day,
    limits: &Limits,
) -> Result<Opened<'a>, EngineError> {
    limits.check()?;
    let segment = Segment::new(store, plan.project.id, *day, Arc::clone(partition));
    let pieces = segment.pieces(plan.project.visit_gap_s)?;
    limits.budget.spend(pieces.bytes())?;
    Ok((segment, pieces))
}

fn open_all<'a>(
    days: &[Day],
    open: &(impl Fn(&Day) -> Result<Opened<'a>, EngineError> + Sync),
) -> Result<Vec<Opened<'a>>, EngineError> {
    days.par_iter().map(open).collect()
}

/// The partitions of the plan's project that have events, by day.
fn partitions(snapshot: &Snapshot, plan: &Plan) -> Result<Vec<Day>, StoreError> {
    let project = snapshot.project(plan.project.id)?;
    check_zone(plan, project.settings.zone.iana_name(), plan.project.id)?;
    Ok(project
        .days
        .iter()
        .map(|(day, partition)| (*day, Arc::clone(partition)))
        .collect())
}

/// A partition is a local day, so a question by the days of another zone cannot be answered from
/// it.
fn check_zone(plan: &Plan, kept: Option<&str>, project: ProjectId) -> Result<(), StoreError> {
    let wanted = plan.project.zone.iana_name();
    if wanted == kept {
        return Ok(());
    }
    let name = |zone: Option<&str>| zone.unwrap_or("without a name").to_owned();
    Err(StoreError::ZoneIsFixed {
        project,
        kept: name(kept),
        wanted: name(wanted),
    })
}

fn span(segments: &[Segment]) -> (i64, i64) {
    let spans = segments.iter().filter_map(Segment::span);
    let spans = spans.map(|(start, end)| (start.0, end.0));
    spans
        .reduce(|one, two| (one.0.min(two.0), one.1.max(two.1)))
        .unwrap_or((0, 0))
}
