//! What a user agent is: browser, system, device class, and whether it is a program rather than a
//! person. Patterns come from uap-core and a crawler list (`data/`); answers are kept in a bounded
//! cache, because a few thousand texts make up nearly all traffic.

mod cache;
mod crawlers;
mod device;
mod hints;

use std::fmt;
use std::sync::Arc;

use ua_parser::{os, user_agent};

use crate::bot::{Bot, BotSort};
use crate::limits::{AGENT_CACHE_ENTRIES_MAX, USER_AGENT_BYTES_MAX};
use crate::text;

use cache::Cache;
use crawlers::Crawlers;
use device::Devices;

pub use hints::Hints;

/// What is known of a user agent. Empty text where nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agent {
    /// Browser family, the same on every device.
    pub browser: String,
    /// Version, major and minor.
    pub browser_version: String,
    /// Operating system family.
    pub os: String,
    /// Version of the system.
    pub os_version: String,
    /// `Desktop`, `Mobile`, `Tablet`, `TV`, `Console`, or empty for a program without a screen.
    pub device: &'static str,
    /// The crawler, monitor or headless browser that it is.
    pub bot: Option<Bot>,
    /// An HTTP library: a bot in an access log, but a server that speaks for people at the API.
    pub is_library: bool,
}

/// The embedded patterns could not be compiled: the program was built from broken data.
#[derive(Debug, thiserror::Error)]
pub enum AgentsError {
    /// A pattern for browsers or systems.
    #[error("user agent pattern cannot be compiled: {0}")]
    Pattern(String),
    /// The crawler list.
    #[error("crawler list cannot be compiled: {0}")]
    Crawlers(String),
    /// The marks of devices.
    #[error("marks of devices cannot be compiled: {0}")]
    Devices(String),
}

/// Longest name of a bot, bytes.
const BOT_NAME_BYTES_MAX: usize = 60;

/// Recognises user agents. Make one per process: compiling the patterns takes a noticeable moment.
pub struct Agents {
    browsers: user_agent::Extractor<'static>,
    systems: os::Extractor<'static>,
    crawlers: Crawlers,
    devices: Devices,
    cache: Cache,
}

impl fmt::Debug for Agents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Agents").finish_non_exhaustive()
    }
}

impl Agents {
    /// Compiles the embedded patterns.
    pub fn new() -> Result<Self, AgentsError> {
        Ok(Self {
            browsers: browsers(include_str!("../data/browsers.tsv"))?,
            systems: systems(include_str!("../data/systems.tsv"))?,
            crawlers: Crawlers::new().map_err(|fault| AgentsError::Crawlers(fault.to_string()))?,
            devices: Devices::new().map_err(|fault| AgentsError::Devices(fault.to_string()))?,
            cache: Cache::new(AGENT_CACHE_ENTRIES_MAX),
        })
    }

    /// What a user agent is, from the cache where it was seen before. Only its first 1,000 bytes
    /// are looked at.
    pub fn recognise(&self, user_agent: &str) -> Arc<Agent> {
        let user_agent = text::cut(user_agent.trim(), USER_AGENT_BYTES_MAX);
        if let Some(agent) = self.cache.get(user_agent) {
            return agent;
        }
        let agent = Arc::new(self.parse(user_agent));
        self.cache.put(user_agent, Arc::clone(&agent));
        agent
    }

    fn bot(&self, user_agent: &str, browser: &str) -> Option<Bot> {
        let sort = self.crawlers.sort_of(user_agent);
        let sort = sort.or_else(|| (browser == "Spider").then_some(BotSort::Crawler))?;
        // The word of the list where the patterns for browsers know no better name, or know the
        // browser that the crawler looks like.
        let named = self.crawlers.name_of(user_agent);
        let name = named.unwrap_or_else(|| family(browser));
        Some(Bot::new(sort, &text::clean(name, BOT_NAME_BYTES_MAX)))
    }

    fn parse(&self, user_agent: &str) -> Agent {
        if user_agent.is_empty() {
            return Agent::default();
        }
        let browser = self.browsers.extract(user_agent);
        let system = self.systems.extract(user_agent);
        let (browser, browser_version) = browser.map_or_else(Default::default, |found| {
            (found.family.into_owned(), version(found.major, found.minor))
        });
        let (os, os_version) = system.map_or_else(Default::default, |found| {
            (
                found.os.into_owned(),
                version(found.major.as_deref(), found.minor.as_deref()),
            )
        });
        Agent {
            device: self.devices.class(user_agent, &os),
            bot: self.bot(user_agent, &browser),
            is_library: self.crawlers.is_library(user_agent),
            browser: text::clean(family(&browser), almanac_model::limits::TEXT_BYTES_MAX),
            browser_version: text::clean(&browser_version, 32),
            os: text::clean(system_name(&os), almanac_model::limits::TEXT_BYTES_MAX),
            os_version: text::clean(&os_version, 32),
        }
    }
}

/// Major and minor version, as far as they are known.
fn version(major: Option<&str>, minor: Option<&str>) -> String {
    match (
        major.filter(|text| !text.is_empty()),
        minor.filter(|text| !text.is_empty()),
    ) {
        (Some(major), Some(minor)) => format!("{major}.{minor}"),
        (Some(major), None) => major.to_owned(),
        _ => String::new(),
    }
}

