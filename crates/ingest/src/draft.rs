//! What a sender claims, before anything is believed. Every front door turns its wire shape into a
//! [`Draft`]; no field here has been checked.

use std::fmt;
use std::net::IpAddr;

use almanac_model::{EventId, Instant, Kind};

/// One event as its sender describes it. Empty text means that nothing was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The id that the client chose, so that sending again changes nothing.
    pub id: Option<EventId>,
    /// What happened: `pageview`, `engagement`, or a name of the sender's own.
    pub name: String,
    /// The kind; follows from the name when absent.
    pub kind: Option<Kind>,
    /// Absolute address of the page.
    pub url: String,
    /// The front door's clients need not name a page (server libraries). Tool and model calls and
    /// errors never need one.
    pub pageless: bool,
    /// Address of the referring page.
    pub referrer: String,
    /// Title of the page.
    pub title: String,
    /// Screen size, `1920x1080`.
    pub screen: String,
    /// Language tag of the browser.
    pub language: String,
    /// Browser family, where the sender knows better than its user agent tells.
    pub browser: String,
    /// Operating system family, likewise.
    pub os: String,
    /// Device class, likewise: `desktop`, `mobile`, `tablet`, `tv` or `console`, in any case.
    pub device: String,
    /// IANA zone of the browser. Used to find the country, then dropped.
    pub time_zone: String,
    /// The country that the sender states, two letters. `None`: it follows from address and zone;
    /// empty: it is not to be found out.
    pub country: Option<String>,
    /// Custom properties in the order of the sender; nested values were dropped by the front door.
    pub properties: Vec<(String, String)>,
    /// Revenue of the event.
    pub revenue: Option<Revenue>,
    /// Whether the event ends a bounce.
    pub interactive: bool,
    /// Deepest scroll position, percent 0–100.
    pub scroll_depth: Option<i64>,
    /// Engaged time, milliseconds.
    pub engaged_ms: Option<i64>,
    /// The fragment of the address belongs to the path.
    pub hash_mode: bool,
    /// When it happened by the client's clock; absent: when it was received.
    pub happened_at: Option<Instant>,
    /// When it was sent by the same clock, from which its error is known.
    pub sent_at: Option<Instant>,
    /// Stable visitor id, from consent or from an installation.
    pub visitor: Option<String>,
    /// The user that the client identified.
    pub user: Option<String>,
    /// The client's own session id.
    pub client_session: Option<String>,
    /// For whom a server sends; absent: the request comes from the visitor's own machine.
    pub person: Option<Person>,
    /// What a tool call adds.
    pub tool: Option<ToolDraft>,
    /// What a model call adds.
    pub model: Option<ModelDraft>,
}

impl Default for Draft {
    /// Nothing said, and interactive: an event ends a bounce unless its sender says otherwise.
    fn default() -> Self {
        Self {
            id: None,
            name: String::new(),
            kind: None,
            url: String::new(),
            pageless: false,
            referrer: String::new(),
            title: String::new(),
            screen: String::new(),
            language: String::new(),
            browser: String::new(),
            os: String::new(),
            device: String::new(),
            time_zone: String::new(),
            country: None,
            properties: Vec::new(),
            revenue: None,
            interactive: true,
            scroll_depth: None,
            engaged_ms: None,
            hash_mode: false,
            happened_at: None,
            sent_at: None,
            visitor: None,
            user: None,
            client_session: None,
            person: None,
            tool: None,
            model: None,
        }
    }
}

/// The person for whom a server sends. What the server says here counts in place of what its own
/// request shows. `Debug` hides it, as it hides the sender.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Address of the person, where the server states it.
    pub ip: Option<IpAddr>,
    /// User agent of the person, likewise.
    pub user_agent: String,
    /// What the server calls the person. In cookieless projects it goes into the hash of the day in
    /// place of address and user agent, and nowhere else.
    pub id: String,
}

impl fmt::Debug for Person {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Person(hidden)")
    }
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revenue {
    /// ISO 4217 code.
    pub currency: String,
    /// Millionths of the currency's unit; negative for a refund.
    pub micros: i64,
}

/// What a tool call says beyond an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolDraft {
    /// Name of the tool.
    pub name: String,
    /// Service or server that offers it.
    pub service: String,
    /// Version of the tool or service.
    pub version: String,
    /// `success`, `error`, or the sender's own word.
    pub status: String,
    /// Class of the error.
    pub error_type: String,
    /// Duration, microseconds.
    pub duration_us: Option<i64>,
    /// Whether a cache answered.
    pub cache_hit: Option<bool>,
}

/// What a model call says beyond an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelDraft {
    /// Provider of the model.
    pub provider: String,
    /// Model that was asked for.
    pub name: String,
    /// Exact version that answered.
    pub version: String,
    /// `chat`, `embeddings`, …
    pub operation: String,
    /// `success`, `error`, or the sender's own word.
    pub status: String,
    /// Class of the error.
    pub error_type: String,
    /// Why the model stopped.
    pub finish_reason: String,
    /// Duration, microseconds.
    pub duration_us: Option<i64>,
    /// Time to the first token, microseconds.
    pub first_token_us: Option<i64>,
    /// Tokens read.
    pub input_tokens: Option<i64>,
    /// Tokens written.
    pub output_tokens: Option<i64>,
    /// Input tokens read from the provider's cache.
    pub cached_tokens: Option<i64>,
    /// Input tokens written to the provider's cache.
    pub cache_write_tokens: Option<i64>,
    /// Output tokens spent on reasoning.
    pub reasoning_tokens: Option<i64>,
    /// Cost, billionths of a US dollar.
    pub cost_nanos: Option<i64>,
    /// Quality score, millionths.
    pub quality_micros: Option<i64>,
}
