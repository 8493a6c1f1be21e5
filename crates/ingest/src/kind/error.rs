//! What errors add: their class, and a fingerprint under which the same error is counted together
//! though its message names another number, or another release moved its line.

use almanac_model::{Event, Kind, TextColumn, limits};

use crate::identity::first_64_bits;

/// The property with the fingerprint, which any question may ask for.
const FINGERPRINT: &str = "fingerprint";
/// Properties that say what an error is, as the browser SDK names them.
const TYPE: &str = "type";
const MESSAGE: &str = "message";
const SOURCE: &str = "source";
/// Longest class of errors, characters; what is longer is a message.
const CLASS_CHARS_MAX: usize = 100;
/// Shortest run of letters and digits, with both in it, that is taken for an id.
const ID_CHARS_MIN: usize = 6;

pub(super) fn fill(event: &mut Event) {
    if event.kind != Kind::Error {
        return;
    }
    let class = property(event, TYPE);
    let is_class = !class.is_empty()
        && class.chars().count() <= CLASS_CHARS_MAX
        && !class.contains(char::is_whitespace);
    if event.text[TextColumn::ErrorType].is_empty() && is_class {
        event.text[TextColumn::ErrorType] = class.to_owned();
    }
    let class = &event.text[TextColumn::ErrorType];
    let (message, source) = (property(event, MESSAGE), property(event, SOURCE));
    if class.is_empty() && message.is_empty() {
        return;
    }
    let fingerprint = fingerprint(class, message, source);
    let has_place = event.properties.len() < limits::PROPERTIES_MAX;
    let place = event
        .properties
        .binary_search_by(|(name, _)| name.as_str().cmp(FINGERPRINT));
    if let (Err(place), true) = (place, has_place) {
        let property = (FINGERPRINT.to_owned(), fingerprint);
        event.properties.insert(place, property);
    }
}

fn property<'a>(event: &'a Event, wanted: &str) -> &'a str {
    let found = event.properties.iter().find(|(name, _)| name == wanted);
    found.map_or("", |(_, value)| value.as_str())
}

/// Sixteen hexadecimal digits, the same for errors of one class whose message and file differ in
/// nothing but numbers, ids and quoted texts.
fn fingerprint(class: &str, message: &str, source: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    let file = source.rsplit('/').next().unwrap_or_default();
    for part in [class, &normal(message), &normal(file)] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    format!("{:016x}", first_64_bits(&hasher.finalize()))
}

/// The text with a number sign for each number and id, and quotes emptied. What stands behind a
/// colon and is a number, as line and column are, becomes one sign as well.
fn normal(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut quote = None;
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => continue,
            None => {}
        }
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        end_word(&mut normal, &mut word);
        normal.push(c);
        // An apostrophe inside a word opens nothing.
        let opens = matches!(c, '"' | '`') || (c == '\'' && !ends_in_word(&normal));
        if quote.is_none() && opens && normal.matches(c).count() % 2 == 1 {
            quote = Some(c);
        }
    }
    normal.trim_end().to_owned()
}

fn ends_in_word(text: &str) -> bool {
    let mut last = text.chars().rev().skip(1);
    last.next().is_some_and(char::is_alphanumeric)
}

fn end_word(normal: &mut String, word: &mut String) {
    let has = |wanted: fn(&char) -> bool| word.chars().any(|c| wanted(&c));
    let digits = has(char::is_ascii_digit);
    let is_number = word.starts_with(|c: char| c.is_ascii_digit());
    let is_id = digits && word.chars().count() >= ID_CHARS_MIN;
    if is_number || is_id {
        normal.push('#');
    } else {
        normal.push_str(word);
    }
    word.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether two errors of a class are counted together.
    fn check(one: (&str, &str), other: (&str, &str), expected: bool) {
        let of = |(message, source)| fingerprint("TypeError", message, source);
        assert_eq!(of(one) == of(other), expected, "{one:?} {other:?}");
    }

    #[test]
    fn the_same_error_has_the_same_fingerprint() {
        let app = "https://shop.example/js/app.3f2a9c1b.js:3:14";
        let next = "https://cdn.example/app.77c0d1e2.js:9:2";
        check(("no size 42", app), ("no size 43", next), true);
        check(("no 'a' in \"b\"", app), ("no 'cc' in \"\"", app), true);
        check(
            ("item 5f3a2b1c is gone", app),
            ("item 99aa88bb is gone", app),
            true,
        );
        check(("can't read x", app), ("can't read y", app), false);
        check(("no size", app), ("no shape", app), false);
        check(
            ("no size", app),
            ("no size", "https://shop.example/cart.js:3:14"),
            false,
        );
        assert_ne!(fingerprint("A", "b", ""), fingerprint("B", "b", ""));
    }
}
