//! Host names of projects: one spelling for each, so that comparing them is comparing text.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::error::{CatalogError, Result};
use crate::limits;

/// The one spelling of a host: lower case, without `www.`, port and trailing dot.
///
/// # Errors
/// `Invalid` for the field `hosts` when the text is no host; an address is answered with its host.
pub fn normalise(text: &str) -> Result<String> {
    let lower = text.trim().to_lowercase();
    if let Some((_, rest)) = lower.split_once("://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return invalid(text, &format!("is an address; write its host {host:?}"));
    }
    let bare = lower.strip_suffix('.').unwrap_or(&lower);
    let bare = bare.strip_prefix("www.").unwrap_or(bare);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    let host = &ascii(without_port(bare));
    if host.is_empty() || host.len() > limits::HOST_BYTES_MAX {
        return invalid(text, "is no host name; write one like shop.example");
    }
    if !host.split('.').all(is_label) {
        return invalid(
            text,
            "is no host name: letters, digits and hyphens between dots",
        );
    }
    Ok(host.to_string())
}

/// An international name as browsers send it, `xn--…`; what cannot be one is left to be refused.
fn ascii(host: &str) -> Cow<'_, str> {
    idna::domain_to_ascii_cow(host.as_bytes(), idna::AsciiDenyList::EMPTY)
        .unwrap_or(Cow::Borrowed(host))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    }
}

fn is_label(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len())
        && label.bytes().all(inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn invalid<T>(text: &str, reason: &str) -> Result<T> {
    Err(CatalogError::invalid("hosts", format!("{text:?} {reason}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(normalise(text).ok().as_deref(), expected, "{text:?}");
    }

    #[test]
    fn every_spelling_of_a_host_becomes_one() {
        check("Shop.Example", Some("shop.example"));
        check("www.shop.example.", Some("shop.example"));
        check(" shop.example:8080 ", Some("shop.example"));
        check("localhost:3000", Some("localhost"));
        check("127.0.0.1:8000", Some("127.0.0.1"));
        check("::1", Some("::1"));
        check("xn--bcher-kva.example", Some("xn--bcher-kva.example"));
        check("www.BÜCHER.example:80", Some("xn--bcher-kva.example"));
        check(&["a"; 127].join("."), Some(&["a"; 127].join(".")));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        let cases = [
            "",
            ".",
            "shop example",
            "shop..example",
            "-shop.example",
            "a/b",
        ];
        for text in cases {
            check(text, None);
        }
        check(&["a"; 128].join("."), None);
        check(&"a".repeat(64), None);
    }

    #[test]
    fn an_address_is_answered_with_its_host() {
        let message = normalise("https://shop.example/cart")
            .unwrap_err()
            .to_string();
        assert_eq!(
            message,
            r#"hosts: "https://shop.example/cart" is an address; write its host "shop.example""#
        );
    }
}