/// One name for a browser on all devices; what sort of device it is has a column of its own.
fn family(name: &str) -> &str {
    match name {
        "Chrome Mobile" | "Chrome Mobile iOS" => "Chrome",
        "Mobile Safari" => "Safari",
        "Firefox Mobile" | "Firefox iOS" => "Firefox",
        "Edge Mobile" => "Edge",
        "Opera Mobile" | "Opera Touch" => "Opera",
        "IE Mobile" => "IE",
        "Brave Mobile" => "Brave",
        "DuckDuckGo Mobile" => "DuckDuckGo",
        "Chrome Mobile WebView" => "Android WebView",
        "Mobile Safari UI/WKWebView" => "iOS WebView",
        "Other" => "",
        other => other,
    }
}

fn system_name(name: &str) -> &str {
    match name {
        "Mac OS X" | "Mac OS" => "macOS",
        "Web0S" => "webOS",
        "Other" => "",
        other => other,
    }
}

/// The cells of a table's row: pattern, family, major, minor; missing ones are not replaced.
fn rows(table: &'static str) -> impl Iterator<Item = [Option<&'static str>; 4]> {
    table.lines().map(|line| {
        let mut cells = line
            .split('\t')
            .map(|cell| Some(cell).filter(|text| !text.is_empty()));
        std::array::from_fn(|_| cells.next().flatten())
    })
}

fn browsers(table: &'static str) -> Result<user_agent::Extractor<'static>, AgentsError> {
    let mut builder = user_agent::Builder::new();
    for [regex, family, major, minor] in rows(table) {
        let parser = user_agent::Parser {
            regex: regex.unwrap_or_default().into(),
            family_replacement: family.map(Into::into),
            v1_replacement: major.map(Into::into),
            v2_replacement: minor.map(Into::into),
            ..user_agent::Parser::default()
        };
        builder = builder
            .push(parser)
            .map_err(|fault| AgentsError::Pattern(fault.to_string()))?;
    }
    builder
        .build()
        .map_err(|fault| AgentsError::Pattern(fault.to_string()))
}

fn systems(table: &'static str) -> Result<os::Extractor<'static>, AgentsError> {
    let mut builder = os::Builder::new();
    for [regex, family, major, minor] in rows(table) {
        let parser = os::Parser {
            regex: regex.unwrap_or_default().into(),
            os_replacement: family.map(Into::into),
            os_v1_replacement: major.map(Into::into),
            os_v2_replacement: minor.map(Into::into),
            ..os::Parser::default()
        };
        builder = builder
            .push(parser)
            .map_err(|fault| AgentsError::Pattern(fault.to_string()))?;
    }
    builder
        .build()
        .map_err(|fault| AgentsError::Pattern(fault.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows of `testdata/ingest/agents.tsv`: what a user agent is, and the user agent.
    #[test]
    fn each_row_of_the_table_is_recognised() {
        let agents = Agents::new().unwrap();
        let rows = include_str!("../../../testdata/ingest/agents.tsv");
        let mut wrong = Vec::new();
        for row in rows.lines().filter(|row| !row.starts_with('#')) {
            let (expected, text) = row.split_once('\t').unwrap();
            let found = describe(&agents.recognise(text));
            if found != expected {
                wrong.push(format!("{found}\t{text}"));
            }
        }
        assert!(wrong.is_empty(), "found instead:\n{}", wrong.join("\n"));
    }

    fn describe(agent: &Agent) -> String {
        if agent.bot.is_some() {
            return "bot".to_owned();
        }
        if agent.is_library {
            return "library".to_owned();
        }
        let browser = [agent.browser.as_str(), &agent.browser_version].join(" ");
        let os = [agent.os.as_str(), &agent.os_version].join(" ");
        [browser.trim(), os.trim(), agent.device].join(" / ")
    }

    #[test]
    fn bots_have_names_and_sorts() {
        let agents = Agents::new().unwrap();
        let like_chrome = "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, \
                           like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36 ";
        for (expected, user_agent) in [
            (
                "crawler Googlebot",
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            ),
            (
                "crawler Googlebot",
                &format!(
                    "{like_chrome}(compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
                ),
            ),
            (
                "crawler GPTBot",
                "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            ),
            (
                "crawler SomethingNew-Crawler",
                "Mozilla/5.0 (X11; Linux) SomethingNew-Crawler/1.0",
            ),
            (
                "headless HeadlessChrome",
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
            ),
            (
                "headless PhantomJS",
                "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
            ),
        ] {
            let found = agents.recognise(user_agent).bot.clone().unwrap();
            assert_eq!(format!("{} {}", found.sort.name(), found.name), expected);
        }
    }

    #[test]
    fn an_answer_from_the_cache_is_the_same_answer() {
        let agents = Agents::new().unwrap();
        let text = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let first = agents.recognise(text);
        assert!(Arc::ptr_eq(&first, &agents.recognise(text)));
        assert_eq!(*first, agents.parse(text));
    }

    #[test]
    fn no_text_breaks_recognition() {
        let agents = Agents::new().unwrap();
        proptest!(ProptestConfig::with_cases(200), |(text in any::<String>())| {
            let agent = agents.recognise(&text);
            prop_assert!(agent.browser.len() <= 1_000);
        });
    }
}
