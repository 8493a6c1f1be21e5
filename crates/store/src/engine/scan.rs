//! The scan of one segment: every visit in it, every matching event of the visit, counted into its
//! groups. All values are codes; nothing is a text here.

use std::sync::Arc;

use almanac_model::{Instant, Kind};

use super::calendar::{Calendar, is_constant_over_a_day};
use super::compile::{At, Query, Slot};
use super::filter::Node;
use super::scope::Scope;
use super::tally::Tally;
use crate::StoreError;
use crate::run::INTERACTIVE;
use crate::segment::{Codes, Segment};
use crate::visits::{Facts, Pieces};

/// What all segments of a question share.
#[derive(Debug)]
pub(super) struct Context<'a> {
    query: &'a Query,
    scope: &'a Scope<'a>,
    calendar: Calendar,
    /// The facts of each chain, as codes in the order of the query's list.
    chain_facts: Vec<Vec<u32>>,
    visit_filters: Vec<&'a Node>,
    event_filters: Vec<&'a Node>,
}

/// The columns of one segment.
struct Rows<'a> {
    pieces: &'a Pieces,
    kinds: Arc<Vec<u8>>,
    /// `None` when every row lies in the range and nobody asks for the time of day.
    times: Option<Arc<Vec<i64>>>,
    codes: Vec<Arc<Codes>>,
    /// The outcome of each comparison by code.
    outcomes: Vec<Arc<Vec<bool>>>,
    /// The bucket of every row, when it is the same for all.
    bucket: Option<u32>,
    /// Whether nothing that is asked tells the events of a piece apart.
    count_by_piece: bool,
}

/// A visit, or the piece of one, while it is scanned.
struct Visit<'a> {
    facts: Facts,
    chain: Option<u32>,
    /// The codes of the facts that the query needs.
    codes: &'a [u32],
    visitor: u64,
    visitor_stamp: u32,
    piece: usize,
}

impl<'a> Context<'a> {
    pub(super) fn new(query: &'a Query, scope: &'a Scope<'a>) -> Result<Self, StoreError> {
        let (visit_filters, event_filters) = query
            .filter
            .conjuncts()
            .iter()
            .partition(|part| part.is_of_visits(&query.leaves));
        Ok(Self {
            query,
            scope,
            calendar: Calendar::new(&scope.zone, scope.span),
            chain_facts: chain_facts(query, scope)?,
            visit_filters,
            event_filters,
        })
    }

    fn bucket(&self, time: Instant) -> u32 {
        self.query
            .time
            .map_or(0, |unit| self.calendar.bucket(unit, time))
    }
}

/// Counts everything of one segment.
pub(super) fn scan(context: &Context, number: usize, tally: &mut Tally) -> Result<(), StoreError> {
    let scope = context.scope;
    let members = &scope.chains.members[number];
    let is_core = scope.core.contains(&number);
    if !is_core && members.is_empty() {
        return Ok(());
    }
    let rows = Rows::decode(context, &scope.segments[number], &scope.pieces[number])?;
    let mut scanner = Scanner {
        context,
        rows: &rows,
        key: Vec::new(),
        tally,
    };
    let mut own_facts = Vec::new();
    let mut next_member = members.iter().peekable();
    for (at, visitor) in rows.pieces.visitors.iter().enumerate() {
        for piece in rows.pieces.of_visitor(at) {
            let is_member = |member: &&(u32, u32)| member.0 as usize == piece;
            let chain = next_member.next_if(is_member).map(|member| member.1);
            if chain.is_none() && !is_core {
                continue;
            }
            let facts = match chain {
                Some(chain) => scope.chains.all[chain as usize].facts,
                None => rows.pieces.facts(piece),
            };
            if facts.counted == 0 {
                continue;
            }
            let codes = match chain {
                Some(chain) => context.chain_facts[chain as usize].as_slice(),
                None => {
                    rows.visit_facts(context.query, piece, &mut own_facts);
                    own_facts.as_slice()
                }
            };
            let (visitor, visitor_stamp) = (*visitor, at as u32 + 1);
            scanner.visit(&Visit {
                facts,
                chain,
                codes,
                visitor,
                visitor_stamp,
                piece,
            });
        }
    }
    Ok(())
}

