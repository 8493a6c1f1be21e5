//! From the text of an address to a destination that may be asked, as far as the text alone tells.
//! Programs disagree about odd spellings, and attacks live where two of them do: whatever is not
//! written in the one plain way is refused, also where it would lead to a public host.

use std::net::IpAddr;

use url::{Host, Position, Url};

use super::network;
use super::policy::Policy;

/// Longest address, bytes.
const URL_BYTES_MAX: usize = 2_048;
/// Longest name of a host, bytes (RFC 1035).
const NAME_BYTES_MAX: usize = 253;

/// Last labels that no public host has: this machine, this network, or nothing at all.
const INTERNAL_LABELS: [&str; 9] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "arpa",
    "onion",
    "invalid",
];

/// Why an address may not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot be read.
    #[error("is no address; write one like https://example.com/path")]
    NoAddress,
    /// It has too many bytes.
    #[error("is longer than {URL_BYTES_MAX} bytes")]
    TooLong,
    /// It names another protocol.
    #[error("has to begin with http:// or https://")]
    Scheme,
    /// It carries a name or a password.
    #[error("may hold no user name and no password")]
    UserInfo,
    /// Its host is written in a way that programs read differently.
    #[error(
        "has to name its host plainly: a name in ASCII without a dot at the end, or an address"
    )]
    OddHost,
    /// Its host can only be one of an internal network.
    #[error("names a host of an internal network; an operator can allow it")]
    InternalName,
    /// Its port is not one that may be asked.
    #[error("has a port other than 80 and 443; an operator can allow it")]
    Port,
    /// Its host is, or stands for, an address that is not public.
    #[error("leads into an internal network; an operator can allow it")]
    NotPublic,
}

/// A destination whose text is in order.
#[derive(Debug)]
pub(super) struct Target {
    url: Url,
    host: Host<String>,
    port: u16,
    /// Whether the operator vouches for it, whatever its address is.
    is_trusted: bool,
}

impl Target {
    pub(super) fn parse(text: &str, policy: &Policy) -> Result<Self, Refused> {
        if text.len() > URL_BYTES_MAX {
            return Err(Refused::TooLong);
        }
        let authority = plain_authority(text)?;
        let url = Url::parse(text).map_err(|_| Refused::OddHost)?;
        let host = url.host().ok_or(Refused::NoAddress)?.to_owned();
        let port = url.port_or_known_default().ok_or(Refused::Port)?;
        let written = url.host_str().unwrap_or_default();
        if !is_written_like(authority, written) {
            return Err(Refused::OddHost);
        }
        let is_trusted = policy.trusts(written, port);
        if !is_trusted {
            if let Host::Domain(name) = &host {
                check_name(name)?;
            }
            if !policy.allows_port(port) {
                return Err(Refused::Port);
            }
        }
        Ok(Self {
            url,
            host,
            port,
            is_trusted,
        })
    }

    /// The address, where the host is one and no name.
    pub(super) fn literal(&self) -> Option<IpAddr> {
        match self.host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }

    /// Whether a connection to that address may be made for this destination.
    pub(super) fn judge(&self, address: IpAddr) -> Result<(), Refused> {
        if self.is_trusted || network::is_public(address) {
            Ok(())
        } else {
            Err(Refused::NotPublic)
        }
    }

    pub(super) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The host as it stands in the address.
    pub(super) fn host_text(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Host and port as the `host` header has them: without the port that goes without saying.
    pub(super) fn authority(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }

    /// What is asked for: path and query.
    pub(super) fn path_and_query(&self) -> &str {
        &self.url[Position::BeforePath..Position::AfterQuery]
    }
}

/// Host and port as they are written. Refuses what a reader might drop, add or read differently:
/// bytes outside of ASCII's visible ones, backslashes, missing slashes, and anything before an `@`.
fn plain_authority(text: &str) -> Result<&str, Refused> {
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    {
        return Err(Refused::NoAddress);
    }
    let (scheme, rest) = text.split_once(':').ok_or(Refused::NoAddress)?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(Refused::Scheme);
    }
    let rest = rest.strip_prefix("//").ok_or(Refused::NoAddress)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority {
        "" => Err(Refused::NoAddress),
        _ if authority.contains('@') => Err(Refused::UserInfo),
        _ => Ok(authority),
    }
}

/// Whether the host is written as it is meant, but for capital letters: no other base, no missing
/// part, no escape, no zero in front.
fn is_written_like(authority: &str, host: &str) -> bool {
    let rest = authority.get(host.len()..);
    let is_same = authority
        .get(..host.len())
        .is_some_and(|written| written.eq_ignore_ascii_case(host));
    is_same && rest.is_some_and(|rest| rest.is_empty() || is_plain_port(rest))
}

/// A colon and a number without zeros in front.
fn is_plain_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| {
        !digits.starts_with('0') && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// A name with at least two labels that can be a public one.
fn check_name(name: &str) -> Result<(), Refused> {
    let label_is_plain = |label: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let inner = label.trim_matches('-');
        inner.len() == label.len() && (1..=63).contains(&label.len()) && label.bytes().all(plain)
    };
    if name.len() > NAME_BYTES_MAX || !name.split('.').all(label_is_plain) {
        return Err(Refused::OddHost);
    }
    match name.rsplit_once('.') {
        None => Err(Refused::InternalName),
        Some((_, last)) if INTERNAL_LABELS.contains(&last) => Err(Refused::InternalName),
        Some(_) => Ok(()),
    }
}
