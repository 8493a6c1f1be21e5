//! The question pipeline: parse → build → optimise → [`Plan`] → [`Engine`] → [`ResultSet`] → shape.
//! Each stage has one type and one file, and trusts the stage before it. This crate does no I/O and
//! reads no clock: "now" comes in with the question. It knows no files, no HTTP and no users.
#![warn(missing_docs)]

pub mod ask;
pub mod bucket;
pub mod build;
pub mod engine;
pub mod formula;
pub mod inventory;
pub mod limits;
pub mod mask;
pub mod names;
pub mod optimise;
pub mod parse;
pub mod paths;
mod places;
pub mod plan;
pub mod refusal;
pub mod result;
pub mod run;
pub mod saved;
pub mod shape;

pub use ask::{AskError, Setting, ask, check};
pub use build::Facts;
pub use engine::{Cancel, Engine, EngineError};
pub use inventory::ask_inventory;
pub use mask::Mask;
pub use parse::site_id;
pub use paths::attribution::{AttributionAnswer, AttributionPlan, Credit, ask_attribution};
pub use paths::funnel::{
    FunnelAnswer, FunnelGroup, FunnelPlan, FunnelStep, Times, ask_funnel, check_funnel,
};
pub use paths::journey::{JourneyAnswer, JourneyPlan, ask_journey, picture};
pub use paths::retention::{Cohort, RetentionAnswer, RetentionPlan, ask_retention};
pub use plan::{Order, OrderBy, Plan, Table};
pub use refusal::Refusal;
pub use result::{ResultSet, Row, ScanStats, VisitorsAre};
pub use saved::{Goal, Saved, Segment};
