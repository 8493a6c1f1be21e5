//! Finds personal data where none may be: names of fields that ask for it, and values that look
//! like it. It errs on the side of refusing, since telemetry has no need of such values, and its
//! answers describe what was found without repeating it.

use std::net::IpAddr;

/// Endings of field names, as words, and what they announce. `user_email`, `clientIp` and
/// `x-api-key` end in one; `token_count` and `max_tokens` do not.
const NAMES: &[(&[&str], &str)] = &[
    (&["email"], "names an e-mail address"),
    (&["e", "mail"], "names an e-mail address"),
    (&["mail"], "names an e-mail address"),
    (&["phone"], "names a phone number"),
    (&["phone", "number"], "names a phone number"),
    (&["mobile"], "names a phone number"),
    (&["password"], "names a secret"),
    (&["passwd"], "names a secret"),
    (&["secret"], "names a secret"),
    (&["token"], "names a secret"),
    (&["api", "key"], "names a secret"),
    (&["apikey"], "names a secret"),
    (&["private", "key"], "names a secret"),
    (&["authorization"], "names a secret"),
    (&["cookie"], "names a secret"),
    (&["ip"], "names an IP address"),
    (&["ip", "address"], "names an IP address"),
    (&["ipaddress"], "names an IP address"),
    (&["username"], "names a person"),
    (&["user", "name"], "names a person"),
    (&["first", "name"], "names a person"),
    (&["last", "name"], "names a person"),
    (&["full", "name"], "names a person"),
    (&["surname"], "names a person"),
    (&["birthday"], "names a date of birth"),
    (&["date", "of", "birth"], "names a date of birth"),
    (&["dob"], "names a date of birth"),
    (&["street"], "names a postal address"),
    (&["street", "address"], "names a postal address"),
    (&["ssn"], "names an identity number"),
    (&["iban"], "names a bank account"),
    (&["card", "number"], "names a payment card"),
    (&["credit", "card"], "names a payment card"),
    (&["latitude"], "names a position"),
    (&["longitude"], "names a position"),
    (&["lat"], "names a position"),
    (&["lng"], "names a position"),
    (&["lon"], "names a position"),
];

/// Beginnings of well-known secrets.
const SECRET_PREFIXES: &[&str] = &[
    "sk-",
    "sk_live_",
    "rk_live_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "AIza",
    "ya29.",
    "npm_",
    "pypi-",
    "hf_",
    "alm_s_",
    "alm_i_",
];
/// Shortest text with a secret's beginning that is taken for one, bytes.
const SECRET_BYTES_MIN: usize = 16;
/// Shortest run of letters and digits that is taken for a secret whatever it begins with, bytes.
const OPAQUE_BYTES_MIN: usize = 32;
/// Digits and letters that such a run has at least, each.
const OPAQUE_MIX_MIN: usize = 4;
/// Parts of paths that are followed by the name of a person's account.
const HOME_FOLDERS: &[&str] = &["/home/", "/Users/", "\\Users\\"];

/// What a field of that name would hold, if it may not be there.
pub fn in_name(name: &str) -> Option<&'static str> {
    let words = words(name);
    NAMES
        .iter()
        .find(|(ending, _)| ends_with(&words, ending))
        .map(|(_, what)| *what)
}

/// What a text value holds, if it may not be there.
pub fn in_value(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if is_phone(text) {
        return Some("looks like a phone number");
    }
    if is_card(text) {
        return Some("looks like the number of a payment card");
    }
    if text.contains("-----BEGIN ") {
        return Some("looks like a private key");
    }
    if HOME_FOLDERS.iter().any(|folder| is_below(text, folder)) {
        return Some("holds the home folder of a person");
    }
    let breaks = |c: char| c.is_whitespace() || ",;<>()[]{}\"'|=".contains(c);
    text.split(breaks)
        .map(|token| token.trim_end_matches(['.', ':', '!', '?']))
        .find_map(in_token)
}

fn in_token(token: &str) -> Option<&'static str> {
    if is_email(token) {
        Some("looks like an e-mail address")
    } else if is_address(token) {
        Some("looks like an IP address")
    } else if is_secret(token) {
        Some("looks like a secret")
    } else {
        None
    }
}

