//! Which user agents are programs: the public crawler list, what crawlers call themselves, and
//! browsers without a screen. HTTP libraries are told apart, because who uses one decides.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};
use regex::{Regex, RegexSet, RegexSetBuilder};

use crate::bot::BotSort;

/// The compiled lists.
pub(super) struct Crawlers {
    words: AhoCorasick,
    libraries: AhoCorasick,
    patterns: RegexSet,
    headless: Regex,
    own_name: Regex,
}

/// What programs say of themselves, beyond the list: a word of their trade, or the address where
/// they explain themselves. `cubot` is a brand of telephones.
const TRADES: &[&str] = &[
    r"(?i)(?:^|[^u])bot(?:\b|_)",
    r"(?i)crawl(?:er|ing)?\b",
    r"(?i)\b(?:web)?spider\b",
    r"(?i)\bscrap(?:er|ing)\b",
    HEADLESS,
    r"(?i)lighthouse|pagespeed|gtmetrix|webpagetest",
    r"(?i)uptime|\bmonitoring\b|statuscake|healthcheck",
    r"(?i)compatible; [^)]*(?:\+https?://|@)",
    r"(?i)feed ?(?:fetch|pars|read)er|\brss\b",
    r"(?i)\b(?:link|url) ?check",
];

/// Browsers without a screen, and the programs that drive browsers.
const HEADLESS: &str =
    r"(?i)\b\w*headless\w*|phantomjs|slimerjs|puppeteer|playwright|selenium|electron-fetch";
/// A word with one of the words of the trade in it, which is how a program calls itself.
const OWN_NAME: &str = r"(?i)[\w.-]*(?:bot|crawl|spider|scrap|monitor|uptime|fetcher|reader)[\w-]*";

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
            headless: Regex::new(HEADLESS)?,
            own_name: Regex::new(OWN_NAME)?,
        })
    }

    /// What sort of bot it is, if it is one.
    pub(super) fn sort_of(&self, user_agent: &str) -> Option<BotSort> {
        if !self.words.is_match(user_agent) && !self.patterns.is_match(user_agent) {
            return None;
        }
        let is_headless = self.headless.is_match(user_agent);
        Some(if is_headless {
            BotSort::Headless
        } else {
            BotSort::Crawler
        })
    }

    /// How a bot calls itself: the word that tells its sort, else the longest word of the list.
    pub(super) fn name_of<'a>(&self, user_agent: &'a str) -> Option<&'a str> {
        let told = |pattern: &Regex| Some(pattern.find(user_agent)?.as_str());
        let listed = || {
            let found = self.words.find_overlapping_iter(user_agent);
            let longest = found.max_by_key(|found| found.len())?;
            user_agent.get(longest.range())
        };
        let name = told(&self.headless)
            .or_else(|| told(&self.own_name))
            .or_else(listed)?;
        Some(name.trim_matches(|sign: char| !sign.is_alphanumeric()))
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
