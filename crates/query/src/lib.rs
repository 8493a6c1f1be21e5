//! The question pipeline: parse → build → optimise → [`Plan`] → [`Engine`] → [`ResultSet`] → shape.
//! Each stage has one type and one file, and trusts the stage before it. This crate does no I/O and
//! reads no clock: "now" comes in with the question. It knows no files, no HTTP and no users.
#![warn(missing_docs)]

pub mod engine;
pub mod plan;
pub mod result;

pub use engine::{Cancel, Engine, EngineError};
pub use plan::{Order, OrderBy, Plan, Table};
pub use result::{ResultSet, Row, ScanStats, VisitorsAre};
