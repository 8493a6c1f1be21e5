//! Which visitors were active just now, and how fast. Ingestion asks it, so that a visit which
//! crosses midnight keeps the visitor id that yesterday's salt gave it, and to tell programs by
//! their pace. In memory only, bounded, and forgetful: what is older than two gaps is gone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use almanac_model::{Event, Instant, Kind, ProjectId, VisitorId};

/// Most visitors remembered per generation; 56 bytes each.
const VISITORS_MAX: usize = 500_000;
/// How long a generation lasts, seconds: the longest visit gap that is answered exactly.
const GENERATION_S: i64 = 3_600;
/// Page views are counted by spans of this length of the visitor's own clock, seconds.
const SPAN_S: i64 = 10;
/// Who hurried is held for a bot for so long after it, seconds.
const HURRY_S: i64 = 1_800;

type Generation = HashMap<(ProjectId, VisitorId), Seen>;

/// What is remembered of a visitor.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Instant,
    /// The span of the page view that was counted last, and how many it has.
    span: i64,
    views: u16,
    /// The last time at which a span had too many.
    hurried_at: Option<Instant>,
}

/// Events of one visitor that were taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    pub project: ProjectId,
    pub visitor: VisitorId,
    /// When they happened by the visitor's own clock.
    pub at: Instant,
    /// How many of them are page views.
    pub views: u16,
}

impl Sighting {
    /// One event.
    pub fn of(event: &Event) -> Self {
        Self {
            project: event.project,
            visitor: event.visitor,
            at: event.time,
            views: u16::from(event.kind == Kind::Pageview),
        }
    }

    /// Joins another of the same visitor and span, and says whether it could.
    pub(crate) fn join(&mut self, other: &Self) -> bool {
        let of = |sighting: &Self| (sighting.project, sighting.visitor, span_of(sighting.at));
        let is_same = of(self) == of(other);
        if is_same {
            self.views = self.views.saturating_add(other.views);
        }
        is_same
    }
}

/// The last time each recent visitor was seen.
#[derive(Debug)]
pub struct RecentVisitors {
    generations: Mutex<Generations>,
    /// Page views in a span that are not too many; none: as many as they like.
    views_max: Option<u16>,
}

#[derive(Debug, Default)]
struct Generations {
    current: Generation,
    previous: Generation,
    began: Instant,
}

impl RecentVisitors {
    /// Nobody was seen. Who views more pages than that in ten seconds hurries; none: nobody does.
    pub fn new(views_max: Option<u16>) -> Self {
        Self {
            generations: Mutex::default(),
            views_max,
        }
    }

    /// Remembers that the visitor was active, now.
    pub fn saw(&self, sighting: &Sighting, now: Instant) {
        let mut generations = self.lock();
        let age_s = now.seconds() - generations.began.seconds();
        if age_s >= GENERATION_S {
            generations.previous = std::mem::take(&mut generations.current);
            generations.began = now;
        }
        let key = (sighting.project, sighting.visitor);
        let seen = generations.seen(&key).copied();
        let span = span_of(sighting.at);
        let same_span = seen.filter(|seen| seen.span == span || sighting.views == 0);
        let views = same_span
            .map_or(0, |seen| seen.views)
            .saturating_add(sighting.views);
        let hurries = self.views_max.is_some_and(|most| views > most);
        let seen = Seen {
            at: now,
            span: same_span.map_or(span, |seen| seen.span),
            views,
            hurried_at: if hurries {
                Some(sighting.at)
            } else {
                seen.and_then(|seen| seen.hurried_at)
            },
        };
        if generations.current.len() < VISITORS_MAX || generations.current.contains_key(&key) {
            generations.current.insert(key, seen);
        }
    }

    /// Whether the visitor was active at most `gap_s` seconds before `now`.
    pub fn was_active(
        &self,
        project: ProjectId,
        visitor: VisitorId,
        now: Instant,
        gap_s: i64,
    ) -> bool {
        let generations = self.lock();
        let seen = generations.seen(&(project, visitor));
        seen.is_some_and(|seen| now.seconds() - seen.at.seconds() <= gap_s)
    }

