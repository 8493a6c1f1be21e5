//! Addresses of pages: split without judging more than needed, hosts brought to one form, paths
//! decoded. Anything that a browser can show in its address bar must pass through here unharmed.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::limits::HOST_BYTES_MAX;

/// What stands for the host of an address that has none.
pub(crate) const NO_HOST: &str = "(none)";

/// The parts of an absolute address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    /// Host in its one form, or [`NO_HOST`].
    pub(crate) host: Cow<'a, str>,
    /// Path as it came, without query and fragment; may be empty.
    pub(crate) path: &'a str,
    /// Query as it came, without the question mark.
    pub(crate) query: &'a str,
    /// Fragment as it came, without the number sign.
    pub(crate) fragment: &'a str,
}

/// Why a text is no usable address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressFault {
    /// No scheme: the text does not say where the page is.
    NotAbsolute,
    /// A `data:` address.
    Data,
    /// The host holds characters that no host can have.
    Host,
}

impl AddressFault {
    /// The sentence that a client is told.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::NotAbsolute => "must be an absolute address such as https://shop.example/cart",
            Self::Data => "must not be a data: address",
            Self::Host => "has a host that no address can have",
        }
    }
}

/// Splits an absolute address.
pub(crate) fn parse(text: &str) -> Result<Address<'_>, AddressFault> {
    let text = text.trim();
    let (scheme, rest) = text.split_once(':').ok_or(AddressFault::NotAbsolute)?;
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.bytes().all(letters) {
        return Err(AddressFault::NotAbsolute);
    }
    if scheme.eq_ignore_ascii_case("data") {
        return Err(AddressFault::Data);
    }
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let Some(rest) = rest.strip_prefix("//") else {
        // `localhost:8000/x` reads as a scheme; nobody means that.
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(AddressFault::NotAbsolute);
        }
        return Ok(Address {
            host: Cow::Borrowed(NO_HOST),
            path: rest,
            query,
            fragment,
        });
    };
    let (authority, path) = match rest.find(['/', '\\']) {
        Some(at) => rest.split_at_checked(at).unwrap_or((rest, "")),
        None => (rest, ""),
    };
    let host = host_of_authority(authority);
    let host = if host.is_empty() {
        Cow::Borrowed(NO_HOST)
    } else {
        normalised(host).ok_or(AddressFault::Host)?
    };
    Ok(Address {
        host,
        path,
        query,
        fragment,
    })
}

/// The host of an absolute address, in its one form; none where it names none.
pub fn page_host(url: &str) -> Option<Cow<'_, str>> {
    let address = parse(url).ok()?;
    (address.host != NO_HOST).then_some(address.host)
}

/// The authority without user information and port.
fn host_of_authority(authority: &str) -> &str {
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    if host.starts_with('[') {
        return host
            .split_once(']')
            .and_then(|(v6, _)| host.get(..=v6.len()))
            .unwrap_or("");
    }
    host.split_once(':').map_or(host, |(name, _)| name)
}

/// The one form of a host: lower case, punycode for other scripts, without `www.` and the root's
/// dot. None when no host can look like that.
pub fn normal_host(host: &str) -> Option<String> {
    normalised(host_of_authority(host.trim())).map(Cow::into_owned)
}

fn normalised(host: &str) -> Option<Cow<'_, str>> {
    if host.len() > HOST_BYTES_MAX * 4 {
        return None;
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let host: Cow<'_, str> = if !host.bytes().all(plain) || host.contains("xn--") {
        match url::Host::parse(host).ok()? {
            url::Host::Domain(domain) => Cow::Owned(domain),
            address => Cow::Owned(address.to_string()),
        }
    } else if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    };
    let short = host.trim_end_matches('.');
    let short = short
        .strip_prefix("www.")
        .filter(|rest| !rest.is_empty())
        .unwrap_or(short);
    if short.is_empty() || short.len() > HOST_BYTES_MAX {
        return None;
    }
    if short.len() == host.len() {
        return Some(host);
    }
    Some(match &host {
        Cow::Borrowed(whole) => {
            let start = whole.trim_end_matches('.').len() - short.len();
            Cow::Borrowed(whole.get(start..start + short.len())?)
        }
        Cow::Owned(_) => Cow::Owned(short.to_owned()),
    })
}

/// The part of a host that was registered as a name: `shop.example.co.uk` gives `example.co.uk`.
/// Addresses, single labels and public suffixes are their own.
pub fn registrable_domain(host: &str) -> &str {
    if host.parse::<std::net::Ipv4Addr>().is_ok() {
        return host;
    }
    psl::domain_str(host).unwrap_or(host)
}

