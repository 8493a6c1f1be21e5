//! Single values of rows, as text formats have them, and what fields make of them.

use std::borrow::Cow;

use almanac_model::Instant;

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Nothing,
    Text(&'a str),
    Whole(i64),
    /// A number above those of [`Value::Whole`].
    Large(u64),
    Real(f64),
    Flag(bool),
}

impl<'a> Value<'a> {
    /// The text of a value; none for nothing and for the empty text.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Nothing | Self::Text("") => None,
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Whole(number) => Some(Cow::Owned(number.to_string())),
            Self::Large(number) => Some(Cow::Owned(number.to_string())),
            Self::Real(number) => Some(Cow::Owned(number.to_string())),
            Self::Flag(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
        }
    }

    /// A visitor: a whole number is one, any other text becomes one by its hash.
    pub(super) fn visitor(self) -> Option<u64> {
        match self {
            Self::Large(number) => Some(number),
            Self::Whole(number) => Some(number.cast_unsigned()),
            _ => self.text().map(|text| match text.parse() {
                Ok(number) => number,
                Err(_) => hash(&text),
            }),
        }
    }

    /// An instant, microseconds: a number by its unit, or a text with a time zone, or in UTC
    /// without one.
    pub(super) fn time(self, factor: i64) -> Result<Option<i64>, String> {
        let beyond = |_| format!("{self:?} is no time in any calendar");
        match self {
            Self::Nothing | Self::Text("") => Ok(None),
            Self::Whole(number) => Ok(Some(number.saturating_mul(factor))),
            Self::Large(number) => {
                let number = i64::try_from(number).map_err(beyond)?;
                Ok(Some(number.saturating_mul(factor)))
            }
            // A fraction of a second is no less exact than its unit.
            Self::Real(number) => Ok(Some((number * factor as f64) as i64)),
            Self::Flag(_) => Err("a flag is no time".to_owned()),
            Self::Text(text) => match text.parse::<i64>() {
                Ok(number) => Ok(Some(number.saturating_mul(factor))),
                Err(_) => parse_time(text).map(Some),
            },
        }
    }

    /// A number times a factor, rounded.
    pub(super) fn number(self, factor: f64) -> Result<Option<i64>, String> {
        let scaled = |number: f64| Some((number * factor).round() as i64);
        match self {
            Self::Nothing | Self::Text("") => Ok(None),
            #[expect(clippy::float_cmp, reason = "it is one of our own constants")]
            Self::Whole(number) if factor == 1.0 => Ok(Some(number)),
            Self::Whole(number) => Ok(scaled(number as f64)),
            Self::Large(number) => Ok(scaled(number as f64)),
            Self::Real(number) => Ok(scaled(number)),
            Self::Flag(flag) => Ok(Some(i64::from(flag))),
            Self::Text(text) => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(number), _) => Self::Whole(number).number(factor),
                (_, Ok(number)) => Ok(scaled(number)),
                _ => Err(format!("{text:?} is no number")),
            },
        }
    }

    pub(super) fn flag(self) -> Result<Option<bool>, String> {
        match self {
            Self::Nothing | Self::Text("") => Ok(None),
            Self::Flag(flag) => Ok(Some(flag)),
            Self::Whole(number) => Ok(Some(number != 0)),
            Self::Text("true" | "True" | "1" | "t") => Ok(Some(true)),
            Self::Text("false" | "False" | "0" | "f") => Ok(Some(false)),
            other => Err(format!("{other:?} is neither true nor false")),
        }
    }
}

/// RFC 3339, or the same without a zone or with a space, which is taken for UTC.
fn parse_time(text: &str) -> Result<i64, String> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(Instant::from(time).0);
    }
    let civil: jiff::civil::DateTime = text
        .parse()
        .map_err(|_| format!("{text:?} is no time like 2026-11-21T09:30:00Z"))?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC);
    let zoned = zoned.map_err(|error| format!("{text:?} is no time: {error}"))?;
    Ok(Instant::from(zoned.timestamp()).0)
}

/// The visitor that a text stands for: the first eight bytes of its BLAKE3 hash.
fn hash(text: &str) -> u64 {
    let hash = blake3::hash(text.as_bytes());
    let (first, _) = hash
        .as_bytes()
        .split_first_chunk::<8>()
        .unwrap_or((&[0; 8], &[]));
    u64::from_le_bytes(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_many_ways() {
        let second = 1_763_717_400;
        for (value, factor, expected) in [
            (Value::Text("2025-11-21T09:30:00Z"), 1, second * 1_000_000),
            (Value::Text("2025-11-21 09:30:00"), 1, second * 1_000_000),
            (
                Value::Text("2025-11-21T10:30:00.25+01:00"),
                1,
                second * 1_000_000 + 250_000,
            ),
            (Value::Whole(second), 1_000_000, second * 1_000_000),
            (Value::Text("1763717400000"), 1_000, second * 1_000_000),
            (
                Value::Real(second as f64 + 0.5),
                1_000_000,
                second * 1_000_000 + 500_000,
            ),
        ] {
            assert_eq!(value.time(factor), Ok(Some(expected)), "{value:?}");
        }
        assert!(Value::Text("yesterday").time(1).is_err());
        assert_eq!(Value::Nothing.time(1), Ok(None));
    }

    #[test]
    fn visitors_are_numbers_or_become_them() {
        assert_eq!(
            Value::Text("18446744073709551615").visitor(),
            Some(u64::MAX)
        );
        assert_eq!(Value::Large(7).visitor(), Some(7));
        let named = Value::Text("3f0c-ada").visitor();
        assert_eq!(named, Value::Text("3f0c-ada").visitor());
        assert_ne!(named, Value::Text("3f0c-bob").visitor());
        assert_eq!(Value::Text("").visitor(), None);
    }

    #[test]
    fn numbers_take_the_unit_of_their_column() {
        assert_eq!(Value::Text("12.5").number(1e3), Ok(Some(12_500)));
        assert_eq!(Value::Whole(3).number(1.0), Ok(Some(3)));
        assert_eq!(Value::Real(0.000_000_001).number(1e9), Ok(Some(1)));
        assert!(Value::Text("many").number(1.0).is_err());
    }
}
