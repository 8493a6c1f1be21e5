//! Builds a run from events: sorts them and gives each text its code.

use almanac_model::{Event, NumberColumn, TextColumn};

use super::{INTERACTIVE, Properties, Run, Text};
use crate::dictionary::Interner;

impl Run {
    /// The run of these events, in any order. All belong to one project and one local day, which is
    /// the caller's business.
    pub(crate) fn of(events: &[&Event]) -> Self {
        let mut sorted = events.to_vec();
        sorted.sort_unstable_by(|left, right| {
            left.visitor
                .cmp(&right.visitor)
                .then_with(|| left.cmp_in_visit(right))
        });
        Self {
            visitors: sorted.iter().map(|event| event.visitor.0).collect(),
            times: sorted.iter().map(|event| event.time.0).collect(),
            kinds: sorted
                .iter()
                .map(|event| event.kind.code() | if event.interactive { INTERACTIVE } else { 0 })
                .collect(),
            text: TextColumn::ALL
                .iter()
                .map(|column| Text::of(sorted.iter().map(|event| event.text[*column].as_str())))
                .collect(),
            numbers: NumberColumn::ALL
                .iter()
                .map(|column| {
                    let values: Vec<_> =
                        sorted.iter().map(|event| event.numbers[*column]).collect();
                    values.iter().any(Option::is_some).then_some(values)
                })
                .collect(),
            properties: Properties::of_events(&sorted),
        }
    }
}

impl Text {
    /// The column of these values; `None` when all are blank.
    fn of<'a>(values: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut interner = Interner::default();
        let codes: Vec<u32> = values.map(|value| interner.code(value)).collect();
        let is_blank = interner.values().len() == 1;
        (!is_blank).then(|| Self {
            values: interner.into_values(),
            codes,
        })
    }
}

impl Properties {
    fn of_events(sorted: &[&Event]) -> Option<Self> {
        if sorted.iter().all(|event| event.properties.is_empty()) {
            return None;
        }
        let mut offsets = vec![0];
        let (mut names, mut values) = (Interner::default(), Interner::default());
        let (mut name_codes, mut value_codes) = (Vec::new(), Vec::new());
        for event in sorted {
            for (name, value) in &event.properties {
                name_codes.push(names.code(name));
                value_codes.push(values.code(value));
            }
            offsets.push(name_codes.len() as u32);
        }
        Some(Self {
            offsets,
            names: Text {
                values: names.into_values(),
                codes: name_codes,
            },
            values: Text {
                values: values.into_values(),
                codes: value_codes,
            },
        })
    }
}
