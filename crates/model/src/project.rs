//! What every stage needs to know of a project. Names, owners and keys are the catalog's.

use jiff::tz::TimeZone;

use crate::{ProjectId, limits};

/// The settings of a project that decide what its numbers mean.
#[derive(Debug, Clone)]
pub struct ProjectSettings {
    /// Which project.
    pub id: ProjectId,
    /// Hosts whose events it takes, lower case, without `www.`; empty: any host.
    pub hosts: Vec<String>,
    /// The zone of its days and hours.
    pub zone: TimeZone,
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
            identity: Identity::Cookieless,
            visit_gap_s: limits::VISIT_GAP_DEFAULT_S,
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
