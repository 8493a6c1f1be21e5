//! The configuration, resolved once: flags over environment over file over defaults, into one
//! struct per section. Nothing else in the program reads the environment; each part is given its
//! section and nothing more.

mod environment;
mod error;
mod read;
mod reference;
mod section;
mod settings;
mod show;
mod sources;

pub use environment::Environment;
pub use error::ConfigError;
pub(crate) use read::GOOGLE;
pub use read::{LogFormat, MailTls};
pub use reference::reference;
pub use settings::{
    Acme, Bots, Config, Data, Geo, Http, Limits, Log, Mail, Oidc, Outbound, Queue, Store, Tokens,
};
pub use show::{shown_json, shown_text};
pub use sources::{Origin, Setting, Sources};

/// The file that is read from the working directory unless another is named.
pub const FILE_NAME: &str = "almanac.toml";

/// Reads every source and resolves them. `flags` are variables with the values that the command
/// line gave for them.
///
/// # Errors
/// A file cannot be read, a key is unknown, or a value is wrong; the message says where and what
/// would be right.
pub fn load(
    environment: &Environment,
    flags: &[(&'static str, String)],
) -> Result<(Config, Sources), ConfigError> {
    let sources = Sources::gather(environment, flags)?;
    let config = Config::resolve(&sources)?;
    Ok((config, sources))
}

#[cfg(test)]
mod tests;
