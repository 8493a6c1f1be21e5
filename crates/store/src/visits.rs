//! Visits, derived from one visitor's ordered events by the rules of `docs/semantics.md` (4 to 8).
//! A partition gives the *pieces* of visits that lie in its day; [`chain`] joins the pieces of
//! visits that go on over midnight. Nothing here reads files.

mod chain;

use almanac_model::{Instant, Kind};

use crate::run::INTERACTIVE;

pub(crate) use chain::{Chain, Chains, LooseEnd, follow_back, follow_on, loose_ends, loose_starts};

/// The bit beside a piece's number of counted events that says it has an interaction.
const INTERACTION: u32 = 1 << 31;

/// The parts of visits inside one segment, by visitor and then by time, as columns.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    /// Distinct visitors in ascending order.
    pub(crate) visitors: Vec<u64>,
    /// The first piece of each visitor, and at the end the number of pieces.
    first_piece: Vec<u32>,
    /// The first row of each piece, and at the end the number of rows.
    first_row: Vec<u32>,
    /// Time of the first event of each piece, UTC microseconds.
    starts: Vec<i64>,
    /// Whole seconds from the first to the last event of each piece.
    durations_s: Vec<u32>,
    pageviews: Vec<u32>,
    /// Counted events of each piece, with [`INTERACTION`].
    counted: Vec<u32>,
    /// Seconds of the first and of the last event of all; `None` without events.
    pub(crate) span_s: Option<(i64, i64)>,
    /// Positions of the visitors whose first piece may go on from an earlier segment.
    heads: Vec<u32>,
    /// Positions of the visitors whose last piece may go on in a later segment.
    tails: Vec<u32>,
}

/// Which event of a visit a fact is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum At {
    /// The first event.
    First,
    /// The first page view.
    Entry,
    /// The last page view.
    Exit,
}

/// Whether a row of that kind counts, given the kind with its bit for interactive.
#[inline]
pub(crate) fn is_counted(kind: u8) -> bool {
    COUNTED_KINDS >> (kind & !INTERACTIVE) & 1 != 0
}

/// A bit for each kind that counts, at the place of its code.
const COUNTED_KINDS: u32 = {
    let mut bits = 0;
    let mut at = 0;
    while at < Kind::ALL.len() {
        if !matches!(Kind::ALL[at], Kind::Engagement | Kind::WebVital) {
            bits |= 1 << at;
        }
        at += 1;
    }
    bits
};

/// What a visit, or the piece of one, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) start: Instant,
    /// Whole seconds from the first event to the last.
    pub(crate) span_s: i64,
    pub(crate) pageviews: u64,
    /// Counted events; a visit without any is no visit (rule 8).
    pub(crate) counted: u64,
    pub(crate) has_interaction: bool,
}

impl Facts {
    /// Rule 6.
    pub(crate) fn is_bounce(&self) -> bool {
        self.pageviews == 1 && !self.has_interaction
    }

    /// Rules 5 and 6, seconds.
    pub(crate) fn duration_s(&self) -> i64 {
        if self.is_bounce() { 0 } else { self.span_s }
    }

    /// Second of the last event since the epoch.
    pub(crate) fn end_s(&self) -> i64 {
        self.start.seconds() + self.span_s
    }

    /// The facts of this piece and a later one of the same visit together.
    pub(crate) fn join(&self, later: &Self) -> Self {
        Self {
            start: self.start,
            span_s: later.end_s() - self.start.seconds(),
            pageviews: self.pageviews + later.pageviews,
            counted: self.counted + later.counted,
            has_interaction: self.has_interaction || later.has_interaction,
        }
    }
}

impl Pieces {
    /// Derives the pieces from the columns of a segment, which are sorted by visitor and time.
    pub(crate) fn derive(visitors: &[u64], times: &[i64], kinds: &[u8], gap_s: i64) -> Self {
        let mut pieces = Self::default();
        let mut last: Option<(u64, i64)> = None;
        for (row, ((visitor, time), kind)) in visitors.iter().zip(times).zip(kinds).enumerate() {
            let second = Instant(*time).seconds();
            match last {
                Some((before, last_s)) if before == *visitor && second - last_s <= gap_s => {}
                Some((before, _)) if before == *visitor => pieces.begin_piece(row, *time),
                _ => {
                    pieces.visitors.push(*visitor);
                    pieces.first_piece.push(pieces.starts.len() as u32);
                    pieces.begin_piece(row, *time);
                }
            }
            pieces.add(second, *kind);
            let (start_s, end_s) = pieces.span_s.unwrap_or((second, second));
            pieces.span_s = Some((start_s.min(second), end_s.max(second)));
            last = Some((*visitor, second));
        }
        pieces.first_piece.push(pieces.starts.len() as u32);
        pieces.first_row.push(visitors.len() as u32);
        pieces.find_ends(gap_s);
        pieces
    }