struct Scanner<'a, 'b> {
    context: &'a Context<'a>,
    rows: &'a Rows<'a>,
    key: Vec<u32>,
    tally: &'b mut Tally,
}

impl Scanner<'_, '_> {
    fn visit(&mut self, visit: &Visit) {
        let query = self.context.query;
        let of_visit = |leaf: usize| self.rows.outcome(query, leaf, 0, visit);
        if !self
            .context
            .visit_filters
            .iter()
            .all(|part| part.holds(&of_visit))
        {
            return;
        }
        let starts_inside = query.range.contains(visit.facts.start);
        if self.rows.count_by_piece {
            self.piece(visit, starts_inside);
            return;
        }
        for row in self.rows.pieces.rows(visit.piece) {
            let kind = Kind::from_code(self.rows.kinds[row] & !INTERACTIVE);
            let Some(kind) = kind.filter(|kind| kind.is_counted()) else {
                continue;
            };
            let of_row = |leaf: usize| self.rows.outcome(query, leaf, row, visit);
            if self
                .context
                .event_filters
                .iter()
                .all(|part| part.holds(&of_row))
            {
                self.event(row, kind, visit, starts_inside);
            }
        }
    }

    /// Counts all events of a piece at once, where they all match, lie inside the range and fall
    /// into the same groups. Gives the same as [`Self::event`] for each of them.
    fn piece(&mut self, visit: &Visit, starts_inside: bool) {
        let own = self.rows.pieces.facts(visit.piece);
        if own.counted == 0 {
            return;
        }
        let query = self.context.query;
        let stamp = visit.piece as u32 + 1;
        let first = self.rows.pieces.rows(visit.piece).start;
        let bucket = self.rows.bucket.unwrap_or(0);
        let counts_visit = query.asks_visits && (query.time.is_some() || starts_inside);
        if query.asks_events || counts_visit {
            let group = self.group(first, visit, bucket);
            if query.asks_events {
                let counted = (own.counted, own.pageviews);
                self.tally
                    .count_events(group, counted, visit.visitor_stamp, visit.visitor);
            }
            if counts_visit {
                self.tally.count_visit(group, stamp, visit.chain);
            }
        }
        if starts_inside && query.asks_whole_visits {
            // A visit of several pieces may have started on another day.
            let bucket = match visit.chain {
                Some(_) => self.context.bucket(visit.facts.start),
                None => bucket,
            };
            let group = self.group(first, visit, bucket);
            self.tally
                .count_whole_visit(group, stamp, visit.chain, &visit.facts);
        }
    }

    /// Counts one matching counted event: rules 9 to 12, 15 and 16.
    fn event(&mut self, row: usize, kind: Kind, visit: &Visit, starts_inside: bool) {
        let query = self.context.query;
        let is_inside = self
            .rows
            .time(row)
            .is_none_or(|time| query.range.contains(time));
        let stamp = visit.piece as u32 + 1;
        let counts_event = is_inside && query.asks_events;
        let decides = if query.time.is_some() {
            is_inside
        } else {
            starts_inside
        };
        let counts_visit = decides && query.asks_visits;
        if counts_event || counts_visit {
            let bucket = self.rows.bucket.unwrap_or_else(|| {
                self.rows
                    .time(row)
                    .map_or(0, |time| self.context.bucket(time))
            });
            let group = self.group(row, visit, bucket);
            if counts_event {
                let counted = (1, u64::from(kind == Kind::Pageview));
                self.tally
                    .count_events(group, counted, visit.visitor_stamp, visit.visitor);
            }
            if counts_visit {
                self.tally.count_visit(group, stamp, visit.chain);
            }
        }
        if starts_inside && query.asks_whole_visits && self.rows.entered_at(query, row, visit) {
            let bucket = self.context.bucket(visit.facts.start);
            let group = self.group(row, visit, bucket);
            self.tally
                .count_whole_visit(group, stamp, visit.chain, &visit.facts);
        }
    }

    fn group(&mut self, row: usize, visit: &Visit, bucket: u32) -> usize {
        self.key.clear();
        self.key
            .extend(self.context.query.dimensions.iter().map(|slot| match slot {
                Slot::Event(column) => self.rows.codes[*column].get(row),
                Slot::Visit(fact) => visit.codes[*fact],
                Slot::Time(_) => bucket,
            }));
        self.tally.group(&self.key)
    }
}

