//! The visits of many days in the order of their visitors, and beside them what a question reads of
//! visits and of events in that same order, so that a scan goes through memory from one end to the
//! other. It holds codes and positions; what they mean is the scan's business.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::compile::Column;
use super::order::VisitorOrder;
use super::scan::Context;
use super::scope::{Scope, numbers};
use crate::StoreError;
use crate::cache::{Key, Line, OfLineup, Part};
use crate::segment::Codes;
use crate::visits::{At, is_counted};

/// A segment and a piece in it.
pub(super) type PieceAt = (u32, u32);

/// Counted pieces of visits by visitor, in slices that no visitor reaches over.
#[derive(Debug)]
pub(super) struct Lineup {
    pub(super) slices: Vec<Slice>,
}

/// Some visitors with all their pieces.
#[derive(Debug, Default)]
pub(super) struct Slice {
    /// Ascending.
    pub(super) visitors: Vec<u64>,
    /// The first piece of each visitor, and at the end the number of pieces.
    starts: Vec<u32>,
    pieces: Vec<PieceAt>,
    /// The first counted event of each piece among those of the slice, and at the end their number.
    rows: Vec<u32>,
}

/// A column beside a lineup: a code for each piece or for each counted event, slice by slice.
#[derive(Debug)]
pub(super) struct Lined(pub(super) Vec<Codes>);

/// The lineup of the days that stay as they are, which is kept, and that of what may change.
#[derive(Debug)]
pub(super) struct Lineups {
    pub(super) kept: Arc<Lineup>,
    pub(super) fresh: Lineup,
    /// As what the kept one is known.
    of: OfLineup,
}

impl Lineups {
    /// Lines up the visits of the days in the range. What is not in a single file yet may change
    /// with the next event, and only the last day usually is: it stands apart, and with it the
    /// pieces of visits that go on in it.
    pub(super) fn of(scope: &Scope) -> Result<Self, StoreError> {
        let core = scope.core.clone();
        let last = core.end - 1;
        let end = if scope.segments[last].is_one_file() {
            core.end
        } else {
            last
        };
        let of = OfLineup {
            segments: numbers(&scope.segments[..end]),
            without: moved(scope, core.start..end).into(),
            gap_s: scope.gap_s,
        };
        let key = Key {
            of: core.start as u64,
            part: Part::Lineup(of.clone()),
        };
        let kept = scope.store.cache.get_or_make(key, Lineup::bytes, || {
            let order = VisitorOrder::of(&scope.pieces[core.start..end], core.start);
            Ok::<_, StoreError>(Lineup::of(scope, &order, &of.without))
        })?;
        let fresh = Lineup::of_rest(scope, end..core.end, &of.without, &kept);
        Ok(Self { kept, fresh, of })
    }

    /// A fact of each piece: of the kept ones and of the fresh ones.
    pub(super) fn facts(
        &self,
        context: &Context,
        fact: usize,
    ) -> Result<[Arc<Lined>; 2], StoreError> {
        let (column, at) = context.query.visit_facts[fact];
        let column = &context.query.columns[column];
        self.lined(context, Line::Fact(at), column, |lineup| {
            lineup.facts(context, fact, column, at)
        })
    }

    /// A column of each counted event: of the kept ones and of the fresh ones.
    pub(super) fn codes(
        &self,
        context: &Context,
        column: &Column,
    ) -> Result<[Arc<Lined>; 2], StoreError> {
        self.lined(context, Line::Events, column, |lineup| {
            lineup.codes(context.scope, column)
        })
    }

    fn lined(
        &self,
        context: &Context,
        line: Line,
        column: &Column,
        make: impl Fn(&Lineup) -> Result<Lined, StoreError>,
    ) -> Result<[Arc<Lined>; 2], StoreError> {
        let (scope, store) = (context.scope, context.scope.store);
        let part = Part::Lined(
            self.of.clone(),
            line,
            column.dictionary.id,
            column.column.clone(),
        );
        let key = Key {
            of: scope.core.start as u64,
            part,
        };
        let kept = store
            .cache
            .get_or_make(key, Lined::bytes, || make(&self.kept))?;
        Ok([kept, Arc::new(make(&self.fresh)?)])
    }

    /// Bytes of what is not kept.
    pub(super) fn fresh_bytes(&self) -> usize {
        self.fresh.bytes()
    }
}

/// Pieces of these segments whose visits go on after them: with each event such a visit becomes
/// another one.
fn moved(scope: &Scope, segments: Range<usize>) -> Vec<PieceAt> {
    let goes_on = |chain: u32| {
        let pieces = &scope.chains.all[chain as usize].pieces;
        pieces.last().is_some_and(|last| last.0 >= segments.end)
    };
    let of_segment = |number: usize| {
        let members = scope.chains.members[number].iter();
        let moved = members.filter(|(_, chain)| goes_on(*chain));
        moved.map(move |(piece, _)| (number as u32, *piece))
    };
    segments.clone().flat_map(of_segment).collect()
}

impl Lineup {
    /// Those of all places of an order, without the pieces that were moved.
    fn of(scope: &Scope, order: &VisitorOrder, moved: &[PieceAt]) -> Self {
        let slice = |places: &Vec<super::order::Place>| {
            let mut slice = Slice::default();
            for place in places {
                let (segment, pieces) = (place.segment(), &scope.pieces[place.segment()]);
                let visitor = pieces.visitors[place.at as usize];
                for piece in pieces.of_visitor(place.at as usize) {
                    let at = (segment as u32, piece as u32);
                    if moved.is_empty() || moved.binary_search(&at).is_err() {
                        slice.add(visitor, at, pieces.counts(piece).0);
                    }
                }
            }
            slice.finish()
        };
        Self {
            slices: order.slices.par_iter().map(slice).collect(),
        }
    }

