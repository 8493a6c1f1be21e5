//! Hashes of whole rows, by which a bulk import recognises rows that are there already. They are
//! keyed anew in each process and never leave it, so nobody can prepare rows that collide.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::run::{Run, Text};

/// Gives equal rows of any runs equal hashes.
#[derive(Debug, Default)]
pub(crate) struct RowHasher(RandomState);

/// What sets the columns of a run apart; text and number columns follow by their positions.
const VISITOR: usize = 1_000;
const TIME: usize = 1_001;
const KIND: usize = 1_002;
const PROPERTY: usize = 1_003;
const NUMBERS_FROM: usize = 2_000;

impl RowHasher {
    /// The hash of each row: the sum of the hashes of its values. A blank adds nothing, so that a
    /// column that is missing throughout and one that is blank are the same.
    pub(crate) fn of_run(&self, run: &Run) -> Vec<u64> {
        let of_visitors = run.visitors.iter();
        let mut sums: Vec<u64> = of_visitors
            .map(|visitor| self.of(VISITOR, visitor))
            .collect();
        for (sum, time) in sums.iter_mut().zip(&run.times) {
            *sum = sum.wrapping_add(self.of(TIME, time));
        }
        let of_kinds: Vec<u64> = (0..=u8::MAX).map(|kind| self.of(KIND, &kind)).collect();
        for (sum, kind) in sums.iter_mut().zip(&run.kinds) {
            *sum = sum.wrapping_add(of_kinds[usize::from(*kind)]);
        }
        for (column, text) in run.text.iter().enumerate() {
            let Some(text) = text else { continue };
            let of_values = self.of_values(column, text);
            for (sum, code) in sums.iter_mut().zip(&text.codes) {
                *sum = sum.wrapping_add(of_values[*code as usize]);
            }
        }
        for (column, numbers) in run.numbers.iter().enumerate() {
            for (sum, number) in sums.iter_mut().zip(numbers.iter().flatten()) {
                let of_number = |number| self.of(NUMBERS_FROM + column, number);
                *sum = sum.wrapping_add(number.as_ref().map_or(0, of_number));
            }
        }
        self.add_properties(run, &mut sums);
        sums
    }

    fn add_properties(&self, run: &Run, sums: &mut [u64]) {
        let Some(all) = &run.properties else { return };
        let of_names = self.of_values(PROPERTY, &all.names);
        let of_values = self.of_values(PROPERTY + 1, &all.values);
        for (row, sum) in sums.iter_mut().enumerate() {
            for entry in all.entries(row) {
                let name = of_names[all.names.codes[entry] as usize];
                let value = of_values[all.values.codes[entry] as usize];
                *sum = sum.wrapping_add(self.0.hash_one((name, value)));
            }
        }
    }

    /// The hash of each distinct value, of the blank one none.
    fn of_values(&self, column: usize, text: &Text) -> Vec<u64> {
        let of_value = |value: &std::sync::Arc<str>| {
            if value.is_empty() {
                0
            } else {
                self.of(column, &**value)
            }
        };
        text.values.iter().map(of_value).collect()
    }

    fn of<T: std::hash::Hash + ?Sized>(&self, column: usize, value: &T) -> u64 {
        self.0.hash_one((column, value))
    }
}
