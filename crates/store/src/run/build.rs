//! Builds runs: events become columns with one code per distinct text, and rows of columns are
//! picked in the order of a run. Texts are looked up once per batch, not once per day.

use almanac_model::{Event, NumberColumn, TextColumn};

use super::{INTERACTIVE, Properties, Run, Text, cmp_content};
use crate::dictionary::Interner;

impl Run {
    /// The run of these events, in any order. All belong to one project and one local day, which is
    /// the caller's business.
    pub(crate) fn of(events: &[&Event]) -> Self {
        let unsorted = Self::unsorted(events.iter().copied());
        unsorted.pick(&unsorted.order((0..events.len() as u32).collect()))
    }

    /// The columns of these events in the order given, which is that of a run only by chance.
    pub(crate) fn unsorted<'a>(events: impl Iterator<Item = &'a Event>) -> Self {
        let mut builder = Builder::new();
        for event in events {
            builder.push(event);
        }
        builder.finish()
    }

    /// Rows in the order of a run: by visitor, time and content.
    pub(crate) fn order(&self, rows: Vec<u32>) -> Vec<u32> {
        let mut keys: Vec<(u64, i64, u32)> = rows
            .into_iter()
            .map(|row| (self.visitors[row as usize], self.times[row as usize], row))
            .collect();
        keys.sort_unstable();
        let is_tie =
            |one: &(u64, i64, u32), two: &(u64, i64, u32)| (one.0, one.1) == (two.0, two.1);
        for ties in keys.chunk_by_mut(is_tie).filter(|ties| ties.len() > 1) {
            ties.sort_by(|one, two| cmp_content((self, one.2 as usize), (self, two.2 as usize)));
        }
        keys.into_iter().map(|(_, _, row)| row).collect()
    }

    /// A run of some rows, in that order.
    pub(crate) fn pick(&self, rows: &[u32]) -> Self {
        let text = self.text.iter();
        let numbers = self.numbers.iter();
        Self {
            visitors: pick(&self.visitors, rows),
            times: pick(&self.times, rows),
            kinds: pick(&self.kinds, rows),
            text: text
                .map(|text| text.as_ref().and_then(|text| text.pick(rows)))
                .collect(),
            numbers: numbers
                .map(|values| pick_numbers(values.as_ref()?, rows))
                .collect(),
            properties: self.properties.as_ref().and_then(|all| all.pick(rows)),
        }
    }
}

/// The values of some rows, in that order.
pub(crate) fn pick<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|row| values[*row as usize]).collect()
}

/// The numbers of some rows; `None` when none has one.
pub(crate) fn pick_numbers(values: &[Option<i64>], rows: &[u32]) -> Option<Vec<Option<i64>>> {
    let picked = pick(values, rows);
    picked.iter().any(Option::is_some).then_some(picked)
}

impl Text {
    /// The column of some rows with the values that these have; `None` when all are blank.
    pub(crate) fn pick(&self, rows: &[u32]) -> Option<Self> {
        self.pick_entries(rows.iter().map(|row| *row as usize))
            .filter(|picked| picked.values.len() > 1)
    }

    fn pick_entries(&self, entries: impl Iterator<Item = usize>) -> Option<Self> {
        const UNSEEN: u32 = u32::MAX;
        let mut new_codes = vec![UNSEEN; self.values.len()];
        let blank = self.values.first()?;
        let mut values = vec![std::sync::Arc::clone(blank)];
        new_codes[0] = 0;
        let codes = entries
            .map(|entry| {
                let old = self.codes[entry] as usize;
                if new_codes[old] == UNSEEN {
                    new_codes[old] = values.len() as u32;
                    values.push(std::sync::Arc::clone(&self.values[old]));
                }
                new_codes[old]
            })
            .collect();
        Some(Self { values, codes })
    }
}

impl Properties {
    /// The properties of some rows; `None` when none has any.
    pub(crate) fn pick(&self, rows: &[u32]) -> Option<Self> {
        let mut offsets = Vec::with_capacity(rows.len() + 1);
        let mut entries: Vec<usize> = Vec::new();
        offsets.push(0);
        for row in rows {
            entries.extend(self.entries(*row as usize));
            offsets.push(entries.len() as u32);
        }
        if entries.is_empty() {
            return None;
        }
        Some(Self {
            offsets,
            names: self.names.pick_entries(entries.iter().copied())?,
            values: self.values.pick_entries(entries.iter().copied())?,
        })
    }
}

/// Collects events as columns.
struct Builder {
    visitors: Vec<u64>,
    times: Vec<i64>,
    kinds: Vec<u8>,
    text: Vec<TextBuilder>,
    numbers: Vec<Vec<Option<i64>>>,
    offsets: Vec<u32>,
    names: TextBuilder,
    values: TextBuilder,
}

/// Collects one text column. Codes of rows before the first value are left out until there is one.
#[derive(Default)]
struct TextBuilder {
    interner: Interner,
    codes: Vec<u32>,
    last: u32,
}

impl Builder {
    fn new() -> Self {
        Self {
            visitors: Vec::new(),
            times: Vec::new(),
            kinds: Vec::new(),
            text: TextColumn::ALL
                .iter()
                .map(|_| TextBuilder::default())
                .collect(),
            numbers: vec![Vec::new(); NumberColumn::COUNT],
            offsets: Vec::new(),
            names: TextBuilder::default(),
            values: TextBuilder::default(),
        }
    }

    fn push(&mut self, event: &Event) {
        let row = self.visitors.len();
        self.visitors.push(event.visitor.0);
        self.times.push(event.time.0);
        let interactive = if event.interactive { INTERACTIVE } else { 0 };
        self.kinds.push(event.kind.code() | interactive);
        for (builder, column) in self.text.iter_mut().zip(TextColumn::ALL) {
            let value = &event.text[*column];
            if !value.is_empty() {
                builder.set(row, value);
            }
        }
        for (values, column) in self.numbers.iter_mut().zip(NumberColumn::ALL) {
            if let Some(value) = event.numbers[*column] {
                values.resize(row, None);
                values.push(Some(value));
            }
        }
        self.offsets.push(self.names.codes.len() as u32);
        for (name, value) in &event.properties {
            let entry = self.names.codes.len();
            self.names.set(entry, name);
            self.values.set(entry, value);
        }
    }

    fn finish(mut self) -> Run {
        let rows = self.visitors.len();
        let entries = self.names.codes.len();
        self.offsets.push(entries as u32);
        let numbers = self.numbers.into_iter().map(|mut values| {
            let is_empty = values.is_empty();
            values.resize(rows, None);
            (!is_empty).then_some(values)
        });
        let properties = (entries > 0).then(|| Properties {
            offsets: self.offsets,
            names: self.names.finish(entries),
            values: self.values.finish(entries),
        });
        Run {
            visitors: self.visitors,
            times: self.times,
            kinds: self.kinds,
            text: self
                .text
                .into_iter()
                .map(|builder| (!builder.codes.is_empty()).then(|| builder.finish(rows)))
                .collect(),
            numbers: numbers.collect(),
            properties,
        }
    }
}

impl TextBuilder {
    /// Sets the value of a row; rows before it that were not set are blank.
    fn set(&mut self, row: usize, value: &str) {
        self.codes.resize(row, 0);
        // Neighbours are often the same visit, which has many values in common.
        if self.interner.value(self.last) != value {
            self.last = self.interner.code(value);
        }
        self.codes.push(self.last);
    }

    fn finish(mut self, rows: usize) -> Text {
        self.codes.resize(rows, 0);
        Text {
            values: self.interner.into_values(),
            codes: self.codes,
        }
    }
}
