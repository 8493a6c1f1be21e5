//! Random events: each one follows another by a gap that matters, and takes its values from short
//! lists.

use almanac_model::time::{SECOND_US, start_of_day};
use almanac_model::{
    Event, EventId, Instant, Kind, NumberColumn, ProjectId, ProjectSettings, TextColumn, VisitorId,
};
use jiff::civil::Date;

use super::Random;

/// Kinds, the common ones more often.
const KINDS: [Kind; 12] = [
    Kind::Pageview,
    Kind::Pageview,
    Kind::Pageview,
    Kind::Pageview,
    Kind::Pageview,
    Kind::Custom,
    Kind::Custom,
    Kind::Engagement,
    Kind::Engagement,
    Kind::ToolCall,
    Kind::ModelCall,
    Kind::WebVital,
];

/// The columns that random events fill.
pub(super) const COLUMNS: [TextColumn; 12] = [
    TextColumn::Path,
    TextColumn::Hostname,
    TextColumn::Name,
    TextColumn::Source,
    TextColumn::Referrer,
    TextColumn::UtmCampaign,
    TextColumn::Country,
    TextColumn::Browser,
    TextColumn::Device,
    TextColumn::Tool,
    TextColumn::Status,
    TextColumn::Model,
];

/// The numbers that random events have, of whatever kind they are, with values at the edges.
const NUMBERS: [(NumberColumn, &[i64]); 9] = [
    (NumberColumn::EngagedMs, &[0, 1, 60_000, i64::MAX, -5]),
    (NumberColumn::ScrollDepth, &[0, 30, 50, 100, 255]),
    (NumberColumn::DurationUs, &[0, 1, 1_500, 1_500, 90_000_000]),
    (
        NumberColumn::RevenueMicros,
        &[0, -990_000, 12_500_000, i64::MAX],
    ),
    (NumberColumn::CacheHit, &[0, 1]),
    (NumberColumn::InputTokens, &[0, 7, 1_000]),
    (NumberColumn::OutputTokens, &[3]),
    (NumberColumn::CostNanos, &[1, 250_000_000]),
    (NumberColumn::QualityMicros, &[0, 333_333, 1_000_000]),
];

/// The properties that random events have.
pub(super) const PROPERTIES: [&str; 2] = ["author", "plan"];

/// The values that random events take in a column, beside the blank one. They share parts and
/// differ in case, so that every way of comparing finds some and misses some.
pub fn values_of(column: TextColumn) -> &'static [&'static str] {
    match column {
        TextColumn::Path => &["/", "/blog", "/blog/a", "/Blog"],
        TextColumn::Hostname => &["a.example", "b.example"],
        TextColumn::Name => &["Signup", "signup", "Größe"],
        TextColumn::Source => &["Google", "google", "Bing"],
        TextColumn::Country => &["DE", "CL", "IN"],
        TextColumn::Status => &["success", "error"],
        _ => &["one", "two", "Two"],
    }
}

/// That many random events around a local day. A few belong to another project.
pub fn events(
    random: &mut Random,
    project: &ProjectSettings,
    day: Date,
    count: usize,
) -> Vec<Event> {
    let midnight = start_of_day(day, &project.zone);
    let mut made: Vec<Event> = Vec::with_capacity(count);
    for number in 0..count {
        let time = match made.len() {
            0 => midnight,
            _ if random.one_in(4) => midnight.plus_us(*random.pick(&OFFSETS_US)),
            before => {
                let from = made[random.below(before)].time;
                from.plus_us(gap_us(random, project.visit_gap_s))
            }
        };
        // Ids in no relation to time, so that nothing can be ordered by them.
        let id = EventId(u128::from(random.number()) << 32 | number as u128);
        made.push(event(random, project.id, id, time));
    }
    for at in (1..made.len()).rev() {
        made.swap(at, random.below(at + 1));
    }
    made
}

const HOUR_US: i64 = 3_600 * SECOND_US;

/// Instants around a midnight and around the hours in which clocks change.
const OFFSETS_US: [i64; 10] = [
    -1,
    0,
    -SECOND_US,
    HOUR_US - 1,
    HOUR_US,
    2 * HOUR_US,
    3 * HOUR_US,
    -24 * HOUR_US,
    24 * HOUR_US,
    25 * HOUR_US - 1,
];

fn gap_us(random: &mut Random, visit_gap_s: i64) -> i64 {
    let limit = visit_gap_s * SECOND_US;
    *random.pick(&[
        0,
        1,
        SECOND_US,
        90 * SECOND_US,
        limit - 1,
        limit,
        limit + 1,
        limit + SECOND_US - 1,
        limit + SECOND_US,
        -limit,
        -limit - SECOND_US,
        HOUR_US,
        24 * HOUR_US,
        -24 * HOUR_US,
        8 * 24 * HOUR_US,
    ])
}

fn event(random: &mut Random, project: ProjectId, id: EventId, time: Instant) -> Event {
    let kind = *random.pick(&KINDS);
    let project = if random.one_in(20) {
        ProjectId(project.0 + 1)
    } else {
        project
    };
    let visitor = VisitorId(*random.pick(&[1, 2, 3, u64::MAX]));
    let mut event = Event::new(id, project, time, visitor, kind);
    event.interactive = !random.one_in(4);
    for column in COLUMNS {
        if !random.one_in(3) {
            event.text[column] = (*random.pick(values_of(column))).to_owned();
        }
    }
    if matches!(kind, Kind::Pageview | Kind::Engagement | Kind::WebVital) {
        event.text[TextColumn::Name] = kind.name().to_owned();
    }
    for (column, values) in NUMBERS {
        if random.one_in(2) {
            event.numbers[column] = Some(*random.pick(values));
        }
    }
    for name in PROPERTIES {
        if random.one_in(2) {
            let value = *random.pick(&["free", "Free", "pro"]);
            event.properties.push((name.to_owned(), value.to_owned()));
        }
    }
    event
}
