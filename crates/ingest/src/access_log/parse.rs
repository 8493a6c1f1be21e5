//! One line, taken apart. Servers escape quotes in different ways or not at all, so each quoted
//! text ends at the quote that what follows it proves to be the closing one.

use std::net::IpAddr;

use almanac_model::Instant;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{LogLine, Skip};
use crate::limits::LOG_LINE_BYTES_MAX;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Reads a line in Common or Combined format, with or without a virtual host in front.
pub fn parse(line: &str) -> Result<LogLine<'_>, Skip> {
    if line.len() > LOG_LINE_BYTES_MAX {
        return Err(Skip::Unreadable);
    }
    parts(line.trim()).ok_or(Skip::Unreadable)
}

fn parts(line: &str) -> Option<LogLine<'_>> {
    let (client, rest) = line.split_once(" [")?;
    let (time, rest) = rest.split_once("] \"")?;
    let (request, rest) = split_request(rest)?;
    let mut words = request.split_ascii_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let mut numbers = rest.trim_start().splitn(3, ' ');
    let status = numbers.next()?.parse().ok()?;
    let bytes = numbers.next().and_then(|bytes| bytes.parse().ok());
    let (referrer, user_agent) = quoted_pair(numbers.next().unwrap_or("").trim());
    Some(LogLine {
        ip: client
            .split_ascii_whitespace()
            .take(2)
            .find_map(client_address),
        time: time_of(time)?,
        method,
        target,
        status,
        bytes,
        referrer: present(referrer),
        user_agent: present(user_agent),
    })
}

fn client_address(word: &str) -> Option<IpAddr> {
    word.parse().ok()
}

/// The request line, up to the quote that a status follows.
fn split_request(text: &str) -> Option<(&str, &str)> {
    text.match_indices("\" ").find_map(|(at, quote)| {
        let (request, rest) = (text.get(..at)?, text.get(at + quote.len()..)?);
        let status = rest.split(' ').next()?;
        let is_status = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
        is_status.then_some((request, rest))
    })
}

/// The referrer and the user agent of `"referrer" "user agent"`. The last quote may be missing in a
/// line that was cut off, and quotes inside belong to the texts.
fn quoted_pair(text: &str) -> (&str, &str) {
    let Some(text) = text.strip_prefix('"') else {
        return ("", "");
    };
    let Some((referrer, user_agent)) = text.split_once("\" \"") else {
        return (text.strip_suffix('"').unwrap_or(text), "");
    };
    // Servers may append fields of their own behind the user agent.
    let end = user_agent
        .rfind("\" ")
        .or_else(|| user_agent.strip_suffix('"').map(str::len));
    (
        referrer,
        end.and_then(|end| user_agent.get(..end))
            .unwrap_or(user_agent),
    )
}

fn present(text: &str) -> &str {
    if text == "-" { "" } else { text }
}

/// The instant of `17/May/2015:10:05:03 +0000`.
fn time_of(text: &str) -> Option<Instant> {
    let (local, offset) = text.split_once(' ')?;
    let mut words = local.split(['/', ':']);
    let day = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS
        .iter()
        .position(|name| name.eq_ignore_ascii_case(month))?;
    let year = words.next()?.parse().ok()?;
    let hour = words.next()?.parse().ok()?;
    let minute = words.next()?.parse().ok()?;
    // A leap second is the last one before it.
    let second = words.next()?.parse::<i8>().ok()?.min(59);
    let month = i8::try_from(month + 1).ok()?;
    let local = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let digits: i32 = offset.parse().ok()?;
    let offset = Offset::from_seconds((digits / 100 * 60 + digits % 100) * 60).ok()?;
    offset.to_timestamp(local).ok().map(Instant::from)
}
