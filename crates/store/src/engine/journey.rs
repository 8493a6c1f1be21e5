//! Journeys: the steps of each visit as codes, the ways they make counted, and the picture of them
//! left to `query`.

use std::collections::HashMap;

use almanac_query::{Cancel, EngineError, JourneyAnswer, JourneyPlan, picture};

use super::compile::Slot;
use super::paths;
use super::snapshot::Snapshot;

/// A step of a visit.
#[derive(Debug, Clone, Copy)]
struct Step {
    visitor: u64,
    /// When the visit started, which tells it from the visitor's others.
    visit: i64,
    code: u32,
}

impl paths::Hit for Step {
    fn visitor(&self) -> u64 {
        self.visitor
    }
}

/// What a way costs beside its steps, bytes.
const WAY_OVERHEAD_BYTES: usize = 64;

/// Answers a question for journeys.
pub(super) fn run(
    snapshot: &Snapshot,
    plan: &JourneyPlan,
    cancel: &Cancel,
) -> Result<JourneyAnswer, EngineError> {
    let store = snapshot.store;
    let limits = paths::limits(store, cancel);
    let scope = paths::choose(snapshot, &plan.project, plan.range, &limits)?;
    let (project, range) = (&plan.project, plan.range);
    let (filters, by) = ([&plan.filter], std::slice::from_ref(&plan.by));
    let reads = paths::reads(store, &scope, project, range, &filters, by, &limits)?;
    let Some(Slot::Event(column)) = reads.slots.first().copied() else {
        let what = "journeys by anything but a fact of events";
        return Err(EngineError::Unsupported { what });
    };
    let steps = paths::collect(&scope, &reads, &limits, |view, visit, visitor, steps| {
        if !range.contains(visit.facts.start) {
            return;
        }
        for row in view
            .pieces
            .rows(visit.piece)
            .filter(|row| view.holds(0, *row))
        {
            steps.push(Step {
                visitor,
                visit: visit.facts.start.0,
                code: view.code(column, row),
            });
        }
    })?;
    // Several values may have one name; from here on a step is the position of its name.
    let mut names: Vec<String> = Vec::new();
    let mut known: HashMap<String, u32> = HashMap::new();
    let values = reads.columns[column].dictionary.values_from(0);
    let name_of = |value: &std::sync::Arc<str>| {
        let name = plan.name(value);
        *known.entry(name.clone()).or_insert_with(|| {
            names.push(name);
            names.len() as u32 - 1
        })
    };
    let name_of: Vec<u32> = values.iter().map(name_of).collect();
    let anchor = plan.anchor.as_ref().map(|name| known.get(name).copied());
    let mut ways: HashMap<Vec<u32>, u64> = HashMap::new();
    for visit in steps.chunk_by(|one, two| (one.visitor, one.visit) == (two.visitor, two.visit)) {
        let named = visit.iter().map(|step| name_of[step.code as usize]);
        let Some(way) = way(named.collect(), anchor, plan) else {
            continue;
        };
        if !ways.contains_key(&way) {
            limits.budget.spend(WAY_OVERHEAD_BYTES + 4 * way.len())?;
        }
        *ways.entry(way).or_default() += 1;
    }
    limits.check()?;
    Ok(picture(&ways, &names, plan))
}

/// The steps that are followed, from the anchor on; none when the visit has no such.
fn way(mut steps: Vec<u32>, anchor: Option<Option<u32>>, plan: &JourneyPlan) -> Option<Vec<u32>> {
    steps.dedup();
    let first = match anchor {
        None if plan.is_backward => steps.len().checked_sub(1)?,
        None => 0,
        Some(anchor) => steps.iter().position(|step| Some(*step) == anchor)?,
    };
    let way: Vec<u32> = if plan.is_backward {
        steps[..=first]
            .iter()
            .rev()
            .take(plan.depth + 1)
            .copied()
            .collect()
    } else {
        steps[first..]
            .iter()
            .take(plan.depth + 1)
            .copied()
            .collect()
    };
    Some(way)
}
