//! What a question of several conditions reads, and the view of one segment through it: for each
//! condition the rows for which it holds. Visits over midnight are whole here: their pieces carry
//! the facts of the visit. Kernels look at views; nothing here counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use almanac_model::{Dimension, Filter, Instant, NumberColumn, ProjectId, TextColumn, TimeRange};
use almanac_query::EngineError;
use rayon::prelude::*;

use super::compile::{Column, Compiler, Slot};
use super::filter::Leaf;
use super::frame::outcomes as outcomes_of;
use super::limits::Limits;
use super::scan::chain_facts;
use super::scope::Scope;
use crate::segment::{Codes, Numbers, PageViews};
use crate::visits::{At, Facts, Pieces, is_counted};
use crate::{Store, StoreError};

/// A filter in terms of columns, visitors and page views.
#[derive(Debug)]
enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Leaf(usize),
    /// The visitor is one of these, which are in ascending order.
    Done(Vec<u64>),
    Scrolled(u8),
}

/// What a question reads.
#[derive(Debug)]
pub(super) struct Reads {
    pub(super) columns: Vec<Column>,
    pub(super) visit_facts: Vec<(usize, At)>,
    /// Where the values of the dimensions come from, in their order.
    pub(super) slots: Vec<Slot>,
    /// Rule 16: an event's column and the fact of its visit that must agree for a whole visit.
    pub(super) entered_at: Vec<(usize, usize)>,
    leaves: Vec<Leaf>,
    /// The columns that are read from single events.
    event_columns: BTreeSet<usize>,
    conditions: Vec<Condition>,
    numbers: Vec<NumberColumn>,
    reads_page_views: bool,
    /// The facts of the visits that lie in several segments.
    chain_facts: Vec<Vec<u32>>,
}

/// What a question asks for, as far as it decides what is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) project: ProjectId,
    /// In which range a visitor must have done something.
    pub(super) range: TimeRange,
    /// The conditions whose rows are wanted.
    pub(super) filters: &'a [&'a Filter],
    pub(super) dimensions: &'a [Dimension],
    pub(super) numbers: &'a [NumberColumn],
    pub(super) asks_whole_visits: bool,
    pub(super) asks_page_views: bool,
}

impl Reads {
    /// Works out what is read, and who has done what the conditions ask for.
    pub(super) fn new(
        store: &Store,
        scope: &Scope,
        wish: Wish,
        limits: &Limits,
    ) -> Result<Self, EngineError> {
        let mut compiler = Compiler::new(wish.project, &store.dictionaries);
        let slots = wish.dimensions.iter();
        let slots: Vec<Slot> = slots.map(|dimension| compiler.slot(dimension)).collect();
        let mut entered_at = Vec::new();
        for (slot, dimension) in slots.iter().zip(wish.dimensions) {
            let is_of_page = matches!(
                dimension,
                Dimension::Event(TextColumn::Path | TextColumn::Hostname)
            );
            if let Slot::Event(column) = slot
                && is_of_page
                && wish.asks_whole_visits
            {
                entered_at.push((*column, compiler.visit_fact(*column, At::Entry)));
            }
        }
        let mut conditions = Vec::with_capacity(wish.filters.len());
        for filter in wish.filters {
            let mut done = |part: &Filter| who_has_done(store, scope, wish, part, limits);
            conditions.push(Condition::compile(filter, &mut compiler, &mut done)?);
        }
        let reads_page_views =
            wish.asks_page_views || conditions.iter().any(Condition::reads_page_views);
        let (columns, visit_facts, leaves) = compiler.into_parts();
        let own_slots = leaves
            .iter()
            .map(|leaf| leaf.slot)
            .chain(slots.iter().copied());
        let event_columns = own_slots.filter_map(|slot| match slot {
            Slot::Event(column) => Some(column),
            Slot::Visit(_) | Slot::Time(_) => None,
        });
        let event_columns = event_columns.collect();
        let chain_facts = chain_facts(&columns, &visit_facts, scope)?;
        Ok(Self {
            columns,
            visit_facts,
            slots,
            entered_at,
            leaves,
            event_columns,
            conditions,
            numbers: wish.numbers.to_vec(),
            reads_page_views,
            chain_facts,
        })
    }
}

