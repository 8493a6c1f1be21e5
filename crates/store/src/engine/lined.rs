//! Counts the visitors of many days, each once, from lineups: for questions whose range holds whole
//! days and that are not split by time. Everything else of such a question adds up day by day.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use almanac_query::EngineError;

use super::compile::Slot;
use super::filter::Node;
use super::frame::{all_of, combine, outcomes};
use super::limits::Limits;
use super::lineup::{Lined, Lineups, Slice};
use super::scan::Context;
use super::share;
use super::tally::{Stamp, Tally};
use crate::segment::Codes;

/// The visitors of each group; `None` where the question has to look at times.
pub(super) fn visitors(context: &Context, limits: &Limits) -> Result<Option<Tally>, EngineError> {
    let (query, scope) = (context.query, context.scope);
    let is_whole = |number: usize| scope.segments[number].lies_in(query.range);
    if query.time.is_some() || !scope.core.clone().all(is_whole) {
        return Ok(None);
    }
    let lineups = Lineups::of(scope)?;
    limits.check()?;
    limits.budget.spend(lineups.fresh_bytes())?;
    let columns = Columns::read(context, &lineups, limits)?;
    let tallies = share(
        lineups.kept.slices.len(),
        limits,
        || Counting::new(context),
        |counting, grown, number| {
            let sides = [
                Side::new(context, &columns, &lineups.kept.slices[number], 0, number),
                Side::new(context, &columns, &lineups.fresh.slices[number], 1, number),
            ];
            counting.slice(&sides);
            limits.check_growth(&counting.tally, grown)
        },
    )?;
    let tallies = tallies.into_iter().map(|counting| counting.tally);
    Ok(Tally::sum(tallies))
}

/// The columns that a question reads, beside the kept lineup and beside the fresh one.
struct Columns {
    facts: Vec<[Arc<Lined>; 2]>,
    /// By position in the query; nothing where no event is asked for it.
    codes: Vec<Option<[Arc<Lined>; 2]>>,
    outcomes: Vec<Arc<Vec<bool>>>,
}

impl Columns {
    fn read(context: &Context, lineups: &Lineups, limits: &Limits) -> Result<Self, EngineError> {
        let query = context.query;
        let mut facts = Vec::new();
        for fact in 0..query.visit_facts.len() {
            let found = lineups.facts(context, fact)?;
            limits.check()?;
            limits.budget.spend(found[1].bytes())?;
            facts.push(found);
        }
        let mut codes = Vec::new();
        for (at, column) in query.columns.iter().enumerate() {
            if !query.is_read_from_events(at) {
                codes.push(None);
                continue;
            }
            let found = lineups.codes(context, column)?;
            limits.check()?;
            limits.budget.spend(found[1].bytes())?;
            codes.push(Some(found));
        }
        Ok(Self {
            facts,
            codes,
            outcomes: query.leaves.iter().map(|leaf| leaf.outcomes()).collect(),
        })
    }
}

/// A slice of one of the lineups, with its part of each column and what the filter makes of them.
struct Side<'a> {
    slice: &'a Slice,
    facts: Vec<&'a Codes>,
    codes: Vec<Option<&'a Codes>>,
    /// Which pieces the filter lets pass as far as it looks at visits; `None`: all.
    visits: Option<Vec<bool>>,
    /// Which events the filter lets pass as far as it looks at events; `None`: all.
    events: Option<Vec<bool>>,
}

impl<'a> Side<'a> {
    fn new(
        context: &Context,
        columns: &'a Columns,
        slice: &'a Slice,
        side: usize,
        number: usize,
    ) -> Self {
        let part = |lined: &'a [Arc<Lined>; 2]| &lined[side].0[number];
        let mut own = Self {
            slice,
            facts: columns.facts.iter().map(part).collect(),
            codes: columns
                .codes
                .iter()
                .map(|lined| lined.as_ref().map(part))
                .collect(),
            visits: None,
            events: None,
        };
        own.visits = all_of(&context.visit_filters, |part| {
            own.of_pieces(context, columns, part)
        });
        own.events = all_of(&context.event_filters, |part| {
            own.of_events(context, columns, part)
        });
        own
    }