/// The path of an address as it is stored: decoded where that gives valid text, `/` when empty,
/// with the parameters that are kept, in the order of their list, and with the fragment behind it
/// when the site routes by fragments.
pub(crate) fn stored_path(address: &Address<'_>, hash_mode: bool, kept: &[String]) -> String {
    let mut path = decoded(address.path).into_owned();
    if !kept.is_empty() && !address.query.is_empty() {
        add_parameters(&mut path, address.query, kept);
    }
    if hash_mode && !address.fragment.is_empty() {
        path.push('#');
        path.push_str(&decoded(address.fragment));
    }
    let mut path = crate::text::clean(&path, almanac_model::limits::URL_BYTES_MAX);
    if path.is_empty() || path.starts_with(['#', '?']) {
        path.insert(0, '/');
    }
    path
}

/// Adds the parameters that are kept, the first of each name, readable: only the sign that parts
/// them is escaped in their values.
fn add_parameters(path: &mut String, query: &str, kept: &[String]) {
    let mut sign = '?';
    for wanted in kept {
        let found = parameters(query).find(|(name, _)| name == wanted.as_str());
        if let Some((name, value)) = found {
            path.push(sign);
            path.push_str(&name);
            path.push('=');
            path.push_str(&value.replace('&', "%26"));
            sign = '&';
        }
    }
}

/// Percent-decoded, or as it came when the bytes are no UTF-8: a foreign encoding stays readable as
/// escapes instead of becoming question marks.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    percent_decode_str(text)
        .decode_utf8()
        .unwrap_or(Cow::Borrowed(text))
}

/// The parameters of a query, decoded, in their order.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    url::form_urlencoded::parse(query.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        let found = match parse(text) {
            Ok(address) => format!("{} {}", address.host, stored_path(&address, true, &[])),
            Err(fault) => format!("{fault:?}"),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn addresses_fall_into_host_and_path() {
        check(
            "https://www.Shop.Example:8443/a%20b/?x=1#y",
            "shop.example /a b/#y",
        );
        check("https://user:pass@shop.example", "shop.example /");
        check("http://[2001:DB8::1]:80/x", "[2001:db8::1] /x");
        check("https://shop.example/a/%20 ", "shop.example /a/");
        check("https://shop.example/%ff%fe", "shop.example /%ff%fe");
        check("https://shop.example/%00x%E2%80%AEy", "shop.example /xy");
        check("https://shop.example./x", "shop.example /x");
        check("https://BÜCHER.example/", "xn--bcher-kva.example /");
        check("https://xn--bcher-kva.example/", "xn--bcher-kva.example /");
        check("https://www.bücher.example/", "xn--bcher-kva.example /");
        check("file:///home/page.html", "(none) /home/page.html");
        check("https://shop.example#top", "shop.example /#top");
        check("https://www.de/x", "de /x");
        check("/just/a/path", "NotAbsolute");
        check("shop.example/x", "NotAbsolute");
        check("localhost:8000/x", "NotAbsolute");
        check("data:text/html,hello", "Data");
        check("https://sh op.example/", "Host");
        check("", "NotAbsolute");
    }

    #[test]
    fn parameters_are_kept_by_name_in_one_order() {
        let kept = ["page", "q"].map(str::to_owned);
        for (url, expected) in [
            (
                "https://shop.example/list?q=red%20shoes&x=1&page=2",
                "/list?page=2&q=red shoes",
            ),
            ("https://shop.example?page=2", "/?page=2"),
            ("https://shop.example/list?page=2&page=3", "/list?page=2"),
            ("https://shop.example/list?q=a%26b", "/list?q=a%26b"),
            ("https://shop.example/list?q", "/list?q="),
            ("https://shop.example/list?x=1", "/list"),
            ("https://shop.example/list?page=2#/top", "/list?page=2#/top"),
        ] {
            assert_eq!(
                stored_path(&parse(url).unwrap(), true, &kept),
                expected,
                "{url}"
            );
        }
    }

    #[test]
    fn registrable_domains_follow_the_public_suffix_list() {
        for (host, expected) in [
            ("a.b.example.co.uk", "example.co.uk"),
            ("example.com", "example.com"),
            ("me.github.io", "me.github.io"),
            ("localhost", "localhost"),
            ("10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(registrable_domain(host), expected);
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_parser(text in any::<String>(), rest in any::<String>()) {
            for candidate in [text.clone(), format!("https://{text}/{rest}")] {
                if let Ok(address) = parse(&candidate) {
                    let kept = ["a".to_owned(), rest.clone()];
                    prop_assert!(stored_path(&address, true, &kept).len() <= 2_001);
                    let host = address.host.into_owned();
                    if host != NO_HOST {
                        prop_assert_eq!(normal_host(&host).as_deref().map(str::is_empty), Some(false));
                    }
                }
            }
        }
    }
}