/// The visitors with a counted event inside the range for which a filter holds (rule 36).
fn who_has_done(
    store: &Store,
    scope: &Scope,
    wish: Wish,
    part: &Filter,
    limits: &Limits,
) -> Result<Vec<u64>, EngineError> {
    let inner = Wish {
        filters: &[part],
        dimensions: &[],
        numbers: &[],
        asks_whole_visits: false,
        asks_page_views: false,
        ..wish
    };
    let reads = Reads::new(store, scope, inner, limits)?;
    let of_segment = |number: usize| {
        limits.check()?;
        let view = View::decode(&reads, scope, number)?;
        let has_done = |at: &usize| {
            let mut rows = view.rows_of_visitor(*at);
            rows.any(|row| view.holds(0, row) && wish.range.contains(view.time(row)))
        };
        let visitors = (0..view.pieces.visitors.len()).filter(has_done);
        let visitors: Vec<u64> = visitors.map(|at| view.pieces.visitors[at]).collect();
        limits.budget.spend(8 * visitors.len())?;
        Ok(visitors)
    };
    let found: Vec<Vec<u64>> = scope
        .core
        .clone()
        .into_par_iter()
        .map(of_segment)
        .collect::<Result<_, EngineError>>()?;
    let mut all = found.concat();
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

impl Condition {
    fn compile(
        filter: &Filter,
        compiler: &mut Compiler,
        done: &mut impl FnMut(&Filter) -> Result<Vec<u64>, EngineError>,
    ) -> Result<Self, EngineError> {
        let mut all = |parts: &[Filter]| -> Result<Vec<Self>, EngineError> {
            let parts = parts.iter();
            parts
                .map(|part| Self::compile(part, compiler, done))
                .collect()
        };
        Ok(match filter {
            Filter::And(parts) => Self::And(all(parts)?),
            Filter::Or(parts) => Self::Or(all(parts)?),
            Filter::Not(part) => Self::Not(Box::new(Self::compile(part, compiler, done)?)),
            Filter::Match(wanted) => Self::Leaf(Leaf::compile(wanted, compiler)?),
            Filter::Done(part) => Self::Done(done(part)?),
            Filter::Scrolled(least) => Self::Scrolled(*least),
        })
    }

    fn reads_page_views(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::reads_page_views),
            Self::Not(part) => part.reads_page_views(),
            Self::Leaf(_) | Self::Done(_) => false,
            Self::Scrolled(_) => true,
        }
    }
}

/// One segment as a question sees it.
#[derive(Debug)]
pub(super) struct View {
    pub(super) pieces: Arc<Pieces>,
    kinds: Arc<Vec<u8>>,
    times: Arc<Vec<i64>>,
    codes: Vec<Arc<Codes>>,
    facts: Vec<Arc<Codes>>,
    /// For each row a bit for each condition that holds for it, if the row is counted.
    fits: Vec<u32>,
    numbers: Vec<Arc<Numbers>>,
    page_views: Option<Arc<PageViews>>,
    /// Pieces that belong to visits of several pieces, ascending, with the chain.
    members: Vec<(u32, u32)>,
}

/// A visit, or the piece of one, in a view.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    pub(super) piece: usize,
    /// The chain, when the visit has several pieces.
    pub(super) chain: Option<u32>,
    /// What the whole visit is.
    pub(super) facts: Facts,
}

impl View {
    /// Decodes what is read of a segment.
    pub(super) fn decode(reads: &Reads, scope: &Scope, number: usize) -> Result<Self, StoreError> {
        let (segment, pieces) = (&scope.segments[number], &scope.pieces[number]);
        let members = &scope.chains.members[number];
        let code = |(at, one): (usize, &Column)| {
            if reads.event_columns.contains(&at) {
                segment.codes(&one.column, &one.dictionary)
            } else {
                Ok(Arc::new(Codes::Blank))
            }
        };
        let fact = |(at, (column, of)): (usize, &(usize, At))| {
            let one = &reads.columns[*column];
            let own = segment.visit_codes(scope.gap_s, *of, &one.column, &one.dictionary)?;
            let chain_fact = |chain: u32| reads.chain_facts[chain as usize][at];
            Ok::<_, StoreError>(with_chains(own, pieces.len(), members, chain_fact))
        };
        let numbers = reads.numbers.iter();
        let mut view = Self {
            pieces: Arc::clone(pieces),
            kinds: segment.kinds()?,
            times: segment.times()?,
            codes: reads
                .columns
                .iter()
                .enumerate()
                .map(code)
                .collect::<Result<_, _>>()?,
            facts: reads
                .visit_facts
                .iter()
                .enumerate()
                .map(fact)
                .collect::<Result<_, _>>()?,
            fits: Vec::new(),
            numbers: numbers
                .map(|one| segment.numbers(*one))
                .collect::<Result<_, _>>()?,
            page_views: None,
            members: members.clone(),
        };
        if reads.reads_page_views {
            view.page_views = Some(segment.page_views(scope.gap_s)?);
        }
        let outcomes: Vec<_> = reads.leaves.iter().map(|leaf| leaf.outcomes()).collect();
        let mut fits = vec![0; view.kinds.len()];
        for (at, condition) in reads.conditions.iter().enumerate() {
            let mask = view.mask(condition, reads, &outcomes);
            for (bits, holds) in fits.iter_mut().zip(mask) {
                *bits |= u32::from(holds) << at;
            }
        }
        for (bits, kind) in fits.iter_mut().zip(view.kinds.iter()) {
            *bits *= u32::from(is_counted(*kind));
        }
        view.fits = fits;
        Ok(view)
    }

    /// Whether a condition holds for a row, which is a counted event then.
    #[inline]
    pub(super) fn holds(&self, condition: usize, row: usize) -> bool {
        self.fits[row] >> condition & 1 != 0
    }

    /// A bit for each condition that holds for a row.
    #[inline]
    pub(super) fn fits(&self, row: usize) -> u32 {
        self.fits[row]
    }

