//! Questions that summaries answer, and the counting that makes summaries. Both count by the rules
//! of the ordinary scan: a summary holds what the scan finds for the visitors whose visits cannot
//! reach into other days, and the others are scanned again with every question.

use std::sync::Arc;

use almanac_model::{
    Dimension, Filter, Identity, Instant, Metric, ProjectSettings, TextColumn, TimeRange, TimeUnit,
};
use almanac_query::{Cancel, EngineError, Plan, Table};

use super::calendar::is_constant_over_a_day;
use super::compile::{Query, Slot};
use super::limits::Limits;
use super::scan::{Context, Scanner};
use super::scope::{self, Scope};
use super::tally::{Counts, Groups};
use super::totals;
use crate::cache::{Key, Part};
use crate::dictionary::{CodeColumn, Dictionary};
use crate::partition::Project;
use crate::segment::Segment;
use crate::summary::{Summary, Sums, TABLES};
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
    TABLES.iter().position(|known| known.1.as_ref() == wanted)
}

/// Whether nobody is counted who may be there on several days of one row.
fn visitors_add_up(plan: &Plan) -> bool {
    let is_short = |one: &Dimension| matches!(one, Dimension::Time(unit) if *unit <= TimeUnit::Day);
    plan.project.identity == Identity::Cookieless
        || !plan.metrics.contains(&Metric::Visitors)
        || plan.dimensions.iter().any(is_short)
        || scope::days(plan).is_some_and(|(first, last)| first == last)
}

/// The totals of a day by one of [`TABLES`], in codes.
#[derive(Debug)]
pub(super) struct Coded {
    table: usize,
    /// Of the codes; none where they are hours or nothing.
    dictionary: Option<u64>,
    codes: Vec<u32>,
    counts: Vec<Counts>,
}

/// Adds what the summary of a segment says to what a thread has counted.
pub(super) fn add_to(
    context: &Context,
    scanner: &mut Scanner,
    number: usize,
    table: usize,
) -> Result<(), StoreError> {
    let (query, segment) = (context.query, &context.scope.segments[number]);
    let Some(summary) = segment.summary() else {
        return Ok(());
    };
    let dictionary = query.columns.first().map(|column| &*column.dictionary);
    let all = coded(context.scope.store, summary, table, dictionary)?;
    let Some(coded) = all.iter().find(|one| one.table == table) else {
        return Ok(());
    };
    let start = segment.span().map(|(start, _)| start);
    let day = start.map_or(0, |start| context.bucket(start));
    let mut key = Vec::with_capacity(query.dimensions.len());
    for (code, counts) in coded.codes.iter().zip(&coded.counts) {
        // What was not asked for makes no row.
        let has_any = (query.asks_events && counts.events > 0)
            || (query.asks_visits && counts.visits > 0)
            || (query.asks_whole_visits && counts.whole_visits > 0);
        if has_any {
            key.clear();
            key.extend(query.dimensions.iter().map(|slot| match slot {
                Slot::Time(unit) if is_constant_over_a_day(*unit) => day,
                _ => *code,
            }));
            let group = scanner.tally.group(&key);
            scanner.tally.add(group, counts);
        }
    }
    Ok(())
}

/// The totals of a summary in codes, those of `table` in codes of this dictionary.
fn coded(
    store: &Store,
    summary: &Summary,
    table: usize,
    dictionary: Option<&Dictionary>,
) -> Result<Arc<Vec<Coded>>, StoreError> {
    let key = Key {
        of: summary.edges.number,
        part: Part::Sums,
    };
    let wanted = dictionary.map(|one| one.id);
    let kept = store.cache.find::<Vec<Coded>>(&key).filter(|kept| {
        let of_table = kept.iter().find(|one| one.table == table);
        of_table.is_none_or(|one| one.dictionary == wanted)
    });
    if let Some(kept) = kept {
        return Ok(kept);
    }
    let code = |sums: Sums| {
        let column = column_of(TABLES[sums.table].1.as_ref());
        match column.zip(dictionary) {
            Some((_, asked)) if sums.table == table => Coded::new(sums, Some(asked)),
            None => Coded::new(sums, None),
            Some((column, _)) => {
                let column = CodeColumn::Text(column);
                let own = store.dictionaries.of(summary.edges.entry.project, &column);
                Coded::new(sums, Some(&own))
            }
        }
    };
    let made: Vec<Coded> = summary.sums()?.into_iter().map(code).collect();
    let bytes = made.iter().map(Coded::bytes).sum();
    let made = Arc::new(made);
    store.cache.keep(key, Arc::clone(&made), bytes);
    Ok(made)
}

/// The column whose values a dimension has; none for hours and for nothing.
fn column_of(dimension: Option<&Dimension>) -> Option<TextColumn> {
    match dimension? {
        Dimension::Event(column) | Dimension::Visit(column) => Some(*column),
        Dimension::EntryPage | Dimension::ExitPage => Some(TextColumn::Path),
        Dimension::EntryHostname | Dimension::ExitHostname => Some(TextColumn::Hostname),
        Dimension::Property(_) | Dimension::Time(_) => None,
    }
}

impl Coded {
    fn new(sums: Sums, dictionary: Option<&Dictionary>) -> Self {
        let values = sums.values.iter().map(AsRef::as_ref);
        let codes = match dictionary {
            Some(dictionary) => dictionary.codes(values),
            // Hours, which are their own codes; the one row of everything has none.
            None => values
                .map(|hour| hour.parse().map_or(0, i32::cast_unsigned))
                .collect(),
        };
        Self {
            table: sums.table,
            dictionary: dictionary.map(|one| one.id),
            codes,
            counts: sums.counts,
        }
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + (4 + size_of::<Counts>()) * self.codes.len()
    }
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
    for (table, (_, dimension)) in TABLES.iter().enumerate() {
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
    let values = match (query.columns.first(), query.time) {
        (Some(column), _) => column.dictionary.values_of(&groups.keys),
        (None, Some(_)) => {
            let hours = groups.keys.iter().map(|hour| hour.cast_signed());
            hours.map(|hour| hour.to_string().into()).collect()
        }
        (None, None) => groups.counts.iter().map(|_| "".into()).collect(),
    };
    Sums {
        table,
        values,
        counts: groups.counts,
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
