//! From Arrow columns to those of a run. A batch comes from outside: whatever is wrong with it is
//! an error that names the column, and what is too long is cut as it would be in a live event.

use std::sync::Arc;

use almanac_model::{Kind, NumberColumn, TextColumn, limits};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, UInt64Type,
};
use arrow_array::{Array, RecordBatch};

use crate::StoreError;
use crate::dictionary::Interner;
use crate::file::{INTERACTIVE, KIND, MILLISECOND_US, PROPERTIES, TIME, VISITOR};
use crate::run::{self, Properties, Run, Text};

/// The columns of a batch as those of a run, in the order of the batch.
pub(super) fn run(batch: &RecordBatch) -> Result<Run, StoreError> {
    let column = |name: &str| batch.column_by_name(name);
    let required = |name: &str| column(name).ok_or_else(|| fault(name, "is missing"));
    let mut text = Vec::with_capacity(TextColumn::COUNT);
    for wanted in TextColumn::ALL {
        text.push(match column(wanted.name()) {
            Some(array) => texts(array, wanted.name())?,
            None => None,
        });
    }
    let mut numbers = Vec::with_capacity(NumberColumn::COUNT);
    for wanted in NumberColumn::ALL {
        numbers.push(match column(wanted.name()) {
            Some(array) => self::numbers(array, wanted.name())?,
            None => None,
        });
    }
    Ok(Run {
        visitors: visitors(required(VISITOR)?)?,
        times: times(required(TIME)?)?,
        kinds: kinds(required(KIND)?, column(INTERACTIVE))?,
        text,
        numbers,
        properties: match column(PROPERTIES) {
            Some(array) => properties(array)?,
            None => None,
        },
    })
}

fn visitors(array: &dyn Array) -> Result<Vec<u64>, StoreError> {
    let visitors = array.as_primitive_opt::<UInt64Type>();
    let visitors = visitors.ok_or_else(|| mistyped(VISITOR, array, "uint64"))?;
    no_nulls(array, VISITOR)?;
    Ok(visitors.values().to_vec())
}

fn times(array: &dyn Array) -> Result<Vec<i64>, StoreError> {
    no_nulls(array, TIME)?;
    if let Some(times) = array.as_primitive_opt::<TimestampMillisecondType>() {
        let times = times.values().iter();
        return Ok(times
            .map(|time| time.saturating_mul(MILLISECOND_US))
            .collect());
    }
    let times = array.as_primitive_opt::<TimestampMicrosecondType>();
    let times = times.ok_or_else(|| mistyped(TIME, array, "a timestamp"))?;
    Ok(times.values().to_vec())
}

fn kinds(array: &dyn Array, interactive: Option<&Arc<dyn Array>>) -> Result<Vec<u8>, StoreError> {
    no_nulls(array, KIND)?;
    let mut names = Interner::default();
    let codes = codes(array, KIND, usize::MAX, &mut names)?;
    let kind_of = |name: &Arc<str>| {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == &**name);
        kind.map(Kind::code)
    };
    let kinds: Vec<Option<u8>> = names.values().iter().map(kind_of).collect();
    let mut found = Vec::with_capacity(codes.len());
    for code in codes {
        let kind = kinds[code as usize].ok_or_else(|| {
            let name = names.value(code);
            fault(KIND, &format!("has the value {name:?}, which is no kind"))
        })?;
        found.push(kind | run::INTERACTIVE);
    }
    if let Some(array) = interactive {
        let flags = array.as_boolean_opt();
        let flags = flags.ok_or_else(|| mistyped(INTERACTIVE, array, "a boolean"))?;
        for (kind, flag) in found.iter_mut().zip(flags) {
            if flag == Some(false) {
                *kind &= !run::INTERACTIVE;
            }
        }
    }
    Ok(found)
}

fn texts(array: &dyn Array, name: &str) -> Result<Option<Text>, StoreError> {
    let mut interner = Interner::default();
    let codes = codes(array, name, limits::TEXT_BYTES_MAX, &mut interner)?;
    let values = interner.into_values();
    Ok((values.len() > 1).then_some(Text { values, codes }))
}

