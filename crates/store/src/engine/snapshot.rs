//! A project as it is at one moment: all plans of one question read the same events, whatever is
//! appended, sealed, merged or erased meanwhile. It holds what it reads and changes nothing.

use std::sync::Arc;

use almanac_model::{ProjectId, ProjectSettings, TimeRange};
use almanac_query::{
    AttributionAnswer, AttributionPlan, Cancel, Engine, EngineError, FunnelAnswer, FunnelPlan,
    JourneyAnswer, JourneyPlan, Plan, ResultSet, RetentionAnswer, RetentionPlan,
};

use super::{attribution, funnel, inventory, journey, retention};
use crate::partition::Project;
use crate::{Store, StoreError};

/// A store and a version of one of its projects.
#[derive(Debug, Clone)]
pub(super) struct Snapshot<'a> {
    pub(super) store: &'a Store,
    id: ProjectId,
    project: Arc<Project>,
}

impl<'a> Snapshot<'a> {
    /// The project as it is now.
    pub(super) fn now(store: &'a Store, id: ProjectId) -> Result<Self, StoreError> {
        let project = store.project(id).ok_or(StoreError::UnknownProject(id))?;
        Ok(Self { store, id, project })
    }

    /// The project, which must be the one that is asked about.
    pub(super) fn project(&self, wanted: ProjectId) -> Result<&Project, StoreError> {
        if wanted == self.id {
            Ok(&self.project)
        } else {
            Err(StoreError::UnknownProject(wanted))
        }
    }
}

impl Engine for Snapshot<'_> {
    fn snapshot(&self, project: ProjectId) -> Result<Box<dyn Engine + '_>, EngineError> {
        self.project(project)?;
        Ok(Box::new(self.clone()))
    }

    fn run(&self, plan: &Plan, cancel: &Cancel) -> Result<ResultSet, EngineError> {
        super::run(self, plan, cancel)
    }

    fn funnel(&self, plan: &FunnelPlan, cancel: &Cancel) -> Result<FunnelAnswer, EngineError> {
        funnel::run(self, plan, cancel)
    }

    fn retention(
        &self,
        plan: &RetentionPlan,
        cancel: &Cancel,
    ) -> Result<RetentionAnswer, EngineError> {
        retention::run(self, plan, cancel)
    }

    fn journey(&self, plan: &JourneyPlan, cancel: &Cancel) -> Result<JourneyAnswer, EngineError> {
        journey::run(self, plan, cancel)
    }

    fn attribution(
        &self,
        plan: &AttributionPlan,
        cancel: &Cancel,
    ) -> Result<AttributionAnswer, EngineError> {
        attribution::run(self, plan, cancel)
    }

    fn property_names(
        &self,
        project: &ProjectSettings,
        range: TimeRange,
        cancel: &Cancel,
    ) -> Result<Vec<(String, u64)>, EngineError> {
        inventory::property_names(self, project, range, cancel)
    }
}

/// Each plan alone reads what is there when it comes.
impl Engine for Store {
    fn snapshot(&self, project: ProjectId) -> Result<Box<dyn Engine + '_>, EngineError> {
        Ok(Box::new(Snapshot::now(self, project)?))
    }

    fn run(&self, plan: &Plan, cancel: &Cancel) -> Result<ResultSet, EngineError> {
        Snapshot::now(self, plan.project.id)?.run(plan, cancel)
    }

    fn funnel(&self, plan: &FunnelPlan, cancel: &Cancel) -> Result<FunnelAnswer, EngineError> {
        Snapshot::now(self, plan.project.id)?.funnel(plan, cancel)
    }

    fn retention(
        &self,
        plan: &RetentionPlan,
        cancel: &Cancel,
    ) -> Result<RetentionAnswer, EngineError> {
        Snapshot::now(self, plan.project.id)?.retention(plan, cancel)
    }

    fn journey(&self, plan: &JourneyPlan, cancel: &Cancel) -> Result<JourneyAnswer, EngineError> {
        Snapshot::now(self, plan.project.id)?.journey(plan, cancel)
    }

    fn attribution(
        &self,
        plan: &AttributionPlan,
        cancel: &Cancel,
    ) -> Result<AttributionAnswer, EngineError> {
        Snapshot::now(self, plan.project.id)?.attribution(plan, cancel)
    }

    fn property_names(
        &self,
        project: &ProjectSettings,
        range: TimeRange,
        cancel: &Cancel,
    ) -> Result<Vec<(String, u64)>, EngineError> {
        Snapshot::now(self, project.id)?.property_names(project, range, cancel)
    }
}
