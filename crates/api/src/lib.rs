//! The only crate that serves HTTP and knows wire shapes: front doors of collection, questions, the
//! dashboard's endpoints, and the dashboard itself. It knows no file format and no SQL.
//!
//! Reading order: `serve` accepts connections, `router` lists every endpoint, `collect` takes
//! events in, `question` gives answers out, `error` turns what goes wrong into responses.

mod account;
mod address;
mod app;
mod auth;
mod body;
pub mod cell;
mod client;
mod collect;
mod cors;
mod dedupe;
mod directory;
mod erasing;
mod error;
pub mod forecast;
mod health;
mod hosts;
pub mod import;
mod jws;
pub mod keeping;
mod keys;
mod layers;
mod ledger;
pub mod lines;
mod live;
mod local;
mod mail;
mod oidc;
mod openapi;
mod outbound;
mod projects;
mod question;
mod rate_limit;
mod recent;
mod router;
mod saved;
mod serve;
mod session;
mod status;
mod stream;
mod ui;
mod verification;
mod visibility;

pub use app::{App, HttpSettings, Parts, RefreshError};
pub use collect::EVENTS_MAX;
#[cfg(feature = "testing")]
pub use collect::read_as_every_door;
pub use dedupe::{Claim, Dedupe};
pub use directory::{Directory, Entry};
pub use erasing::{Sweep, Swept};
pub use ledger::{Counts, Fate, Ledger, NOBODY, Page, RecentRefusal, Unsaved};
pub use mail::{Mail, MailError, MailState, Mailer};
pub use oidc::{Fetch, FetchError, OidcSettings};
pub use outbound::{
    AuthoritiesError, Call, Destination, Outbound, OutboundError, OutboundSettings, Refused, Reply,
};
pub use question::Traffic;
pub use rate_limit::{Allowance, Allowances};
pub use recent::{RecentVisitors, Sighting};
pub use router::{document, router};
pub use serve::{Certificate, CertificateError, ConnectionLimits, serve};
