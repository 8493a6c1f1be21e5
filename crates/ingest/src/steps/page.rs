//! Where it happened: host and path of the page, and whether the project wants them.

use almanac_model::{TextColumn, limits};

use super::Work;
use crate::address::{self, AddressFault};
use crate::{Refusal, Refused, kind, text};

pub(super) fn set_page(work: &mut Work<'_>) {
    let url = work.draft.url.trim();
    if url.is_empty() || url.len() > limits::URL_BYTES_MAX {
        return;
    }
    let page = address::parse(url);
    if let Ok(address) = &page {
        work.event.text[TextColumn::Hostname] = address.host.clone().into_owned();
        let kept = &work.context.project.query_parameters;
        work.event.text[TextColumn::Path] =
            address::stored_path(address, work.draft.hash_mode, kept);
    }
    work.page = Some(page);
}

pub(super) fn refuse_invalid_url(work: &Work<'_>) -> Result<(), Refused> {
    let url = work.draft.url.trim();
    if url.len() > limits::URL_BYTES_MAX {
        let detail = format!("the address has {} bytes", url.len());
        return Err(Refused::new(Refusal::InvalidUrl, detail));
    }
    match &work.page {
        Some(Ok(_)) => Ok(()),
        Some(Err(AddressFault::Data)) => {
            Err(Refused::new(Refusal::DataUrl, AddressFault::Data.reason()))
        }
        Some(Err(fault)) => {
            let start = text::clean(text::cut(url, 100), 100);
            Err(Refused::new(
                Refusal::InvalidUrl,
                format!("{start} {}", fault.reason()),
            ))
        }
        None if kind::needs_page(work.draft, work.event.kind) => {
            Err(Refused::new(Refusal::InvalidUrl, "the event names no page"))
        }
        None => Ok(()),
    }
}

pub(super) fn refuse_unknown_host(work: &Work<'_>) -> Result<(), Refused> {
    let hosts = &work.context.project.hosts;
    let Some(page) = work.valid_page() else {
        return Ok(());
    };
    if hosts.is_empty()
        || is_local(&page.host)
        || hosts.iter().any(|allowed| takes(allowed, &page.host))
    {
        return Ok(());
    }
    let detail = format!("host {} is not one of {}", page.host, hosts.join(", "));
    Err(Refused::new(Refusal::UnknownHost, detail))
}

/// Whether an allowed host means this one: itself, or a host above it. `*.example.com` means every
/// host below it and not itself.
fn takes(allowed: &str, host: &str) -> bool {
    let (domain, itself) = match allowed.strip_prefix("*.") {
        Some(domain) => (domain, false),
        None => (allowed, true),
    };
    // A name in another script was perhaps entered as it is read.
    let normal = if domain.is_ascii() {
        None
    } else {
        address::normal_host(domain)
    };
    let domain = normal.as_deref().unwrap_or(domain);
    (itself && host == domain)
        || host
            .strip_suffix(domain)
            .is_some_and(|below| below.ends_with('.'))
}

/// A page on somebody's own machine. Whoever sends its events to a project has named the project
/// and means it; the browser SDK ignores such pages unless told otherwise.
fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1" | "[::1]" | "(none)")
        || host.ends_with(".localhost")
}

pub(super) fn refuse_blocked_path(work: &Work<'_>) -> Result<(), Refused> {
    let path = &work.event.text[TextColumn::Path];
    // Rules are about pages, whatever parameters are kept of their addresses.
    let page = path.split('?').next().unwrap_or(path);
    match work.context.rules.blocks_path(page) {
        Some(rule) if !path.is_empty() => Err(Refused::new(
            Refusal::BlockedPath,
            format!("path {path} fits the rule {rule}"),
        )),
        _ => Ok(()),
    }
}
