//! The totals of one day for one question: what a scan of the day counts, kept so that the same
//! question about any range around the day adds up totals instead of looking at events again. They
//! belong to one version of the day and leave out the visitors whose visits reach into other days.

use std::sync::Arc;

use super::frame::Frame;
use super::limits::Limits;
use super::scan::{Context, Scanner};
use super::tally::{Counts, Groups};
use crate::cache::{Key, Part};
use almanac_query::EngineError;

/// The groups of a day with those counts that were asked for. Counts of a day fit 32 bits, as its
/// rows are numbered by 32 bits.
#[derive(Debug)]
pub(super) struct Totals {
    keys: Vec<u32>,
    /// Visitors, page views and events of each group.
    events: Vec<[u32; 3]>,
    /// Visits of each group.
    visits: Vec<u32>,
    /// Whole visits, bounces and page views of each group, and seconds that they lasted.
    whole_visits: Vec<([u32; 3], i64)>,
}

/// Under which key the totals of a segment are kept; none where the range cuts through it.
pub(super) fn key(context: &Context, number: usize) -> Option<Key> {
    let (query, scope) = (context.query, context.scope);
    let is_kept = scope.core.contains(&number) && scope.segments[number].lies_in(query.range);
    let members = scope.chains.members[number].iter().map(|member| member.0);
    is_kept.then(|| Key {
        of: scope.segments[number].number(),
        part: Part::Totals(Arc::clone(&context.signature), members.collect()),
    })
}

/// Counts the visitors of a segment whose visits all lie in it.
pub(super) fn count(
    context: &Context,
    number: usize,
    limits: &Limits,
) -> Result<Totals, EngineError> {
    Ok(Totals::of(context, &groups(context, number, limits)?))
}

/// The groups of the visitors of a segment whose visits all lie in it.
pub(super) fn groups(
    context: &Context,
    number: usize,
    limits: &Limits,
) -> Result<Groups, EngineError> {
    let (mut scanner, mut grown) = (Scanner::new(context), 0);
    scan(context, number, &mut scanner, limits, &mut grown)?;
    limits.budget.give_back(grown);
    Ok(scanner.tally.into_groups())
}

/// Counts the visitors of a segment whose visits all lie in it.
pub(super) fn scan(
    context: &Context,
    number: usize,
    scanner: &mut Scanner,
    limits: &Limits,
    grown: &mut usize,
) -> Result<(), EngineError> {
    let frame = Frame::decode(context, number)?;
    let visitors = frame.pieces.visitors.len();
    for from in (0..visitors).step_by(super::VISITORS_PER_CHECK) {
        let some = from..visitors.min(from + super::VISITORS_PER_CHECK);
        for at in some.filter(|at| !frame.has_members(*at)) {
            scanner.next_visitor();
            scanner.visits_of(&frame, at);
        }
        limits.check_growth(&scanner.tally, grown)?;
    }
    Ok(())
}

impl Totals {
    pub(super) fn of(context: &Context, groups: &Groups) -> Self {
        let query = context.query;
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let asked = |is_asked: bool| {
            if is_asked {
                groups.counts.as_slice()
            } else {
                &[]
            }
        };
        let events =
            |counts: &Counts| [counts.visitors, counts.pageviews, counts.events].map(small);
        let whole = |counts: &Counts| {
            let whole = [counts.whole_visits, counts.bounces, counts.views].map(small);
            (whole, counts.duration_s)
        };
        Self {
            keys: groups.keys.clone(),
            events: asked(query.asks_events).iter().map(events).collect(),
            visits: asked(query.asks_visits)
                .iter()
                .map(|counts| small(counts.visits))
                .collect(),
            whole_visits: asked(query.asks_whole_visits).iter().map(whole).collect(),
        }
    }

    /// Adds the totals to what a thread has counted.
    pub(super) fn add_to(&self, scanner: &mut Scanner, width: usize) {
        let groups = self
            .events
            .len()
            .max(self.visits.len())
            .max(self.whole_visits.len());
        for at in 0..groups {
            let group = scanner
                .tally
                .group(&self.keys[at * width..(at + 1) * width]);
            scanner.tally.add(group, &self.counts(at));
        }
    }

    #[inline]
    fn counts(&self, at: usize) -> Counts {
        let [visitors, pageviews, events] = self.events.get(at).copied().unwrap_or_default();
        let whole = self.whole_visits.get(at).copied().unwrap_or_default();
        let ([whole_visits, bounces, views], duration_s) = whole;
        Counts {
            visitors: visitors.into(),
            pageviews: pageviews.into(),
            events: events.into(),
            visits: self.visits.get(at).copied().unwrap_or_default().into(),
            whole_visits: whole_visits.into(),
            bounces: bounces.into(),
            duration_s,
            views: views.into(),
        }
    }

    /// Bytes in memory.
    pub(super) fn bytes(&self) -> usize {
        4 * self.keys.len()
            + 12 * self.events.len()
            + 4 * self.visits.len()
            + size_of::<([u32; 3], i64)>() * self.whole_visits.len()
    }
}