    fn of_pieces(&self, context: &Context, columns: &Columns, node: &Node) -> Vec<bool> {
        let count = self.slice.len();
        match node {
            Node::Leaf(leaf) => match context.query.leaves[*leaf].slot {
                Slot::Visit(fact) => outcomes(self.facts[fact], &columns.outcomes[*leaf], count),
                Slot::Event(_) | Slot::Time(_) => vec![false; count],
            },
            _ => combine(node, count, |part| self.of_pieces(context, columns, part)),
        }
    }

    fn of_events(&self, context: &Context, columns: &Columns, node: &Node) -> Vec<bool> {
        let count = self.slice.events();
        if node.is_of_visits(&context.query.leaves) {
            let mut mask = Vec::with_capacity(count);
            let pieces = self.of_pieces(context, columns, node);
            for (piece, holds) in pieces.into_iter().enumerate() {
                mask.resize(self.slice.events_of(piece).end, holds);
            }
            return mask;
        }
        match node {
            Node::Leaf(leaf) => match context.query.leaves[*leaf].slot {
                Slot::Event(column) => self.codes[column].map_or_else(
                    || vec![false; count],
                    |codes| outcomes(codes, &columns.outcomes[*leaf], count),
                ),
                Slot::Visit(_) | Slot::Time(_) => vec![false; count],
            },
            _ => combine(node, count, |part| self.of_events(context, columns, part)),
        }
    }
}

/// What a thread has counted.
struct Counting<'a> {
    context: &'a Context<'a>,
    reads_events: bool,
    tally: Tally,
    visitor: Stamp,
    key: Vec<u32>,
}

impl<'a> Counting<'a> {
    fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            reads_events: context.query.reads_events(),
            tally: Tally::of_visitors(context.query),
            visitor: 0,
            key: Vec::new(),
        }
    }

    /// Goes through the visitors of both lineups in one order.
    fn slice(&mut self, [kept, fresh]: &[Side; 2]) {
        let (looked_at, count) = if self.reads_events {
            let events = kept.slice.events() + fresh.slice.events();
            (&self.context.events, events)
        } else {
            (&self.context.visits, kept.slice.len() + fresh.slice.len())
        };
        looked_at.fetch_add(count as u64, Ordering::Relaxed);
        let mut next = 0;
        for (at, visitor) in kept.slice.visitors.iter().enumerate() {
            while fresh
                .slice
                .visitors
                .get(next)
                .is_some_and(|other| other < visitor)
            {
                self.visitor += 1;
                self.pieces(fresh, fresh.slice.of_visitor(next));
                next += 1;
            }
            self.visitor += 1;
            self.pieces(kept, kept.slice.of_visitor(at));
            if fresh.slice.visitors.get(next) == Some(visitor) {
                self.pieces(fresh, fresh.slice.of_visitor(next));
                next += 1;
            }
        }
        for at in next..fresh.slice.visitors.len() {
            self.visitor += 1;
            self.pieces(fresh, fresh.slice.of_visitor(at));
        }
    }

    #[inline]
    fn pieces(&mut self, side: &Side, pieces: Range<usize>) {
        for piece in pieces {
            if side.visits.as_ref().is_some_and(|mask| !mask[piece]) {
                continue;
            }
            if !self.reads_events {
                let group = self.group(side, piece, 0);
                self.tally.count_events(group, 0, 0, self.visitor);
                continue;
            }
            for event in side.slice.events_of(piece) {
                if side.events.as_ref().is_none_or(|mask| mask[event]) {
                    let group = self.group(side, piece, event);
                    self.tally.count_events(group, 0, 0, self.visitor);
                }
            }
        }
    }

    #[inline]
    fn group(&mut self, side: &Side, piece: usize, event: usize) -> usize {
        let code = |slot: &Slot| match slot {
            Slot::Event(column) => side.codes[*column].map_or(0, |codes| codes.get(event)),
            Slot::Visit(fact) => side.facts[*fact].get(piece),
            Slot::Time(_) => 0,
        };
        match self.context.query.dimensions.as_slice() {
            [] => 0,
            [slot] => self.tally.group_of_code(code(slot)),
            slots => {
                self.key.clear();
                self.key.extend(slots.iter().map(code));
                self.tally.group(&self.key)
            }
        }
    }
}
