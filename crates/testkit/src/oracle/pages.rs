//! What was read of a page (rules 29 to 31): how long a page view was looked at, and how deep it
//! was scrolled. A loop over the visit for each page view.

use almanac_model::{Event, Kind, NumberColumn, TextColumn, limits};
use jiff::tz::TimeZone;

use super::Visit;

/// What is known of one page view; nothing of any other event.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct View {
    /// Microseconds that it was looked at.
    pub(super) looked_us: Option<i64>,
    /// How deep it was scrolled, percent.
    pub(super) depth: Option<i64>,
}

/// What is known of the event, which is one of the visit's.
pub(super) fn view(event: &Event, visit: &Visit, zone: &TimeZone) -> View {
    let own = visit
        .events
        .iter()
        .position(|one| std::ptr::eq(*one, event));
    let Some(own) = own.filter(|_| event.kind == Kind::Pageview) else {
        return View::default();
    };
    let is_same_day = |other: &Event| other.time.local_day(zone) == event.time.local_day(zone);
    let is_same_page = |other: &Event| {
        [TextColumn::Hostname, TextColumn::Path]
            .iter()
            .all(|column| other.text[*column] == event.text[*column])
    };
    let later = visit.events[own + 1..]
        .iter()
        .copied()
        .take_while(|other| is_same_day(other));
    let next_page = later.clone().find(|other| other.kind == Kind::Pageview);
    // Rule 29: until the same page is shown again.
    let engagements: Vec<&Event> = later
        .take_while(|other| other.kind != Kind::Pageview || !is_same_page(other))
        .filter(|other| other.kind == Kind::Engagement && is_same_page(other))
        .collect();
    let numbers = |column: NumberColumn, most: i64| -> Vec<i64> {
        let known = engagements.iter().filter_map(|one| one.numbers[column]);
        known.map(|number| number.clamp(0, most)).collect()
    };
    let engaged_ms = numbers(NumberColumn::EngagedMs, limits::ENGAGED_MS_MAX);
    let looked_us = if engaged_ms.is_empty() {
        next_page.map(|next| next.time.0 - event.time.0)
    } else {
        Some(engaged_ms.iter().sum::<i64>() * 1_000)
    };
    let depth = numbers(NumberColumn::ScrollDepth, 100).into_iter().max();
    View { looked_us, depth }
}
