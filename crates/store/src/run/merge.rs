//! Merges sorted runs into one. The result depends on the rows alone, not on how they were split
//! into runs. Columns are joined one after another, so that who has them in files need not hold
//! them all.

use almanac_model::{NumberColumn, TextColumn};

use super::{Properties, Run, Text, cmp_content, pick, pick_numbers};
use crate::dictionary::Interner;

/// The run of all rows of these runs.
pub(crate) fn merge(runs: &[&Run]) -> Run {
    let order = order(runs);
    let text = |at: usize| {
        let mut joined = TextJoin::default();
        for run in runs {
            joined.add(run.text.get(at).and_then(Option::as_ref), run.rows());
        }
        joined.in_order(&order)
    };
    let numbers = |at: usize| {
        let mut joined = NumbersJoin::default();
        for run in runs {
            let part = run.numbers.get(at).and_then(Option::as_deref);
            joined.add(part, run.rows());
        }
        joined.in_order(&order)
    };
    let mut properties = PropertiesJoin::default();
    for run in runs {
        properties.add(run.properties.as_ref(), run.rows());
    }
    Run {
        visitors: join(runs, &order, |run| &run.visitors),
        times: join(runs, &order, |run| &run.times),
        kinds: join(runs, &order, |run| &run.kinds),
        text: (0..TextColumn::COUNT).map(text).collect(),
        numbers: (0..NumberColumn::COUNT).map(numbers).collect(),
        properties: properties.in_order(&order),
    }
}

/// Where each row is among the rows of all runs, one after another. A stable sort merges runs that
/// are sorted already in few passes.
fn order(runs: &[&Run]) -> Vec<u32> {
    let mut origins: Vec<(u32, u32, u32)> = Vec::new();
    for (number, run) in (0u32..).zip(runs) {
        let start = origins.len() as u32;
        origins.extend((0..run.rows() as u32).map(|row| (number, row, start + row)));
    }
    origins.sort_by(|left, right| {
        let (one, two) = (runs[left.0 as usize], runs[right.0 as usize]);
        let (at, other) = (left.1 as usize, right.1 as usize);
        (one.visitors[at], one.times[at])
            .cmp(&(two.visitors[other], two.times[other]))
            .then_with(|| cmp_content((one, at), (two, other)))
    });
    origins.into_iter().map(|(_, _, at)| at).collect()
}

fn join<T: Copy>(runs: &[&Run], order: &[u32], of: fn(&Run) -> &Vec<T>) -> Vec<T> {
    let all: Vec<T> = runs.iter().flat_map(|run| of(run)).copied().collect();
    pick(&all, order)
}

/// A text column of several runs, one after another.
#[derive(Default)]
pub(crate) struct TextJoin {
    interner: Interner,
    codes: Vec<u32>,
    is_there: bool,
}

impl TextJoin {
    /// Adds a run with so many rows; without the column, they are blank.
    pub(crate) fn add(&mut self, part: Option<&Text>, rows: usize) {
        let Some(text) = part else {
            self.codes.resize(self.codes.len() + rows, 0);
            return;
        };
        self.is_there = true;
        let map = codes_of(&mut self.interner, text);
        let codes = text.codes.iter().map(|code| map[*code as usize]);
        self.codes.extend(codes);
    }

    /// The column with its rows in that order; `None` when no run has it.
    pub(crate) fn in_order(self, order: &[u32]) -> Option<Text> {
        self.is_there.then(|| Text {
            codes: pick(&self.codes, order),
            values: self.interner.into_values(),
        })
    }
}

/// The joined code of each value.
fn codes_of(interner: &mut Interner, text: &Text) -> Vec<u32> {
    let values = text.values.iter();
    values.map(|value| interner.code_of_shared(value)).collect()
}

/// A number column of several runs, one after another.
#[derive(Default)]
pub(crate) struct NumbersJoin(Vec<Option<i64>>);

impl NumbersJoin {
    /// Adds a run with so many rows; without the column, they have no number.
    pub(crate) fn add(&mut self, part: Option<&[Option<i64>]>, rows: usize) {
        match part {
            Some(values) => self.0.extend_from_slice(values),
            None => self.0.resize(self.0.len() + rows, None),
        }
    }

    /// The column with its rows in that order; `None` when no row has a number.
    pub(crate) fn in_order(self, order: &[u32]) -> Option<Vec<Option<i64>>> {
        pick_numbers(&self.0, order)
    }
}

/// The properties of several runs, one after another.
pub(crate) struct PropertiesJoin {
    offsets: Vec<u32>,
    names: Interner,
    values: Interner,
    name_codes: Vec<u32>,
    value_codes: Vec<u32>,
}

impl Default for PropertiesJoin {
    fn default() -> Self {
        Self {
            offsets: vec![0],
            names: Interner::default(),
            values: Interner::default(),
            name_codes: Vec::new(),
            value_codes: Vec::new(),
        }
    }
}

impl PropertiesJoin {
    /// Adds a run with so many rows.
    pub(crate) fn add(&mut self, part: Option<&Properties>, rows: usize) {
        let start = self.name_codes.len() as u32;
        let Some(all) = part else {
            self.offsets.resize(self.offsets.len() + rows, start);
            return;
        };
        let ends = all.offsets.iter().skip(1);
        self.offsets.extend(ends.map(|end| start + end));
        let names = codes_of(&mut self.names, &all.names);
        let values = codes_of(&mut self.values, &all.values);
        let of_names = all.names.codes.iter().map(|code| names[*code as usize]);
        self.name_codes.extend(of_names);
        let of_values = all.values.codes.iter().map(|code| values[*code as usize]);
        self.value_codes.extend(of_values);
    }

    /// The properties with the rows in that order; `None` when no row has any.
    pub(crate) fn in_order(self, order: &[u32]) -> Option<Properties> {
        let text = |interner: Interner, codes| Text {
            values: interner.into_values(),
            codes,
        };
        let all = Properties {
            offsets: self.offsets,
            names: text(self.names, self.name_codes),
            values: text(self.values, self.value_codes),
        };
        all.pick(order)
    }
}
