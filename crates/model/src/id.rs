//! Identifiers. Each is its own type, so that a visitor is never passed where a project is meant.
//! How an id is written on a wire is decided where wire shapes live, not here.

/// A project: one site or product whose events are kept together. Dense and small, given out by the
/// catalog, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProjectId(pub u32);

/// Set in the ids under which the traffic of bots is kept. The catalog counts upwards from 1 and
/// never comes there.
const BOTS: u32 = 1 << 31;

impl ProjectId {
    /// The id under which the events of the project's bots are kept, apart from those of people.
    pub fn of_bots(self) -> Self {
        Self(self.0 | BOTS)
    }

    /// The project that people know, also where the id is the one of its bots.
    pub fn of_people(self) -> Self {
        Self(self.0 & !BOTS)
    }

    /// Whether what is kept under the id was done by bots.
    pub fn is_of_bots(self) -> bool {
        self.0 & BOTS != 0
    }
}

/// The identity of one event, a UUID. The client may choose it, so that sending an event again
/// changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(pub u128);

/// A visitor of one project: 64 bits, either a keyed hash that lives for a day or a stable id that
/// the visitor consented to. It says nothing about a person by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VisitorId(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bots_have_an_id_of_their_own_that_leads_back() {
        let people = ProjectId(7);
        let bots = people.of_bots();
        assert_ne!(bots, people);
        assert_eq!((bots.of_bots(), bots.of_people()), (bots, people));
        assert!(bots.is_of_bots() && !people.is_of_bots());
    }
}
