//! Reads the fields of one JSON object and gathers what is wrong with them, so that a client learns
//! of all its mistakes at once. What the values mean is not decided here.

use almanac_model::{Instant, limits};
use serde_json::{Map, Value};

use crate::error::FieldErrors;

/// The fields of one object. The first name of each list is the long one, used in errors.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    prefix: &'static str,
    errors: FieldErrors,
}

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value) -> Result<Self, FieldErrors> {
        let reason = "must be a JSON object";
        let object = value
            .as_object()
            .ok_or_else(|| FieldErrors::from([("event".to_owned(), vec![reason.to_owned()])]))?;
        Ok(Self {
            object,
            prefix: "",
            errors: FieldErrors::new(),
        })
    }

    /// The fields of an object inside this one; `None` where it is absent or null.
    pub(super) fn inside(&mut self, name: &'static str, prefix: &'static str) -> Option<Self> {
        match self.find(&[name]) {
            None => None,
            Some(Value::Object(object)) => Some(Self {
                object,
                prefix,
                errors: FieldErrors::new(),
            }),
            Some(_) => {
                self.refuse(name, "must be an object");
                None
            }
        }
    }

    /// Takes over the errors of the fields of an inner object.
    pub(super) fn absorb(&mut self, inner: Fields<'_>) {
        self.errors.extend(inner.errors);
    }

    pub(super) fn finish(self) -> Result<(), FieldErrors> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(self.errors)
        }
    }

    pub(super) fn refuse(&mut self, name: &str, reason: &str) {
        let field = format!("{}{name}", self.prefix);
        self.errors
            .entry(field)
            .or_default()
            .push(reason.to_owned());
    }

    /// The value under the first of the names that is there and not null.
    pub(super) fn find(&self, names: &[&str]) -> Option<&'a Value> {
        names
            .iter()
            .filter_map(|name| self.object.get(*name))
            .find(|value| !value.is_null())
    }

    /// Text, or a number as text; empty where absent.
    pub(super) fn text(&mut self, names: &[&'static str]) -> String {
        match self.find(names) {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => {
                self.refuse(names[0], "must be text");
                String::new()
            }
        }
    }

    /// Text that is absent when empty.
    pub(super) fn optional_text(&mut self, names: &[&'static str]) -> Option<String> {
        Some(self.text(names)).filter(|text| !text.is_empty())
    }

    /// A number, whole or not, or decimal text of one.
    pub(super) fn number(&mut self, names: &[&'static str]) -> Option<f64> {
        let value = self.find(names)?;
        let number = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse::<f64>().ok(),
            _ => None,
        };
        let number = number.filter(|number| number.is_finite());
        if number.is_none() {
            self.refuse(names[0], "must be a number");
        }
        number
    }

    /// A number rounded to a whole one after multiplication with `scale`.
    pub(super) fn scaled(&mut self, names: &[&'static str], scale: f64) -> Option<i64> {
        let scaled = self.number(names)? * scale;
        // Within ±2⁶² the conversion is exact enough; beyond, no such quantity exists.
        if scaled.abs() > 4.6e18 {
            self.refuse(names[0], "is too large");
            return None;
        }
        Some(scaled.round() as i64)
    }

    pub(super) fn integer(&mut self, names: &[&'static str]) -> Option<i64> {
        self.scaled(names, 1.0)
    }

    /// A truth value, also as 0, 1, "true" or "false".
    pub(super) fn boolean(&mut self, names: &[&'static str]) -> Option<bool> {
        match self.find(names)? {
            Value::Bool(truth) => Some(*truth),
            Value::Number(number) if number.as_f64() == Some(0.0) => Some(false),
            Value::Number(_) => Some(true),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" => Some(false),
            _ => {
                self.refuse(names[0], "must be true or false");
                None
            }
        }
    }

    /// Milliseconds since the epoch, or an RFC 3339 time.
    pub(super) fn instant(&mut self, names: &[&'static str]) -> Option<Instant> {
        if let Some(Value::String(text)) = self.find(names)
            && let Ok(timestamp) = text.parse::<jiff::Timestamp>()
        {
            return Some(timestamp.into());
        }
        self.scaled(names, 1000.0).map(Instant)
    }

    /// Properties: an object, or JSON text of one. Nested and blank values are left out, as is what
    /// goes beyond the number of properties an event may have.
    pub(super) fn properties(&mut self, names: &[&'static str]) -> Vec<(String, String)> {
        let parsed;
        let object = match self.find(names) {
            None => return Vec::new(),
            Some(Value::Object(object)) => object,
            Some(Value::String(text)) if text.trim().is_empty() => return Vec::new(),
            Some(Value::String(text)) => {
                parsed = serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
                let Value::Object(object) = &parsed else {
                    self.refuse(names[0], "must be an object or JSON text of one");
                    return Vec::new();
                };
                object
            }
            Some(_) => {
                self.refuse(names[0], "must be an object or JSON text of one");
                return Vec::new();
            }
        };
        let pairs = object
            .iter()
            .filter_map(|(name, value)| scalar_text(value).map(|text| (name.clone(), text)));
        pairs.take(limits::PROPERTIES_MAX).collect()
    }
}

fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_mistakes_are_told_at_once() {
        let value = json!({"name": [], "sd": "deep", "i": "perhaps", "p": 3});
        let mut fields = Fields::of(&value).unwrap();
        fields.text(&["name", "n"]);
        fields.integer(&["scroll_depth", "sd"]);
        fields.boolean(&["interactive", "i"]);
        fields.properties(&["props", "p"]);
        let errors = fields.finish().unwrap_err();
        let names: Vec<&str> = errors.keys().map(String::as_str).collect();
        assert_eq!(names, ["interactive", "name", "props", "scroll_depth"]);
    }

    #[test]
    fn nested_and_blank_properties_are_left_out() {
        let value = json!({"p": "{\"a\": 1, \"b\": {\"c\": 2}, \"d\": \" \", \"e\": true}"});
        let mut fields = Fields::of(&value).unwrap();
        let expected = vec![
            ("a".to_owned(), "1".to_owned()),
            ("e".to_owned(), "true".to_owned()),
        ];
        assert_eq!(fields.properties(&["props", "p"]), expected);
    }
}
