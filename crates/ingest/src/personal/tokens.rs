//! Personal data that is one word of a text: e-mail addresses, IP addresses, secrets; and folders
//! that carry the name of an account.

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

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
    "ghu_",
    "ghr_",
    "sk_org_",
    "rk_test_",
    "xoxa-",
    "xoxr-",
    "xoxs-",
    "xapp-",
    "gsk_",
    "xai-",
    "r8_",
    "glptt-",
    "gldt-",
    "dckr_pat_",
    "hvs.",
    "PMAK-",
    "ATATT",
    "lin_api_",
    "phx_",
    "sntrys_",
    "shpss_",
    "sbp_",
    "nfp_",
    "EAAC",
    "AGE-SECRET-KEY-",
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
    "access_key",
    "secret_key",
    "private_key",
    "signing_key",
    "passphrase",
    "bearer",
];
/// The scheme of names and passwords in a header (RFC 7617), in lower case.
const BASIC: &str = "basic ";
/// Parts of paths that are followed by the name of a person's account.
const HOME_FOLDERS: &[&str] = &["/home/", "/Users/", "\\Users\\"];

/// How a key begins that is written in lines.
const KEY_HEAD: &str = "-----BEGIN ";
/// Everything above that may stand anywhere in a text: hardly any text has one of them, and one
/// look tells.
static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let marks = SECRET_WORDS
        .iter()
        .chain(HOME_FOLDERS)
        .chain([&KEY_HEAD, &BASIC]);
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        // The marks begin with ordinary letters: looking for those first costs more than it saves.
        .prefilter(false)
        .ascii_case_insensitive(true)
        .build(marks)
        .ok()
});

/// What one of the words of a text is.
pub(super) fn find(text: &str) -> Option<Sort> {
    if MARKS.as_ref().is_none_or(|marks| marks.is_match(text)) {
        if text.contains(KEY_HEAD) || gives_secret(text) || gives_basic(text) {
            return Some(Sort::Secret);
        }
        if HOME_FOLDERS.iter().any(|folder| is_below(text, folder)) {
            return Some(Sort::HomeFolder);
        }
    }
    let breaks = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | ';'
                    | '<'
                    | '>'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | '{'
                    | '}'
                    | '"'
                    | '\''
                    | '|'
                    | '='
                    | '&'
                    | '?'
            )
    };
    text.split(breaks)
        .map(|token| token.trim_end_matches(['.', ':', '!', '/']))
        .find_map(in_token)
}

fn in_token(token: &str) -> Option<Sort> {
    if has_password(token) {
        return Some(Sort::Secret);
    }
    // An address of a page may carry one in its path. Before its host stands an account there.
    let path = token.split_once("://").map_or(token, |(_, rest)| {
        rest.split_once('/').map_or("", |(_, path)| path)
    });
    if path.split('/').any(is_email) {
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

/// Whether an address gives a name and a password before its host: `https://jane:pw@example.com`.
fn has_password(token: &str) -> bool {
    let Some((_, rest)) = token.split_once("://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    authority
        .rsplit_once('@')
        .and_then(|(user, _)| user.split_once(':'))
        .is_some_and(|(_, password)| !password.is_empty())
}

/// Whether a text holds a name and a password as a header does: `Basic amFuZTpodW50ZXIy`. What
/// follows the word must be Base64 of text with a colon, which ordinary words are not.
fn gives_basic(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.match_indices(BASIC).any(|(at, word)| {
        let after = text.get(at + word.len()..).unwrap_or_default();
        let is_sign = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
        let end = after.find(|c| !is_sign(c)).unwrap_or(after.len());
        let said = after.get(..end).and_then(from_base64).unwrap_or_default();
        let is_text = |text: &str| !text.chars().any(char::is_control);
        said.len() >= GIVEN_BYTES_MIN
            && said.contains(&b':')
            && std::str::from_utf8(&said).is_ok_and(is_text)
    })
}

/// The bytes behind Base64, in either alphabet.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0);
    for sign in text.trim_end_matches('=').bytes() {
        let value = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

fn is_email(token: &str) -> bool {
    if !token.contains('@') {
        return false;
    }
    let token = token.rsplit_once("mailto:").map_or(token, |(_, rest)| rest);
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
    let has = |wanted: fn(&u8) -> bool| token.as_bytes().iter().any(wanted);
    if !has(u8::is_ascii_digit) || !has(|byte| matches!(byte, b'.' | b':')) {
        return false;
    }
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
