//! What the steps are given besides the draft: who sent it, and what the server knows. Everything
//! comes in as values; the sender's address lives here and nowhere later.

use std::fmt;
use std::net::IpAddr;

use almanac_model::{EventId, Instant, ProjectSettings, VisitorId};

use crate::{Agents, DataCentres, Hints, Places, Rules};

/// Who sent a draft. Lives in memory for one request; `Debug` hides the address and user agent so
/// that no log shows them by accident.
#[derive(Clone)]
pub struct Sender {
    /// Address of the client, where it is known.
    pub ip: Option<IpAddr>,
    /// User agent of the client, as it came.
    pub user_agent: String,
    /// When the draft came in, or for a log line, when it was written.
    pub received: Instant,
    /// By which way it came.
    pub origin: Origin,
    /// What the browser asks for in its headers.
    pub signals: Signals,
    /// What the browser says of itself beside its user agent.
    pub hints: Hints,
}

/// What a browser asks for with every request, if its user wants it so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signals {
    /// `DNT: 1`.
    pub do_not_track: bool,
    /// `Sec-GPC: 1`.
    pub global_privacy_control: bool,
}

impl fmt::Debug for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sender")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// The way by which a draft came, which decides what its user agent proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// Somebody chose to send it. A library or a missing user agent is a server that speaks for
    /// people, not a bot.
    #[default]
    Client,
    /// Likewise, with an ingest key of the project: a server of its owner, wherever it stands.
    Server,
    /// A web server wrote it down. Whoever fetched a page with a library, or without naming itself,
    /// was a program.
    AccessLog,
}

/// The secrets of the cookieless hash. The caller makes a new one at the project's midnight and
/// destroys it 48 hours later.
#[derive(Clone)]
pub struct Salts {
    /// Salt of the project's local day in which the draft was received.
    pub today: [u8; 16],
    /// Salt of the day before, while it exists.
    pub yesterday: Option<[u8; 16]>,
}

impl fmt::Debug for Salts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salts(hidden)")
    }
}

/// What the server knows when a draft comes in.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The project that the draft is for.
    pub project: &'a ProjectSettings,
    /// What the project does not want.
    pub rules: &'a Rules,
    /// Salts of the project.
    pub salts: &'a Salts,
    /// Where addresses and time zones are.
    pub places: &'a Places,
    /// What user agents are.
    pub agents: &'a Agents,
    /// Whether this visitor of the project was active within the visit gap before that instant.
    pub recent: &'a (dyn Fn(VisitorId, Instant) -> bool + Sync),
    /// Whether this visitor of the project viewed pages faster than a person can, around then.
    pub hurried: &'a (dyn Fn(VisitorId, Instant) -> bool + Sync),
    /// Addresses at which programs live.
    pub data_centres: &'a DataCentres,
    /// A fresh random id: the event's, unless the client chose one.
    pub random_id: EventId,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Context")
            .field("project", &self.project.id)
            .finish_non_exhaustive()
    }
}
