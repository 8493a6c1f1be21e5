//! Random projects, events and plans from a seed, made so that everything collides: few visitors,
//! few values, and instants at the edges of visits, days, clock changes and ranges. A seed gives
//! the same case on every machine.

mod events;
pub mod paths;
mod plans;

use almanac_model::{Event, Identity, ProjectId, ProjectSettings};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

pub use events::{events, values_of};
pub use plans::plan;

/// A stream of random numbers (SplitMix64: public domain, Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The stream that belongs to a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is at least 1.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % end.max(1) as u64) as usize
    }

    /// True in one of `of` cases.
    pub fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    /// One of some choices, of which there is at least one.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// A project and its events, around a day that is difficult in its zone.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The project that plans ask about.
    pub project: ProjectSettings,
    /// The difficult day.
    pub day: Date,
    /// Events of the project and a few of another one, in no order.
    pub events: Vec<Event>,
}

/// Zones with a day on which something happens to their calendar.
const DAYS: [(&str, Date); 12] = [
    ("UTC", date(2024, 2, 29)),
    ("UTC", date(2025, 1, 1)),
    // The hour after 02:00 is missing, or comes twice.
    ("Europe/Berlin", date(2025, 3, 30)),
    ("Europe/Berlin", date(2025, 10, 26)),
    // Midnight is missing, or comes twice.
    ("America/Santiago", date(2024, 9, 8)),
    ("America/Santiago", date(2024, 4, 7)),
    // Half an hour off, without clock changes.
    ("Asia/Kolkata", date(2025, 6, 2)),
    // A whole day is missing.
    ("Pacific/Apia", date(2011, 12, 31)),
    ("Pacific/Apia", date(2025, 6, 1)),
    // Clocks move by half an hour.
    ("Australia/Lord_Howe", date(2025, 4, 6)),
    ("America/New_York", date(2025, 11, 2)),
    ("America/New_York", date(2025, 3, 9)),
];

/// A random scene with up to `events_max` events.
pub fn scene(random: &mut Random, events_max: usize) -> Scene {
    let (zone, day) = *random.pick(&DAYS);
    // The bundled zones include every name above; UTC would only make the case easier.
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let mut project = ProjectSettings::new(ProjectId(1), Vec::new(), zone);
    project.identity = *random.pick(&[Identity::Cookieless, Identity::Stable]);
    project.visit_gap_s = *random.pick(&[1_800, 1_800, 1_800, 60, 7_200]);
    let count = random.below(events_max + 1);
    let events = events(random, &project, day, count);
    Scene {
        project,
        day,
        events,
    }
}
