//! The words of the domain: events and their kinds, ids, instants, metrics, dimensions, filters and
//! limits. Everything here is a pure value. This crate refuses to do I/O, to read a clock, and to
//! know how any of its values look on a wire or on a disk.
#![warn(missing_docs)]

pub mod column;
pub mod dimension;
pub mod event;
pub mod filter;
pub mod id;
pub mod kind;
pub mod limits;
pub mod metric;
pub mod project;
pub mod time;

pub use column::{NumberColumn, TextColumn};
pub use dimension::{Dimension, Scope, TimeUnit};
pub use event::Event;
pub use filter::{Filter, Match, MatchOp};
pub use id::{EventId, ProjectId, VisitorId};
pub use kind::Kind;
pub use metric::Metric;
pub use project::{Identity, ProjectSettings};
pub use time::{Clock, Instant, TimeRange};