fn numbers(array: &dyn Array, name: &str) -> Result<Option<Vec<Option<i64>>>, StoreError> {
    let numbers = array.as_primitive_opt::<Int64Type>();
    let numbers = numbers.ok_or_else(|| mistyped(name, array, "int64"))?;
    let has_any = numbers.null_count() < numbers.len();
    Ok(has_any.then(|| numbers.iter().collect()))
}

/// Properties by name, each name once, as many as an event may have.
fn properties(array: &dyn Array) -> Result<Option<Properties>, StoreError> {
    let map = array.as_map_opt();
    let map = map.ok_or_else(|| mistyped(PROPERTIES, array, "a map"))?;
    let (mut names, mut values) = (Interner::default(), Interner::default());
    let name_bytes = limits::PROPERTY_NAME_BYTES_MAX;
    let value_bytes = limits::PROPERTY_VALUE_BYTES_MAX;
    let all_names = codes(map.keys(), PROPERTIES, name_bytes, &mut names)?;
    let all_values = codes(map.values(), PROPERTIES, value_bytes, &mut values)?;
    let mut offsets = Vec::with_capacity(map.len() + 1);
    let (mut name_codes, mut value_codes) = (Vec::new(), Vec::new());
    offsets.push(0);
    let mut own: Vec<(u32, u32)> = Vec::new();
    for (row, span) in map.value_offsets().windows(2).enumerate() {
        own.clear();
        if map.is_valid(row) {
            let entries = span[0] as usize..span[1] as usize;
            let pairs = entries.map(|entry| (all_names[entry], all_values[entry]));
            own.extend(pairs.filter(|(name, _)| *name != 0));
            own.sort_by_key(|(name, _)| names.value(*name));
            own.dedup_by_key(|(name, _)| *name);
            own.truncate(limits::PROPERTIES_MAX);
        }
        name_codes.extend(own.iter().map(|(name, _)| *name));
        value_codes.extend(own.iter().map(|(_, value)| *value));
        offsets.push(name_codes.len() as u32);
    }
    Ok((!name_codes.is_empty()).then(|| Properties {
        offsets,
        names: Text {
            values: names.into_values(),
            codes: name_codes,
        },
        values: Text {
            values: values.into_values(),
            codes: value_codes,
        },
    }))
}

/// The code of each text of an array, whether it is behind a dictionary or not; 0 for none.
fn codes(
    array: &dyn Array,
    name: &str,
    bytes_max: usize,
    interner: &mut Interner,
) -> Result<Vec<u32>, StoreError> {
    let mut code = |text: Option<&str>| match text {
        Some(text) => interner.code(cut(text, bytes_max)),
        None => 0,
    };
    if let Some(dictionary) = array.as_dictionary_opt::<Int32Type>() {
        let values = dictionary.values();
        let of_value: Vec<u32> = if let Some(values) = values.as_string_opt::<i32>() {
            values.iter().map(&mut code).collect()
        } else {
            return Err(mistyped(name, array, "text"));
        };
        let keys = dictionary.keys().iter();
        let of_key = |key: Option<i32>| key.map_or(0, |key| of_value[key as usize]);
        return Ok(keys.map(of_key).collect());
    }
    if let Some(texts) = array.as_string_opt::<i32>() {
        return Ok(texts.iter().map(code).collect());
    }
    if let Some(texts) = array.as_string_opt::<i64>() {
        return Ok(texts.iter().map(code).collect());
    }
    if let Some(texts) = array.as_string_view_opt() {
        return Ok(texts.iter().map(code).collect());
    }
    Err(mistyped(name, array, "text"))
}

/// The longest beginning of a text that has so many bytes at most.
fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max))
        .unwrap_or(text)
}

fn no_nulls(array: &dyn Array, name: &str) -> Result<(), StoreError> {
    if array.logical_null_count() == 0 {
        return Ok(());
    }
    Err(fault(name, "has rows without a value; each row needs one"))
}

fn mistyped(name: &str, array: &dyn Array, wanted: &str) -> StoreError {
    let found = array.data_type();
    fault(name, &format!("is {found} where {wanted} is expected"))
}

fn fault(name: &str, what: &str) -> StoreError {
    StoreError::Rows {
        detail: format!("column {name} {what}"),
    }
}
