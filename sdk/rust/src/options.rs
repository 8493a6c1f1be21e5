//! What a host sets: its meaning, its default, and whether anything may be sent at all.

use std::path::PathBuf;
use std::time::Duration;

use crate::world;

/// How much an event says; `docs/collection.md` has the fields of each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// Tool, status and version.
    Minimal,
    /// Also duration, service, class of error, whether a cache answered.
    #[default]
    Standard,
    /// Also a summary of the parameters, and the session.
    Detailed,
}

impl Level {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Standard => "standard",
            Self::Detailed => "detailed",
        }
    }
}

/// How calls are counted. Made by [`Options::new`], changed field by field.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// The Almanac server, for instance `https://stats.example`.
    pub endpoint: String,
    /// The project: its id, its domain, or one of its hosts. The key's project wins.
    pub project: String,
    /// Version of the tool that is counted.
    pub version: String,
    /// An ingest key, where the project asks for one. Default: none.
    pub key: Option<String>,
    /// Fields above the level are left out before they are sent. Default: [`Level::Standard`].
    pub level: Level,
    /// Name of the program that the tools belong to. Default: none.
    pub service: Option<String>,
    /// A UUID that the host keeps for this installation; without one, nobody is recognised.
    pub installation_id: Option<String>,
    /// False sends nothing; true does not overrule `DO_NOT_TRACK`. Default: true.
    pub enabled: bool,
    /// Folder that keeps unsent events; without one they are lost when the process ends.
    pub spool_dir: Option<PathBuf>,
    /// How long an event waits for company; the first goes at once. Default: 5 seconds.
    pub flush_interval: Duration,
    /// How long the end of the process waits for the server. Default: 0.2 seconds.
    pub exit_wait: Duration,
    /// How long a request waits for the server. Default: 5 seconds.
    pub request_timeout: Duration,
}

impl Options {
    /// The defaults, with what has none: server, project, and version of the tool.
    pub fn new(
        endpoint: impl Into<String>,
        project: impl Into<String>,
        version: impl Into<String>,
    ) -> Self {
        Self {
            endpoint: endpoint.into(),
            project: project.into(),
            version: version.into(),
            key: None,
            level: Level::default(),
            service: None,
            installation_id: None,
            enabled: true,
            spool_dir: None,
            flush_interval: Duration::from_secs(5),
            exit_wait: Duration::from_millis(200),
            request_timeout: Duration::from_secs(5),
        }
    }

    /// Whether the host or the user of this machine wants nothing to be sent.
    pub(crate) fn is_off(&self) -> bool {
        !self.enabled || refuses(world::do_not_track().as_deref())
    }
}

/// Whether that value of `DO_NOT_TRACK` is a wish not to be counted.
fn refuses(wish: Option<&str>) -> bool {
    let wish = wish.unwrap_or_default().trim();
    !(wish.is_empty() || wish == "0" || wish.eq_ignore_ascii_case("false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes() {
        let cases = [
            (None, false),
            (Some(""), false),
            (Some("0"), false),
            (Some(" False "), false),
            (Some("1"), true),
            (Some("true"), true),
            (Some("please"), true),
        ];
        for (wish, expected) in cases {
            assert_eq!(refuses(wish), expected, "{wish:?}");
        }
    }

    #[test]
    fn the_host_may_switch_it_off() {
        let mut options = Options::new("http://stats.example", "p", "1");
        options.enabled = false;
        assert!(options.is_off());
    }
}
