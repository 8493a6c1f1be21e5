//! Which sites are known, what they are called and what sort they are; which referrers are spam.
//! The tables are data (`data/sources.tsv`, `data/spam.txt`); this file only looks things up.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What sort of site sent a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SiteSort {
    Search,
    Social,
    Ai,
    Mail,
    Video,
    Shopping,
    Audio,
}

impl SiteSort {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "search" => Self::Search,
            "social" => Self::Social,
            "ai" => Self::Ai,
            "mail" => Self::Mail,
            "video" => Self::Video,
            "shopping" => Self::Shopping,
            "audio" => Self::Audio,
            _ => return None,
        })
    }
}

/// A known site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Site {
    /// What it is called in answers.
    pub(crate) name: &'static str,
    /// What sort it is.
    pub(crate) sort: SiteSort,
}

/// Short names that campaigns use for known sites.
const ALIASES: &[(&str, &str)] = &[
    ("fb", "Facebook"),
    ("ig", "Instagram"),
    ("insta", "Instagram"),
    ("hn", "Hacker News"),
    ("hackernews", "Hacker News"),
    ("yt", "YouTube"),
    ("twitter", "X"),
    ("yahoo", "Yahoo!"),
    ("adwords", "Google"),
    ("googleads", "Google"),
    ("producthunt", "Product Hunt"),
    ("stackoverflow", "Stack Overflow"),
    ("bingads", "Bing"),
];

struct Tables {
    by_host: HashMap<&'static str, Site>,
    by_name: HashMap<String, Site>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut by_host = HashMap::new();
    let mut by_name = HashMap::new();
    for line in include_str!("../data/sources.tsv").lines() {
        let mut cells = line.split('\t');
        let (Some(sort), Some(name), Some(host)) = (cells.next(), cells.next(), cells.next())
        else {
            continue;
        };
        let Some(sort) = SiteSort::from_word(sort) else {
            continue;
        };
        by_host.insert(host, Site { name, sort });
        by_name
            .entry(name.to_lowercase())
            .or_insert(Site { name, sort });
    }
    for (alias, name) in ALIASES {
        if let Some(site) = by_name.get(&name.to_lowercase()).copied() {
            by_name.insert((*alias).to_owned(), site);
        }
    }
    Tables { by_host, by_name }
});

static SPAM: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("../data/spam.txt").lines().collect());

/// The known site at a host. `www.` and `m.` do not matter. Country domains of one site are one
/// row (`google.{}`). Subdomains belong to the site, except for search engines, whose other
/// services (documents, translations) are no searches.
pub(crate) fn by_host(host: &str) -> Option<Site> {
    let host = host.strip_prefix("m.").unwrap_or(host);
    if let Some(site) = exact_host(host) {
        return Some(site);
    }
    let domain = crate::registrable_domain(host);
    let mut rest = host;
    while rest.len() > domain.len() {
        rest = rest.split_once('.')?.1;
        if let Some(site) = exact_host(rest) {
            return Some(site).filter(|site| site.sort != SiteSort::Search);
        }
    }
    None
}

fn exact_host(host: &str) -> Option<Site> {
    let tables = &*TABLES;
    if let Some(site) = tables.by_host.get(host) {
        return Some(*site);
    }
    let suffix = psl::suffix_str(host)?;
    let label = host.strip_suffix(suffix)?;
    if label.is_empty() || label.len() > 64 {
        return None;
    }
    tables.by_host.get(format!("{label}{{}}").as_str()).copied()
}

/// The known site that a campaign means by its source: a name, an alias or a host.
pub(crate) fn by_campaign_source(source: &str) -> Option<Site> {
    let lower = source.to_lowercase();
    if let Some(site) = TABLES.by_name.get(&lower) {
        return Some(*site);
    }
    if !lower.contains('.') {
        return None;
    }
    by_host(lower.strip_prefix("www.").unwrap_or(&lower))
}

/// Whether a referring host, or the name registered above it, is a known spammer.
pub(crate) fn is_spam(host: &str) -> bool {
    SPAM.contains(host) || SPAM.contains(crate::registrable_domain(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, expected: &str) {
        let found = by_host(host);
        let found = found.map_or("-".to_owned(), |site| {
            format!("{:?} {}", site.sort, site.name)
        });
        assert_eq!(found, expected, "{host}");
    }

    #[test]
    fn hosts_lead_to_their_sites() {
        check("google.com", "Search Google");
        check("google.co.uk", "Search Google");
        check("google.com.br", "Search Google");
        check("docs.google.com", "-");
        check("mail.google.com", "Mail Gmail");
        check("gemini.google.com", "Ai Gemini");
        check("m.facebook.com", "Social Facebook");
        check("l.facebook.com", "Social Facebook");
        check("web.facebook.com", "Social Facebook");
        check("t.co", "Social X");
        check("chatgpt.com", "Ai ChatGPT");
        check("m.youtube.com", "Video YouTube");
        check("amazon.de", "Shopping Amazon");
        check("smile.amazon.co.jp", "Shopping Amazon");
        check("google.evil.example", "-");
        check("notgoogle.com", "-");
        check("com.google.android.gm", "Mail Gmail");
        check("shop.example", "-");
        check("", "-");
    }

    #[test]
    fn campaign_sources_are_recognised_by_name_alias_and_host() {
        for (source, expected) in [
            ("GOOGLE", Some("Google")),
            ("fb", Some("Facebook")),
            ("www.bing.com", Some("Bing")),
            ("newsletter", None),
            ("", None),
        ] {
            assert_eq!(
                by_campaign_source(source).map(|site| site.name),
                expected,
                "{source}"
            );
        }
    }

    #[test]
    fn every_row_of_the_tables_is_read() {
        let rows = include_str!("../data/sources.tsv").lines().count();
        assert_eq!(TABLES.by_host.len(), rows);
        assert!(is_spam("0n-line.tv"));
        assert!(is_spam("www1.semalt.com"));
        assert!(!is_spam("shop.example"));
    }
}
