//! Access logs of web servers, Common and Combined, one line at a time: what a line says, and which
//! lines are views of a page. Reading files, counting and progress belong to whoever imports.

mod parse;

use std::net::IpAddr;

use almanac_model::time::SECOND_US;
use almanac_model::{EventId, Instant};

use crate::Draft;
use crate::address;

pub use parse::parse;

/// One line of an access log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// Address of the client, where the server wrote one.
    pub ip: Option<IpAddr>,
    /// When the request came in.
    pub time: Instant,
    /// `GET`, …
    pub method: &'a str,
    /// Path and query, or a whole address where the server was a proxy.
    pub target: &'a str,
    /// Status of the answer.
    pub status: u16,
    /// Size of the answer's body, where written.
    pub bytes: Option<u64>,
    /// Referring address; empty where there was none.
    pub referrer: &'a str,
    /// User agent; empty where there was none.
    pub user_agent: &'a str,
}

macro_rules! skips {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// Why a line is no view of a page.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
        pub enum Skip { $($(#[$doc])* #[error($name)] $variant,)* }

        impl Skip {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

skips! {
    /// No line of the two formats.
    Unreadable = "unreadable",
    /// Not a `GET`: nobody looked at a page.
    Method = "method",
    /// Neither 2xx nor 304: no page was shown.
    Status = "status",
    /// Before there were access logs: the clock of the server was not set.
    TooEarly = "before 1995",
    /// After the present: the clock of the server was wrong.
    InFuture = "in the future",
    /// An image, a script, a style sheet or another part of a page.
    Asset = "asset",
}

/// The first day of 1995, UTC: the Common Log Format is hardly older.
const BEGINNING: Instant = Instant(788_918_400 * SECOND_US);
/// How far the clock of a web server may be ahead of ours, microseconds: five minutes.
const CLOCK_LEAD_MAX_US: i64 = 300 * SECOND_US;

/// Endings of files that are parts of pages, or that programs fetch.
const ASSET_ENDINGS: &[&str] = &[
    "7z",
    "apk",
    "atom",
    "avi",
    "avif",
    "bmp",
    "br",
    "bz2",
    "css",
    "csv",
    "cur",
    "deb",
    "dmg",
    "doc",
    "docx",
    "eot",
    "eps",
    "exe",
    "flac",
    "flv",
    "gif",
    "gz",
    "ico",
    "iso",
    "jar",
    "jpeg",
    "jpg",
    "js",
    "json",
    "m3u8",
    "m4a",
    "m4v",
    "map",
    "mjs",
    "mkv",
    "mov",
    "mp3",
    "mp4",
    "mpeg",
    "mpg",
    "msi",
    "ogg",
    "ogv",
    "otf",
    "pdf",
    "pkg",
    "png",
    "ppt",
    "pptx",
    "rar",
    "rpm",
    "rss",
    "svg",
    "swf",
    "tar",
    "tgz",
    "tif",
    "tiff",
    "ts",
    "ttf",
    "txt",
    "wasm",
    "wav",
    "webm",
    "webmanifest",
    "webp",
    "wmv",
    "woff",
    "woff2",
    "xls",
    "xlsx",
    "xml",
    "xz",
    "zip",
    "zst",
];

/// Refuses a line whose clock cannot have been right. One such line would stretch "all time" over
/// decades.
pub fn check_time(line: &LogLine<'_>, now: Instant) -> Result<(), Skip> {
    if line.time < BEGINNING {
        return Err(Skip::TooEarly);
    }
    if line.time > now.plus_us(CLOCK_LEAD_MAX_US) {
        return Err(Skip::InFuture);
    }
    Ok(())
}

/// The view of a page that a line tells of. `host` is the host of the log, for servers write only
/// paths. Process the draft with the line's address and user agent as sender, `received` set to the
/// line's time, and the origin [`AccessLog`](crate::Origin::AccessLog). Parts of pages are skipped
/// unless they are asked for.
pub fn to_draft(line: &LogLine<'_>, host: &str, with_assets: bool) -> Result<Draft, Skip> {
    if line.method != "GET" {
        return Err(Skip::Method);
    }
    if !matches!(line.status, 200..=299 | 304) {
        return Err(Skip::Status);
    }
    let url = if line.target.starts_with('/') {
        format!("http://{host}{}", line.target)
    } else {
        line.target.to_owned()
    };
    let page = address::parse(&url).map_err(|_| Skip::Unreadable)?;
    if !with_assets && is_asset(page.path) {
        return Err(Skip::Asset);
    }
    Ok(Draft {
        name: almanac_model::kind::web::PAGEVIEW.to_owned(),
        referrer: line.referrer.to_owned(),
        url,
        ..Draft::default()
    })
}

fn is_asset(path: &str) -> bool {
    let file = path.rsplit_once('/').map_or(path, |(_, file)| file);
    let Some((_, ending)) = file.rsplit_once('.') else {
        return false;
    };
    ASSET_ENDINGS
        .iter()
        .any(|asset| asset.eq_ignore_ascii_case(ending))
}

/// The id of a line's event: the same line gives the same id, so that importing a log twice changes
/// nothing. `repeat` tells equal lines of one log apart: how many came before this one.
pub fn line_id(line: &[u8], repeat: u64) -> EventId {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(b"access log line")
        .update(&repeat.to_le_bytes())
        .update(line);
    let hash = hasher.finalize();
    let (first, _) = hash
        .as_bytes()
        .split_first_chunk::<16>()
        .unwrap_or((&[0; 16], &[]));
    EventId(u128::from_le_bytes(*first))
}

#[cfg(test)]
mod tests;
