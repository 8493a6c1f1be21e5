//! The columns of one segment as a scan needs them, and the masks that a filter becomes on them:
//! which visits may count, and which of their events. Everything is worked out column by column.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use almanac_model::Instant;

use super::calendar::is_constant_over_a_day;
use super::compile::{Query, Slot};
use super::filter::Node;
use super::scan::Context;
use crate::StoreError;
use crate::segment::{Codes, Segment};
use crate::visits::{At, Pieces, is_counted};

/// The decoded columns of one segment.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) pieces: Arc<Pieces>,
    /// Empty when pieces are counted whole.
    pub(super) kinds: Arc<Vec<u8>>,
    /// `None` when every row lies in the range and nobody asks for the time of day.
    times: Option<Arc<Vec<i64>>>,
    /// The columns that are read from single events, by position in the query; others are blank.
    codes: Vec<Arc<Codes>>,
    /// The facts of visits, one code per piece.
    facts: Vec<Arc<Codes>>,
    /// The outcome of each comparison by code.
    outcomes: Vec<Arc<Vec<bool>>>,
    /// Which pieces the filter lets pass as far as it looks at visits; `None`: all.
    visits: Option<Vec<bool>>,
    /// Which rows the filter lets pass as far as it looks at events; `None`: all.
    events: Option<Vec<bool>>,
    /// Pieces that belong to visits of several pieces, ascending, with the chain.
    members: Vec<(u32, u32)>,
    /// Which visitors have such pieces; empty when none has.
    has_members: Vec<bool>,
    /// The bucket of every row, when it is the same for all.
    pub(super) bucket: Option<u32>,
    /// Whether nothing that is asked tells the events of a piece apart.
    pub(super) counts_by_piece: bool,
    /// Whether the segment is there only for the chains that reach into it.
    pub(super) is_beside: bool,
}

impl Frame {
    /// Decodes what the query needs of a segment.
    pub(super) fn decode(context: &Context, number: usize) -> Result<Self, StoreError> {
        let (query, scope) = (context.query, context.scope);
        let (segment, pieces) = (&scope.segments[number], &scope.pieces[number]);
        let varies = query.time.is_some_and(|unit| !is_constant_over_a_day(unit));
        let span = segment.span();
        let needs_times = varies || !segment.lies_in(query.range);
        let reads_events = needs_times || query.reads_events();
        let mut frame = Self {
            pieces: Arc::clone(pieces),
            kinds: Arc::default(),
            times: None,
            codes: event_codes(query, segment)?,
            facts: visit_facts(query, segment, context.gap_s())?,
            outcomes: Vec::new(),
            visits: None,
            events: None,
            has_members: has_members(pieces, &scope.chains.members[number]),
            members: scope.chains.members[number].clone(),
            bucket: span
                .filter(|_| !varies)
                .map(|(start, _)| context.bucket(start)),
            counts_by_piece: !reads_events,
            is_beside: !scope.core.contains(&number),
        };
        if reads_events {
            let events = segment.rows();
            context.events.fetch_add(events, Ordering::Relaxed);
        } else {
            let visits = pieces.len() as u64;
            context.visits.fetch_add(visits, Ordering::Relaxed);
        }
        if reads_events {
            frame.kinds = segment.kinds()?;
        }
        if needs_times {
            frame.times = Some(segment.times()?);
        }
        frame.outcomes = query.leaves.iter().map(|leaf| leaf.outcomes()).collect();
        frame.visits = all_of(&context.visit_filters, |part| frame.of_pieces(query, part));
        frame.events = all_of(&context.event_filters, |part| frame.of_rows(query, part));
        Ok(frame)
    }

    /// Bytes that it holds beside the cache.
    pub(super) fn bytes(&self) -> usize {
        let mask = |mask: &Option<Vec<bool>>| mask.as_ref().map_or(0, Vec::len);
        mask(&self.visits) + mask(&self.events) + self.has_members.len() + 8 * self.members.len()
    }

    /// Whether the filter lets a visit of one piece pass.
    #[inline]
    pub(super) fn lets_pass(&self, piece: usize) -> bool {
        self.visits.as_ref().is_none_or(|mask| mask[piece])
    }

    /// Whether a row is a counted event that the filter lets pass, in a visit of one piece.
    #[inline]
    pub(super) fn matches(&self, row: usize) -> bool {
        is_counted(self.kinds[row]) && self.events.as_ref().is_none_or(|mask| mask[row])
    }

    /// When a row happened; `None` when it does not matter because it lies in the range.
    #[inline]
    pub(super) fn time(&self, row: usize) -> Option<Instant> {
        self.times.as_ref().map(|times| Instant(times[row]))
    }

    /// The code of a column in a row.
    #[inline]
    pub(super) fn code(&self, column: usize, row: usize) -> u32 {
        self.codes[column].get(row)
    }

    /// The code of a fact of a visit of one piece.
    #[inline]
    pub(super) fn fact(&self, fact: usize, piece: usize) -> u32 {
        self.facts[fact].get(piece)
    }

    /// The outcome of a comparison for a code.
    pub(super) fn outcome(&self, leaf: usize, code: u32) -> bool {
        self.outcomes[leaf][code as usize]
    }

    /// Whether some visit of a visitor has several pieces.
    #[inline]
    pub(super) fn has_members(&self, visitor: usize) -> bool {
        self.has_members.get(visitor).is_some_and(|has| *has)
    }

    /// The visitors that have such pieces, ascending.
    pub(super) fn visitors_with_members(&self) -> Vec<usize> {
        let pieces = self.members.iter().map(|(piece, _)| *piece as usize);
        let mut visitors: Vec<usize> = pieces.map(|piece| self.pieces.visitor_of(piece)).collect();
        visitors.dedup();
        visitors
    }

