//! What properties a project has: their names in the events of a range. Each segment's names are
//! read once and counted over its rows.

use std::collections::BTreeMap;

use almanac_model::{ProjectSettings, TimeRange};
use almanac_query::{Cancel, EngineError};
use rayon::prelude::*;

use super::paths;
use super::scope::Scope;
use super::snapshot::Snapshot;
use crate::StoreError;
use crate::visits::is_counted;

/// How many events have each property, by name.
type Counts = BTreeMap<String, u64>;

/// The names of properties, each with how many counted events inside the range have it.
pub(super) fn property_names(
    snapshot: &Snapshot,
    project: &ProjectSettings,
    range: TimeRange,
    cancel: &Cancel,
) -> Result<Vec<(String, u64)>, EngineError> {
    let limits = paths::limits(snapshot.store, cancel);
    let scope = paths::choose(snapshot, project, range, &limits)?;
    let counts = scope
        .core
        .clone()
        .into_par_iter()
        .map(|number| {
            limits.check()?;
            Ok(count(&scope, number, range)?)
        })
        .try_reduce(Counts::new, |mut one, other| {
            for (name, count) in other {
                *one.entry(name).or_default() += count;
            }
            Ok::<_, EngineError>(one)
        })?;
    Ok(counts.into_iter().collect())
}

fn count(scope: &Scope, number: usize, range: TimeRange) -> Result<Counts, StoreError> {
    let segment = &scope.segments[number];
    let names = segment.property_names()?;
    let mut counts = vec![0; names.names.len()];
    if names.names.is_empty() {
        return Ok(Counts::new());
    }
    let (kinds, times) = (segment.kinds()?, segment.times()?);
    for (row, own) in names.of_rows() {
        let time = almanac_model::Instant(times[row]);
        if is_counted(kinds[row]) && range.contains(time) {
            own.iter().for_each(|name| counts[*name as usize] += 1);
        }
    }
    let named = names.names.iter().map(|name| name.to_string()).zip(counts);
    Ok(named.filter(|(_, count)| *count > 0).collect())
}
