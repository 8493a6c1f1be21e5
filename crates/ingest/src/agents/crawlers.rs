//! Which user agents are programs: the public crawler list, what crawlers call themselves, and
//! browsers without a screen. HTTP libraries are told apart, because who uses one decides.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};
use regex::{RegexSet, RegexSetBuilder};

/// The compiled lists.
pub(super) struct Crawlers {
    words: AhoCorasick,
    libraries: AhoCorasick,
    patterns: RegexSet,
}

/// What programs say of themselves, beyond the list: a word of their trade, or the address where
/// they explain themselves. `cubot` is a brand of telephones.
const TRADES: &[&str] = &[
    r"(?i)(?:^|[^u])bot(?:\b|_)",
    r"(?i)crawl(?:er|ing)?\b",
    r"(?i)\b(?:web)?spider\b",
    r"(?i)\bscrap(?:er|ing)\b",
    r"(?i)headless",
    r"(?i)phantomjs|slimerjs|puppeteer|playwright|selenium|electron-fetch",
    r"(?i)lighthouse|pagespeed|gtmetrix|webpagetest",
    r"(?i)uptime|\bmonitoring\b|statuscake|healthcheck",
    r"(?i)compatible; [^)]*(?:\+https?://|@)",
    r"(?i)feed ?(?:fetch|pars|read)er|\brss\b",
    r"(?i)\b(?:link|url) ?check",
];

/// Bounds the memory of the pattern automaton, bytes.
const PATTERNS_BYTES_MAX: usize = 16 << 20;

#[derive(Debug, thiserror::Error)]
pub(super) enum CrawlersError {
    #[error(transparent)]
    Words(#[from] BuildError),
    #[error(transparent)]
    Patterns(#[from] regex::Error),
}

impl Crawlers {
    pub(super) fn new() -> Result<Self, CrawlersError> {
        let patterns = include_str!("../../data/crawler_patterns.txt").lines();
        Ok(Self {
            words: words(include_str!("../../data/crawler_words.txt"), false)?,
            libraries: words(include_str!("../../data/libraries.txt"), true)?,
            patterns: RegexSetBuilder::new(patterns.chain(TRADES.iter().copied()))
                .size_limit(PATTERNS_BYTES_MAX)
                .dfa_size_limit(PATTERNS_BYTES_MAX)
                .build()?,
        })
    }

    /// Whether it is a crawler, a monitor or a headless browser.
    pub(super) fn is_bot(&self, user_agent: &str) -> bool {
        self.words.is_match(user_agent) || self.patterns.is_match(user_agent)
    }

    /// Whether it is an HTTP library or command-line client.
    pub(super) fn is_library(&self, user_agent: &str) -> bool {
        self.libraries.is_match(user_agent)
    }
}

fn words(list: &str, any_case: bool) -> Result<AhoCorasick, BuildError> {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .match_kind(MatchKind::Standard)
        .ascii_case_insensitive(any_case)
        .build(list.lines())
}
