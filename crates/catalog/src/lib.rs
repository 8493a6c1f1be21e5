//! The small relational state: users, sessions, projects, keys, salts, counts and the audit log,
//! one file per noun with plain functions over `&Catalog`. It refuses to know what an event is, to
//! read a clock (every function that needs the present takes it) and to let a secret reach the disk
//! in plain.
//!
//! All SQL is written once, in the part of the language that SQLite and PostgreSQL share: `$1`
//! parameters, `BIGINT` and `TEXT` columns, `ON CONFLICT`, `RETURNING`.
#![warn(missing_docs)]

pub mod anomaly;
pub mod audit;
pub mod calendar;
pub mod catalog;
pub mod consent;
pub mod drop_rule;
pub mod error;
pub mod event_count;
pub mod grant;
pub mod host;
pub mod identity;
pub mod invitation;
pub mod key;
pub mod limits;
mod migration;
mod one_time_code;
pub mod password;
pub mod project;
mod random;
pub mod refresh;
pub mod reset;
pub mod retention;
pub mod salt;
pub mod saved;
pub mod second_factor;
pub mod secret;
pub mod session;
pub mod setup;
pub mod signing_key;
#[cfg(feature = "testing")]
pub mod testing;
pub mod training;
pub mod user;
pub mod verification;
pub mod visibility;

pub use audit::Actor;
pub use catalog::{Catalog, PostgresAddress};
pub use error::CatalogError;
pub use secret::InstanceSecret;
