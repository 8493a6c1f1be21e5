//! A project, a sender and a context for the tests of this crate.

use std::sync::LazyLock;

use almanac_model::{Event, EventId, Instant, ProjectId, ProjectSettings, VisitorId};
use jiff::tz::TimeZone;

use crate::{
    Agents, Context, DataCentres, Draft, Hints, Origin, Places, Refused, Rules, Salts, Sender,
    Signals, process, process_bot,
};

pub(crate) const FIREFOX: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/// 2026-11-21T12:00:00Z.
pub(crate) const NOON: Instant = Instant(1_795_262_400_000_000);

static AGENTS: LazyLock<Agents> = LazyLock::new(|| Agents::new().unwrap());

/// Everything a draft is processed with; tests change what they are about.
pub(crate) struct World {
    pub(crate) project: ProjectSettings,
    pub(crate) rules: Rules,
    pub(crate) salts: Salts,
    pub(crate) places: Places,
    pub(crate) sender: Sender,
    pub(crate) data_centres: DataCentres,
    pub(crate) hurrying: Vec<VisitorId>,
    pub(crate) active: Vec<VisitorId>,
    pub(crate) random_id: EventId,
}

impl Default for World {
    fn default() -> Self {
        let hosts = vec!["shop.example".to_owned(), "*.shop.example".to_owned()];
        Self {
            project: ProjectSettings::new(ProjectId(1), hosts, TimeZone::UTC),
            rules: Rules::default(),
            salts: Salts {
                today: [2; 16],
                yesterday: Some([1; 16]),
            },
            places: Places::from_time_zones(),
            sender: Sender {
                ip: "203.0.113.77".parse().ok(),
                user_agent: FIREFOX.to_owned(),
                received: NOON,
                origin: Origin::Client,
                signals: Signals::default(),
                hints: Hints::default(),
            },
            data_centres: DataCentres::default(),
            hurrying: Vec::new(),
            active: Vec::new(),
            random_id: EventId(7),
        }
    }
}

impl World {
    pub(crate) fn process(&self, draft: Draft) -> Result<Event, Refused> {
        self.with(|context| process(&draft, &self.sender, context))
    }

    pub(crate) fn process_bot(&self, draft: Draft) -> Result<Event, Refused> {
        self.with(|context| process_bot(&draft, &self.sender, context))
    }

    fn with<T>(&self, work: impl FnOnce(&Context<'_>) -> T) -> T {
        let recent = |visitor: VisitorId, _: Instant| self.active.contains(&visitor);
        let hurried = |visitor: VisitorId, _: Instant| self.hurrying.contains(&visitor);
        work(&Context {
            project: &self.project,
            rules: &self.rules,
            salts: &self.salts,
            places: &self.places,
            agents: &AGENTS,
            recent: &recent,
            hurried: &hurried,
            data_centres: &self.data_centres,
            random_id: self.random_id,
        })
    }
}

/// A view of a page.
pub(crate) fn pageview(url: &str) -> Draft {
    Draft {
        name: "pageview".to_owned(),
        url: url.to_owned(),
        ..Draft::default()
    }
}
