//! Attribution: first who converted and when, then the visits of those visitors, and credit given
//! conversion by conversion.

use std::collections::HashMap;

use almanac_model::{Filter, TimeRange};
use almanac_query::{AttributionAnswer, AttributionPlan, Cancel, Credit, EngineError};

use super::compile::Slot;
use super::snapshot::Snapshot;
use super::view::Visit;
use super::{paths, rank};

/// A visit of somebody, or a conversion in it.
#[derive(Debug, Clone, Copy)]
struct Moment {
    visitor: u64,
    /// When the visit started.
    start: i64,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    /// The visit begins, with the code of what is given credit.
    Visit(u32),
    /// A conversion at that time.
    Conversion(i64),
}

impl paths::Hit for Moment {
    fn visitor(&self) -> u64 {
        self.visitor
    }
}

/// Answers a question for attribution.
pub(super) fn run(
    snapshot: &Snapshot,
    plan: &AttributionPlan,
    cancel: &Cancel,
) -> Result<AttributionAnswer, EngineError> {
    let store = snapshot.store;
    let limits = paths::limits(store, cancel);
    let (project, range) = (&plan.project, plan.range);
    let looked_at = TimeRange {
        start: range.start.plus_us(-plan.lookback_us),
        end: range.end,
    };
    let looked_at = if range.start < range.end {
        looked_at
    } else {
        range
    };
    let scope = paths::choose(snapshot, project, looked_at, &limits)?;
    let by = std::slice::from_ref(&plan.by);
    // Conversions first, so that only the visits of visitors who converted are kept.
    let converts: [&Filter; 1] = [&plan.conversion];
    let reads = paths::reads(store, &scope, project, range, &converts, &[], &limits)?;
    let found = paths::collect(&scope, &reads, &limits, |view, visit, visitor, moments| {
        let rows = view.pieces.rows(visit.piece);
        for row in rows.filter(|row| view.holds(0, *row) && range.contains(view.time(*row))) {
            let what = What::Conversion(view.time(row).0);
            moments.push(moment(visitor, visit, what));
        }
    })?;
    let mut converted: Vec<u64> = found.iter().map(|one| one.visitor).collect();
    converted.dedup();
    let reads = paths::reads(store, &scope, project, range, &[], by, &limits)?;
    let Some(Slot::Visit(fact)) = reads.slots.first().copied() else {
        let what = "attribution to anything but a fact of visits";
        return Err(EngineError::Unsupported { what });
    };
    let visits = paths::collect(&scope, &reads, &limits, |view, visit, visitor, moments| {
        if converted.binary_search(&visitor).is_ok()
            && is_first_piece(view.pieces.start(visit.piece), visit)
        {
            let what = What::Visit(view.fact(fact, visit.piece));
            moments.push(moment(visitor, visit, what));
        }
    })?;
    let mut credits: HashMap<u32, Credit> = HashMap::new();
    let mut visits = visits.chunk_by(|one, two| one.visitor == two.visitor);
    for conversions in found.chunk_by(|one, two| one.visitor == two.visitor) {
        // Both lists have the same visitors in the same order.
        let own = visits.next().unwrap_or_default();
        for conversion in conversions {
            give_credit(conversion, own, plan, &mut credits);
        }
    }
    let labels = rank::labels(&reads.columns, &reads.visit_facts, &reads.slots);
    let label = |code: u32| {
        labels
            .first()
            .map_or_else(String::new, |labels| labels.text(code))
    };
    let named = credits.into_iter().map(|(code, credit)| Credit {
        value: label(code),
        ..credit
    });
    let mut rows: Vec<Credit> = named.collect();
    rows.sort_by(|one, two| one.value.cmp(&two.value));
    Ok(AttributionAnswer {
        conversions: found.len() as u64,
        rows,
    })
}

fn moment(visitor: u64, visit: &Visit, what: What) -> Moment {
    let start = visit.facts.start.0;
    Moment {
        visitor,
        start,
        what,
    }
}

/// A visit over midnight has several pieces and begins with one.
fn is_first_piece(start: almanac_model::Instant, visit: &Visit) -> bool {
    visit.chain.is_none() || visit.facts.start == start
}

/// Divides one conversion among the visits before it.
fn give_credit(
    conversion: &Moment,
    visits: &[Moment],
    plan: &AttributionPlan,
    credits: &mut HashMap<u32, Credit>,
) {
    let What::Conversion(time) = conversion.what else {
        return;
    };
    let is_touch = |visit: &&Moment| {
        let age_us = time - visit.start;
        visit.start == conversion.start || (0..=plan.lookback_us).contains(&age_us)
    };
    let touches: Vec<&Moment> = visits.iter().filter(is_touch).collect();
    let latest = touches
        .iter()
        .map(|touch| touch.start)
        .max()
        .unwrap_or_default();
    // Beside the last visit, which leaves every share as it is and no sum at zero.
    let weight = |touch: &Moment| {
        let before_us = (latest - touch.start) as f64;
        0.5_f64.powf(before_us / plan.half_life_us as f64)
    };
    let weights: f64 = touches.iter().map(|touch| weight(touch)).sum();
    for (at, touch) in touches.iter().enumerate() {
        let What::Visit(code) = touch.what else {
            continue;
        };
        let credit = credits.entry(code).or_default();
        credit.first += f64::from(u8::from(at == 0));
        credit.last += f64::from(u8::from(at + 1 == touches.len()));
        credit.linear += 1.0 / touches.len() as f64;
        credit.decay += weight(touch) / weights;
    }
}