    #[inline]
    pub(super) fn time(&self, row: usize) -> Instant {
        Instant(self.times[row])
    }

    /// The kind of a row without the bit for interactive.
    #[inline]
    pub(super) fn kind(&self, row: usize) -> u8 {
        self.kinds[row] & !crate::run::INTERACTIVE
    }

    /// The value of a number column, by its position in the wish.
    #[inline]
    pub(super) fn number(&self, at: usize, row: usize) -> Option<i64> {
        self.numbers[at].get(row)
    }

    /// What was read of a page; `None` unless it was asked for.
    pub(super) fn page_views(&self) -> Option<&PageViews> {
        self.page_views.as_deref()
    }

    /// The code of a column in a row.
    #[inline]
    pub(super) fn code(&self, column: usize, row: usize) -> u32 {
        self.codes[column].get(row)
    }

    /// The code of a fact of the visit that a piece belongs to.
    #[inline]
    pub(super) fn fact(&self, fact: usize, piece: usize) -> u32 {
        self.facts[fact].get(piece)
    }

    /// All rows of the visitor at that position.
    pub(super) fn rows_of_visitor(&self, at: usize) -> std::ops::Range<usize> {
        let pieces = self.pieces.of_visitor(at);
        self.pieces.rows(pieces.start).start..self.pieces.rows(pieces.end - 1).end
    }

    /// The visit that a piece belongs to.
    #[inline]
    pub(super) fn visit(&self, scope: &Scope, piece: usize) -> Visit {
        let member = |(own, _): &(u32, u32)| *own;
        let found = match self.members.is_empty() {
            true => None,
            false => self
                .members
                .binary_search_by_key(&(piece as u32), member)
                .ok(),
        };
        let chain = found.map(|at| self.members[at].1);
        let facts = match chain {
            Some(chain) => scope.chains.all[chain as usize].facts,
            None => self.pieces.facts(piece),
        };
        Visit {
            piece,
            chain,
            facts,
        }
    }

    /// Bytes that it holds beside the cache.
    pub(super) fn bytes(&self) -> usize {
        4 * self.fits.len() + 8 * self.members.len()
    }

    fn mask(&self, condition: &Condition, reads: &Reads, outcomes: &[Arc<Vec<bool>>]) -> Vec<bool> {
        let rows = self.kinds.len();
        let merge = |parts: &[Condition], start: bool, join: fn(bool, bool) -> bool| {
            let mut all = vec![start; rows];
            for part in parts {
                for (one, other) in all.iter_mut().zip(self.mask(part, reads, outcomes)) {
                    *one = join(*one, other);
                }
            }
            all
        };
        match condition {
            Condition::And(parts) => merge(parts, true, |one, other| one & other),
            Condition::Or(parts) => merge(parts, false, |one, other| one | other),
            Condition::Not(part) => {
                let mut mask = self.mask(part, reads, outcomes);
                mask.iter_mut().for_each(|holds| *holds = !*holds);
                mask
            }
            Condition::Leaf(leaf) => match reads.leaves[*leaf].slot {
                Slot::Event(column) => outcomes_of(&self.codes[column], &outcomes[*leaf], rows),
                Slot::Visit(fact) => {
                    let pieces =
                        outcomes_of(&self.facts[fact], &outcomes[*leaf], self.pieces.len());
                    self.of_pieces(|piece| pieces[piece])
                }
                // Comparisons of time are refused before a plan is made.
                Slot::Time(_) => vec![false; rows],
            },
            Condition::Done(visitors) => self.of_visitors(visitors),
            Condition::Scrolled(least) => {
                let views = self.page_views.as_deref();
                let depth = |row: usize| views.and_then(|views| views.depth(row));
                let is_deep = |row| depth(row).is_some_and(|depth| depth >= i64::from(*least));
                (0..rows).map(is_deep).collect()
            }
        }
    }

    fn of_pieces(&self, holds: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut mask = Vec::with_capacity(self.kinds.len());
        for piece in 0..self.pieces.len() {
            mask.resize(self.pieces.rows(piece).end, holds(piece));
        }
        mask
    }

    /// The rows of these visitors; both lists ascend.
    fn of_visitors(&self, wanted: &[u64]) -> Vec<bool> {
        let mut mask = Vec::with_capacity(self.kinds.len());
        let mut rest = wanted;
        for (at, visitor) in self.pieces.visitors.iter().enumerate() {
            let before = rest.partition_point(|one| one < visitor);
            rest = &rest[before..];
            mask.resize(self.rows_of_visitor(at).end, rest.first() == Some(visitor));
        }
        mask
    }
}

/// The facts of pieces, where those of a chain have the facts of their whole visit.
fn with_chains(
    own: Arc<Codes>,
    pieces: usize,
    members: &[(u32, u32)],
    of_chain: impl Fn(u32) -> u32,
) -> Arc<Codes> {
    if members.is_empty() {
        return own;
    }
    let mut codes: Vec<u32> = (0..pieces).map(|piece| own.get(piece)).collect();
    for (piece, chain) in members {
        codes[*piece as usize] = of_chain(*chain);
    }
    Arc::new(Codes::Rows(codes))
}
