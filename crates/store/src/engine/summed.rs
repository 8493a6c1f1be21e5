//! Questions that summaries answer, and the counting that makes summaries. Both count by the rules
//! of the ordinary scan: a summary holds what the scan finds for the visitors whose visits cannot
//! reach into other days, and the others are scanned again with every question.

use std::sync::Arc;

use almanac_model::{Dimension, Filter, Instant, Metric, ProjectSettings, TimeRange};
use almanac_query::{Cancel, EngineError, Plan, Table};

use super::calendar::is_constant_over_a_day;
use super::compile::{Query, Slot};
use super::limits::Limits;
use super::scan::{Context, Scanner};
use super::scope::{self, Scope};
use super::share;
use super::tally::{Groups, Tally};
use super::totals::{self, Totals};
use crate::cache::{Key, Part};
use crate::partition::Project;
use crate::segment::Segment;
use crate::summary::{Sums, TABLES};
use crate::visits::{Chains, Pieces};
use crate::{Store, StoreError};

/// Everything that totals hold.
const METRICS: [Metric; 5] = [
    Metric::Visitors,
    Metric::Pageviews,
    Metric::Events,
    Metric::Visits,
    Metric::BounceRate,
];

/// Set in the numbers of pieces that are part of a key: numbers of segments never grow as far.
const LEFT_OUT: u64 = 1 << 63;

/// Which one of [`TABLES`] answers a plan for a whole day; `None` where none does. Times of a day
/// or more are the same for all of it, so they may stand beside any other dimension.
pub(super) fn table_of(plan: &Plan, store: &Store) -> Option<usize> {
    let is_of_day =
        |one: &&Dimension| matches!(one, Dimension::Time(unit) if is_constant_over_a_day(*unit));
    let mut others = plan.dimensions.iter().filter(|one| !is_of_day(one));
    let wanted = others.next();
    let is_simple = plan.table == Table::Summary
        && plan.filter == Filter::everything()
        && others.next().is_none()
        && store.options.keeps_answers;
    if !is_simple || !visitors_add_up(plan) {
        return None;
    }
    TABLES.iter().position(|known| known.as_ref() == wanted)
}

/// Whether nobody is counted who may be there on several days of one row.
fn visitors_add_up(plan: &Plan) -> bool {
    !plan.metrics.contains(&Metric::Visitors)
        || !scope::may_come_again(plan)
        || scope::days(plan).is_some_and(|(first, last)| first == last)
}

/// Adds to what a thread has counted what the days with summaries count together, without the
/// visitors whose visits really go on in other days. The sum is kept for later questions about the
/// same days.
pub(super) fn add_all(
    context: &Context,
    scanner: &mut Scanner,
    limits: &Limits,
) -> Result<(), EngineError> {
    let scope = context.scope;
    let days: Vec<(usize, usize)> = scope
        .core
        .clone()
        .filter_map(|number| Some((number, scope.table_for(number)?)))
        .collect();
    if days.is_empty() {
        return Ok(());
    }
    // Who is left out depends on the days beside, which may change.
    let left_out = |day: usize| scope.chains.members[day].iter().map(|member| member.0);
    let known_by = days.iter().flat_map(|(day, _)| {
        let number = std::iter::once(scope.segments[*day].number());
        number.chain(left_out(*day).map(|piece| u64::from(piece) | LEFT_OUT))
    });
    let key = Key {
        of: 0,
        part: Part::Sums(Arc::clone(&context.signature), known_by.collect()),
    };
    let make = || {
        let add = |scanner: &mut Scanner, grown: &mut usize, at: usize| {
            add_day(context, scanner, days[at])?;
            totals::scan(context, days[at].0, scanner, limits, grown)
        };
        let scanners = share(days.len(), limits, || Scanner::new(context), add)?;
        let tally = Tally::sum(scanners.into_iter().map(|scanner| scanner.tally));
        let tally = tally.unwrap_or_else(|| Tally::new(context.query));
        Ok::<_, EngineError>(Totals::of(context, &tally.into_groups()))
    };
    let sums = scope.store.cache.get_or_make(key, Totals::bytes, make)?;
    sums.add_to(scanner, context.query.dimensions.len());
    Ok(())
}

