//! Records of the queue and the events in them. Reading a record costs more than anything else that
//! the pump does, so it is done on all cores.

use almanac_api::NOBODY;
use almanac_ingest::fingerprint;
use almanac_ingest::record::{self, letter};
use almanac_model::Event;
use bytes::Bytes;
use rayon::prelude::*;

use crate::dead_letters::DeadLetters;

/// A record on its way, without its event.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) sequence: u64,
    /// The record as it was first written.
    pub(super) record: Bytes,
    /// Under which its event is known to deduplication, if it can come again.
    pub(super) fingerprint: Option<u64>,
    /// Whether it comes out of the dead letters.
    pub(super) is_dead: bool,
}

/// Letters and their events, side by side in the order of the queue.
#[derive(Debug, Default)]
pub(super) struct Parcel {
    pub(super) letters: Vec<Letter>,
    pub(super) events: Vec<(u64, Event)>,
}

impl Parcel {
    /// Reads records; what is none becomes a dead letter.
    pub(super) fn unpack(records: &[(u64, Bytes)], dead: &DeadLetters) -> anyhow::Result<Self> {
        let read: Vec<_> = records.par_iter().map(read).collect();
        let mut parcel = Self {
            letters: Vec::with_capacity(read.len()),
            events: Vec::with_capacity(read.len()),
        };
        for (letter, event) in read {
            match event {
                Ok(event) => {
                    parcel.events.push((letter.sequence, event));
                    parcel.letters.push(letter);
                }
                Err(error) => dead.bury(letter.sequence, &letter.record, &error.to_string())?,
            }
        }
        Ok(parcel)
    }

    /// Leaves out what `is_wanted` does not want, by its place.
    pub(super) fn keep(&mut self, is_wanted: &[bool]) {
        let wanted = || is_wanted.iter().copied().chain(std::iter::repeat(true));
        let (mut of_letters, mut of_events) = (wanted(), wanted());
        self.letters.retain(|_| of_letters.next() == Some(true));
        self.events.retain(|_| of_events.next() == Some(true));
    }
}

fn read((sequence, bytes): &(u64, Bytes)) -> (Letter, Result<Event, record::RecordError>) {
    let (number, inner) = letter::open(bytes);
    let event = record::decode(inner);
    let key = match (number, &event) {
        (Some(number), _) => Some((NOBODY, letter::id(number))),
        (None, Ok(event)) if record::id_is_chosen(inner) => Some((event.project, event.id)),
        (None, _) => None,
    };
    let letter = Letter {
        sequence: *sequence,
        record: bytes.slice_ref(inner),
        fingerprint: key.map(|(project, id)| fingerprint(project, id)),
        is_dead: number.is_some(),
    };
    (letter, event)
}
