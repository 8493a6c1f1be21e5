//! The visitors of many days in one order, so that everything a visitor did comes together and each
//! is counted once without a set. It holds positions only; the days keep the visitors.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::frame::Frame;
use crate::visits::Pieces;

/// Where one visitor is in one segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    segment: u32,
    pub(super) at: u32,
}

/// The bit beside a segment that says the place is the first of its visitor.
const FIRST: u32 = 1 << 31;
/// About how many places one slice has: they and their keys fit the second-level cache.
const PLACES_PER_SLICE: usize = 1 << 14;
/// Of how many places one is looked at to find where slices should begin.
const SAMPLE_STEP: usize = 64;

/// All places by visitor, in slices that no visitor reaches over.
#[derive(Debug)]
pub(super) struct VisitorOrder {
    pub(super) slices: Vec<Vec<Place>>,
}

impl Place {
    pub(super) fn segment(self) -> usize {
        (self.segment & !FIRST) as usize
    }

    /// Whether the visitor is another one than that of the place before.
    pub(super) fn is_first(self) -> bool {
        self.segment & FIRST != 0
    }
}

impl VisitorOrder {
    /// The order of the visitors of these segments, of which the first has the number `from`.
    pub(super) fn of(pieces: &[Arc<Pieces>], from: usize) -> Self {
        let starts = slice_starts(pieces);
        let slice = |number: usize| {
            let (start, end) = (starts[number], starts.get(number + 1).copied());
            let mut places: Vec<(u64, u32, u32)> = Vec::with_capacity(PLACES_PER_SLICE);
            for (segment, own) in (from as u32..).zip(pieces) {
                let visitors = &own.visitors;
                let begin = visitors.partition_point(|visitor| *visitor < start);
                for (at, visitor) in visitors.iter().enumerate().skip(begin) {
                    if end.is_some_and(|end| *visitor >= end) {
                        break;
                    }
                    places.push((*visitor, segment, at as u32));
                }
            }
            places.sort_unstable();
            in_order(places.into_iter())
        };
        Self {
            slices: (0..starts.len()).into_par_iter().map(slice).collect(),
        }
    }

    /// The order of those visitors of some segments of whom something may count, for questions
    /// whose filter leaves few of them.
    pub(super) fn of_some(frames: &[Option<Frame>], core: Range<usize>) -> Self {
        let of_frame = |number: usize| {
            let frame = frames[number].iter();
            frame.flat_map(move |frame| {
                let visitors = frame.pieces.visitors.iter().enumerate();
                let some = visitors.filter(|(at, _)| frame.may_count(*at));
                some.map(move |(at, visitor)| (*visitor, number as u32, at as u32))
            })
        };
        let mut places: Vec<_> = core.into_par_iter().flat_map_iter(of_frame).collect();
        places.par_sort_unstable();
        let mut slices = Vec::with_capacity(places.len() / PLACES_PER_SLICE + 1);
        let mut rest = places.as_slice();
        while !rest.is_empty() {
            let last = rest[rest.len().min(PLACES_PER_SLICE) - 1].0;
            let (slice, later) = rest.split_at(rest.partition_point(|place| place.0 <= last));
            slices.push(in_order(slice.iter().copied()));
            rest = later;
        }
        Self { slices }
    }

    pub(super) fn bytes(&self) -> usize {
        let places: usize = self.slices.iter().map(Vec::len).sum();
        size_of::<Place>() * places + size_of::<Vec<Place>>() * self.slices.len()
    }
}

/// Places that are in the order of their visitors, each with a mark on its first.
fn in_order(places: impl Iterator<Item = (u64, u32, u32)>) -> Vec<Place> {
    let mut last = None;
    let place = |(visitor, segment, at): (u64, u32, u32)| {
        let is_first = last.replace(visitor) != Some(visitor);
        let segment = if is_first { segment | FIRST } else { segment };
        Place { segment, at }
    };
    places.map(place).collect()
}

/// The first visitor of each slice, ascending, so that slices are of about the same size.
fn slice_starts(pieces: &[Arc<Pieces>]) -> Vec<u64> {
    let mut samples: Vec<u64> = pieces
        .iter()
        .flat_map(|own| own.visitors.iter().step_by(SAMPLE_STEP).copied())
        .collect();
    samples.sort_unstable();
    let mut starts: Vec<u64> = samples
        .into_iter()
        .step_by(PLACES_PER_SLICE / SAMPLE_STEP)
        .collect();
    starts.dedup();
    // Nothing is smaller than the smallest visitor, which is among the samples.
    starts
}
