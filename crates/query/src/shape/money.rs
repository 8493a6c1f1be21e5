//! Amounts of money in answers: a number that programs read, and two texts that people do. Amounts
//! in different currencies are never added up.

use serde_json::{Value, json};

/// Signs of currencies that have a common one; others are shown by their code.
const SIGNS: [(&str, &str); 6] = [
    ("EUR", "€"),
    ("GBP", "£"),
    ("INR", "₹"),
    ("JPY", "¥"),
    ("KRW", "₩"),
    ("USD", "$"),
];

/// The amount in the first currency, and those in others beside it; null without any.
pub(super) fn shape(amounts: &[(String, f64)]) -> Value {
    let Some(((currency, value), others)) = amounts.split_first() else {
        return Value::Null;
    };
    let mut shaped = amount(currency, *value);
    if !others.is_empty() {
        let others = others
            .iter()
            .map(|(currency, value)| amount(currency, *value));
        shaped["others"] = others.collect();
    }
    shaped
}

fn amount(currency: &str, value: f64) -> Value {
    let value = (value * 100.0).round() / 100.0;
    let sign = SIGNS.iter().find(|(code, _)| *code == currency);
    let sign = sign.map_or_else(|| format!("{currency} "), |(_, sign)| (*sign).to_owned());
    json!({
        "value": value,
        "currency": currency,
        "short": with_sign(&sign, value, &short(value.abs())),
        "long": with_sign(&sign, value, &long(value.abs())),
    })
}

fn with_sign(sign: &str, value: f64, text: &str) -> String {
    let minus = if value < 0.0 { "-" } else { "" };
    format!("{minus}{sign}{text}")
}

/// One decimal of the largest unit that fits: `12.5K`.
fn short(value: f64) -> String {
    let units = [(1e9, "B"), (1e6, "M"), (1e3, "K")];
    match units.iter().find(|(unit, _)| value >= *unit) {
        Some((unit, name)) => format!("{:.1}{name}", value / unit),
        None => format!("{value:.1}"),
    }
}

/// Two decimals, thousands set apart by commas.
fn long(value: f64) -> String {
    let plain = format!("{value:.2}");
    let (whole, cents) = plain.split_once('.').unwrap_or((&plain, "00"));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{cents}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_numbers_and_texts() {
        let found = shape(&[("EUR".to_owned(), 1_234_567.891), ("CHF".to_owned(), -12.5)]);
        let expected = json!({
            "value": 1_234_567.89, "currency": "EUR", "short": "€1.2M", "long": "€1,234,567.89",
            "others": [
                {"value": -12.5, "currency": "CHF", "short": "-CHF 12.5", "long": "-CHF 12.50"},
            ],
        });
        assert_eq!(found, expected);
        assert_eq!(shape(&[]), Value::Null);
    }
}
