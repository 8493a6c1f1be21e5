//! From a draft to an event: ordered named steps that check, refuse, enrich and identify. Nothing
//! here does I/O, reads a clock or draws a random number, and nothing here knows HTTP or storage.
#![warn(missing_docs)]

pub mod access_log;
mod address;
mod agents;
mod bot;
mod channel;
mod check;
mod context;
mod data_centres;
mod dedupe;
mod draft;
mod identity;
mod kind;
mod limits;
pub mod personal;
mod places;
pub mod record;
mod refusal;
mod rules;
mod sources;
mod steps;
pub mod telemetry;
mod text;

pub use address::{normal_host, page_host, registrable_domain};
pub use agents::{Agent, Agents, AgentsError, Hints};
pub use bot::{Bot, BotSort};
pub use channel::Channel;
pub use check::{Invalid, check};
pub use context::{Context, Origin, Salts, Sender, Signals};
pub use data_centres::{DataCentres, DataCentresError};
pub use dedupe::{Seen, Window, fingerprint};
pub use draft::{Draft, ModelDraft, Person, Revenue, ToolDraft};
pub use identity::visitor_of_id;
pub use places::{Place, Places, PlacesError};
pub use refusal::{Refusal, Refused};
pub use rules::{AddressRange, Rules};
pub use steps::{process, process_bot, step_names};

#[cfg(test)]
mod testing;
