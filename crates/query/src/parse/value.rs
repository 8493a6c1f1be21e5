//! Reads JSON values of an expected type, or says what stands there instead.

use serde_json::{Map, Value};

use crate::refusal::{Pointer, Refusal, quoted};

/// The object, all of whose keys are known.
pub(crate) fn object<'a>(
    value: &'a Value,
    at: &Pointer,
    known: &[&str],
) -> Result<&'a Map<String, Value>, Refusal> {
    let Some(fields) = value.as_object() else {
        return Err(wrong_type(value, at, "an object"));
    };
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => {
            let reason = format!("unknown key {}; one of {}", quoted(key), known.join(", "));
            Err(Refusal::new(&at.key(key), reason))
        }
        None => Ok(fields),
    }
}

/// The value of a key that must be there.
pub(crate) fn required<'a>(
    fields: &'a Map<String, Value>,
    at: &Pointer,
    key: &str,
) -> Result<&'a Value, Refusal> {
    fields
        .get(key)
        .ok_or_else(|| Refusal::new(&at.key(key), "is missing"))
}

pub(crate) fn array<'a>(value: &'a Value, at: &Pointer) -> Result<&'a [Value], Refusal> {
    value
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| wrong_type(value, at, "an array"))
}

pub(crate) fn text<'a>(value: &'a Value, at: &Pointer) -> Result<&'a str, Refusal> {
    value
        .as_str()
        .ok_or_else(|| wrong_type(value, at, "a text"))
}

pub(crate) fn flag(value: Option<&Value>, at: &Pointer) -> Result<Option<bool>, Refusal> {
    match value {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(other) => Err(wrong_type(other, at, "true or false")),
    }
}

/// A whole number between two bounds, both included.
pub(crate) fn whole_number(
    value: &Value,
    at: &Pointer,
    least: usize,
    most: usize,
) -> Result<usize, Refusal> {
    let number = value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    match number {
        Some(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(wrong_type(
            value,
            at,
            &format!("a whole number from {least} to {most}"),
        )),
    }
}

/// Says what stands where something else should.
pub(crate) fn wrong_type(value: &Value, at: &Pointer, expected: &str) -> Refusal {
    let found = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
    };
    Refusal::new(at, format!("expected {expected}, found {found}"))
}
