//! Which properties each row of a segment has, by name alone.

use std::sync::Arc;

use super::Segment;
use crate::StoreError;
use crate::cache::{Key, Part};
use crate::dictionary::Interner;
use crate::run::Properties;

/// The names of the properties of each row.
#[derive(Debug)]
pub(crate) struct PropertyNames {
    /// Every name, some of which no row may have.
    pub(crate) names: Vec<Arc<str>>,
    /// Where the entries of each row begin, and at the end how many there are.
    offsets: Vec<u32>,
    /// The entries: positions of names.
    codes: Vec<u32>,
}

impl PropertyNames {
    /// The rows with the positions of their names.
    pub(crate) fn of_rows(&self) -> impl Iterator<Item = (usize, &[u32])> {
        let spans = self.offsets.windows(2).enumerate();
        spans.map(|(row, span)| (row, &self.codes[span[0] as usize..span[1] as usize]))
    }

    fn bytes(&self) -> usize {
        let names: usize = self.names.iter().map(|name| name.len() + 32).sum();
        names + 4 * (self.offsets.len() + self.codes.len())
    }
}

impl Segment<'_> {
    /// The names of the properties of each row.
    pub(crate) fn property_names(&self) -> Result<Arc<PropertyNames>, StoreError> {
        let key = Key {
            of: self.number(),
            part: Part::PropertyNames,
        };
        self.store.cache.get_or_make(key, PropertyNames::bytes, || {
            let mut names = Interner::default();
            let mut rows: Vec<Vec<u32>> = Vec::with_capacity(self.rows() as usize);
            for file in &self.partition.files {
                self.read(file, "properties");
                let all = file.properties()?;
                add(
                    all.as_ref(),
                    file.entry.rows as usize,
                    &mut names,
                    &mut rows,
                );
            }
            for hot in self.partition.hot_runs() {
                add(
                    hot.run.properties.as_ref(),
                    hot.run.rows(),
                    &mut names,
                    &mut rows,
                );
            }
            let order = match self.only_file() {
                Some(_) => (0..rows.len() as u32).collect(),
                None => self.order()?.to_vec(),
            };
            let (mut offsets, mut codes) = (vec![0], Vec::new());
            for at in order {
                codes.extend_from_slice(&rows[at as usize]);
                offsets.push(codes.len() as u32);
            }
            Ok(PropertyNames {
                names: names.into_values(),
                offsets,
                codes,
            })
        })
    }
}

fn add(all: Option<&Properties>, rows: usize, names: &mut Interner, found: &mut Vec<Vec<u32>>) {
    let Some(all) = all else {
        found.resize(found.len() + rows, Vec::new());
        return;
    };
    let codes: Vec<u32> = all
        .names
        .values
        .iter()
        .map(|name| names.code_of_shared(name))
        .collect();
    for row in 0..rows {
        let own = all
            .entries(row)
            .map(|entry| codes[all.names.codes[entry] as usize]);
        found.push(own.collect());
    }
}