/// Adds what the summary of one day counts by that one of [`TABLES`].
fn add_day(
    context: &Context,
    scanner: &mut Scanner,
    (day, table): (usize, usize),
) -> Result<(), StoreError> {
    let (query, segment) = (context.query, &context.scope.segments[day]);
    let Some(summary) = segment.summary() else {
        return Ok(());
    };
    let read = summary.table(table)?;
    let codes = match query.columns.first() {
        Some(column) => column.dictionary.codes(read.values()),
        // Hours, which are their own codes; the one row of everything has none.
        None => {
            let hour = |hour: &str| hour.parse().map_or(0, i32::cast_unsigned);
            read.values().map(hour).collect()
        }
    };
    let start = segment.span().map(|(start, _)| start);
    let bucket = start.map_or(0, |start| context.bucket(start));
    let mut key = Vec::with_capacity(query.dimensions.len());
    for (code, counts) in codes.iter().zip(&read.counts) {
        // What was not asked for makes no row.
        let has_any = (query.asks_events && counts.events > 0)
            || (query.asks_visits && counts.visits > 0)
            || (query.asks_whole_visits && counts.whole_visits > 0);
        if has_any {
            key.clear();
            key.extend(query.dimensions.iter().map(|slot| match slot {
                Slot::Time(unit) if is_constant_over_a_day(*unit) => bucket,
                _ => *code,
            }));
            let group = scanner.tally.group(&key);
            scanner.tally.add(group, counts);
        }
    }
    Ok(())
}

/// Counts a day by each of [`TABLES`], without the visitors whose visits may reach into other days.
pub(crate) fn count(
    store: &Store,
    settings: &ProjectSettings,
    segment: Segment,
    pieces: &Arc<Pieces>,
) -> Result<Vec<Sums>, EngineError> {
    let cancel = Cancel::default();
    let limits = Limits::of(store, &cancel);
    let (start, end) = segment.span().unwrap_or((Instant(0), Instant(0)));
    let range = TimeRange {
        start,
        end: end.plus_us(1),
    };
    let plan = |dimension: Option<&Dimension>| Plan {
        project: settings.clone(),
        range,
        filter: Filter::everything(),
        metrics: METRICS.to_vec(),
        dimensions: dimension.into_iter().cloned().collect(),
        order: Vec::new(),
        limit: 0,
        offset: 0,
        table: Table::Events,
    };
    // Who is left out looks like a visitor of visits over midnight, whom totals leave out.
    let near_ends = pieces.visitors_near_ends().into_iter();
    let left_out = near_ends.flat_map(|at| pieces.of_visitor(at));
    let chains = Chains {
        all: Vec::new(),
        members: vec![left_out.map(|piece| (piece as u32, 0)).collect()],
    };
    let scope = Scope::alone(store, &plan(None), segment, Arc::clone(pieces), chains);
    let mut all = Vec::with_capacity(TABLES.len());
    for (table, dimension) in TABLES.iter().enumerate() {
        let plan = plan(dimension.as_ref());
        let query = Query::compile(&plan, &store.dictionaries)?;
        let context = Context::new(&plan, &query, &scope)?;
        let groups = totals::groups(&context, 0, &limits)?;
        all.push(named(table, &query, groups));
    }
    Ok(all)
}

/// Groups with texts in place of codes.
fn named(table: usize, query: &Query, groups: Groups) -> Sums {
    let values: Vec<Arc<str>> = match (query.columns.first(), query.time) {
        (Some(column), _) => column.dictionary.values_of(&groups.keys),
        (None, Some(_)) => {
            let hours = groups.keys.iter().map(|hour| hour.cast_signed());
            hours.map(|hour| hour.to_string().into()).collect()
        }
        (None, None) => groups.counts.iter().map(|_| "".into()).collect(),
    };
    // In order, values share more of their beginnings with their neighbours.
    let mut rows: Vec<_> = values.into_iter().zip(groups.counts).collect();
    rows.sort_unstable_by(|one, two| one.0.cmp(&two.0));
    let (values, counts) = rows.into_iter().unzip();
    Sums {
        table,
        values,
        counts,
    }
}

/// After a question failed that summaries were read for: gives those up that are damaged.
pub(super) fn give_up_damaged(project: &Project) {
    let files = project.days.values().flat_map(|day| &day.files);
    for summary in files.filter_map(|file| file.summary()) {
        if let Err(error) = summary.check() {
            let path = summary.edges.path().display();
            tracing::warn!(%path, %error, "a summary is given up and will be made anew");
            summary.give_up();
        }
    }
}
