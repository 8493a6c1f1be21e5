//! Reads the fields of clients that we cannot ask to be exact: what has the wrong shape counts as
//! absent, as it does in the products whose clients these are. Personal data stays behind here.

use almanac_ingest::{Revenue, personal};
use almanac_model::{EventId, Instant, limits};
use serde_json::{Map, Value};

/// Longest class of errors, characters; longer ones are messages.
const CLASS_CHARS_MAX: usize = 100;
/// Millionths in a unit of currency.
const MICROS: f64 = 1e6;
/// Largest number that is taken over: beyond, no such quantity exists.
const NUMBER_MAX: f64 = 4.6e18;

/// The fields of one object; those of anything else are all absent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loose<'a>(Option<&'a Map<String, Value>>);

impl<'a> Loose<'a> {
    pub(super) fn of(value: &'a Value) -> Self {
        Self(value.as_object())
    }

    /// The fields of an object inside this one.
    pub(super) fn inside(self, name: &str) -> Self {
        Self(self.get(name).and_then(Value::as_object))
    }

    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0?.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The first of the fields that is a text or a number, as text; empty where none is.
    pub(super) fn text(self, names: &[&str]) -> String {
        let mut texts = names.iter().filter_map(|name| match self.get(name)? {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        texts.find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// The same, absent where it is empty.
    pub(super) fn some_text(self, names: &[&str]) -> Option<String> {
        Some(self.text(names)).filter(|text| !text.is_empty())
    }

    /// The first of the fields that is a number, or decimal text of one.
    pub(super) fn number(self, names: &[&str]) -> Option<f64> {
        let mut numbers = names.iter().filter_map(|name| match self.get(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        });
        numbers.find(|number| number.is_finite())
    }

    /// The same, rounded to a whole number after multiplication with `scale`.
    pub(super) fn scaled(self, names: &[&str], scale: f64) -> Option<i64> {
        let scaled = self.number(names)? * scale;
        (scaled.abs() < NUMBER_MAX).then(|| scaled.round() as i64)
    }

    pub(super) fn integer(self, names: &[&str]) -> Option<i64> {
        self.scaled(names, 1.0)
    }

    pub(super) fn truth(self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" => Some(false),
            _ => None,
        }
    }

    /// An RFC 3339 time, or a number of units of `us_per_unit` microseconds since 1970.
    pub(super) fn instant(self, names: &[&str], us_per_unit: f64) -> Option<Instant> {
        let written = self.text(names).parse::<jiff::Timestamp>().ok();
        written
            .map(Instant::from)
            .or_else(|| self.scaled(names, us_per_unit).map(Instant))
    }

    /// The entries of this object that may be properties: texts, numbers and truth values that are
    /// wanted and are no personal data, as many as an event may have.
    pub(super) fn properties(self, wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let entries = self.0.into_iter().flatten();
        entries
            .filter(|(name, _)| wanted(name) && personal::in_name(name).is_none())
            .filter_map(|(name, value)| Some((name.clone(), harmless(value)?)))
            .take(limits::PROPERTIES_MAX)
            .collect()
    }

    /// Revenue from an amount and its currency; absent where either is no such thing.
    pub(super) fn revenue(self, amount: &[&str], currency: &str) -> Option<Revenue> {
        let currency = currency.trim().to_ascii_uppercase();
        let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
        let micros = self.scaled(amount, MICROS).filter(|_| is_code)?;
        Some(Revenue { currency, micros })
    }
}

/// A value as the text of a property.
fn harmless(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => personal::in_value(text).is_none().then(|| text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The id by which an event is known when it comes again: a UUID as it is, any other text hashed.
pub(super) fn event_id(text: &str) -> Option<EventId> {
    if text.is_empty() {
        return None;
    }
    if let Ok(id) = uuid::Uuid::parse_str(text) {
        return Some(EventId(id.as_u128()));
    }
    let mut bytes = [0; 16];
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"message id").update(text.as_bytes());
    hasher.finalize_xof().fill(&mut bytes);
    Some(EventId(u128::from_le_bytes(bytes)))
}

/// A user's id as it may be stored. One that is an e-mail address or the like tells visitors apart,
/// hashed, and is not kept.
pub(super) fn storable(id: &str) -> Option<String> {
    let is_kept = !id.is_empty() && personal::in_value(id).is_none();
    is_kept.then(|| id.to_owned())
}

/// A class of errors; empty where the text is a message or holds personal data.
pub(super) fn class(text: &str) -> String {
    let is_word = !text.contains(char::is_whitespace) && text.chars().count() <= CLASS_CHARS_MAX;
    if is_word && personal::in_value(text).is_none() {
        text.to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_wrong_shape_counts_as_absent() {
        let value = json!({"a": [1], "b": {"c": 2}, "n": "1.5", "m": "NaN", "t": 5, "z": null,
                           "at": "2026-11-21T12:00:00.5+01:00", "s": 1_795_262_400});
        let fields = Loose::of(&value);
        assert_eq!(fields.text(&["a", "z", "t"]), "5");
        assert_eq!(fields.number(&["m", "n"]), Some(1.5));
        assert_eq!(fields.inside("b").integer(&["c"]), Some(2));
        assert_eq!(fields.inside("a").integer(&["c"]), None);
        assert!(!fields.has("z"));
        assert_eq!(
            fields.instant(&["at"], 1e6),
            Some(Instant(1_795_258_800_500_000))
        );
        assert_eq!(
            fields.instant(&["s"], 1e6),
            Some(Instant(1_795_262_400_000_000))
        );
        assert_eq!(fields.instant(&["n2"], 1e6), None);
        assert_eq!(Loose::of(&json!(7)).text(&["a"]), "");
        assert_eq!(Loose::of(&json!({"x": 1e300})).integer(&["x"]), None);
    }

    #[test]
    fn personal_data_stays_behind() {
        let value = json!({"plan": "pro", "email": "x", "note": "write to jane@example.com",
                           "seats": 5, "paid": true, "tags": ["a"], "more": {"a": 1}, "nil": null});
        let names: Vec<String> = Loose::of(&value)
            .properties(|name| name != "seats")
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(names, ["paid=true", "plan=pro"]);
        assert_eq!(storable("jane@example.com"), None);
        assert_eq!(storable("user-7"), Some("user-7".to_owned()));
        assert_eq!(class("TimeoutError"), "TimeoutError");
        assert_eq!(class("could not find jane"), "");
    }

    #[test]
    fn an_amount_needs_a_currency() {
        let value = json!({"revenue": "12.50", "free": 0});
        let revenue = Loose::of(&value).revenue(&["revenue"], "eur");
        let expected = Revenue {
            currency: "EUR".to_owned(),
            micros: 12_500_000,
        };
        assert_eq!(revenue, Some(expected));
        assert_eq!(Loose::of(&value).revenue(&["revenue"], "euro"), None);
        assert_eq!(Loose::of(&value).revenue(&["total"], "EUR"), None);
    }

    #[test]
    fn ids_of_any_form_are_ids() {
        let uuid = event_id("550e8400-e29b-41d4-a716-446655440000");
        assert_eq!(
            uuid,
            Some(EventId(0x550e_8400_e29b_41d4_a716_4466_5544_0000))
        );
        assert_eq!(event_id(""), None);
        assert_eq!(event_id("node-1"), event_id("node-1"));
        assert_ne!(event_id("node-1"), event_id("node-2"));
    }
}
