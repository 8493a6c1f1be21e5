//! The scan: visitor by visitor, every visit, every matching event of it, counted into its groups.
//! All values are codes; nothing is a text here.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use almanac_model::{Instant, Kind};
use almanac_query::Plan;

use super::calendar::Calendar;
use super::compile::{Column, Query, Slot};
use super::filter::Node;
use super::frame::Frame;
use super::scope::Scope;
use super::tally::{Stamp, Tally};
use crate::StoreError;
use crate::run::INTERACTIVE;
use crate::visits::{At, Facts, is_counted};

/// What all segments of a question share.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) query: &'a Query,
    pub(super) scope: &'a Scope<'a>,
    calendar: Calendar,
    /// The facts of each chain, as codes in the order of the query's list.
    chain_facts: Vec<Vec<u32>>,
    pub(super) visit_filters: Vec<&'a Node>,
    pub(super) event_filters: Vec<&'a Node>,
    /// What the counts of a day depend on beside the day.
    pub(super) signature: Arc<str>,
    /// Events that were looked at one by one.
    pub(super) events: AtomicU64,
    /// Visits, or pieces of them, that were looked at without their events.
    pub(super) visits: AtomicU64,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        plan: &Plan,
        query: &'a Query,
        scope: &'a Scope<'a>,
    ) -> Result<Self, StoreError> {
        let (visit_filters, event_filters) = query.split_filter();
        Ok(Self {
            query,
            scope,
            calendar: Calendar::new(&scope.zone, scope.span),
            chain_facts: chain_facts(&query.columns, &query.visit_facts, scope)?,
            visit_filters,
            event_filters,
            signature: query.signature(plan).into(),
            events: AtomicU64::new(0),
            visits: AtomicU64::new(0),
        })
    }

    pub(super) fn bucket(&self, time: Instant) -> u32 {
        self.query
            .time
            .map_or(0, |unit| self.calendar.bucket(unit, time))
    }

    /// A fact of a visit of several pieces, by its position in the query.
    pub(super) fn chain_fact(&self, chain: u32, fact: usize) -> u32 {
        self.chain_facts[chain as usize][fact]
    }

    pub(super) fn gap_s(&self) -> i64 {
        self.scope.gap_s
    }
}

/// Counts visitors one after another, in any segments.
pub(super) struct Scanner<'a> {
    context: &'a Context<'a>,
    pub(super) tally: Tally,
    key: Vec<u32>,
    visitor: Stamp,
    visit: Stamp,
}

/// A visit, or the piece of one, while it is scanned.
#[derive(Clone, Copy)]
struct Visit {
    piece: usize,
    chain: Option<u32>,
    start: Instant,
    starts_inside: bool,
}

