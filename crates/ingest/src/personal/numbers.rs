//! Personal data that is written in digits: phones, cards, bank accounts, positions. A plain number
//! is more often a count, so each needs a mark: a check digit, a country, or its customary signs.

use std::sync::LazyLock;

use regex::Regex;

use super::Sort;

/// Digits of a phone number with its country (ITU-T E.164).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
/// Digits of a payment card; other lengths of ISO/IEC 7812 are hardly in use.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 14..=16;
/// Fewer digits are nothing of all this, but degrees, which have a sign of their own.
const DIGITS_MIN: usize = 8;
/// Characters of an IBAN (ISO 13616).
const ACCOUNT_CHARS: std::ops::RangeInclusive<usize> = 15..=34;
/// What the digits of an IBAN leave when divided by 97 (ISO 7064).
const ACCOUNT_REST: u32 = 1;

/// A country, then groups: `+49 30 123456`, `0049-30-123456`.
static INTERNATIONAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms = [
        r"\+[1-9][\d ().-]{6,20}\d",
        r"00[1-9]\d?[ -/]\(?\d[\d ()-/]{5,18}\d",
    ];
    Regex::new(&format!(r"(?:^|[^\w.+])({})(?:$|[^\w-])", forms.join("|"))).ok()
});
/// The forms of one country or another, told by parentheses and groups: `(030) 123456`,
/// `555-123-4567`, `0171/1234567`, `020 7946 0958`.
static NATIONAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms = [
        r"\(0?\d{2,4}\) ?\d{3,4}[ -]?\d{3,5}",
        r"\d{3}-\d{3}-\d{4}",
        r"\d{3}\.\d{3}\.\d{4}",
        r"0\d{2,4}[ /]\d{3,4}[ -]?\d{3,5}",
        r"0\d(?: \d\d){4}",
    ];
    Regex::new(&format!(
        r"(?:^|[^\w.+/-])(?:{})(?:$|[^\w/-])",
        forms.join("|")
    ))
    .ok()
});
static DIGIT_GROUPS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[^\w.-])(\d(?:[ -]?\d){13,18})(?:$|[^\w-])").ok());
static ACCOUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[^\w-])([a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?)(?:$|[^\w-])",
    )
    .ok()
});
static POSITION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^\w.])(-?\d{1,2}\.\d{4,})°?[NS]? ?[,; ] ?(-?\d{1,3}\.\d{4,})(?:$|[^\w.])")
        .ok()
});
static DEGREES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"\d{1,3} ?° ?\d{1,2} ?['′][^,;]{0,8}[NSEWO]"#).ok());

/// What is written in the digits of a text.
pub(super) fn find(text: &str) -> Option<Sort> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits < DIGITS_MIN && !text.contains('°') {
        return None;
    }
    if matches(&ACCOUNT, text, is_account) {
        Some(Sort::Account)
    } else if matches(&DIGIT_GROUPS, text, is_card) {
        Some(Sort::Card)
    } else if matches(&INTERNATIONAL, text, is_phone) || matches(&NATIONAL, text, |_| true) {
        Some(Sort::Phone)
    } else if is_position(text) {
        Some(Sort::Position)
    } else {
        None
    }
}

/// Whether the pattern is somewhere in the text and its first group passes.
fn matches(pattern: &LazyLock<Option<Regex>>, text: &str, passes: impl Fn(&str) -> bool) -> bool {
    let Some(pattern) = pattern.as_ref() else {
        return false;
    };
    let mut found = pattern.captures_iter(text);
    found.any(|groups| passes(groups.get(1).map_or("", |group| group.as_str())))
}

fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> {
    text.chars().filter_map(|c| c.to_digit(10))
}

fn is_phone(text: &str) -> bool {
    PHONE_DIGITS.contains(&digits(text.trim_start_matches('0')).count())
}

/// The check digit of ISO/IEC 7812 (Luhn), and the beginning of a large issuer.
fn is_card(text: &str) -> bool {
    let doubled = |(place, digit): (usize, u32)| match (place % 2, digit * 2) {
        (0, _) => digit,
        (_, twice) if twice > 9 => twice - 9,
        (_, twice) => twice,
    };
    let sum: u32 = digits(text).rev().enumerate().map(doubled).sum();
    let issuer: u32 = digits(text)
        .take(2)
        .fold(0, |number, digit| number * 10 + digit);
    CARD_DIGITS.contains(&digits(text).count())
        && (matches!(issuer, 30 | 34..=38 | 40..=62 | 64 | 65) || issuer == 22)
        && sum.is_multiple_of(10)
}

fn is_account(text: &str) -> bool {
    let signs: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    if !ACCOUNT_CHARS.contains(&signs.len()) {
        return false;
    }
    // The country and check digits count last, letters as 10 to 35.
    let moved = signs.iter().skip(4).chain(signs.iter().take(4));
    let rest = moved.filter_map(|c| c.to_digit(36)).fold(0, |rest, value| {
        (rest * if value > 9 { 100 } else { 10 } + value) % 97
    });
    rest == ACCOUNT_REST
}

/// Two numbers with four decimals or more, that is within some metres, in the ranges of latitude
/// and longitude; or degrees and minutes.
fn is_position(text: &str) -> bool {
    let in_degrees = DEGREES
        .as_ref()
        .is_some_and(|pattern| pattern.is_match(text));
    let in_decimals = POSITION.as_ref().is_some_and(|pattern| {
        pattern.captures_iter(text).any(|groups| {
            let number = |group: usize| groups.get(group)?.as_str().parse::<f64>().ok();
            let within = |group, most: f64| number(group).is_some_and(|n| n.abs() <= most);
            within(1, 90.0) && within(2, 180.0)
        })
    });
    in_degrees || in_decimals
}
