//! The seam between questions and whatever holds the events. One implementation is the embedded
//! store; the other, in `testkit`, is the slow and obvious one that all others must agree with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use almanac_model::{ProjectId, ProjectSettings, TimeRange};

use crate::{
    AttributionAnswer, AttributionPlan, FunnelAnswer, FunnelPlan, JourneyAnswer, JourneyPlan, Plan,
    ResultSet, RetentionAnswer, RetentionPlan,
};

/// Runs plans.
pub trait Engine: Send + Sync {
    /// The same engine with a project as it is now, whatever happens to its events meanwhile: for
    /// questions of several plans.
    ///
    /// # Errors
    /// When the project is unknown.
    fn snapshot(&self, project: ProjectId) -> Result<Box<dyn Engine + '_>, EngineError>;

    /// Runs one plan to its end and returns its rows, ordered and cut to the page asked for. Blocks
    /// the calling thread; call it where blocking is allowed.
    ///
    /// # Errors
    /// When the plan was cancelled, went over a limit, or the events could not be read.
    fn run(&self, plan: &Plan, cancel: &Cancel) -> Result<ResultSet, EngineError>;

    /// Follows visitors through the steps of a funnel (rule 41).
    ///
    /// # Errors
    /// As [`Engine::run`].
    fn funnel(&self, plan: &FunnelPlan, cancel: &Cancel) -> Result<FunnelAnswer, EngineError>;

    /// Counts who comes back (rule 42).
    ///
    /// # Errors
    /// As [`Engine::run`].
    fn retention(
        &self,
        plan: &RetentionPlan,
        cancel: &Cancel,
    ) -> Result<RetentionAnswer, EngineError>;

    /// Follows visits from a point or to it (rule 43).
    ///
    /// # Errors
    /// As [`Engine::run`].
    fn journey(&self, plan: &JourneyPlan, cancel: &Cancel) -> Result<JourneyAnswer, EngineError>;

    /// Gives visits credit for conversions (rule 44).
    ///
    /// # Errors
    /// As [`Engine::run`].
    fn attribution(
        &self,
        plan: &AttributionPlan,
        cancel: &Cancel,
    ) -> Result<AttributionAnswer, EngineError>;

    /// The names of all properties that counted events inside a range have, by name, each with how
    /// many have it.
    ///
    /// # Errors
    /// As [`Engine::run`].
    fn property_names(
        &self,
        project: &ProjectSettings,
        range: TimeRange,
        cancel: &Cancel,
    ) -> Result<Vec<(String, u64)>, EngineError>;
}

/// Tells a running plan to stop, because whoever asked has gone or its time is up. Cheap to clone;
/// all clones are one switch.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks the plan to stop soon.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop. Engines look at least once per partition.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Why a plan has no answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The question was withdrawn.
    #[error("the question was cancelled")]
    Cancelled,
    /// The question needs more than its share of memory.
    #[error(
        "the question needs more than its {budget_bytes} bytes of memory; ask for a shorter range \
         or fewer dimensions"
    )]
    OverBudget {
        /// The share, bytes.
        budget_bytes: u64,
    },
    /// All questions together hold as much memory as they may.
    #[error("the questions being answered hold all of their {pool_bytes} bytes; ask again later")]
    Crowded {
        /// What all may hold together, bytes.
        pool_bytes: u64,
    },
    /// A pattern in the filter is not a regular expression; parsing refuses those, so this is a
    /// fault of the caller.
    #[error("pattern {pattern:?} is not a regular expression")]
    Pattern {
        /// The pattern.
        pattern: String,
    },
    /// The engine does not know how to answer such a plan.
    #[error("this engine cannot answer {what}")]
    Unsupported {
        /// What it does not know.
        what: &'static str,
    },
    /// The events could not be read.
    #[error("the events could not be read")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
}