/// How the group of an event is found, where that takes less than [`Scanner::group`].
#[derive(Clone, Copy)]
enum Grouping {
    Single,
    OfEvent(usize),
    OfVisit(usize),
    Any,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            tally: Tally::new(context.query),
            key: Vec::new(),
            visitor: 0,
            visit: 0,
        }
    }

    /// From here on events are another visitor's.
    #[inline]
    pub(super) fn next_visitor(&mut self) {
        self.visitor += 1;
    }

    /// Counts the visits of the visitor at that position of a segment.
    #[inline]
    pub(super) fn visits_of(&mut self, frame: &Frame, at: usize) {
        let pieces = frame.pieces.of_visitor(at);
        if frame.has_members(at) {
            pieces.for_each(|piece| self.piece_of_chain(frame, piece));
        } else if !frame.is_beside {
            pieces.for_each(|piece| self.single_piece(frame, piece));
        }
    }

    /// Counts a visit that lies in one segment as a whole.
    #[inline]
    fn single_piece(&mut self, frame: &Frame, piece: usize) {
        if !frame.lets_pass(piece) || !frame.pieces.has_counted(piece) {
            return;
        }
        self.visit += 1;
        let start = frame.pieces.start(piece);
        let visit = Visit {
            piece,
            chain: None,
            start,
            starts_inside: self.context.query.range.contains(start),
        };
        if frame.counts_by_piece {
            self.whole_piece(frame, &visit);
            return;
        }
        match self.grouping() {
            Grouping::Single => self.events(frame, &visit, |_, _| 0),
            Grouping::OfEvent(column) => self.events(frame, &visit, |scanner, row| {
                scanner.tally.group_of_code(frame.code(column, row))
            }),
            Grouping::OfVisit(fact) => {
                let code = frame.fact(fact, piece);
                self.events(frame, &visit, |scanner, _| {
                    scanner.tally.group_of_code(code)
                });
            }
            Grouping::Any => self.events_by_any_group(frame, &visit, |row| frame.matches(row)),
        }
    }

    /// Counts what a segment has of a visit that lies in several.
    fn piece_of_chain(&mut self, frame: &Frame, piece: usize) {
        let Some(chain) = frame.chain_of(piece) else {
            if !frame.is_beside {
                self.single_piece(frame, piece);
            }
            return;
        };
        let facts = self.context.scope.chains.all[chain as usize].facts;
        let visit = Visit {
            piece,
            chain: Some(chain),
            start: facts.start,
            starts_inside: self.context.query.range.contains(facts.start),
        };
        let context = self.context;
        let of_visit = |leaf: usize| outcome(context, frame, leaf, 0, &visit);
        let passes = context
            .visit_filters
            .iter()
            .all(|part| part.holds(&of_visit));
        if facts.counted == 0 || !passes {
            return;
        }
        self.visit += 1;
        if frame.counts_by_piece {
            self.whole_piece(frame, &visit);
            return;
        }
        self.events_by_any_group(frame, &visit, |row| {
            let of_row = |leaf: usize| outcome(context, frame, leaf, row, &visit);
            is_counted(frame.kinds[row])
                && context.event_filters.iter().all(|part| part.holds(&of_row))
        });
    }

    /// Counts all events of a piece at once, where they all match, lie inside the range and fall
    /// into the same groups. Gives the same as counting each of them.
    fn whole_piece(&mut self, frame: &Frame, visit: &Visit) {
        let query = self.context.query;
        let (counted, pageviews) = frame.pieces.counts(visit.piece);
        if counted == 0 {
            return;
        }
        let bucket = frame.bucket.unwrap_or(0);
        let counts_visit = query.asks_visits && (query.time.is_some() || visit.starts_inside);
        if query.asks_events || counts_visit {
            let group = self.group(frame, 0, visit, bucket);
            if query.asks_events {
                self.tally
                    .count_events(group, counted, pageviews, self.visitor);
            }
            if counts_visit {
                self.tally.count_visit(group, self.visit, visit.chain);
            }
        }
        if visit.starts_inside && query.asks_whole_visits {
            // A visit of several pieces may have started on another day.
            let bucket = match visit.chain {
                Some(_) => self.context.bucket(visit.start),
                None => bucket,
            };
            let group = self.group(frame, 0, visit, bucket);
            let facts = self.facts(frame, visit);
            self.tally
                .count_whole_visit(group, self.visit, visit.chain, &facts);
        }
    }

    /// Counts the matching events of a visit one by one, where the group of an event does not
    /// depend on its time.
    #[inline]
    fn events(
        &mut self,
        frame: &Frame,
        visit: &Visit,
        group_of: impl Fn(&mut Self, usize) -> usize,
    ) {
        let query = self.context.query;
        for row in frame.pieces.rows(visit.piece) {
            if !frame.matches(row) {
                continue;
            }
            let is_inside = self.is_inside(frame, row);
            let counts_event = is_inside && query.asks_events;
            let counts_visit = visit.starts_inside && query.asks_visits;
            if counts_event || counts_visit {
                let group = group_of(self, row);
                if counts_event {
                    let views = u64::from(is_pageview(frame.kinds[row]));
                    self.tally.count_events(group, 1, views, self.visitor);
                }
                if counts_visit {
                    self.tally.count_visit(group, self.visit, None);
                }
            }
            if visit.starts_inside && query.asks_whole_visits && self.entered_at(frame, row, visit)
            {
                let group = group_of(self, row);
                let facts = frame.pieces.facts(visit.piece);
                self.tally
                    .count_whole_visit(group, self.visit, None, &facts);
            }
        }
    }

    /// Counts the matching events of a visit one by one: rules 9 to 12, 15 and 16.
    fn events_by_any_group(
        &mut self,
        frame: &Frame,
        visit: &Visit,
        matches: impl Fn(usize) -> bool,
    ) {
        let query = self.context.query;
        for row in frame.pieces.rows(visit.piece).filter(|row| matches(*row)) {
            let is_inside = self.is_inside(frame, row);
            let decides = if query.time.is_some() {
                is_inside
            } else {
                visit.starts_inside
            };
            let counts_event = is_inside && query.asks_events;
            let counts_visit = decides && query.asks_visits;
            if counts_event || counts_visit {
                let time = || frame.time(row).map_or(0, |time| self.context.bucket(time));
                let bucket = frame.bucket.unwrap_or_else(time);
                let group = self.group(frame, row, visit, bucket);
                if counts_event {
                    let views = u64::from(is_pageview(frame.kinds[row]));
                    self.tally.count_events(group, 1, views, self.visitor);
                }
                if counts_visit {
                    self.tally.count_visit(group, self.visit, visit.chain);
                }
            }
            if visit.starts_inside && query.asks_whole_visits && self.entered_at(frame, row, visit)
            {
                let bucket = self.context.bucket(visit.start);
                let group = self.group(frame, row, visit, bucket);
                let facts = self.facts(frame, visit);
                self.tally
                    .count_whole_visit(group, self.visit, visit.chain, &facts);
            }
        }
    }

    #[inline]
    fn is_inside(&self, frame: &Frame, row: usize) -> bool {
        frame
            .time(row)
            .is_none_or(|time| self.context.query.range.contains(time))
    }

    #[inline]
    fn grouping(&self) -> Grouping {
        match self.context.query.dimensions.as_slice() {
            [] => Grouping::Single,
            [Slot::Event(column)] => Grouping::OfEvent(*column),
            [Slot::Visit(fact)] => Grouping::OfVisit(*fact),
            _ => Grouping::Any,
        }
    }

    fn group(&mut self, frame: &Frame, row: usize, visit: &Visit, bucket: u32) -> usize {
        let context = self.context;
        let code = |slot: &Slot| match slot {
            Slot::Event(column) => frame.code(*column, row),
            Slot::Visit(fact) => fact_of(context, frame, visit, *fact),
            Slot::Time(_) => bucket,
        };
        match context.query.dimensions.as_slice() {
            [] => 0,
            [slot] => self.tally.group_of_code(code(slot)),
            slots => {
                self.key.clear();
                self.key.extend(slots.iter().map(code));
                self.tally.group(&self.key)
            }
        }
    }

    /// Rule 16: whether the event lies on the page and host where its visit entered.
    fn entered_at(&self, frame: &Frame, row: usize, visit: &Visit) -> bool {
        let mut entered_at = self.context.query.entered_at.iter();
        entered_at.all(|(column, fact)| {
            frame.code(*column, row) == fact_of(self.context, frame, visit, *fact)
        })
    }

    fn facts(&self, frame: &Frame, visit: &Visit) -> Facts {
        match visit.chain {
            Some(chain) => self.context.scope.chains.all[chain as usize].facts,
            None => frame.pieces.facts(visit.piece),
        }
    }
}

