//! What visitors did one after another (rules 41 to 44), by trying every way there is.

use std::collections::{BTreeMap, HashMap};

use almanac_model::{Dimension, Event, Filter, Instant, ProjectSettings, TimeRange, VisitorId};
use almanac_query::{
    AttributionAnswer, AttributionPlan, Cohort, Credit, EngineError, FunnelAnswer, FunnelGroup,
    FunnelPlan, FunnelStep, JourneyAnswer, JourneyPlan, RetentionAnswer, RetentionPlan, Times,
    bucket, picture,
};

use super::condition::{Condition, World};
use super::visits::{derive, value};
use super::{Visit, bucket as labels};

/// An event with its visit.
type Step<'a, 'b> = (&'a Event, &'b Visit<'a>);

/// The visits of each visitor, in order.
fn by_visitor<'a, 'b>(visits: &'b [Visit<'a>]) -> BTreeMap<VisitorId, Vec<&'b Visit<'a>>> {
    let mut found: BTreeMap<VisitorId, Vec<&Visit>> = BTreeMap::new();
    for visit in visits {
        found
            .entry(visit.events[0].visitor)
            .or_default()
            .push(visit);
    }
    for own in found.values_mut() {
        own.sort_by_key(|visit| visit.start());
    }
    found
}

fn condition(
    filter: &Filter,
    visits: &[Visit],
    project: &ProjectSettings,
    range: TimeRange,
) -> Result<Condition, EngineError> {
    let zone = &project.zone;
    Condition::new(
        filter,
        World {
            visits,
            range,
            zone,
        },
    )
}

/// Rule 41.
pub(super) fn funnel(events: &[Event], plan: &FunnelPlan) -> Result<FunnelAnswer, EngineError> {
    let visits = derive(events, &plan.project);
    let both = |step: &Filter| Filter::And(vec![plan.filter.clone(), step.clone()]);
    let judge = |filter: &Filter| condition(filter, &visits, &plan.project, plan.range);
    let base = judge(&plan.filter)?;
    let steps: Vec<Condition> = plan
        .steps
        .iter()
        .map(|step| judge(&both(step)))
        .collect::<Result<_, _>>()?;
    let mut groups: BTreeMap<String, Vec<Vec<Instant>>> = BTreeMap::new();
    if plan.breakdown.is_none() {
        groups.insert(String::new(), Vec::new());
    }
    for own in by_visitor(&visits).values() {
        let looked_at: Vec<Step> = own
            .iter()
            .flat_map(|visit| visit.counted().map(|event| (event, *visit)))
            .filter(|(event, visit)| plan.range.contains(event.time) && base.holds(event, visit))
            .collect();
        if let Some((first, times)) = best_attempt(&looked_at, &steps, plan) {
            let (event, visit) = looked_at[first];
            let group = match &plan.breakdown {
                None => String::new(),
                Some(Dimension::Time(unit)) => labels::label(*unit, event.time, &plan.project.zone),
                Some(dimension) => value(dimension, event, visit),
            };
            groups.entry(group).or_default().push(times);
        }
    }
    let group = |(value, attempts): (String, Vec<Vec<Instant>>)| group(value, &attempts, plan);
    Ok(FunnelAnswer {
        groups: groups.into_iter().map(group).collect(),
    })
}

/// The attempt that counts, as the position of its first event and the times of its steps.
fn best_attempt(
    looked_at: &[Step],
    steps: &[Condition],
    plan: &FunnelPlan,
) -> Option<(usize, Vec<Instant>)> {
    let holds = |step: usize, at: usize| steps[step].holds(looked_at[at].0, looked_at[at].1);
    let mut attempts: Vec<(usize, Vec<usize>)> = Vec::new();
    for first in (0..looked_at.len()).filter(|at| holds(0, *at)) {
        let start = looked_at[first].0.time;
        let mut taken = vec![first];
        let mut at = first + 1;
        while taken.len() < steps.len() && at < looked_at.len() {
            let in_time = plan
                .window_us
                .is_none_or(|window_us| looked_at[at].0.time.0 - start.0 <= window_us);
            if in_time && holds(taken.len(), at) {
                taken.push(at);
            } else if plan.is_strict || !in_time {
                break;
            }
            at += 1;
        }
        attempts.push((first, taken));
    }
    let depth = attempts.iter().map(|(_, taken)| taken.len()).max()?;
    attempts.retain(|(_, taken)| taken.len() == depth);
    let started = |(first, _): &(usize, Vec<usize>)| looked_at[*first].0.time;
    if depth == steps.len() {
        // The first that was completed.
        let done = attempts
            .iter()
            .filter_map(|(_, taken)| taken.last().copied())
            .min()?;
        attempts.retain(|(_, taken)| taken.last() == Some(&done));
    }
    let latest = attempts.iter().map(started).max()?;
    let chosen = attempts.iter().find(|attempt| started(attempt) == latest)?;
    let times = chosen.1.iter().map(|at| looked_at[*at].0.time);
    Some((chosen.0, times.collect()))
}

fn group(value: String, attempts: &[Vec<Instant>], plan: &FunnelPlan) -> FunnelGroup {
    let span = |attempt: &Vec<Instant>, from: usize, to: usize| attempt[to].0 - attempt[from].0;
    let step = |step: usize| {
        let here: Vec<&Vec<Instant>> = attempts.iter().filter(|one| one.len() > step).collect();
        let before = step.checked_sub(1);
        let spans = before.map(|before| here.iter().map(|one| span(one, before, step)).collect());
        FunnelStep {
            visitors: here.len() as u64,
            from_previous: spans.map(Times::of).unwrap_or_default(),
        }
    };
    let last = plan.steps.len() - 1;
    let whole = attempts.iter().filter(|one| one.len() > last);
    FunnelGroup {
        value,
        steps: (0..=last).map(step).collect(),
        whole: Times::of(whole.map(|one| span(one, 0, last)).collect()),
    }
}

