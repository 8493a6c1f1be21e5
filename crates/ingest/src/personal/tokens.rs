//! Personal data that is one word of a text: e-mail addresses, IP addresses, secrets; and folders
//! that carry the name of an account.

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::Sort;

/// Beginnings of well-known secrets.
const SECRET_PREFIXES: &[&str] = &[
    "sk-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "pk_live_",
    "whsec_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
    "npm_",
    "pypi-",
    "hf_",
    "dop_v1_",
    "shpat_",
    "SG.",
    "alm_s_",
    "alm_i_",
];
/// Shortest text with a secret's beginning that is taken for one, bytes.
const SECRET_BYTES_MIN: usize = 16;
/// Shortest run of letters and digits that is taken for a secret whatever it begins with, bytes.
const OPAQUE_BYTES_MIN: usize = 32;
/// Digits and letters that such a run has at least, each.
const OPAQUE_MIX_MIN: usize = 4;
/// Shortest value that a text may give to a word which asks for a secret, bytes.
const GIVEN_BYTES_MIN: usize = 4;
/// Words before `=` or `:` after which a secret stands.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "access_token",
    "bearer",
];
/// Parts of paths that are followed by the name of a person's account.
const HOME_FOLDERS: &[&str] = &["/home/", "/Users/", "\\Users\\"];

/// How a key begins that is written in lines.
const KEY_HEAD: &str = "-----BEGIN ";
/// Everything above that may stand anywhere in a text: hardly any text has one of them, and one
/// look tells.
static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let marks = SECRET_WORDS.iter().chain(HOME_FOLDERS).chain([&KEY_HEAD]);
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(marks)
        .ok()
});

/// What one of the words of a text is.
pub(super) fn find(text: &str) -> Option<Sort> {
    if MARKS.as_ref().is_none_or(|marks| marks.is_match(text)) {
        if text.contains(KEY_HEAD) || gives_secret(text) {
            return Some(Sort::Secret);
        }
        if HOME_FOLDERS.iter().any(|folder| is_below(text, folder)) {
            return Some(Sort::HomeFolder);
        }
    }
    let breaks = |c: char| c.is_whitespace() || ",;<>()[]{}\"'|=&?".contains(c);
    text.split(breaks)
        .map(|token| token.trim_end_matches(['.', ':', '!', '/']))
        .find_map(in_token)
}

fn in_token(token: &str) -> Option<Sort> {
    // An address of a page may carry one in its path.
    if token.split('/').any(is_email) {
        Some(Sort::Email)
    } else if token.split('/').any(is_address) {
        Some(Sort::Address)
    } else if is_secret(token) {
        Some(Sort::Secret)
    } else {
        is_opaque(token).then_some(Sort::Opaque)
    }
}

/// Whether the text gives a value to a word that asks for a secret: `password=…`, `Bearer …`.
fn gives_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let before = lower.get(..at).unwrap_or_default();
            let after = lower.get(at + word.len()..).unwrap_or_default();
            let is_whole = !before.ends_with(|c: char| c.is_alphanumeric());
            let gap = if *word == "bearer" { " " } else { "=:" };
            let given = after.trim_start_matches(' ');
            let value = if gap == " " {
                after.strip_prefix(' ')
            } else {
                given.strip_prefix(|c| gap.contains(c))
            };
            let value = value.unwrap_or_default().trim_start();
            let length = value.find(char::is_whitespace).unwrap_or(value.len());
            let needed = if gap == " " {
                SECRET_BYTES_MIN
            } else {
                GIVEN_BYTES_MIN
            };
            is_whole && length >= needed
        })
    })
}

fn is_email(token: &str) -> bool {
    if !token.bytes().any(|byte| matches!(byte, b'@' | b'%')) {
        return false;
    }
    let decoded = token.replace("%40", "@");
    let token = decoded
        .rsplit_once("mailto:")
        .map_or(decoded.as_str(), |(_, rest)| rest);
    let Some((local, domain)) = token.rsplit_once('@') else {
        return false;
    };
    let local = local.rsplit(':').next().unwrap_or_default();
    // What stands behind the last dot is a country or the like, and no version of a package.
    let is_name =
        |label: &str| label.chars().all(|c| c.is_alphabetic()) && label.chars().count() >= 2;
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    !local.is_empty()
        && domain
            .rsplit_once('.')
            .is_some_and(|(_, last)| is_name(last) || last.starts_with("xn--"))
        && domain.split('.').all(is_label)
}

/// An address of a machine somewhere. Networks (`10.0.0.0`), this machine (`127.0.0.1`) and words
/// that read as an address only by chance (`dead::beef`) are none.
fn is_address(token: &str) -> bool {
    let parsed = token
        .parse::<IpAddr>()
        .or_else(|_| token.parse().map(|socket: SocketAddr| socket.ip()));
    match parsed {
        Ok(IpAddr::V4(address)) => {
            let is_network = address.octets()[3] == 0;
            !is_network && !address.is_loopback() && !address.is_broadcast()
        }
        Ok(IpAddr::V6(address)) => {
            let has_digit = token.bytes().any(|byte| byte.is_ascii_digit());
            has_digit && !address.is_unspecified() && !address.is_loopback()
        }
        Err(_) => false,
    }
}

fn is_secret(token: &str) -> bool {
    let begins = |prefix: &&str| token.starts_with(*prefix);
    if token.len() >= SECRET_BYTES_MIN && SECRET_PREFIXES.iter().any(begins) {
        // A word with hyphens may begin like a secret, which has digits or capitals.
        return token
            .bytes()
            .any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    }
    // The three parts of a JSON Web Token; the first is the Base64 of `{"`.
    token.starts_with("eyJ") && token.split('.').count() == 3
}

fn is_opaque(token: &str) -> bool {
    let count =
        |wanted: fn(&u8) -> bool| token.as_bytes().iter().filter(|byte| wanted(byte)).count();
    token.len() >= OPAQUE_BYTES_MIN
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+_".contains(&byte))
        && count(u8::is_ascii_digit) >= OPAQUE_MIX_MIN
        && count(u8::is_ascii_alphabetic) >= OPAQUE_MIX_MIN
}

/// Whether a path leads into somebody's folder, not only to where such folders are.
fn is_below(text: &str, folder: &str) -> bool {
    text.split_once(folder)
        .is_some_and(|(_, below)| below.starts_with(|c: char| c.is_alphanumeric()))
}
