//! Gives events to the store. An event that the store cannot take for a reason of its own is found
//! by halving and becomes a dead letter; a failure of the store itself is the caller's to retry.

use std::panic::{AssertUnwindSafe, catch_unwind};

use almanac_api::App;
use almanac_ingest::record;
use almanac_model::Event;
use almanac_store::StoreError;

use super::parcel::{Letter, Parcel};
use crate::dead_letters::DeadLetters;
use crate::jobs::text_of;

/// Stores the events, or buries those that cannot be stored. Trying again after an error is
/// harmless: the store knows what it has taken.
pub(super) fn deliver(app: &App, dead: &DeadLetters, parcel: Parcel) -> anyhow::Result<()> {
    let Parcel { letters, events } = parcel;
    halve(&|events| app.store.append(events), dead, &letters, events)
}

/// Takes events, all or none.
type Take<'a> = dyn Fn(Vec<(u64, Event)>) -> Result<(), StoreError> + 'a;

fn halve(
    take: &Take<'_>,
    dead: &DeadLetters,
    letters: &[Letter],
    events: Vec<(u64, Event)>,
) -> anyhow::Result<()> {
    let Err(fault) = attempt(take, events) else {
        return Ok(());
    };
    let reason = match fault {
        Fault::Store(error) => return Err(error.into()),
        Fault::Event(reason) => reason,
    };
    if let [letter] = letters {
        return dead.bury(letter.sequence, &letter.record, &reason);
    }
    // In order, because the store takes sequences in ascending order only.
    let (left, right) = letters.split_at(letters.len() / 2);
    halve(take, dead, left, read(left))?;
    halve(take, dead, right, read(right))
}

/// Whose fault it is.
enum Fault {
    /// The store cannot take anything at this moment.
    Store(StoreError),
    /// One of the events can never be taken.
    Event(String),
}

fn attempt(take: &Take<'_>, events: Vec<(u64, Event)>) -> Result<(), Fault> {
    match catch_unwind(AssertUnwindSafe(|| take(events))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error @ StoreError::UnknownProject(_))) => Err(Fault::Event(error.to_string())),
        Ok(Err(error)) => Err(Fault::Store(error)),
        Err(panic) => {
            let text = text_of(&*panic);
            Err(Fault::Event(format!("the store panicked: {text}")))
        }
    }
}

/// The events of records that could be read before.
fn read(letters: &[Letter]) -> Vec<(u64, Event)> {
    let event = |letter: &Letter| Some((letter.sequence, record::decode(&letter.record).ok()?));
    letters.iter().filter_map(event).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use almanac_model::{EventId, Instant, Kind, ProjectId, VisitorId};

    use super::*;

    /// Delivers events of the given projects; answers what was taken, and what was buried and why.
    fn check(
        projects: &[u32],
        refuse: impl Fn(&Event) -> Result<(), StoreError>,
    ) -> (anyhow::Result<()>, Vec<u64>, Vec<(u64, String)>) {
        let dir = tempfile::tempdir().unwrap();
        let dead = DeadLetters::open(dir.path()).unwrap();
        let letters: Vec<Letter> = projects
            .iter()
            .zip(0..)
            .map(|(project, sequence)| {
                let id = EventId(u128::from(sequence));
                let (project, visitor) = (ProjectId(*project), VisitorId(1));
                let event = Event::new(id, project, Instant(0), visitor, Kind::Custom);
                let mut bytes = Vec::new();
                record::encode(&event, &mut bytes);
                Letter {
                    sequence,
                    record: bytes.into(),
                    fingerprint: None,
                    is_dead: false,
                }
            })
            .collect();
        let taken = RefCell::new(Vec::new());
        let take = |events: Vec<(u64, Event)>| {
            events.iter().try_for_each(|(_, event)| refuse(event))?;
            taken
                .borrow_mut()
                .extend(events.iter().map(|(sequence, _)| *sequence));
            Ok(())
        };
        let result = halve(&take, &dead, &letters, read(&letters));
        let buried = dead.list().unwrap();
        let buried = buried.into_iter().map(|letter| (letter.id, letter.reason));
        (result, taken.into_inner(), buried.collect())
    }

    #[test]
    fn poison_is_found_by_halving_and_everything_else_is_stored() {
        let (result, taken, buried) = check(&[1, 1, 9, 1, 1, 1, 9], |event| match event.project {
            ProjectId(9) => Err(StoreError::UnknownProject(event.project)),
            _ => Ok(()),
        });
        assert!(result.is_ok());
        assert_eq!(taken, [0, 1, 3, 4, 5]);
        let numbers: Vec<u64> = buried.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [2, 6]);
        assert!(buried[0].1.contains("project 9"), "{buried:?}");
    }

    #[test]
    fn an_event_that_makes_the_store_panic_is_isolated() {
        let (result, taken, buried) = check(&[1, 9, 1], |event| {
            assert_ne!(event.project, ProjectId(9), "poison");
            Ok(())
        });
        assert!(result.is_ok());
        assert_eq!(taken, [0, 2]);
        assert!(buried[0].1.contains("poison"), "{buried:?}");
    }

    #[test]
    fn a_failure_of_the_store_buries_nothing() {
        let (result, _, buried) = check(&[1, 2], |_| {
            let detail = "torn".to_owned();
            Err(StoreError::Damaged {
                path: "x".into(),
                detail,
            })
        });
        assert!(result.is_err());
        assert!(buried.is_empty());
    }
}
