//! What questions about one thing after another share: the segments they read, the rows they look
//! for in each, and what was found brought together visitor by visitor.

use almanac_model::{Dimension, Filter, ProjectSettings, TimeRange};
use almanac_query::{Cancel, EngineError, Plan, Table};
use rayon::prelude::*;

use super::limits::Limits;
use super::scope::Scope;
use super::snapshot::Snapshot;
use super::view::{Reads, View, Visit, Wish};
use crate::Store;

/// The segments of a range.
pub(super) fn choose<'a>(
    snapshot: &Snapshot<'a>,
    project: &ProjectSettings,
    range: TimeRange,
    limits: &Limits,
) -> Result<Scope<'a>, EngineError> {
    let plan = Plan {
        project: project.clone(),
        range,
        filter: Filter::everything(),
        metrics: Vec::new(),
        dimensions: Vec::new(),
        order: Vec::new(),
        limit: 0,
        offset: 0,
        table: Table::Events,
    };
    Scope::choose(snapshot, &plan, None, limits)
}

/// What a question may use up.
pub(super) fn limits<'a>(store: &'a Store, cancel: &'a Cancel) -> Limits<'a> {
    Limits::of(store, cancel)
}

/// What is read for some conditions and dimensions.
pub(super) fn reads(
    store: &Store,
    scope: &Scope,
    project: &ProjectSettings,
    range: TimeRange,
    filters: &[&Filter],
    dimensions: &[Dimension],
    limits: &Limits,
) -> Result<Reads, EngineError> {
    let wish = Wish {
        project: project.id,
        range,
        filters,
        dimensions,
        numbers: &[],
        asks_whole_visits: false,
        asks_page_views: false,
    };
    Reads::new(store, scope, wish, limits)
}

/// Something found in one segment that belongs to a visitor.
pub(super) trait Hit: Copy + Send + Sync {
    /// Whose it is.
    fn visitor(&self) -> u64;
}

/// Looks for hits visit by visit in the given segments, and brings them into the order of visitors;
/// those of one visitor stay in the order of time. Visits that only other segments know of are left
/// out, but for the pieces that chains reach into.
pub(super) fn collect<H: Hit>(
    scope: &Scope,
    reads: &Reads,
    limits: &Limits,
    look: impl Fn(&View, &Visit, u64, &mut Vec<H>) + Sync,
) -> Result<Vec<H>, EngineError> {
    let of_segment = |number: usize| {
        limits.check()?;
        let mut hits = Vec::new();
        if !scope.is_touched(number) {
            return Ok(hits);
        }
        let view = View::decode(reads, scope, number)?;
        limits.budget.spend(view.bytes())?;
        let is_beside = !scope.core.contains(&number);
        for (at, visitor) in view.pieces.visitors.iter().enumerate() {
            for piece in view.pieces.of_visitor(at) {
                let visit = view.visit(scope, piece);
                if visit.facts.counted > 0 && (visit.chain.is_some() || !is_beside) {
                    look(&view, &visit, *visitor, &mut hits);
                }
            }
        }
        limits.budget.spend(size_of::<H>() * hits.capacity())?;
        limits.budget.give_back(view.bytes());
        Ok(hits)
    };
    let found: Vec<Vec<H>> = (0..scope.segments.len())
        .into_par_iter()
        .map(of_segment)
        .collect::<Result<_, EngineError>>()?;
    let mut all = found.concat();
    limits.budget.spend(size_of::<H>() * all.len())?;
    // Stable, so that segments, which are days, keep their order within each visitor.
    all.par_sort_by_key(Hit::visitor);
    limits.check()?;
    Ok(all)
}
