//! From the text of a setting to its value. Each function says what would have been right.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use almanac_api::Destination;
use almanac_catalog::user::Role;
use almanac_catalog::{InstanceSecret, PostgresAddress};
use almanac_ingest::AddressRange;
use lettre::message::Mailbox;

/// A value, or the reason why the text is none.
type Read<T> = Result<T, String>;

/// Google's address, as its tokens name it.
pub(crate) const GOOGLE: &str = "https://accounts.google.com";

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// How mail is protected on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// TLS after the greeting, or no mail.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Not at all.
    None,
}

pub(super) fn listen(text: &str) -> Read<SocketAddr> {
    let expected = || "is no address; write one like 127.0.0.1:8000".to_owned();
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let (host, port) = text.rsplit_once(':').ok_or_else(expected)?;
    let ip: IpAddr = match host {
        "localhost" => IpAddr::from([127, 0, 0, 1]),
        "" | "*" => IpAddr::from([0, 0, 0, 0]),
        _ => return Err(expected()),
    };
    Ok(SocketAddr::new(ip, port.parse().map_err(|_| expected())?))
}

pub(super) fn base_url(text: &str) -> Read<Option<String>> {
    if text.is_empty() {
        return Ok(None);
    }
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain = |rest: &&str| !rest.is_empty() && !rest.contains(['?', '#', ' ', '@']);
    match rest.filter(plain) {
        Some(_) => Ok(Some(text.trim_end_matches('/').to_owned())),
        None => Err("is no base address; write one like https://stats.example".into()),
    }
}

pub(super) fn path(text: &str) -> Read<PathBuf> {
    if text.is_empty() {
        Err("is empty; write a path".into())
    } else {
        Ok(PathBuf::from(text))
    }
}

pub(super) fn optional_path(text: &str) -> Read<Option<PathBuf>> {
    Ok(Some(PathBuf::from(text)).filter(|path| !path.as_os_str().is_empty()))
}

pub(super) fn optional_text(text: &str) -> Read<Option<String>> {
    Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// A secret that is strong enough; the text itself is in no message.
pub(super) fn instance_secret(text: &str) -> Read<Option<String>> {
    let text = optional_text(text)?;
    if let Some(text) = &text {
        InstanceSecret::from_text(text).map_err(|refusal| refusal.to_string())?;
    }
    Ok(text)
}

/// The address of a database; it may hold a password and is in no message.
pub(super) fn catalog(text: &str) -> Read<Option<String>> {
    let text = optional_text(text)?;
    if let Some(text) = &text {
        PostgresAddress::parse(text, None).map_err(|refusal| refusal.to_string())?;
    }
    Ok(text)
}

pub(super) fn networks(text: &str) -> Read<Vec<AddressRange>> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let remedy = "write ones like 10.0.0.0/8, 192.0.2.7";
            AddressRange::parse(part).ok_or_else(|| format!("holds {part:?}, no network; {remedy}"))
        })
        .collect()
}

/// The parts of a list with commas.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Names of hosts in their one spelling, as a certificate can hold them.
pub(super) fn hosts(text: &str) -> Read<Vec<String>> {
    let read = |part: &str| {
        let is_name = part.contains('.') && part.parse::<IpAddr>().is_err();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        match is_name && part.chars().all(plain) {
            true => Ok(part.to_ascii_lowercase()),
            false => Err(format!(
                "holds {part:?}, no host name; write ones like stats.example"
            )),
        }
    };
    listed(text).map(read).collect()
}

/// The address of an authority's directory.
pub(super) fn directory(text: &str) -> Read<String> {
    match text.strip_prefix("https://") {
        Some(rest) if !rest.is_empty() => Ok(text.to_owned()),
        _ => Err("is no address of an ACME directory; it begins with https://".into()),
    }
}

pub(super) fn destinations(text: &str) -> Read<Vec<Destination>> {
    let read = |part| {
        let remedy = "write ones like login.lan:8443, 10.0.0.7:9000";
        Destination::parse(part)
            .ok_or_else(|| format!("holds {part:?}, no host with a port; {remedy}"))
    };
    listed(text).map(read).collect()
}

pub(super) fn ports(text: &str) -> Read<Vec<u16>> {
    let read = |part: &str| match part.parse() {
        Ok(port) if port != 0 => Ok(port),
        _ => Err(format!(
            "holds {part:?}, no port; write ones like 8080, 8443"
        )),
    };
    listed(text).map(read).collect()
}

