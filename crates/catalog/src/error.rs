//! What can go wrong in the catalog, as far as callers act on it. How an error looks on a wire or
//! which exit code it becomes is decided by them.

use std::path::PathBuf;

/// A refusal or failure of the catalog. Its text names the value and, where there is one, the
/// remedy.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// There is no such thing.
    #[error("there is no {what} {value:?}")]
    NotFound {
        /// The noun: `user`, `project`, `key`.
        what: &'static str,
        /// What was asked for.
        value: String,
    },
    /// A value that must be unique is in use.
    #[error("the {what} {value:?} already belongs to {holder}")]
    Taken {
        /// The noun: `email`, `host`, `name`.
        what: &'static str,
        /// The value in use.
        value: String,
        /// Whose it is, in words.
        holder: String,
    },
    /// A value breaks a rule.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field, spelt as in the API.
        field: &'static str,
        /// What is wrong with which value, and what would be right.
        reason: String,
    },
    /// An owner exists already: the first-run set-up is over for ever.
    #[error("the set-up is closed because an owner exists; sign in, or ask the owner")]
    SetupClosed,
    /// The set-up token is not the one that was printed last.
    #[error("the set-up token is wrong; use the link that the server printed at its last start")]
    SetupTokenWrong,
    /// The change would leave nobody who may do everything.
    #[error("{email} is the last owner who can sign in; make somebody else an owner first")]
    LastOwner {
        /// Whose owner's role would go.
        email: String,
    },
    /// The link of an invitation or of a reset is not one, was used, or is too old.
    #[error("the link was used, is too old or was withdrawn; ask for a new one")]
    LinkSpent,
    /// Too many passwords are being checked at this moment.
    #[error("too many sign-ins at once; try again in a second")]
    Overloaded,
    /// Another process held the database for longer than the busy timeout.
    #[error("the catalog is locked by another process for more than {waited_ms} ms; try again")]
    Locked {
        /// How long we waited, milliseconds.
        waited_ms: u32,
    },
    /// The database server does not answer, or does not let us in.
    #[error("cannot open the catalog in PostgreSQL at {address}: {source}; see ALMANAC_CATALOG")]
    Unreachable {
        /// Host and database.
        address: String,
        /// What it said.
        source: sqlx::Error,
    },
    /// The database was written by a newer program.
    #[error(
        "the catalog has schema {found}, this program knows up to {known}; use a newer almanac"
    )]
    TooNew {
        /// The schema version found.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The instance secret is missing, weak or not the one that sealed the data.
    #[error("instance secret: {reason}")]
    Secret {
        /// What is wrong and what to do.
        reason: String,
    },
    /// A stored value cannot be what this program wrote.
    #[error("the catalog holds an unreadable {what}: {value:?}")]
    Corrupt {
        /// The noun.
        what: &'static str,
        /// What was found.
        value: String,
    },
    /// A file could not be read or written.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// Which file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The operating system gave no randomness.
    #[error("no randomness from the operating system: {0}")]
    Randomness(getrandom::Error),
    /// The database server has gone away, or has not come back yet.
    #[error("the catalog's database does not answer: {0}; try again")]
    Away(sqlx::Error),
    /// Anything else the database said.
    #[error("the catalog's database failed: {0}")]
    Database(sqlx::Error),
}

/// A result of the catalog.
pub type Result<T> = std::result::Result<T, CatalogError>;

impl CatalogError {
    pub(crate) fn not_found(what: &'static str, value: impl ToString) -> Self {
        Self::NotFound {
            what,
            value: value.to_string(),
        }
    }

    pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            reason: reason.into(),
        }
    }

    pub(crate) fn corrupt(what: &'static str, value: impl ToString) -> Self {
        Self::Corrupt {
            what,
            value: value.to_string(),
        }
    }
}

impl From<sqlx::Error> for CatalogError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(known_fault) {
            Some(Fault::Busy) => Self::Locked {
                waited_ms: crate::limits::BUSY_TIMEOUT_MS,
            },
            Some(Fault::ZeroCharacter) => {
                Self::invalid("text", "holds the character U+0000; leave it out")
            }
            Some(Fault::Away) => Self::Away(error),
            None if is_broken(&error) => Self::Away(error),
            None => Self::Database(error),
        }
    }
}

/// What a database says that callers act on.
enum Fault {
    /// It gave up waiting for another process.
    Busy,
    /// It cannot hold a text with a zero in it. SQLite can.
    ZeroCharacter,
    /// It stops, or is starting.
    Away,
}

/// Whether there was nobody to say anything.
fn is_broken(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_)
    )
}

/// SQLite's codes are numbers: SQLITE_BUSY (5) and SQLITE_LOCKED (6) with their extended codes,
/// whose low byte is the plain one. PostgreSQL's have five characters: a lock that did not come in
/// time, a deadlock, a conflict of two transactions, a text that no encoding has, and a server that
/// stops or starts.
fn known_fault(error: &dyn sqlx::error::DatabaseError) -> Option<Fault> {
    let code = error.code()?;
    match &*code {
        "55P03" | "40P01" | "40001" => Some(Fault::Busy),
        "57P01" | "57P02" | "57P03" => Some(Fault::Away),
        "22021" => Some(Fault::ZeroCharacter),
        _ if code.len() == 5 => None,
        _ => {
            let code: u32 = code.parse().ok()?;
            matches!(code & 0xff, 5 | 6).then_some(Fault::Busy)
        }
    }
}
