//! Which visitors were active just now. Ingestion asks it, so that a visit which crosses midnight
//! keeps the visitor id that yesterday's salt gave it. In memory only, bounded, and forgetful by
//! design: whatever is older than two gaps is gone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use almanac_model::{Instant, ProjectId, VisitorId};

/// Most visitors remembered per generation; 24 bytes each.
const VISITORS_MAX: usize = 500_000;
/// How long a generation lasts, seconds: the longest visit gap that is answered exactly.
const GENERATION_S: i64 = 3_600;

type Generation = HashMap<(ProjectId, VisitorId), Instant>;

/// The last time each recent visitor was seen.
#[derive(Debug, Default)]
pub struct RecentVisitors(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    current: Generation,
    previous: Generation,
    began: Instant,
}

impl RecentVisitors {
    /// Remembers that the visitor was active.
    pub fn saw(&self, project: ProjectId, visitor: VisitorId, at: Instant) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let age_s = at.seconds() - generations.began.seconds();
        if age_s >= GENERATION_S {
            generations.previous = std::mem::take(&mut generations.current);
            generations.began = at;
        }
        if generations.current.len() < VISITORS_MAX {
            generations.current.insert((project, visitor), at);
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
        let generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (project, visitor);
        let seen = generations
            .current
            .get(&key)
            .or_else(|| generations.previous.get(&key));
        seen.is_some_and(|seen| now.seconds() - seen.seconds() <= gap_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_are_remembered_for_the_gap_and_then_forgotten() {
        let recent = RecentVisitors::default();
        let (project, visitor) = (ProjectId(1), VisitorId(7));
        let at = |s| Instant::from_seconds(1_000_000 + s);
        recent.saw(project, visitor, at(0));
        assert!(recent.was_active(project, visitor, at(1_800), 1_800));
        assert!(!recent.was_active(project, visitor, at(1_801), 1_800));
        assert!(!recent.was_active(ProjectId(2), visitor, at(1), 1_800));
        // Two generations later nothing is left of it, whatever the gap.
        recent.saw(project, VisitorId(8), at(GENERATION_S));
        recent.saw(project, VisitorId(8), at(2 * GENERATION_S));
        assert!(!recent.was_active(project, visitor, at(2 * GENERATION_S), i64::MAX));
    }
}
