//! Why a command ended, and how that is told: one line for people, one object for programs.

use std::io::{self, Write};

use almanac_catalog::CatalogError;
use serde_json::json;

use super::exit_code::ExitCode;
use crate::config::ConfigError;

/// The end of a command that did not succeed.
#[derive(Debug)]
pub struct Failure {
    /// What the shell is told.
    pub code: ExitCode,
    /// What went wrong, with the value and the remedy.
    pub message: String,
}

impl Failure {
    /// A failure with that code and message.
    pub fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// Tells it on `to`, which is standard error.
    ///
    /// # Errors
    /// `to` cannot be written.
    pub fn tell(&self, as_json: bool, to: &mut dyn Write) -> io::Result<()> {
        if as_json {
            let code = self.code;
            let told = json!({
                "error": self.message,
                "code": code.name(),
                "exit_code": code.number(),
            });
            return writeln!(to, "{told}");
        }
        writeln!(to, "error: {}", self.message)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        let code = match &error {
            CatalogError::NotFound { .. } => ExitCode::NotFound,
            CatalogError::Taken { .. } => ExitCode::Taken,
            CatalogError::Invalid { .. } => ExitCode::Invalid,
            CatalogError::Secret { .. } => ExitCode::Configuration,
            CatalogError::Io { .. } => ExitCode::DataDirectory,
            CatalogError::Locked { .. } => ExitCode::Held,
            CatalogError::TooNew { .. } => ExitCode::TooNew,
            CatalogError::SetupClosed
            | CatalogError::LastOwner { .. }
            | CatalogError::LinkSpent
            | CatalogError::SetupTokenWrong
            | CatalogError::Overloaded
            | CatalogError::Corrupt { .. }
            | CatalogError::Randomness(_)
            | CatalogError::Unreachable { .. }
            | CatalogError::Away(_)
            | CatalogError::Database(_) => ExitCode::Failed,
        };
        Self::new(code, error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(ExitCode::Configuration, error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(
            ExitCode::Failed,
            format!("cannot write the answer: {error}"),
        )
    }
}