fn is_pageview(kind: u8) -> bool {
    kind & !INTERACTIVE == Kind::Pageview.code()
}

fn fact_of(context: &Context, frame: &Frame, visit: &Visit, fact: usize) -> u32 {
    match visit.chain {
        Some(chain) => context.chain_facts[chain as usize][fact],
        None => frame.fact(fact, visit.piece),
    }
}

/// The outcome of one comparison for an event and its visit.
fn outcome(context: &Context, frame: &Frame, leaf: usize, row: usize, visit: &Visit) -> bool {
    let code = match context.query.leaves[leaf].slot {
        Slot::Event(column) => frame.code(column, row),
        Slot::Visit(fact) => fact_of(context, frame, visit, fact),
        Slot::Time(_) => return false,
    };
    frame.outcome(leaf, code)
}

/// The facts of the visits that consist of several pieces.
pub(super) fn chain_facts(
    columns: &[Column],
    visit_facts: &[(usize, At)],
    scope: &Scope,
) -> Result<Vec<Vec<u32>>, StoreError> {
    let mut found = vec![Vec::with_capacity(visit_facts.len()); scope.chains.all.len()];
    if found.is_empty() {
        return Ok(found);
    }
    for (column, at) in visit_facts {
        let one = &columns[*column];
        let mut codes = vec![None; scope.segments.len()];
        for (chain, facts) in scope.chains.all.iter().zip(&mut found) {
            let has = |(number, piece): &&(usize, usize)| scope.pieces[*number].has(*piece, *at);
            let owner = match at {
                At::Exit => chain.pieces.iter().rev().find(has),
                At::First | At::Entry => chain.pieces.iter().find(has),
            };
            let Some((number, piece)) = owner else {
                facts.push(0);
                continue;
            };
            if codes[*number].is_none() {
                let segment = &scope.segments[*number];
                let (column, dictionary) = (&one.column, &one.dictionary);
                let read = segment.visit_codes(scope.gap_s, *at, column, dictionary)?;
                codes[*number] = Some(read);
            }
            facts.push(codes[*number].as_ref().map_or(0, |codes| codes.get(*piece)));
        }
    }
    Ok(found)
}
