//! Visits over midnight: which piece of a later day goes on from which piece of an earlier one, and
//! what such a visit is as a whole. Most pieces are whole visits and do not appear here.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Facts, Pieces};

/// A visit of several pieces.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    /// Segment and piece, in order of time; at least two.
    pub(crate) pieces: Vec<(usize, usize)>,
    /// What the whole visit is.
    pub(crate) facts: Facts,
}

/// The chains over a row of segments in ascending order of days.
#[derive(Debug, Default)]
pub(crate) struct Chains {
    pub(crate) all: Vec<Chain>,
    /// For each segment its pieces that belong to a chain, ascending, with the chain's position.
    pub(crate) members: Vec<Vec<(u32, u32)>>,
}

impl Chains {
    /// Joins the pieces of these segments.
    pub(crate) fn join(segments: &[Arc<Pieces>], gap_s: i64) -> Self {
        let mut all: Vec<Chain> = Vec::new();
        let mut chain_of: HashMap<(usize, usize), usize> = HashMap::new();
        for (number, later) in segments.iter().enumerate() {
            for (earlier, piece) in links(segments, number, gap_s) {
                let added = later.facts(piece);
                let at = *chain_of.entry(earlier).or_insert_with(|| {
                    let facts = segments[earlier.0].facts(earlier.1);
                    all.push(Chain {
                        pieces: vec![earlier],
                        facts,
                    });
                    all.len() - 1
                });
                all[at].facts = all[at].facts.join(&added);
                all[at].pieces.push((number, piece));
                chain_of.insert((number, piece), at);
            }
        }
        let mut members = vec![Vec::new(); segments.len()];
        for ((segment, piece), chain) in chain_of {
            members[segment].push((piece as u32, chain as u32));
        }
        for own in &mut members {
            own.sort_unstable();
        }
        Self { all, members }
    }

    /// No chain over so many segments.
    pub(crate) fn none(segments: usize) -> Self {
        Self {
            all: Vec::new(),
            members: vec![Vec::new(); segments],
        }
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        let pieces: usize = self.all.iter().map(|chain| 16 * chain.pieces.len()).sum();
        let members: usize = self
            .members
            .iter()
            .map(|members| 24 + 8 * members.len())
            .sum();
        pieces + members + size_of::<Chain>() * self.all.len()
    }
}

/// The pieces of a segment that go on from an earlier one: the earlier segment and piece, and the
/// piece. Only a visitor's first piece can go on from another, and only from the visitor's last
/// one; nearer segments come first, because a visitor's nearer events are the later ones.
fn links(
    segments: &[Arc<Pieces>],
    number: usize,
    gap_s: i64,
) -> impl Iterator<Item = ((usize, usize), usize)> {
    let later = &segments[number];
    let mut found: HashMap<usize, (usize, usize)> = HashMap::new();
    for (before, earlier) in segments[..number].iter().enumerate().rev() {
        let (Some((start_s, _)), Some((_, end_s))) = (later.span_s, earlier.span_s) else {
            continue;
        };
        if start_s - end_s > gap_s {
            break;
        }
        for (head, tail) in common(later, earlier) {
            let first = later.of_visitor(head).start;
            let last = earlier.of_visitor(tail).end - 1;
            if later.start(first).seconds() - earlier.end_s(last) <= gap_s {
                found.entry(first).or_insert((before, last));
            }
        }
    }
    found.into_iter().map(|(piece, earlier)| (earlier, piece))
}

/// The visitors at the beginning of a segment and at the end of an earlier one: their positions in
/// both.
fn common(later: &Pieces, earlier: &Pieces) -> Vec<(usize, usize)> {
    let mut tails = earlier.tails.iter().map(|at| *at as usize).peekable();
    let mut found = Vec::new();
    for head in later.heads.iter().map(|at| *at as usize) {
        let visitor = later.visitors[head];
        while tails
            .next_if(|at| earlier.visitors[*at] < visitor)
            .is_some()
        {}
        let tail = tails.peek().filter(|at| earlier.visitors[**at] == visitor);
        found.extend(tail.map(|tail| (head, *tail)));
    }
    found
}

/// The visitors whose first piece starts up to a second, with that piece.
fn first_pieces_until(
    pieces: &Pieces,
    latest_s: i64,
) -> impl Iterator<Item = (u64, usize)> + use<'_> {
    pieces.heads.iter().filter_map(move |at| {
        let first = pieces.of_visitor(*at as usize).start;
        let is_early = pieces.start(first).seconds() <= latest_s;
        is_early.then(|| (pieces.visitors[*at as usize], first))
    })
}

/// A visitor and the second at which a visit of theirs begins or ends, as far as it is known.
pub(crate) type LooseEnd = (u64, i64);

/// Where visits of a segment begin that may have begun in an earlier one ending at `earlier_end_s`.
pub(crate) fn loose_starts(pieces: &Pieces, earlier_end_s: i64, gap_s: i64) -> Vec<LooseEnd> {
    first_pieces_until(pieces, earlier_end_s + gap_s)
        .map(|(visitor, piece)| (visitor, pieces.facts(piece).start.seconds()))
        .collect()
}

/// Where visits of a segment end that may go on in a later one starting at `later_start_s`.
pub(crate) fn loose_ends(pieces: &Pieces, later_start_s: i64, gap_s: i64) -> Vec<LooseEnd> {
    let ends = pieces.tails.iter().map(|at| {
        let last = pieces.of_visitor(*at as usize).end - 1;
        (pieces.visitors[*at as usize], pieces.end_s(last))
    });
    ends.filter(|(_, end_s)| later_start_s - end_s <= gap_s)
        .collect()
}

/// What of these starts is still open once an earlier segment was looked at.
pub(crate) fn follow_back(starts: &[LooseEnd], earlier: &Pieces, gap_s: i64) -> Vec<LooseEnd> {
    let open = |(visitor, start_s): &LooseEnd| {
        let Some(at) = earlier.position_of(*visitor) else {
            return Some((*visitor, *start_s));
        };
        let own = earlier.of_visitor(at);
        let last = earlier.facts(own.end - 1);
        let goes_on = own.len() == 1 && start_s - last.end_s() <= gap_s;
        goes_on.then(|| (*visitor, last.start.seconds()))
    };
    starts.iter().filter_map(open).collect()
}

/// What of these ends is still open once a later segment was looked at.
pub(crate) fn follow_on(ends: &[LooseEnd], later: &Pieces, gap_s: i64) -> Vec<LooseEnd> {
    let open = |(visitor, end_s): &LooseEnd| {
        let Some(at) = later.position_of(*visitor) else {
            return Some((*visitor, *end_s));
        };
        let own = later.of_visitor(at);
        let first = later.facts(own.start);
        let goes_on = own.len() == 1 && first.start.seconds() - end_s <= gap_s;
        goes_on.then(|| (*visitor, first.end_s()))
    };
    ends.iter().filter_map(open).collect()
}
