//! Which column of a file becomes which field: what the command line says, and otherwise the field
//! of the same name.

use std::collections::HashMap;

use crate::cli::{ExitCode, Failure};

use super::field::{Field, RAW_MARKS};

/// What was said about columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mapping {
    /// Columns by name; none for a column that is to be left out.
    said: HashMap<String, Option<Field>>,
}

/// The word for a column that is to be left out.
const NOTHING: &str = "-";

impl Mapping {
    /// Reads `column=field` pairs.
    ///
    /// # Errors
    /// A pair without `=`, or a field that there is not.
    pub(crate) fn parse(pairs: &[String]) -> Result<Self, Failure> {
        let mut said = HashMap::new();
        for pair in pairs {
            let usage = |text: String| Failure::new(ExitCode::Usage, text);
            let Some((column, field)) = pair.rsplit_once('=') else {
                return Err(usage(format!(
                    "--map {pair} is not of the form column=field"
                )));
            };
            let known = Field::from_name(field);
            if known.is_none() && field != NOTHING {
                let nearest = Field::names()
                    .into_iter()
                    .min_by_key(|name| strsim::damerau_levenshtein(name, field));
                let nearest = nearest.unwrap_or(NOTHING);
                return Err(usage(format!(
                    "--map {pair}: there is no field {field}; did you mean {nearest}? \
                     {column}=- leaves the column out"
                )));
            }
            said.insert(column.to_owned(), known);
        }
        Ok(Self { said })
    }

    /// What a column of a file becomes; `None` for nothing.
    pub(crate) fn field(&self, column: &str) -> Option<Field> {
        match self.said.get(column) {
            Some(said) => said.clone(),
            None => Field::from_name(column),
        }
    }

    /// Whether a file with these columns has raw rows.
    pub(crate) fn is_raw<'a>(&self, columns: impl IntoIterator<Item = &'a str>) -> bool {
        columns.into_iter().any(|column| {
            let field = self.field(column);
            field.is_some_and(|field| RAW_MARKS.contains(&field.column()))
        })
    }

    /// Refuses a file that lacks a column that was named.
    ///
    /// # Errors
    /// Names the column and those that there are.
    pub(crate) fn check<'a>(
        &self,
        columns: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Result<(), Failure> {
        let has = |wanted: &str| columns.clone().into_iter().any(|column| column == wanted);
        let mut missing: Vec<&String> = self.said.keys().filter(|name| !has(name)).collect();
        missing.sort();
        let Some(first) = missing.first() else {
            return Ok(());
        };
        let all: Vec<&str> = columns.into_iter().collect();
        let text = format!("the file has no column {first}; it has: {}", all.join(", "));
        Err(Failure::new(ExitCode::Usage, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_field_is_refused_with_the_nearest_one() {
        let refused = Mapping::parse(&["ts=tmie".to_owned()]).unwrap_err();
        assert!(refused.message.contains("did you mean time?"), "{refused}");
        let refused = Mapping::parse(&["ts".to_owned()]).unwrap_err();
        assert!(refused.message.contains("column=field"), "{refused}");
    }

    #[test]
    fn what_is_said_goes_before_what_is_called_alike() {
        let mapping = Mapping::parse(&["path=title".to_owned(), "city=-".to_owned()]).unwrap();
        assert_eq!(mapping.field("path"), Some(Field::Text("title")));
        assert_eq!(mapping.field("city"), None);
        assert_eq!(mapping.field("browser"), Some(Field::Text("browser")));
        assert_eq!(mapping.field("something else"), None);
        assert!(
            mapping
                .check(["path"])
                .unwrap_err()
                .message
                .contains("no column city")
        );
    }
}