/// Rule 42.
pub(super) fn retention(
    events: &[Event],
    plan: &RetentionPlan,
) -> Result<RetentionAnswer, EngineError> {
    let visits = derive(events, &plan.project);
    let (zone, range) = (&plan.project.zone, plan.range);
    let start = condition(&plan.start, &visits, &plan.project, range)?;
    let back = condition(&plan.back, &visits, &plan.project, range)?;
    let periods = bucket::labels(plan.unit, range, zone);
    let period = |time: Instant| {
        let own = labels::label(plan.unit, time, zone);
        periods.iter().position(|label| *label == own)
    };
    let mut cohorts: Vec<Cohort> = (0..periods.len())
        .map(|at| Cohort {
            visitors: 0,
            back: vec![0; periods.len() - at],
        })
        .collect();
    for own in by_visitor(&visits).values() {
        let times = |wanted: &Condition| -> Vec<Instant> {
            let all = own
                .iter()
                .flat_map(|visit| visit.counted().map(move |one| (one, *visit)));
            let fits =
                |(event, visit): &Step| range.contains(event.time) && wanted.holds(event, visit);
            all.filter(fits).map(|(event, _)| event.time).collect()
        };
        let Some(first) = times(&start).into_iter().min() else {
            continue;
        };
        let Some(cohort) = period(first) else {
            continue;
        };
        cohorts[cohort].visitors += 1;
        let later = times(&back).into_iter().filter(|time| *time >= first);
        let mut periods: Vec<usize> = later.filter_map(period).collect();
        periods.sort_unstable();
        periods.dedup();
        for period in periods {
            cohorts[cohort].back[period - cohort] += 1;
        }
    }
    Ok(RetentionAnswer { cohorts })
}

/// Rule 43, up to the picture, which `picture` makes.
pub(super) fn journey(events: &[Event], plan: &JourneyPlan) -> Result<JourneyAnswer, EngineError> {
    let visits = derive(events, &plan.project);
    let wanted = condition(&plan.filter, &visits, &plan.project, plan.range)?;
    let mut names: Vec<String> = Vec::new();
    let mut ways: HashMap<Vec<u32>, u64> = HashMap::new();
    for visit in visits
        .iter()
        .filter(|visit| plan.range.contains(visit.start()))
    {
        let steps = visit.counted().filter(|event| wanted.holds(event, visit));
        let mut way: Vec<String> = steps
            .map(|event| plan.name(&value(&plan.by, event, visit)))
            .collect();
        way.dedup();
        if plan.is_backward {
            way.reverse();
        }
        if let Some(anchor) = &plan.anchor {
            // Seen from the end, the first time is the last.
            let mut found = (0..way.len()).filter(|at| way[*at] == *anchor);
            let found = if plan.is_backward {
                found.next_back()
            } else {
                found.next()
            };
            match found {
                Some(at) => way.drain(..at),
                None => continue,
            };
        }
        way.truncate(plan.depth + 1);
        if way.is_empty() {
            continue;
        }
        let position = |name: &String| {
            let known = names.iter().position(|own| own == name);
            known.unwrap_or_else(|| {
                names.push(name.clone());
                names.len() - 1
            }) as u32
        };
        *ways.entry(way.iter().map(position).collect()).or_default() += 1;
    }
    Ok(picture(&ways, &names, plan))
}

/// Rule 44.
pub(super) fn attribution(
    events: &[Event],
    plan: &AttributionPlan,
) -> Result<AttributionAnswer, EngineError> {
    let visits = derive(events, &plan.project);
    let conversion = condition(&plan.conversion, &visits, &plan.project, plan.range)?;
    let mut answer = AttributionAnswer::default();
    let mut rows: BTreeMap<String, Credit> = BTreeMap::new();
    for own in by_visitor(&visits).values() {
        for converting in own {
            for event in converting.counted() {
                if !plan.range.contains(event.time) || !conversion.holds(event, converting) {
                    continue;
                }
                answer.conversions += 1;
                let is_touch = |visit: &&&Visit| {
                    let age_us = event.time.0 - visit.start().0;
                    visit.number == converting.number || (0..=plan.lookback_us).contains(&age_us)
                };
                let touches: Vec<&&Visit> = own.iter().filter(is_touch).collect();
                // Beside the last visit, which leaves every share as it is and no sum at zero.
                let latest = touches
                    .iter()
                    .map(|visit| visit.start().0)
                    .max()
                    .unwrap_or(0);
                let weight = |visit: &Visit| {
                    let before_us = (latest - visit.start().0) as f64;
                    0.5_f64.powf(before_us / plan.half_life_us as f64)
                };
                let weights: f64 = touches.iter().map(|visit| weight(visit)).sum();
                for (at, touch) in touches.iter().enumerate() {
                    let value = value(&plan.by, touch.events[0], touch);
                    let row = rows.entry(value.clone()).or_default();
                    row.value = value;
                    row.first += f64::from(u8::from(at == 0));
                    row.last += f64::from(u8::from(at + 1 == touches.len()));
                    row.linear += 1.0 / touches.len() as f64;
                    row.decay += weight(touch) / weights;
                }
            }
        }
    }
    answer.rows = rows.into_values().collect();
    Ok(answer)
}
