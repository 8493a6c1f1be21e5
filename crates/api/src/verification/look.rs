//! Looking at a host: a file with the token, or a first page with the token or with our snippet.
//! What a page says beyond that is not read, and not told to whoever asked.

use almanac_catalog::host;
use almanac_catalog::verification::Proof;

use crate::outbound::{Call, Outbound, OutboundError, Reply};

/// Where the file is looked for (RFC 8615).
const FILE_PATH: &str = "/.well-known/almanac-verification.txt";
/// Largest file that is read, bytes.
const FILE_BYTES_MAX: usize = 4 << 10;
/// Largest page that is read, bytes.
const PAGE_BYTES_MAX: usize = 1 << 20;
/// Longest tag that is read, bytes.
const TAG_BYTES_MAX: usize = 1 << 10;
/// How often an answer may lead on: from the bare name to `www.` and from http to https.
const REDIRECTS_MAX: u8 = 3;
/// The name of the `meta` element.
const META_NAME: &str = "almanac-verification";

/// What was found, and what was tried on the way.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) proof: Option<Proof>,
    pub(super) tried: Vec<Tried>,
}

/// One address and what came of it, in words for whoever owns the host.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) address: String,
    pub(super) outcome: String,
}

/// Where the file has to be.
pub(super) fn file_address(scheme: &str, host: &str) -> String {
    format!("{scheme}://{host}{FILE_PATH}")
}

/// What has to stand in the head of the first page.
pub(super) fn meta_element(token: &str) -> String {
    format!(r#"<meta name="{META_NAME}" content="{token}">"#)
}

/// Looks for the file first, then at the page; over http where https does not answer.
pub(super) async fn at(outbound: &Outbound, own_host: &str, token: &str, base_url: &str) -> Look {
    let mut look = Look {
        proof: None,
        tried: Vec::new(),
    };
    for scheme in ["https", "http"] {
        let file = file_address(scheme, own_host);
        let page = format!("{scheme}://{own_host}/");
        let calls = [
            Call::get(&file).body_bytes_max(FILE_BYTES_MAX),
            Call::get(&page).body_bytes_max(PAGE_BYTES_MAX),
        ];
        for (address, call) in [file, page].into_iter().zip(calls) {
            let answer = outbound.send(call.redirects(REDIRECTS_MAX)).await;
            let is_there = !matches!(
                answer,
                Err(OutboundError::Unreachable { .. } | OutboundError::Certificate { .. })
            );
            let found = judge(answer, own_host, token, base_url);
            let outcome = match &found {
                Ok(proof) => format!("holds the {}", said(*proof)),
                Err(reason) => reason.clone(),
            };
            look.tried.push(Tried { address, outcome });
            if let Ok(proof) = found {
                look.proof = Some(proof);
                return look;
            }
            if !is_there {
                break;
            }
        }
    }
    look
}

fn said(proof: Proof) -> &'static str {
    match proof {
        Proof::File | Proof::Meta => "token",
        Proof::Snippet => "snippet of this server",
    }
}

/// The proof in an answer, or why there is none.
fn judge(
    answer: Result<Reply, OutboundError>,
    own_host: &str,
    token: &str,
    base_url: &str,
) -> Result<Proof, String> {
    let reply = answer.map_err(|error| error.to_string())?;
    let answered = reply.url.host_str().unwrap_or_default();
    // The one spelling of a host leaves `www.` out: who may lead there may lead anywhere else.
    if host::normalise(answered).ok().as_deref() != Some(own_host) {
        return Err(format!("leads to another host, {answered:?}"));
    }
    if reply.status != 200 {
        return Err(format!("was answered with {}", reply.status.as_u16()));
    }
    let text = String::from_utf8_lossy(&reply.body);
    if reply.url.path() == FILE_PATH {
        return match text.trim() == token {
            true => Ok(Proof::File),
            false => Err("does not hold the token and nothing else".to_owned()),
        };
    }
    proof_in_page(&text, token, base_url)
        .ok_or_else(|| "holds neither the token nor the snippet of this server".to_owned())
}

