//! Cases of the record stage: what goes in and what must come out.

use proptest::prelude::*;

use super::*;

fn any_event() -> impl Strategy<Value = Event> {
    let texts = prop::collection::vec((0..TextColumn::COUNT, "\\PC{0,40}"), 0..12);
    let numbers = prop::collection::vec((0..NumberColumn::COUNT, any::<i64>()), 0..8);
    let properties = prop::collection::vec(("\\PC{1,12}", "\\PC{1,40}"), 0..30);
    let head = (
        any::<u128>(),
        any::<u32>(),
        any::<i64>(),
        any::<u64>(),
        0..7u8,
        any::<bool>(),
    );
    (head, texts, numbers, properties).prop_map(|(head, texts, numbers, properties)| {
        let (id, project, time, visitor, kind, interactive) = head;
        let kind = Kind::from_code(kind).unwrap();
        let time = Instant(time);
        let mut event = Event::new(
            EventId(id),
            ProjectId(project),
            time,
            VisitorId(visitor),
            kind,
        );
        event.interactive = interactive;
        for (column, text) in texts {
            event.text[TextColumn::ALL[column]] = text;
        }
        for (column, value) in numbers {
            event.numbers[NumberColumn::ALL[column]] = Some(value);
        }
        event.properties = properties;
        event
    })
}

fn encoded(event: &Event) -> Vec<u8> {
    let mut out = Vec::new();
    encode(event, &mut out);
    out
}

proptest! {
    #[test]
    fn what_was_written_is_read(event in any_event()) {
        prop_assert_eq!(decode(&encoded(&event)), Ok(event));
    }

    #[test]
    fn a_record_cut_anywhere_is_an_error(event in any_event(), at in any::<prop::sample::Index>()) {
        let record = encoded(&event);
        let cut = at.index(record.len());
        prop_assert_eq!(decode(&record[..cut]), Err(RecordError::Truncated));
    }

    #[test]
    fn no_bytes_break_the_reader(
        event in any_event(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut record = encoded(&event);
        let at = at.index(record.len());
        record[at] = byte;
        // A changed record may still be some event; then it is written and read as that event.
        for bytes in [record, noise] {
            if let Ok(other) = decode(&bytes) {
                prop_assert_eq!(decode(&encoded(&other)), Ok(other));
            }
        }
    }
}

#[test]
fn a_column_of_a_newer_program_is_skipped() {
    let time = Instant(5);
    let mut event = Event::new(EventId(1), ProjectId(2), time, VisitorId(3), Kind::Custom);
    event.text[TextColumn::Name] = "signup".to_owned();
    let mut record = vec![VERSION, Kind::Custom.code(), INTERACTIVE];
    record.extend(1u128.to_le_bytes());
    record.extend(3u64.to_le_bytes());
    record.extend([2, 10]);
    record.extend([2, 0, 6]);
    record.extend(b"signup");
    record.extend([120, 3]);
    record.extend(b"new");
    record.extend([1, 120, 9]);
    record.extend([0]);
    assert_eq!(decode(&record), Ok(event));
}

#[test]
fn foreign_versions_kinds_and_leftovers_are_named() {
    let event = Event::new(
        EventId(1),
        ProjectId(2),
        Instant(5),
        VisitorId(3),
        Kind::Custom,
    );
    let check = |change: fn(&mut Vec<u8>), expected| {
        let mut record = encoded(&event);
        change(&mut record);
        assert_eq!(decode(&record), Err(expected));
    };
    check(|record| record[0] = 2, RecordError::Version(2));
    check(|record| record[1] = 200, RecordError::Kind(200));
    check(|record| record.push(0), RecordError::Trailing);
    check(Vec::clear, RecordError::Truncated);
}
