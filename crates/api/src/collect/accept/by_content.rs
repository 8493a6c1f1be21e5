//! Ids for events whose clients give them none, made of what the event says: the same visitor doing
//! the same thing again within a window counts as one event that came twice. That is wrong for
//! people who really do something twice, so it is off unless an operator asks for it.

use almanac_ingest::record;
use almanac_model::{Event, EventId, Instant};

/// The ids under which a copy of an event may be known. Time is cut into windows; a copy that comes
/// across the border of one is known by the id of the window before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ContentIds {
    pub(super) now: EventId,
    pub(super) before: EventId,
}

/// The ids of an event received then, for which its client gave that time; none when the window is
/// off, 0 seconds.
pub(super) fn of(
    event: &Event,
    given: Option<Instant>,
    received: Instant,
    window_s: i64,
) -> Option<ContentIds> {
    if window_s <= 0 {
        return None;
    }
    let mut said = event.clone();
    // The id was given here, and so was the time unless the client gave one.
    (said.id, said.time) = (EventId(0), given.unwrap_or_default());
    let mut bytes = Vec::with_capacity(256);
    record::encode(&said, &mut bytes);
    let window = received.seconds().div_euclid(window_s);
    let id = |window: i64| {
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(b"content of an event")
            .update(&window.to_le_bytes())
            .update(&bytes);
        let mut id = [0; 16];
        hasher.finalize_xof().fill(&mut id);
        EventId(u128::from_le_bytes(id))
    };
    Some(ContentIds {
        now: id(window),
        before: id(window - 1),
    })
}

#[cfg(test)]
mod tests {
    use almanac_model::{Kind, ProjectId, TextColumn, VisitorId};

    use super::*;

    fn event(number: u128, visitor: u64, path: &str) -> Event {
        let time = Instant(number as i64);
        let (id, visitor) = (EventId(number), VisitorId(visitor));
        let mut event = Event::new(id, ProjectId(1), time, visitor, Kind::Pageview);
        path.clone_into(&mut event.text[TextColumn::Path]);
        event
    }

    fn ids(event: &Event, second: i64) -> ContentIds {
        of(event, None, Instant::from_seconds(second), 10).unwrap()
    }

    #[test]
    fn copies_share_an_id_within_a_window_and_across_its_end() {
        let (one, copy) = (event(1, 7, "/a"), event(2, 7, "/a"));
        assert_eq!(ids(&one, 100), ids(&copy, 109));
        assert_eq!(ids(&one, 109).now, ids(&copy, 110).before);
        assert_ne!(ids(&one, 109).now, ids(&copy, 120).before);
    }

    #[test]
    fn other_visitors_and_other_pages_are_other_events() {
        let one = ids(&event(1, 7, "/a"), 100);
        assert_ne!(one.now, ids(&event(1, 8, "/a"), 100).now);
        assert_ne!(one.now, ids(&event(1, 7, "/b"), 100).now);
        let at = |second| Some(Instant::from_seconds(second));
        let given = |second| of(&event(1, 7, "/a"), at(second), Instant(0), 10);
        assert_ne!(given(1), given(2));
        assert_eq!(of(&event(1, 7, "/a"), None, Instant(0), 0), None);
    }
}
