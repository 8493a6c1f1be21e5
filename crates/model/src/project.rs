//! What every stage needs to know of a project. Names, owners and keys are the catalog's.

use jiff::tz::TimeZone;

use crate::{ProjectId, limits};

/// The settings of a project that decide what its numbers mean.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectSettings {
    /// Which project.
    pub id: ProjectId,
    /// Hosts whose events it takes, lower case, without `www.`; empty: any host.
    pub hosts: Vec<String>,
    /// The zone of its days and hours.
    pub zone: TimeZone,
    /// Parameters of a page's address that are kept as a part of its name; all others are not.
    pub query_parameters: Vec<String>,
    /// How its visitors are told apart.
    pub identity: Identity,
    /// The longest gap inside a visit, seconds.
    pub visit_gap_s: i64,
}

impl ProjectSettings {
    /// A cookieless project with the default gap.
    pub fn new(id: ProjectId, hosts: Vec<String>, zone: TimeZone) -> Self {
        Self {
            id,
            hosts,
            zone,
            query_parameters: Vec::new(),
            identity: Identity::Cookieless,
            visit_gap_s: limits::VISIT_GAP_DEFAULT_S,
        }
    }

    /// The same for the traffic of the project's bots, which is counted like that of people.
    pub fn of_bots(&self) -> Self {
        Self {
            id: self.id.of_bots(),
            ..self.clone()
        }
    }
}

/// How a project tells its visitors apart, which decides how they are counted over several days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Identity {
    /// A hash with a daily salt: over several days, `visitors` is the sum of daily uniques.
    Cookieless,
    /// Stable ids, from consent or from installations: uniques are exact over any range.
    Stable,
}
