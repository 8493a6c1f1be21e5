//! Rows gathered value by value into columns. A row that turns out to be unreadable is taken back
//! as a whole; columns come into being when a row first has a value for them.

mod column;

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{MapBuilder, MapFieldNames, StringBuilder};
use arrow_array::{Array, ArrayRef, RecordBatch};

use super::field::{Field, INTERACTIVE, KIND, PROPERTIES, TIME, VISITOR};
use super::kinds;
use super::mapping::Mapping;
use super::value::Value;

use column::Column;

/// Columns in the making.
#[derive(Debug)]
pub(super) struct Table {
    mapping: Mapping,
    is_raw: bool,
    rows: usize,
    columns: Vec<Column>,
    /// What each column of the file is, as far as it was seen.
    known: HashMap<String, Option<Slot>>,
    /// The properties of all rows: row, name, value.
    properties: Vec<(u32, String, String)>,
}

/// Where values of a column of the file go.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Slot {
    Column(usize),
    Properties,
    Property(String),
}

impl Table {
    /// An empty table of raw or of enriched rows.
    pub(super) fn new(mapping: &Mapping, is_raw: bool) -> Self {
        Self {
            mapping: mapping.clone(),
            is_raw,
            rows: 0,
            columns: Vec::new(),
            known: HashMap::new(),
            properties: Vec::new(),
        }
    }

    /// Where values of a column of the file go; `None` for nowhere.
    pub(super) fn slot(&mut self, name: &str) -> Option<Slot> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let slot = self.mapping.field(name).map(|field| match field {
            Field::Properties => Slot::Properties,
            Field::Property(property) => Slot::Property(property),
            field => {
                let same = self.columns.iter().position(|one| one.is_of(&field));
                Slot::Column(same.unwrap_or_else(|| {
                    self.columns.push(Column::new(field, self.is_raw));
                    self.columns.len() - 1
                }))
            }
        });
        self.known.insert(name.to_owned(), slot.clone());
        slot
    }

    /// Sets a value of the row that is being read.
    pub(super) fn set(&mut self, slot: &Slot, value: Value<'_>) -> Result<(), String> {
        match slot {
            Slot::Column(at) => match self.columns.get_mut(*at) {
                Some(column) => column.set(self.rows, value),
                None => Ok(()),
            },
            Slot::Property(name) => {
                self.add_property(name, value);
                Ok(())
            }
            Slot::Properties => match value {
                Value::Nothing | Value::Text("") => Ok(()),
                Value::Text(json) => self.set_properties(json),
                _ => Err("properties are no object".to_owned()),
            },
        }
    }

    /// Sets a value of any row, where columns are filled one after another.
    pub(super) fn set_at(
        &mut self,
        row: usize,
        slot: &Slot,
        value: Value<'_>,
    ) -> Result<(), String> {
        self.rows = row;
        self.set(slot, value)
    }

    /// Adds a property of the row that is being read, unless it is blank.
    pub(super) fn add_property(&mut self, name: &str, value: Value<'_>) {
        if let Some(text) = value.text() {
            let row = self.rows as u32;
            self.properties
                .push((row, name.to_owned(), text.into_owned()));
        }
    }

    fn set_properties(&mut self, json: &str) -> Result<(), String> {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json)
            .map_err(|error| format!("properties are no object of JSON: {error}"))?;
        for (name, value) in &object {
            match value {
                serde_json::Value::String(text) => self.add_property(name, Value::Text(text)),
                serde_json::Value::Null => {}
                other => self.add_property(name, Value::Text(&other.to_string())),
            }
        }
        Ok(())
    }

    /// Ends the row that is being read, or takes it back if it lacks what every row needs.
    pub(super) fn end_row(&mut self) -> Result<(), String> {
        let lacks = |name: &str| {
            let own = self.columns.iter().find(|column| column.name() == name);
            own.is_none_or(|column| !column.has(self.rows))
        };
        if lacks(TIME) {
            return Err("it has no time".to_owned());
        }
        if !self.is_raw && lacks(VISITOR) {
            return Err("it has no visitor".to_owned());
        }
        self.rows += 1;
        Ok(())
    }

    /// Takes back what was set of the row that is being read.
    pub(super) fn take_back(&mut self) {
        for column in &mut self.columns {
            column.truncate(self.rows);
        }
        let row = self.rows as u32;
        self.properties.retain(|(other, _, _)| *other < row);
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The batch of all rows.
    pub(super) fn finish(self) -> anyhow::Result<RecordBatch> {
        let (rows, is_raw) = (self.rows, self.is_raw);
        batch(self.into_arrays(rows)?, rows, is_raw)
    }

    /// The columns of so many rows.
    pub(super) fn into_arrays(mut self, rows: usize) -> anyhow::Result<Vec<(String, ArrayRef)>> {
        let mut arrays: Vec<(String, ArrayRef)> = Vec::with_capacity(self.columns.len() + 1);
        for column in self.columns {
            let name = column.name().to_owned();
            arrays.push((name, column.finish(rows)?));
        }
        if !self.properties.is_empty() {
            self.properties.sort_by_key(|(row, _, _)| *row);
            arrays.push((PROPERTIES.to_owned(), properties(&self.properties, rows)?));
        }
        Ok(arrays)
    }
}

/// The batch of these columns; enriched ones get the kinds and names that they lack.
pub(super) fn batch(
    mut arrays: Vec<(String, ArrayRef)>,
    rows: usize,
    is_raw: bool,
) -> anyhow::Result<RecordBatch> {
    if !is_raw {
        let take = |arrays: &mut Vec<(String, ArrayRef)>, wanted: &str| {
            let at = arrays.iter().position(|(name, _)| name == wanted)?;
            Some(arrays.swap_remove(at).1)
        };
        let kind = take(&mut arrays, KIND);
        let name = take(&mut arrays, "name");
        let (kind, name) = kinds::fill(kind.as_ref(), name.as_ref(), rows)?;
        arrays.push((KIND.to_owned(), kind));
        arrays.push(("name".to_owned(), name));
    }
    let arrays = arrays.into_iter().filter(|(name, array)| {
        array.null_count() < rows || [TIME, VISITOR, KIND, INTERACTIVE].contains(&name.as_str())
    });
    Ok(RecordBatch::try_from_iter(arrays)?)
}

/// A map of each row's properties. Entries come in the order of rows.
fn properties(all: &[(u32, String, String)], rows: usize) -> anyhow::Result<ArrayRef> {
    let names = MapFieldNames {
        entry: "key_value".to_owned(),
        key: "key".to_owned(),
        value: "value".to_owned(),
    };
    let mut builder = MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new());
    let mut rest = all;
    for row in 0..rows as u32 {
        let count = rest.partition_point(|(other, _, _)| *other <= row);
        let (own, later) = rest.split_at(count);
        rest = later;
        for (_, name, value) in own {
            builder.keys().append_value(name);
            builder.values().append_value(value);
        }
        builder.append(true)?;
    }
    Ok(Arc::new(builder.finish()))
}