    /// Segments are days, one after another: what is farther than the gap from both ends of the
    /// segment belongs to no other.
    fn find_ends(&mut self, gap_s: i64) {
        let Some((start_s, end_s)) = self.span_s else {
            return;
        };
        for at in 0..self.visitors.len() {
            let own = self.of_visitor(at);
            if self.start(own.start).seconds() <= start_s + gap_s {
                self.heads.push(at as u32);
            }
            if end_s - self.end_s(own.end - 1) <= gap_s {
                self.tails.push(at as u32);
            }
        }
    }

    /// Positions of the visitors with a visit that may have begun in an earlier segment or may go
    /// on in a later one, ascending.
    pub(crate) fn visitors_near_ends(&self) -> Vec<usize> {
        let mut all: Vec<u32> = self.heads.iter().chain(&self.tails).copied().collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(|at| at as usize).collect()
    }

    fn begin_piece(&mut self, row: usize, time: i64) {
        self.first_row.push(row as u32);
        self.starts.push(time);
        self.durations_s.push(0);
        self.pageviews.push(0);
        self.counted.push(0);
    }

    /// Adds an event to the piece that was begun last.
    fn add(&mut self, second: i64, kind: u8) {
        let at = self.starts.len() - 1;
        self.durations_s[at] = (second - Instant(self.starts[at]).seconds()) as u32;
        let Some(code) = Kind::from_code(kind & !INTERACTIVE) else {
            return;
        };
        self.pageviews[at] += u32::from(code == Kind::Pageview);
        self.counted[at] += u32::from(code.is_counted());
        if kind & INTERACTIVE != 0 && code.can_interact() {
            self.counted[at] |= INTERACTION;
        }
    }

    /// How many pieces there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// The pieces of the visitor at that position.
    #[inline]
    pub(crate) fn of_visitor(&self, at: usize) -> std::ops::Range<usize> {
        self.first_piece[at] as usize..self.first_piece[at + 1] as usize
    }

    /// The rows of a piece.
    #[inline]
    pub(crate) fn rows(&self, piece: usize) -> std::ops::Range<usize> {
        self.first_row[piece] as usize..self.first_row[piece + 1] as usize
    }

    /// The position of the visitor that a piece belongs to.
    pub(crate) fn visitor_of(&self, piece: usize) -> usize {
        self.first_piece
            .partition_point(|first| *first as usize <= piece)
            .saturating_sub(1)
    }

    /// The position of a visitor among the visitors.
    fn position_of(&self, visitor: u64) -> Option<usize> {
        self.visitors.binary_search(&visitor).ok()
    }

    /// When a piece starts.
    #[inline]
    pub(crate) fn start(&self, piece: usize) -> Instant {
        Instant(self.starts[piece])
    }

    /// Second of the last event of a piece since the epoch.
    fn end_s(&self, piece: usize) -> i64 {
        self.start(piece).seconds() + i64::from(self.durations_s[piece])
    }

    /// Counted events of a piece, and page views among them.
    #[inline]
    pub(crate) fn counts(&self, piece: usize) -> (u64, u64) {
        let counted = self.counted[piece] & !INTERACTION;
        (u64::from(counted), u64::from(self.pageviews[piece]))
    }

    /// Rule 8: whether a piece has a counted event.
    #[inline]
    pub(crate) fn has_counted(&self, piece: usize) -> bool {
        self.counted[piece] & !INTERACTION != 0
    }

    /// Whether a piece has the event that a fact is read from.
    pub(crate) fn has(&self, piece: usize, at: At) -> bool {
        at == At::First || self.pageviews[piece] > 0
    }

    /// The row that a fact of a piece is read from.
    pub(crate) fn row_at(&self, kinds: &[u8], piece: usize, at: At) -> Option<usize> {
        let mut rows = self.rows(piece);
        let is_page = |row: &usize| kinds[*row] & !INTERACTIVE == Kind::Pageview.code();
        match at {
            At::First => rows.next(),
            At::Entry => rows.find(is_page),
            At::Exit => rows.rev().find(is_page),
        }
    }

    /// What a piece is by itself.
    pub(crate) fn facts(&self, piece: usize) -> Facts {
        Facts {
            start: Instant(self.starts[piece]),
            span_s: i64::from(self.durations_s[piece]),
            pageviews: u64::from(self.pageviews[piece]),
            counted: u64::from(self.counted[piece] & !INTERACTION),
            has_interaction: self.counted[piece] & INTERACTION != 0,
        }
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.visitors.len() * 12 + self.len() * 24 + 4 * (self.heads.len() + self.tails.len())
    }
}
