//! Dictionaries: texts and their codes. Inside a run each column has its own; questions share one
//! per project and column, so that codes of different days compare. They are kept in memory only
//! and refuse to forget a value while somebody holds them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use almanac_model::{ProjectId, TextColumn};
use foldhash::fast::RandomState;

use crate::options::{DICTIONARIES_MAX, DICTIONARY_BYTES_MAX};

/// What a value costs beside its text: the entry of the map, the list and the counted pointer.
const VALUE_OVERHEAD_BYTES: usize = 64;

/// Gives out codes, dense from 0, where 0 is the blank text.
#[derive(Debug)]
pub(crate) struct Interner {
    codes: HashMap<Arc<str>, u32, RandomState>,
    values: Vec<Arc<str>>,
    bytes: usize,
}

impl Default for Interner {
    fn default() -> Self {
        let blank: Arc<str> = Arc::from("");
        Self {
            codes: HashMap::from_iter([(Arc::clone(&blank), 0)]),
            values: vec![blank],
            bytes: 0,
        }
    }
}

impl Interner {
    /// The code of a text, a new one if it was not seen yet.
    pub(crate) fn code(&mut self, value: &str) -> u32 {
        match self.codes.get(value) {
            Some(code) => *code,
            None => self.add(Arc::from(value)),
        }
    }

    /// The same without copying the text.
    pub(crate) fn code_of_shared(&mut self, value: &Arc<str>) -> u32 {
        match self.codes.get(value) {
            Some(code) => *code,
            None => self.add(Arc::clone(value)),
        }
    }

    fn add(&mut self, value: Arc<str>) -> u32 {
        let code = self.values.len() as u32;
        self.bytes += value.len() + VALUE_OVERHEAD_BYTES;
        self.values.push(Arc::clone(&value));
        self.codes.insert(value, code);
        code
    }

    /// The text of a code that was given out.
    pub(crate) fn value(&self, code: u32) -> &str {
        &self.values[code as usize]
    }

    pub(crate) fn values(&self) -> &[Arc<str>] {
        &self.values
    }

    pub(crate) fn into_values(self) -> Vec<Arc<str>> {
        self.values
    }
}

/// A column of codes that a question can read: a text column or the values of one property.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum CodeColumn {
    Text(TextColumn),
    Property(String),
}

impl CodeColumn {
    /// The name of the column of a file that holds it.
    pub(crate) fn stored_name(&self) -> &str {
        match self {
            Self::Text(column) => column.name(),
            Self::Property(_) => "properties",
        }
    }
}

/// One dictionary that all questions about a project's column share.
#[derive(Debug)]
pub(crate) struct Dictionary {
    /// Tells this dictionary from earlier and later ones of the same column.
    pub(crate) id: u64,
    interner: RwLock<Interner>,
}

impl Dictionary {
    fn new(id: u64) -> Self {
        Self {
            id,
            interner: RwLock::default(),
        }
    }

    /// The codes of many texts.
    pub(crate) fn codes<'a>(&self, values: impl Iterator<Item = &'a str>) -> Vec<u32> {
        let mut interner = self
            .interner
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        values.map(|value| interner.code(value)).collect()
    }

    /// The values of these codes.
    pub(crate) fn values_of(&self, codes: &[u32]) -> Vec<Arc<str>> {
        let interner = self.interner.read().unwrap_or_else(PoisonError::into_inner);
        let values = interner.values();
        let value = |code: &u32| Arc::clone(&values[*code as usize]);
        codes.iter().map(value).collect()
    }

    /// The values with codes from `from` on, in the order of their codes.
    pub(crate) fn values_from(&self, from: usize) -> Vec<Arc<str>> {
        let interner = self.interner.read().unwrap_or_else(PoisonError::into_inner);
        interner
            .values()
            .get(from..)
            .map_or_else(Vec::new, <[_]>::to_vec)
    }

    fn bytes(&self) -> usize {
        self.interner
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .bytes
    }
}

/// The shared dictionaries of all projects.
#[derive(Debug, Default)]
pub(crate) struct Dictionaries {
    by_column: Mutex<HashMap<(ProjectId, CodeColumn), Arc<Dictionary>>>,
    next_id: AtomicU64,
}

impl Dictionaries {
    /// The dictionary of a column. A question asks once per column and keeps what it got, so that
    /// starting afresh when the dictionaries have grown too large does not disturb it.
    pub(crate) fn of(&self, project: ProjectId, column: &CodeColumn) -> Arc<Dictionary> {
        let mut by_column = self
            .by_column
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let bytes: usize = by_column
            .values()
            .map(|dictionary| dictionary.bytes())
            .sum();
        let key = (project, column.clone());
        let is_full = by_column.len() >= DICTIONARIES_MAX && !by_column.contains_key(&key);
        if bytes > DICTIONARY_BYTES_MAX || is_full {
            by_column.clear();
        }
        let fresh = || {
            Arc::new(Dictionary::new(
                self.next_id.fetch_add(1, Ordering::Relaxed),
            ))
        };
        Arc::clone(by_column.entry(key).or_insert_with(fresh))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_properties_do_not_pile_up() {
        let all = Dictionaries::default();
        let of = |number: usize| {
            let column = CodeColumn::Property(format!("invented {number}"));
            all.of(ProjectId(1), &column)
        };
        let kept = || all.by_column.lock().unwrap().len();
        let first = of(0);
        let codes = first.codes(["a", "b"].into_iter());
        for number in 1..DICTIONARIES_MAX {
            of(number);
        }
        assert_eq!(kept(), DICTIONARIES_MAX);
        assert_eq!(of(0).id, first.id, "one that is there needs no place");
        of(DICTIONARIES_MAX);
        assert_eq!(kept(), 1);
        assert_ne!(of(0).id, first.id);
        assert_eq!(
            first.codes(["a", "b"].into_iter()),
            codes,
            "who holds one keeps it"
        );
    }
}
