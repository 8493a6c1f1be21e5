//! The metrics that are read from the numbers and the outcome of single events (rules 29 to 35).

use almanac_model::{Event, Kind, Metric, NumberColumn, TextColumn};

use super::pages::View;

/// A matching counted event inside the range, with what was read of its page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matched<'a> {
    pub(super) event: &'a Event,
    pub(super) view: View,
}

/// The metric of these events; `None` where it has no meaning.
pub(super) fn metric(metric: Metric, matched: &[Matched]) -> Option<f64> {
    let calls: Vec<&Event> = matched
        .iter()
        .map(|one| one.event)
        .filter(|event| matches!(event.kind, Kind::ToolCall | Kind::ModelCall))
        .collect();
    let with_status = |status: &str| {
        let has = |event: &&&Event| event.text[TextColumn::Status] == status;
        calls.iter().filter(has).count() as f64
    };
    let (successes, errors) = (with_status("success"), with_status("error"));
    let of_calls = |column: NumberColumn| -> Vec<i64> {
        calls
            .iter()
            .filter_map(|event| event.numbers[column])
            .collect()
    };
    let of_events = |column: NumberColumn| -> Vec<i64> {
        matched
            .iter()
            .filter_map(|one| one.event.numbers[column])
            .collect()
    };
    let durations = of_calls(NumberColumn::DurationUs);
    match metric {
        Metric::TimeOnPage => {
            let looked = matched.iter().filter_map(|one| one.view.looked_us);
            mean(&looked.collect::<Vec<_>>(), 1e6)
        }
        Metric::ScrollDepth => {
            let depths = matched.iter().filter_map(|one| one.view.depth);
            mean(&depths.collect::<Vec<_>>(), 1.0)
        }
        Metric::TotalRevenue => {
            let amounts = of_events(NumberColumn::RevenueMicros);
            (!amounts.is_empty()).then(|| sum(&amounts) / 1e6)
        }
        Metric::AverageRevenue => mean(&of_events(NumberColumn::RevenueMicros), 1e6),
        Metric::Calls => Some(calls.len() as f64),
        Metric::Errors => Some(errors),
        Metric::SuccessRate => share(successes, successes + errors),
        Metric::ErrorRate => share(errors, successes + errors),
        Metric::CacheHitRate => {
            let known = of_calls(NumberColumn::CacheHit);
            let hits = known.iter().filter(|hit| **hit != 0).count();
            share(hits as f64, known.len() as f64)
        }
        Metric::DurationMean => mean(&durations, 1e3),
        Metric::DurationP50 => percentile(durations, 50),
        Metric::DurationP95 => percentile(durations, 95),
        Metric::DurationP99 => percentile(durations, 99),
        Metric::InputTokens => Some(sum(&of_events(NumberColumn::InputTokens))),
        Metric::OutputTokens => Some(sum(&of_events(NumberColumn::OutputTokens))),
        Metric::CachedTokens => Some(sum(&of_events(NumberColumn::CachedTokens))),
        Metric::CacheWriteTokens => Some(sum(&of_events(NumberColumn::CacheWriteTokens))),
        Metric::ReasoningTokens => Some(sum(&of_events(NumberColumn::ReasoningTokens))),
        Metric::Cost => Some(sum(&of_events(NumberColumn::CostNanos)) / 1e9),
        Metric::QualityScore => mean(&of_events(NumberColumn::QualityMicros), 1e6),
        _ => None,
    }
}

fn sum(numbers: &[i64]) -> f64 {
    numbers
        .iter()
        .map(|number| i128::from(*number))
        .sum::<i128>() as f64
}

fn mean(numbers: &[i64], unit: f64) -> Option<f64> {
    (!numbers.is_empty()).then(|| sum(numbers) / (numbers.len() as f64 * unit))
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part * 100.0 / whole)
}

/// Rule 34: the smallest duration that so many of a hundred calls do not exceed, milliseconds.
fn percentile(mut durations_us: Vec<i64>, percent: usize) -> Option<f64> {
    durations_us.sort_unstable();
    let enough = |at: &usize| (at + 1) * 100 >= durations_us.len() * percent;
    let at = (0..durations_us.len()).find(enough)?;
    Some(durations_us[at] as f64 / 1e3)
}