impl<'a> Rows<'a> {
    fn decode(
        context: &Context,
        segment: &Segment,
        pieces: &'a Pieces,
    ) -> Result<Self, StoreError> {
        let query = context.query;
        let range = query.range;
        let lies_inside = segment
            .span()
            .is_some_and(|(start, end)| range.contains(start) && range.contains(end));
        let varies = query.time.is_some_and(|unit| !is_constant_over_a_day(unit));
        let times = if lies_inside && !varies {
            None
        } else {
            Some(segment.times()?)
        };
        let bucket = if varies {
            None
        } else {
            segment.span().map(|(start, _)| context.bucket(start))
        };
        let codes: Vec<_> = query
            .columns
            .iter()
            .map(|one| segment.codes(&one.column, &one.dictionary))
            .collect::<Result<_, _>>()?;
        let outcomes = query.leaves.iter().map(|leaf| leaf.outcomes()).collect();
        let tells_events_apart = query
            .dimensions
            .iter()
            .any(|slot| matches!(slot, Slot::Event(_)));
        let count_by_piece =
            times.is_none() && context.event_filters.is_empty() && !tells_events_apart;
        let kinds = if count_by_piece && query.visit_facts.iter().all(|(_, at)| *at == At::First) {
            Arc::default()
        } else {
            segment.kinds()?
        };
        Ok(Self {
            pieces,
            kinds,
            times,
            codes,
            outcomes,
            bucket,
            count_by_piece,
        })
    }

    /// When a row happened; `None` when it does not matter because it lies in the range.
    fn time(&self, row: usize) -> Option<Instant> {
        self.times.as_ref().map(|times| Instant(times[row]))
    }

    fn outcome(&self, query: &Query, leaf: usize, row: usize, visit: &Visit) -> bool {
        let code = match query.leaves[leaf].slot {
            Slot::Event(column) => self.codes[column].get(row),
            Slot::Visit(fact) => visit.codes[fact],
            Slot::Time(_) => return false,
        };
        self.outcomes[leaf][code as usize]
    }

    /// Rule 16: whether the event lies on the page and host where its visit entered.
    fn entered_at(&self, query: &Query, row: usize, visit: &Visit) -> bool {
        query
            .entered_at
            .iter()
            .all(|(column, fact)| self.codes[*column].get(row) == visit.codes[*fact])
    }

    /// The facts of a visit that consists of one piece.
    fn visit_facts(&self, query: &Query, piece: usize, found: &mut Vec<u32>) {
        found.clear();
        found.extend(query.visit_facts.iter().map(|(column, at)| {
            let row = row_at(self.pieces, &self.kinds, piece, *at);
            row.map_or(0, |row| self.codes[*column].get(row))
        }));
    }
}

/// The row of a piece that a fact is read from.
fn row_at(pieces: &Pieces, kinds: &[u8], piece: usize, at: At) -> Option<usize> {
    let mut rows = pieces.rows(piece);
    let is_page = |row: &usize| kinds[*row] & !INTERACTIVE == Kind::Pageview.code();
    match at {
        At::First => rows.next(),
        At::Entry => rows.find(is_page),
        At::Exit => rows.rev().find(is_page),
    }
}

/// The facts of the visits that consist of several pieces.
fn chain_facts(query: &Query, scope: &Scope) -> Result<Vec<Vec<u32>>, StoreError> {
    let mut found = Vec::with_capacity(scope.chains.all.len());
    for chain in &scope.chains.all {
        let mut facts = Vec::with_capacity(query.visit_facts.len());
        for (column, at) in &query.visit_facts {
            let one = &query.columns[*column];
            let mut code = 0;
            let ordered: Vec<_> = match at {
                At::Exit => chain.pieces.iter().rev().collect(),
                At::First | At::Entry => chain.pieces.iter().collect(),
            };
            for (number, piece) in ordered {
                let segment = &scope.segments[*number];
                let kinds = segment.kinds()?;
                if let Some(row) = row_at(&scope.pieces[*number], &kinds, *piece, *at) {
                    code = segment.codes(&one.column, &one.dictionary)?.get(row);
                    break;
                }
            }
            facts.push(code);
        }
        found.push(facts);
    }
    Ok(found)
}
