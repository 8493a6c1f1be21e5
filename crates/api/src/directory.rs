//! The projects by everything that may name them: id, domain, any of their hosts, or a host below
//! one of those. A snapshot that never changes; a new one takes its place when the catalog changes.

use std::collections::HashMap;
use std::sync::Arc;

use almanac_catalog::drop_rule::{self, DropKind, DropRule};
use almanac_catalog::project::{self, Project};
use almanac_catalog::visibility::{self, Visibility};
use almanac_catalog::{Catalog, CatalogError};
use almanac_ingest::{AddressRange, Rules, Signals, normal_host};
use almanac_model::{ProjectId, ProjectSettings};
use almanac_query::Mask;

/// A project and what requests need of it.
#[derive(Debug)]
pub struct Entry {
    pub project: Project,
    pub settings: ProjectSettings,
    pub rules: Rules,
    pub(crate) visibility: Visibility,
    /// What those see not who are below the role that sees everything.
    pub(crate) mask: Mask,
}

/// All projects at one version of the catalog.
#[derive(Debug, Default)]
pub struct Directory {
    version: Option<i64>,
    by_id: HashMap<ProjectId, Arc<Entry>>,
    by_host: HashMap<String, Arc<Entry>>,
}

impl Directory {
    /// Reads every project.
    ///
    /// # Errors
    /// When the catalog fails or holds what it cannot have written.
    pub async fn read(catalog: &Catalog) -> Result<Self, CatalogError> {
        // The version first: a change in between is read again, never missed.
        let version = catalog.change_counter().await?;
        let projects = project::list(catalog).await?;
        let shown = visibility::all(catalog).await?;
        Self::build(version, projects, &drop_rule::list(catalog).await?, shown)
    }

    fn build(
        version: i64,
        projects: Vec<Project>,
        rules: &[DropRule],
        mut shown: HashMap<ProjectId, Visibility>,
    ) -> Result<Self, CatalogError> {
        let mut directory = Self {
            version: Some(version),
            ..Self::default()
        };
        for project in projects {
            let settings = project.settings()?;
            let rules = rules_of(project.id, rules);
            let visibility = shown.remove(&project.id).unwrap_or_default();
            let mask =
                Mask::read(visibility.masked.iter().map(String::as_str)).map_err(|value| {
                    let what = "hidden dimension";
                    CatalogError::Corrupt { what, value }
                })?;
            let entry = Arc::new(Entry {
                project,
                settings,
                rules,
                visibility,
                mask,
            });
            for host in &entry.project.hosts {
                directory.by_host.insert(host.clone(), Arc::clone(&entry));
            }
            directory.by_id.insert(entry.project.id, entry);
        }
        Ok(directory)
    }

    /// The catalog's version that this snapshot shows; none before the first.
    pub(crate) fn version(&self) -> Option<i64> {
        self.version
    }

    /// Every project, in no order.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.by_id.values()
    }

    /// The project with that id.
    pub fn by_id(&self, id: ProjectId) -> Option<&Arc<Entry>> {
        self.by_id.get(&id)
    }

    /// The project that a text names: its id, or a host as in [`Directory::by_host`].
    pub fn by_reference(&self, text: &str) -> Option<&Arc<Entry>> {
        let text = text.trim();
        match text.parse() {
            Ok(id) => self.by_id(ProjectId(id)),
            Err(_) => self.by_host(text),
        }
    }

    /// The project to which a host belongs: the one that names it, or names the nearest host above
    /// it, so that `blog.shop.example` needs no entry of its own beside `shop.example`.
    pub fn by_host(&self, host: &str) -> Option<&Arc<Entry>> {
        let host = normal_host(host)?;
        let mut rest = host.as_str();
        loop {
            if let Some(entry) = self.by_host.get(rest) {
                return Some(entry);
            }
            rest = rest.split_once('.')?.1;
        }
    }
}

fn rules_of(project: ProjectId, rules: &[DropRule]) -> Rules {
    let values = |kind| {
        let of_project = move |rule: &&DropRule| rule.project == project && rule.kind == kind;
        rules
            .iter()
            .filter(of_project)
            .map(|rule| rule.value.clone())
    };
    Rules {
        paths: values(DropKind::Path).collect(),
        countries: values(DropKind::Country).collect(),
        ranges: values(DropKind::IpRange)
            .filter_map(|range| AddressRange::parse(&range))
            .collect(),
        honoured: Signals {
            do_not_track: values(DropKind::Signal).any(|signal| signal == drop_rule::DO_NOT_TRACK),
            global_privacy_control: values(DropKind::Signal)
                .any(|signal| signal == drop_rule::GLOBAL_PRIVACY_CONTROL),
        },
        refuses_personal_data: values(DropKind::PersonalData).next().is_some(),
        refuses_bots: values(DropKind::Bot).next().is_some(),
    }
}
