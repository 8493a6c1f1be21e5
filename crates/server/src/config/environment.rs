//! The environment as a value: the one place that looks at the process's, and what tests make up.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// What every variable of this program begins with.
const PREFIX: &str = "ALMANAC_";

/// Variables that begin with `ALMANAC_`.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process. A value that is not UTF-8 keeps its readable part, and is
    /// then refused by whoever needs it.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| readable(name, value))
            .collect()
    }

    /// The value of a variable; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The names of all variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .filter(|(name, _)| name.starts_with(PREFIX))
                .collect(),
        )
    }
}

fn readable(name: OsString, value: OsString) -> Option<(String, String)> {
    Some((
        name.into_string().ok()?,
        value.to_string_lossy().into_owned(),
    ))
}
