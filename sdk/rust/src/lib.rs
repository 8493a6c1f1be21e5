//! Counts calls of tools and commands for Almanac: [`Telemetry::wrap`] is the one line that a tool
//! needs. Nothing in here fails, blocks or prints: what cannot be sent is kept, and what cannot be
//! kept is given up. `docs/sdk-telemetry.md` says what a host may rely on.
//!
//! ```
//! use almanac_telemetry::{Options, Telemetry};
//!
//! let options = Options::new("http://127.0.0.1:1", "tools.example", env!("CARGO_PKG_VERSION"));
//! let telemetry = Telemetry::start(options);
//! let parsed = telemetry.wrap("parse", || "42".parse::<u32>());
//! assert_eq!(parsed, Ok(42));
//! ```
#![warn(missing_docs)]

mod call;
mod event;
mod limits;
mod options;
mod post;
mod sender;
mod spool;
mod telemetry;
mod world;

pub use call::{Call, Running, Status, Value};
pub use options::{Level, Options};
pub use telemetry::Telemetry;