/// What a page proves. The token counts in the head only: what readers write stands below it.
fn proof_in_page(page: &str, token: &str, base_url: &str) -> Option<Proof> {
    let lower = page.to_ascii_lowercase();
    let head_end = lower.find("<body").unwrap_or(page.len());
    let is_meta = |tag: &str| {
        attribute(tag, "name").as_deref() == Some(META_NAME)
            && attribute(tag, "content").as_deref() == Some(token)
    };
    if tags(page, "meta").any(|(at, tag)| at < head_end && is_meta(tag)) {
        return Some(Proof::Meta);
    }
    let scripts = format!("{base_url}/js/");
    let is_ours = |tag: &str| attribute(tag, "src").is_some_and(|src| src.starts_with(&scripts));
    let has_snippet = tags(page, "script").any(|(_, tag)| is_ours(tag));
    has_snippet.then_some(Proof::Snippet)
}

/// The tags of that name outside of comments, each with where it begins and what stands between
/// name and `>`.
fn tags<'a>(page: &'a str, name: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let mut rest_at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = page.get(rest_at..)?;
            let at = rest_at + rest.find('<')?;
            let tag = page.get(at + 1..)?;
            if tag.starts_with("!--") {
                rest_at = at + tag.find("-->")?;
                continue;
            }
            rest_at = at + 1;
            let begins = tag
                .get(..name.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(name));
            let inside = tag.get(name.len()..).unwrap_or_default();
            let inside = inside
                .get(..inside.floor_char_boundary(TAG_BYTES_MAX))
                .unwrap_or_default();
            // What is not closed is no tag.
            let closed = inside.split_once('>').filter(|_| begins);
            if let Some((inside, _)) = closed
                && inside.starts_with(|c: char| c.is_ascii_whitespace() || c == '/')
            {
                return Some((at, inside));
            }
        }
    })
}

/// The value of an attribute, in quotes of either kind or without.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag.trim_start_matches(is_between);
    while !rest.is_empty() {
        let name_end = rest
            .find(|c: char| c == '=' || is_between(c))
            .unwrap_or(rest.len());
        let (found, after) = rest.split_at_checked(name_end)?;
        let after = after.trim_start();
        let (value, next) = match after.strip_prefix('=') {
            None => ("", after),
            Some(value) => quoted(value.trim_start()),
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(value.to_owned());
        }
        rest = next.trim_start_matches(is_between);
    }
    None
}

fn is_between(c: char) -> bool {
    c.is_ascii_whitespace() || c == '/'
}

/// A value and what follows it.
fn quoted(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    let end = text
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";
    const BASE: &str = "https://stats.example";

    #[track_caller]
    fn check(page: &str, expected: Option<Proof>) {
        assert_eq!(proof_in_page(page, TOKEN, BASE), expected, "{page}");
    }

    #[test]
    fn the_token_counts_in_any_spelling_of_html_and_in_the_head_only() {
        let meta = Some(Proof::Meta);
        check(&meta_element(TOKEN), meta);
        check(
            &format!("<META CONTENT='{TOKEN}' NAME=almanac-verification />"),
            meta,
        );
        check(
            &format!("<html><head>\n<meta\n content = \"{TOKEN}\"\nname=\"almanac-verification\">"),
            meta,
        );
        check(&format!("<head></head><body>{}", meta_element(TOKEN)), None);
        check(&format!("<!-- {} -->", meta_element(TOKEN)), None);
        check(&meta_element("another"), None);
        check(&format!("<meta name=description content={TOKEN}>"), None);
        check(
            &format!("<metadata name=almanac-verification content={TOKEN}>"),
            None,
        );
        check(
            &format!("&lt;meta name=almanac-verification content={TOKEN}&gt;"),
            None,
        );
    }

    #[test]
    fn the_snippet_counts_where_it_loads_from_this_server() {
        let snippet = Some(Proof::Snippet);
        check(
            "<body><script defer src=\"https://stats.example/js/almanac.js\"></script>",
            snippet,
        );
        check(
            "<script src='https://stats.example/js/p.js' defer>",
            snippet,
        );
        check(
            "<script src=\"https://stats.example.evil/js/almanac.js\">",
            None,
        );
        check("<script src=\"/js/almanac.js\">", None);
        check(
            "<script>var a = 'https://stats.example/js/almanac.js';</script>",
            None,
        );
        check(
            "<!--<script src=\"https://stats.example/js/almanac.js\">-->",
            None,
        );
    }

    #[test]
    fn pages_that_end_in_the_middle_prove_nothing_and_hurt_nobody() {
        let whole = format!("<!--x--><meta  name = 'almanac-verification' content='{TOKEN}ä'>");
        for end in 0..whole.len() {
            if let Some(part) = whole.get(..end) {
                check(part, None);
            }
        }
        check(&"<".repeat(100_000), None);
        check(&"<meta name=".repeat(10_000), None);
    }
}