    /// How many visits or events the filter lets pass, and of how many.
    pub(super) fn passing(&self) -> (usize, usize) {
        let of_mask = |mask: &Vec<bool>| (mask.iter().filter(|holds| **holds).count(), mask.len());
        let masks = self.visits.iter().chain(&self.events).map(of_mask);
        // The mask that lets the smaller part pass decides.
        let smaller = |one: (usize, usize), two: (usize, usize)| {
            if one.0 * two.1 <= two.0 * one.1 {
                one
            } else {
                two
            }
        };
        masks.reduce(smaller).unwrap_or((1, 1))
    }

    /// Whether something of the visitor at that position may count.
    pub(super) fn may_count(&self, visitor: usize) -> bool {
        if self.has_members(visitor) {
            return true;
        }
        let pieces = self.pieces.of_visitor(visitor);
        let rows = self.pieces.rows(pieces.start).start..self.pieces.rows(pieces.end - 1).end;
        let any = |mask: &Vec<bool>, of: Range<usize>| mask[of].iter().any(|holds| *holds);
        self.visits.as_ref().is_none_or(|mask| any(mask, pieces))
            && self.events.as_ref().is_none_or(|mask| any(mask, rows))
    }

    /// The chain that a piece belongs to.
    pub(super) fn chain_of(&self, piece: usize) -> Option<u32> {
        let found = self
            .members
            .binary_search_by_key(&(piece as u32), |member| member.0)
            .ok()?;
        Some(self.members[found].1)
    }

    /// Whether a filter on visits holds, piece by piece.
    fn of_pieces(&self, query: &Query, node: &Node) -> Vec<bool> {
        let count = self.pieces.len();
        match node {
            Node::Leaf(leaf) => match query.leaves[*leaf].slot {
                Slot::Visit(fact) => outcomes(&self.facts[fact], &self.outcomes[*leaf], count),
                // Comparisons of time are refused before a plan is made.
                Slot::Event(_) | Slot::Time(_) => vec![false; count],
            },
            _ => combine(node, count, |part| self.of_pieces(query, part)),
        }
    }

    /// Whether a filter holds, row by row.
    fn of_rows(&self, query: &Query, node: &Node) -> Vec<bool> {
        let count = self.kinds.len();
        if node.is_of_visits(&query.leaves) {
            let mut mask = Vec::with_capacity(count);
            for (piece, holds) in self.of_pieces(query, node).into_iter().enumerate() {
                mask.resize(self.pieces.rows(piece).end, holds);
            }
            return mask;
        }
        match node {
            Node::Leaf(leaf) => match query.leaves[*leaf].slot {
                Slot::Event(column) => outcomes(&self.codes[column], &self.outcomes[*leaf], count),
                Slot::Visit(_) | Slot::Time(_) => vec![false; count],
            },
            _ => combine(node, count, |part| self.of_rows(query, part)),
        }
    }
}

/// The columns that single events are asked for.
fn event_codes(query: &Query, segment: &Segment) -> Result<Vec<Arc<Codes>>, StoreError> {
    let read = |(at, one): (usize, &super::compile::Column)| {
        if query.is_read_from_events(at) {
            segment.codes(&one.column, &one.dictionary)
        } else {
            Ok(Arc::new(Codes::Blank))
        }
    };
    query.columns.iter().enumerate().map(read).collect()
}

fn visit_facts(
    query: &Query,
    segment: &Segment,
    gap_s: i64,
) -> Result<Vec<Arc<Codes>>, StoreError> {
    let read = |(column, at): &(usize, At)| {
        let one = &query.columns[*column];
        segment.visit_codes(gap_s, *at, &one.column, &one.dictionary)
    };
    query.visit_facts.iter().map(read).collect()
}

fn has_members(pieces: &Pieces, members: &[(u32, u32)]) -> Vec<bool> {
    if members.is_empty() {
        return Vec::new();
    }
    let mut has = vec![false; pieces.visitors.len()];
    for (piece, _) in members {
        has[pieces.visitor_of(*piece as usize)] = true;
    }
    has
}

/// The outcome of each code of a column.
pub(super) fn outcomes(codes: &Codes, outcome: &[bool], count: usize) -> Vec<bool> {
    match codes {
        Codes::Blank => vec![outcome[0]; count],
        Codes::Rows(codes) => codes.iter().map(|code| outcome[*code as usize]).collect(),
    }
}

/// The mask of `and`, `or` and `not` from those of their parts.
pub(super) fn combine(
    node: &Node,
    count: usize,
    mask_of: impl Fn(&Node) -> Vec<bool>,
) -> Vec<bool> {
    let merge = |parts: &[Node], start: bool, join: fn(bool, bool) -> bool| {
        let mut all = vec![start; count];
        for part in parts {
            for (one, other) in all.iter_mut().zip(mask_of(part)) {
                *one = join(*one, other);
            }
        }
        all
    };
    match node {
        Node::And(parts) => merge(parts, true, |one, other| one & other),
        Node::Or(parts) => merge(parts, false, |one, other| one | other),
        Node::Not(part) => mask_of(part).into_iter().map(|holds| !holds).collect(),
        Node::Leaf(_) => mask_of(node),
    }
}

/// The mask of parts that must all hold; `None` without parts.
pub(super) fn all_of(parts: &[&Node], mask_of: impl Fn(&Node) -> Vec<bool>) -> Option<Vec<bool>> {
    let mut masks = parts.iter().map(|part| mask_of(part));
    let first = masks.next()?;
    Some(masks.fold(first, |mut all, mask| {
        for (one, other) in all.iter_mut().zip(mask) {
            *one &= other;
        }
        all
    }))
}