    /// All pieces of some segments and those that were moved, cut like the kept lineup.
    fn of_rest(scope: &Scope, segments: Range<usize>, moved: &[PieceAt], kept: &Self) -> Self {
        let mut rest: Vec<(u64, PieceAt)> = Vec::new();
        for number in segments {
            let pieces = &scope.pieces[number];
            for (at, visitor) in pieces.visitors.iter().enumerate() {
                let own = pieces.of_visitor(at);
                rest.extend(own.map(|piece| (*visitor, (number as u32, piece as u32))));
            }
        }
        rest.extend(moved.iter().map(|at| {
            let pieces = &scope.pieces[at.0 as usize];
            let visitor = pieces.visitor_of(at.1 as usize);
            (pieces.visitors[visitor], *at)
        }));
        rest.sort_unstable();
        let mut rest = rest.as_slice();
        let mut slices = Vec::with_capacity(kept.slices.len());
        for number in 0..kept.slices.len() {
            let next = kept.slices.get(number + 1..).unwrap_or_default();
            let end = next
                .iter()
                .find_map(|slice| slice.visitors.first().copied());
            let cut = end.map_or(rest.len(), |end| {
                rest.partition_point(|(visitor, _)| *visitor < end)
            });
            let (own, later) = rest.split_at(cut);
            let mut slice = Slice::default();
            for (visitor, at) in own {
                let counted = scope.pieces[at.0 as usize].counts(at.1 as usize).0;
                slice.add(*visitor, *at, counted);
            }
            slices.push(slice.finish());
            rest = later;
        }
        Self { slices }
    }

    /// A fact of each piece; of a piece that belongs to a longer visit, that of the visit.
    fn facts(
        &self,
        context: &Context,
        fact: usize,
        column: &Column,
        at: At,
    ) -> Result<Lined, StoreError> {
        let scope = context.scope;
        let of_segment = |number: usize| {
            let segment = &scope.segments[number];
            segment.visit_codes(scope.gap_s, at, &column.column, &column.dictionary)
        };
        let codes = scope.of_core(of_segment)?;
        let code = |(segment, piece): &PieceAt| {
            let members = &scope.chains.members[*segment as usize];
            match members.binary_search_by_key(piece, |member| member.0) {
                Ok(found) => context.chain_fact(members[found].1, fact),
                Err(_) => codes[*segment as usize - scope.core.start].get(*piece as usize),
            }
        };
        if codes.iter().all(|codes| matches!(**codes, Codes::Blank)) {
            return Ok(Lined(self.slices.iter().map(|_| Codes::Blank).collect()));
        }
        let slice = |slice: &Slice| Codes::Rows(slice.pieces.iter().map(code).collect());
        Ok(Lined(self.slices.par_iter().map(slice).collect()))
    }

    /// A column of each counted event.
    fn codes(&self, scope: &Scope, column: &Column) -> Result<Lined, StoreError> {
        let codes = scope
            .of_core(|number| scope.segments[number].codes(&column.column, &column.dictionary))?;
        let kinds = scope.of_core(|number| scope.segments[number].kinds())?;
        let slice = |slice: &Slice| {
            let mut all = Vec::with_capacity(slice.events());
            for (segment, piece) in &slice.pieces {
                let at = *segment as usize - scope.core.start;
                let rows = scope.pieces[*segment as usize].rows(*piece as usize);
                let counted = rows.filter(|row| is_counted(kinds[at][*row]));
                all.extend(counted.map(|row| codes[at].get(row)));
            }
            Codes::Rows(all)
        };
        Ok(Lined(self.slices.par_iter().map(slice).collect()))
    }

    fn bytes(&self) -> usize {
        self.slices.iter().map(Slice::bytes).sum()
    }
}

impl Lined {
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|codes| 32 + codes.bytes()).sum()
    }
}

impl Slice {
    /// Adds a piece after those of smaller visitors, if it has counted events.
    fn add(&mut self, visitor: u64, at: PieceAt, counted: u64) {
        if counted == 0 {
            return;
        }
        if self.visitors.last() != Some(&visitor) {
            self.visitors.push(visitor);
            self.starts.push(self.pieces.len() as u32);
        }
        let row = self.rows.last().copied().unwrap_or(0);
        if self.rows.is_empty() {
            self.rows.push(0);
        }
        self.rows.push(row + counted as u32);
        self.pieces.push(at);
    }

    fn finish(mut self) -> Self {
        self.starts.push(self.pieces.len() as u32);
        self
    }

    /// The pieces of the visitor at that position.
    #[inline]
    pub(super) fn of_visitor(&self, at: usize) -> Range<usize> {
        self.starts[at] as usize..self.starts[at + 1] as usize
    }

    /// The counted events of a piece.
    #[inline]
    pub(super) fn events_of(&self, piece: usize) -> Range<usize> {
        self.rows[piece] as usize..self.rows[piece + 1] as usize
    }

    /// How many pieces there are.
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    /// How many counted events there are.
    pub(super) fn events(&self) -> usize {
        self.rows.last().copied().unwrap_or(0) as usize
    }

    fn bytes(&self) -> usize {
        128 + 12 * self.visitors.len() + 12 * self.pieces.len()
    }
}
