//! The demo: a believable year for a shop, a documentation site and a tool, the same on every
//! machine for the same last day. It makes events and nothing else; loading them is the import's
//! business.

mod docs;
mod people;
mod rng;
mod season;
mod shop;
mod tool;
mod visit;

use almanac_model::time::{SECOND_US, start_of_day};
use almanac_model::{Event, Identity, Instant, ProjectId};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use rng::Rng;
use season::Rhythm;

/// Days of the demo, today included.
pub const DAYS: i64 = 366;
/// Share of visits that come from somebody who was there on an earlier day.
const RETURNING: f64 = 0.28;
/// How long ago a returning visitor was new, days, in the mean.
const RETURN_AFTER_DAYS: f64 = 12.0;

/// One of the demo's projects.
#[derive(Debug, Clone, Copy)]
pub struct DemoProject {
    pub name: &'static str,
    pub host: &'static str,
    pub time_zone: &'static str,
    pub identity: Identity,
    rhythm: Rhythm,
    play: fn(&mut Scene<'_>, u64, Instant, &mut Rng),
}

/// The demo's projects, in the order in which they are shown.
pub const PROJECTS: [DemoProject; 3] = [
    DemoProject {
        name: "Fernweh Outdoor",
        host: "shop.example",
        time_zone: "Europe/Berlin",
        identity: Identity::Cookieless,
        rhythm: shop::RHYTHM,
        play: shop::visit,
    },
    DemoProject {
        name: "Lattice docs",
        host: "docs.example",
        time_zone: "Europe/Berlin",
        identity: Identity::Cookieless,
        rhythm: docs::RHYTHM,
        play: docs::visit,
    },
    DemoProject {
        name: "Toolbox",
        host: "tools.example",
        time_zone: "UTC",
        identity: Identity::Stable,
        rhythm: tool::RHYTHM,
        play: tool::session,
    },
];

/// Where the events of one day go.
struct Scene<'a> {
    events: &'a mut Vec<Event>,
    project: ProjectId,
}

/// The events of one project on one of the demo's days, none of them after `now`.
pub fn day(
    demo: &DemoProject,
    project: ProjectId,
    day: Date,
    now: Instant,
    scale: f64,
) -> Vec<Event> {
    let zone = TimeZone::get(demo.time_zone).unwrap_or(TimeZone::UTC);
    let start = start_of_day(day, &zone);
    let today = now.local_day(&zone);
    let age = f64::from(day.until(today).map_or(0, |span| span.get_days()));
    let progress = 1.0 - (age / DAYS as f64).clamp(0.0, 1.0);
    let visits = season::visits_on(day, progress, &demo.rhythm.by_scale(scale));
    let number = day_number(day);
    let mut rng = Rng::of(&[demo.rhythm.seed, number]);
    let mut events = Vec::new();
    for index in 0..visits {
        let visitor = visitor(demo, number, index, &mut rng);
        let moment = people::Person::of(visitor).moment(&mut rng);
        let mut scene = Scene {
            events: &mut events,
            project,
        };
        (demo.play)(
            &mut scene,
            visitor,
            start.plus_us(moment * SECOND_US),
            &mut rng,
        );
    }
    events.retain(|event| event.time <= now);
    events
}

/// A new visitor, or one who was new some days ago. Cookieless ids live for a day only, as they
/// would in earnest.
fn visitor(demo: &DemoProject, day: u64, index: u64, rng: &mut Rng) -> u64 {
    let returns = rng.chance(RETURNING);
    let born = match demo.identity {
        Identity::Stable if returns => day - (rng.exponential(RETURN_AFTER_DAYS) as u64).min(90),
        Identity::Stable | Identity::Cookieless => day,
    };
    let index = if returns { rng.below(index + 1) } else { index };
    Rng::of(&[demo.rhythm.seed, born, index, 0x715]).next()
}

fn day_number(day: Date) -> u64 {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch
        .until(day)
        .map_or(0, |span| u64::from(span.get_days().unsigned_abs()))
}