pub(super) fn boolean(text: &str) -> Read<bool> {
    match text {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("is neither true nor false".into()),
    }
}

/// Whole numbers of bytes, with an optional unit of 1,024.
pub(super) fn bytes(text: &str) -> Read<u64> {
    let text = text.trim();
    let digits_end = text
        .find(|c: char| !c.is_ascii_digit() && c != '_')
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(digits_end);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kib" => Some(1 << 10),
        "m" | "mib" => Some(1 << 20),
        "g" | "gib" => Some(1 << 30),
        "t" | "tib" => Some(1_u64 << 40),
        _ => None,
    };
    let number: Option<u64> = digits.replace('_', "").parse().ok();
    number
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(factor))
        .ok_or_else(|| "is no size; write bytes or one like 512 MiB".into())
}

/// A whole number from `MIN` to `MAX`.
pub(super) fn number<const MIN: u64, const MAX: u64>(text: &str) -> Read<u64> {
    match text.replace('_', "").parse() {
        Ok(number) if (MIN..=MAX).contains(&number) => Ok(number),
        _ => Err(format!("is no whole number from {MIN} to {MAX}")),
    }
}

/// A size from `MIN` to `MAX` bytes.
pub(super) fn bytes_within<const MIN: u64, const MAX: u64>(text: &str) -> Read<u64> {
    match bytes(text)? {
        size if (MIN..=MAX).contains(&size) => Ok(size),
        size => Err(format!(
            "is {size} bytes, outside the allowed {MIN} to {MAX}"
        )),
    }
}

pub(super) fn durability(text: &str) -> Read<almanac_queue::Durability> {
    match text {
        "strict" => Ok(almanac_queue::Durability::Strict),
        "relaxed" => Ok(almanac_queue::Durability::Relaxed {
            sync_interval_ms: 1_000,
        }),
        _ => Err("is neither strict nor relaxed".into()),
    }
}

pub(super) fn mail_tls(text: &str) -> Read<MailTls> {
    match text {
        "starttls" => Ok(MailTls::StartTls),
        "tls" => Ok(MailTls::Tls),
        "none" => Ok(MailTls::None),
        _ => Err("is none of starttls, tls, none".into()),
    }
}

pub(super) fn mailbox(text: &str) -> Read<Option<Mailbox>> {
    let expected = "is no sender; write one like Almanac <almanac@stats.example>";
    optional_text(text)?
        .map(|text| text.parse().map_err(|_| expected.to_owned()))
        .transpose()
}

/// The address of a provider of sign-ins, as its tokens name it.
pub(super) fn issuer(text: &str) -> Read<Option<String>> {
    let text = text.trim();
    let local = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    // The next character ends the host: http://localhost.example is none of this machine.
    let is_local = local.iter().any(|origin| {
        let rest = text.strip_prefix(origin);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    let is_plain = !text.contains(['?', '#', ' ', '@']);
    match text {
        "" => Ok(None),
        "google" => Ok(Some(GOOGLE.to_owned())),
        _ if is_plain && (is_local || text.starts_with("https://")) => Ok(Some(text.to_owned())),
        _ => Err("is no provider; write google, or an address like https://id.example".into()),
    }
}

/// What somebody becomes who joins without an invitation. Nobody becomes an owner by that.
pub(super) fn joining_role(text: &str) -> Read<Role> {
    Role::from_name(text)
        .filter(|role| *role != Role::Owner)
        .ok_or_else(|| "is none of viewer, editor, admin".into())
}

pub(super) fn domains(text: &str) -> Read<Vec<String>> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts
        .map(
            |part| match part.contains(['@', '*', '/', ' ']) || !part.contains('.') {
                true => Err(format!(
                    "holds {part:?}, no domain; write ones like shop.example"
                )),
                false => Ok(part.to_ascii_lowercase()),
            },
        )
        .collect()
}

pub(super) fn log_format(text: &str) -> Read<LogFormat> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("is neither text nor json".into()),
    }
}

/// A level, or a list of `target=level` as tracing understands it; checked when logging starts.
pub(super) fn log_level(text: &str) -> Read<String> {
    let level = |part: &str| {
        let name = part
            .rsplit_once('=')
            .map_or(part, |(_, level)| level)
            .trim();
        matches!(name, "off" | "error" | "warn" | "info" | "debug" | "trace")
    };
    if text.split(',').all(level) {
        return Ok(text.to_owned());
    }
    Err("is no level; write off, error, warn, info, debug or trace".into())
}