    /// Whether the visitor had viewed pages faster than a person can, in the half hour before or
    /// after.
    pub fn hurried(&self, project: ProjectId, visitor: VisitorId, at: Instant) -> bool {
        if self.views_max.is_none() {
            return false;
        }
        let generations = self.lock();
        let seen = generations.seen(&(project, visitor));
        let hurried = seen.and_then(|seen| seen.hurried_at);
        hurried.is_some_and(|hurried| (at.seconds() - hurried.seconds()).abs() <= HURRY_S)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn seen(&self, key: &(ProjectId, VisitorId)) -> Option<&Seen> {
        self.current.get(key).or_else(|| self.previous.get(key))
    }
}

fn span_of(at: Instant) -> i64 {
    at.seconds().div_euclid(SPAN_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: ProjectId = ProjectId(1);

    fn at(s: i64) -> Instant {
        Instant::from_seconds(1_000_000 + s)
    }

    fn sighting(visitor: u64, second: i64, views: u16) -> Sighting {
        Sighting {
            project: PROJECT,
            visitor: VisitorId(visitor),
            at: at(second),
            views,
        }
    }

    #[test]
    fn visitors_are_remembered_for_the_gap_and_then_forgotten() {
        let recent = RecentVisitors::new(None);
        let visitor = VisitorId(7);
        recent.saw(&sighting(7, 0, 1), at(0));
        assert!(recent.was_active(PROJECT, visitor, at(1_800), 1_800));
        assert!(!recent.was_active(PROJECT, visitor, at(1_801), 1_800));
        assert!(!recent.was_active(ProjectId(2), visitor, at(1), 1_800));
        // Two generations later nothing is left of it, whatever the gap.
        recent.saw(&sighting(8, 0, 1), at(GENERATION_S));
        recent.saw(&sighting(8, 0, 1), at(2 * GENERATION_S));
        assert!(!recent.was_active(PROJECT, visitor, at(2 * GENERATION_S), i64::MAX));
    }

    #[test]
    fn who_views_pages_faster_than_a_person_hurries_for_half_an_hour() {
        let recent = RecentVisitors::new(Some(60));
        let hurried = |visitor, second| recent.hurried(PROJECT, VisitorId(visitor), at(second));
        for _ in 0..60 {
            recent.saw(&sighting(7, 3, 1), at(3));
        }
        assert!(!hurried(7, 3), "at the edge");
        recent.saw(&sighting(7, 9, 1), at(9));
        assert!(hurried(7, 10), "one past it");
        assert!(!hurried(8, 10), "somebody else");
        assert!(hurried(7, 9 + HURRY_S));
        assert!(!hurried(7, 10 + HURRY_S));
        assert!(!RecentVisitors::new(None).hurried(PROJECT, VisitorId(7), at(9)));
    }

    #[test]
    fn many_views_over_some_time_and_other_events_are_no_hurry() {
        let recent = RecentVisitors::new(Some(60));
        for second in 0..600 {
            recent.saw(&sighting(7, second, 5), at(second));
            recent.saw(&sighting(7, second + 5_000, 0), at(second));
        }
        assert!(!recent.hurried(PROJECT, VisitorId(7), at(600)));
    }

    #[test]
    fn events_of_one_span_are_counted_together_whenever_they_come() {
        let mut first = sighting(7, 0, 50);
        assert!(first.join(&sighting(7, 9, 50)));
        assert!(!first.join(&sighting(7, 10, 1)) && !first.join(&sighting(8, 0, 1)));
        let recent = RecentVisitors::new(Some(60));
        // Kept back on a device and sent hours later.
        recent.saw(&first, at(9_000));
        assert!(recent.hurried(PROJECT, VisitorId(7), at(5)));
    }
}
