//! What can be wrong with a configuration. Every message names the place, the value and the remedy;
//! values of secrets are never repeated.

use std::path::PathBuf;

use super::sources::Origin;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value is wrong.
    #[error("{origin}: {value}{reason}")]
    Value {
        /// Where the value was given.
        origin: Origin,
        /// The value in quotes and a space, or nothing for a secret.
        value: String,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// A file names a setting that does not exist.
    #[error("{}: there is no setting {key:?}{suggestion}", path.display())]
    UnknownKey {
        /// The configuration file.
        path: PathBuf,
        /// The key found.
        key: String,
        /// `; did you mean …?` or where the list is.
        suggestion: String,
    },
    /// A configuration file is not TOML.
    #[error("{}: {problem}", path.display())]
    Syntax {
        /// The configuration file.
        path: PathBuf,
        /// What the reader said.
        problem: String,
    },
    /// A file that was named cannot be read.
    #[error("{named_by}: cannot read {}: {source}", path.display())]
    File {
        /// What named the file.
        named_by: String,
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: std::io::Error,
    },
    /// A secret was given twice.
    #[error("{variable} and {variable}_FILE are both set; keep one")]
    Both {
        /// The variable without `_FILE`.
        variable: &'static str,
    },
}
