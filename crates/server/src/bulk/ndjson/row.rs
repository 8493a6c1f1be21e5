//! One line of JSON, read value by value into a table without a tree in between.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::bulk::table::{Slot, Table};
use crate::bulk::value::Value;

/// Reads a line into the row that a table is reading.
pub(super) fn read(line: &[u8], table: &mut Table) -> Result<(), String> {
    let mut json = serde_json::Deserializer::from_slice(line);
    json.deserialize_map(Row(table))
        .and_then(|()| json.end())
        .map_err(|error| error.to_string())
}

/// The names in a line; none in a line that is no object.
pub(super) fn keys(line: &[u8]) -> Vec<String> {
    let object: Result<serde_json::Map<String, serde_json::Value>, _> =
        serde_json::from_slice(line);
    object.map_or_else(
        |_| Vec::new(),
        |object| object.into_iter().map(|(key, _)| key).collect(),
    )
}

/// Expects the object of a row.
struct Row<'a>(&'a mut Table);

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with the columns of a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(slot) = map.next_key_seed(Key(self.0))? {
            match slot {
                Some(slot) => map.next_value_seed(Cell {
                    table: self.0,
                    slot,
                })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Expects the name of a column, and looks up where its values go.
struct Key<'a>(&'a mut Table);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<Slot>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Option<Slot>, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<Slot>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a column")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<Slot>, E> {
        Ok(self.0.slot(name))
    }
}

/// Expects a value of a column.
struct Cell<'a> {
    table: &'a mut Table,
    slot: Slot,
}

impl Cell<'_> {
    fn set<E: serde::de::Error>(self, value: Value<'_>) -> Result<(), E> {
        self.table.set(&self.slot, value).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Cell<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a number, true, false, null, or properties")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.set(Value::Text(text))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.set(Value::Whole(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.set(match i64::try_from(number) {
            Ok(small) => Value::Whole(small),
            Err(_) => Value::Large(number),
        })
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        self.set(Value::Real(number))
    }

    fn visit_bool<E: serde::de::Error>(self, flag: bool) -> Result<(), E> {
        self.set(Value::Flag(flag))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.set(Value::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.slot != Slot::Properties {
            return Err(serde::de::Error::custom(
                "an object where a single value belongs",
            ));
        }
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(Cell {
                table: self.table,
                slot: Slot::Property(name),
            })?;
        }
        Ok(())
    }

    /// A list has no place in a column; as a property it is left out, as in a live event.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if !matches!(self.slot, Slot::Property(_)) {
            return Err(serde::de::Error::custom(
                "a list where a single value belongs",
            ));
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