/// The words of a name in lower case: parts between signs, and humps of camel case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        after_lower = c.is_lowercase();
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn ends_with(words: &[String], ending: &[&str]) -> bool {
    let tail = words.iter().rev().zip(ending.iter().rev());
    words.len() >= ending.len() && tail.into_iter().all(|(word, wanted)| word == wanted)
}

fn is_email(token: &str) -> bool {
    let Some((local, domain)) = token.rsplit_once('@') else {
        return false;
    };
    let labels = domain.split('.');
    !local.is_empty()
        && domain.contains('.')
        && labels.into_iter().all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
}

fn is_address(token: &str) -> bool {
    let parsed = token.parse::<IpAddr>().or_else(|_| {
        token
            .parse()
            .map(|socket: std::net::SocketAddr| socket.ip())
    });
    parsed.is_ok_and(|address| !address.is_unspecified())
}

fn is_secret(token: &str) -> bool {
    let begins = |prefix: &&str| token.starts_with(*prefix);
    if token.len() >= SECRET_BYTES_MIN && SECRET_PREFIXES.iter().any(begins) {
        return true;
    }
    // The three parts of a JSON Web Token; the first is the Base64 of `{"`.
    if token.starts_with("eyJ") && token.split('.').count() == 3 {
        return true;
    }
    let count =
        |wanted: fn(&u8) -> bool| token.as_bytes().iter().filter(|byte| wanted(byte)).count();
    token.len() >= OPAQUE_BYTES_MIN
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+=".contains(&byte))
        && count(u8::is_ascii_digit) >= OPAQUE_MIX_MIN
        && count(u8::is_ascii_alphabetic) >= OPAQUE_MIX_MIN
}

/// International form only: a plain number of digits is more often a count.
fn is_phone(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('+') else {
        return false;
    };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    (8..=15).contains(&digits)
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b" -().".contains(&byte))
}

/// 15 or 16 digits with the check digit of ISO/IEC 7812 (Luhn) and the beginning of a large issuer.
fn is_card(text: &str) -> bool {
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b" -".contains(&byte))
    {
        return false;
    }
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => *digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    matches!(digits.len(), 15 | 16)
        && digits.first().is_some_and(|first| (3..=6).contains(first))
        && sum.is_multiple_of(10)
}

/// Whether a path leads into somebody's folder, not only to where such folders are.
fn is_below(text: &str, folder: &str) -> bool {
    text.split_once(folder)
        .is_some_and(|(_, below)| below.starts_with(|c: char| c.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_ask_for_personal_data_are_found() {
        for name in [
            "email",
            "userEmail",
            "E-Mail",
            "client_ip",
            "remoteIP",
            "x-api-key",
            "apiKey",
            "access_token",
            "Password",
            "user.name",
            "phone_number",
            "lat",
        ] {
            assert!(in_name(name).is_some(), "{name}");
        }
        for name in [
            "max_tokens",
            "token_count",
            "emails_sent",
            "zip",
            "tool",
            "plat",
            "format",
        ] {
            assert_eq!(in_name(name), None, "{name}");
        }
    }

    #[test]
    fn values_that_are_personal_data_are_found() {
        for value in [
            "jane@example.com",
            "mail to <jane.doe@mail.example>",
            "203.0.113.7",
            "from 203.0.113.7:443",
            "2001:db8::7",
            "[2001:db8::7]:80",
            "+49 30 1234567",
            "4111 1111 1111 1111",
            "ghp_0123456789abcdef0123",
            "eyJhbGciOi.eyJzdWIi.c2ln",
            "d41d8cd98f00b204e9800998ecf8427e",
            concat!("/", "home/jane/notes.txt"),
            "C:\\Users\\jane",
            "-----BEGIN RSA PRIVATE KEY-----",
        ] {
            assert!(in_value(value).is_some(), "{value}");
        }
        for value in [
            "1.2.3",
            "std::vec",
            "::",
            "12 files",
            "1234567890123",
            "search_documents",
            "/home",
            "a@b",
            "550e8400-e29b-41d4-a716-446655440000",
            "4111 1111 1111 1112",
        ] {
            assert_eq!(in_value(value), None, "{value}");
        }
    }
}
