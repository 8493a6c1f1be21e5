//! The values of telemetry: whether one fits the shape of its field, and what it means. Numbers are
//! not read from texts here: a client of telemetry is a program that we can ask to be exact.

use almanac_ingest::personal;
use almanac_ingest::telemetry::{Level, SUMMARY_DEPTH_MAX, SUMMARY_TEXT_CHARS_MAX, Shape};
use almanac_model::{EventId, Instant, limits};
use serde_json::{Map, Value};

use super::{Faults, pointer};

const MICROSECONDS_PER_MS: f64 = 1e3;
/// Milliseconds beyond which no clock goes: the year 9999.
const TIME_MS_MAX: f64 = 253_402_300_800_000.0;

/// Adds what is wrong with a value of that shape.
pub(super) fn check(faults: &mut Faults, at: &str, value: &Value, shape: Shape) {
    let found = match shape {
        Shape::Name { chars_max } => check_name(value, chars_max),
        Shape::OneOf(words) => check_word(value, words),
        Shape::Number { max } => check_number(value, max),
        Shape::Truth if value.is_boolean() => Ok(()),
        Shape::Truth => Err("must be true or false".to_owned()),
        Shape::Country => check_country(value),
        Shape::Uuid => uuid(value).map(drop),
        Shape::Time => instant(value).map(drop),
        Shape::Summary => return check_summary(faults, at, value),
    };
    if let Err(reason) = found {
        faults.add(at, reason);
    }
}

/// The level that a value names.
pub(super) fn level(value: &Value) -> Result<Level, String> {
    let found = value.as_str().and_then(Level::from_name);
    found.ok_or_else(|| "must be one of minimal, standard, detailed".to_owned())
}

/// The id that a value is.
pub(super) fn uuid(value: &Value) -> Result<EventId, String> {
    let text = value.as_str().map(str::trim);
    let id = text.and_then(|text| uuid::Uuid::parse_str(text).ok());
    id.map(|id| EventId(id.as_u128()))
        .ok_or_else(|| "must be a UUID".to_owned())
}

/// The same as text, in one spelling for one id.
pub(super) fn uuid_text(value: &Value) -> Result<String, String> {
    let id = uuid(value)?;
    Ok(uuid::Uuid::from_u128(id.0).to_string())
}

/// The instant that a value is.
pub(super) fn instant(value: &Value) -> Result<Instant, String> {
    let read = match value {
        Value::String(text) => text.parse::<jiff::Timestamp>().ok().map(Instant::from),
        Value::Number(ms) => ms
            .as_f64()
            .filter(|ms| (0.0..=TIME_MS_MAX).contains(ms))
            .map(|ms| Instant((ms * MICROSECONDS_PER_MS) as i64)),
        _ => None,
    };
    read.ok_or_else(|| "must be milliseconds since 1970 or an RFC 3339 time".to_owned())
}

/// The entries of a checked summary; those inside an object have its name and a dot before theirs.
pub(super) fn summary(value: &Value) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    if let Value::Object(object) = value {
        flatten(object, "", &mut entries);
    }
    entries
}

fn flatten(object: &Map<String, Value>, prefix: &str, into: &mut Vec<(String, String)>) {
    for (name, value) in object {
        let name = format!("{prefix}{name}");
        match value {
            Value::Object(inner) => flatten(inner, &format!("{name}."), into),
            Value::String(text) => into.push((name, text.trim().to_owned())),
            Value::Number(number) => into.push((name, number.to_string())),
            Value::Bool(truth) => into.push((name, truth.to_string())),
            Value::Null | Value::Array(_) => {}
        }
    }
}

fn check_name(value: &Value, chars_max: usize) -> Result<(), String> {
    let text = value.as_str().ok_or("must be text")?.trim();
    let found = text.chars().count();
    let fits = |c: char| c.is_alphanumeric() || "._-:/@+".contains(c);
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if found > chars_max {
        return Err(format!(
            "must have at most {chars_max} characters, has {found}"
        ));
    }
    if !text.chars().all(fits) {
        return Err("must be a name of letters, digits and . _ - : / @ +".to_owned());
    }
    Ok(())
}

fn check_word(value: &Value, words: &[&str]) -> Result<(), String> {
    let text = value.as_str().unwrap_or_default().trim();
    let fits = words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if fits {
        Ok(())
    } else {
        Err(format!("must be one of {}", words.join(", ")))
    }
}

fn check_number(value: &Value, max: f64) -> Result<(), String> {
    let fits = value
        .as_f64()
        .is_some_and(|number| (0.0..=max).contains(&number));
    if fits {
        Ok(())
    } else {
        Err(format!("must be a number from 0 to {max}"))
    }
}

fn check_country(value: &Value) -> Result<(), String> {
    let text = value.as_str().unwrap_or_default().trim();
    let fits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if fits {
        Ok(())
    } else {
        Err("must be two letters of ISO 3166-1".to_owned())
    }
}

fn check_summary(faults: &mut Faults, at: &str, value: &Value) {
    let Value::Object(object) = value else {
        return faults.add(at, "must be an object");
    };
    check_entries(faults, at, object, 1);
    let found = summary(value).len();
    if found > limits::PROPERTIES_MAX {
        let max = limits::PROPERTIES_MAX;
        faults.add(at, format!("must have at most {max} values, has {found}"));
    }
}

fn check_entries(faults: &mut Faults, at: &str, object: &Map<String, Value>, depth: usize) {
    for (name, value) in object {
        let at = pointer(at, name);
        if let Some(what) = personal::in_name(name) {
            faults.personal(&at, what);
            continue;
        }
        match value {
            Value::Object(_) if depth == SUMMARY_DEPTH_MAX => {
                faults.add(
                    &at,
                    format!("is nested deeper than {SUMMARY_DEPTH_MAX} objects"),
                );
            }
            Value::Object(inner) => check_entries(faults, &at, inner, depth + 1),
            Value::Array(_) => faults.add(&at, "must not be an array; send its length"),
            Value::String(text) if text.chars().count() > SUMMARY_TEXT_CHARS_MAX => {
                let max = SUMMARY_TEXT_CHARS_MAX;
                faults.add(&at, format!("must have at most {max} characters"));
            }
            Value::String(text) => {
                if let Some(what) = personal::in_value(text) {
                    faults.personal(&at, what);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
