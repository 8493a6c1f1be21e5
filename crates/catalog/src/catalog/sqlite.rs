//! The catalog as a file: how it is made, opened and locked. Every write begins with `BEGIN
//! IMMEDIATE`: a deferred transaction that turns into a writer half-way fails with "database is
//! locked", whatever the busy timeout. A commit is on disk when it returns (`synchronous = FULL`),
//! and deleted rows are overwritten (`secure_delete`), so that a destroyed salt is gone.

use std::path::Path;
use std::str::FromStr;

use sqlx::any::AnyConnectOptions;
use sqlx::{Any, AnyPool, Transaction};

use crate::error::{CatalogError, Result};

/// The catalog's file inside the data directory.
pub const FILE_NAME: &str = "catalog.sqlite";

/// Begins a write: the lock is taken at once, so that no write fails after it has read.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// Folds the write-ahead log into the file and empties it, so that what was deleted is on disk no
/// more. While a reader holds it the log keeps its tail until the next time.
pub(super) const FOLD_LOG: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

pub(super) const WRITER_SET_UP: &str = "PRAGMA busy_timeout = 5000; \
     PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;";
pub(super) const READER_SET_UP: &str = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;";

/// Makes the file where it is missing, and says how to open it.
pub(super) fn prepare(directory: &Path) -> Result<AnyConnectOptions> {
    let directory = std::path::absolute(directory).map_err(|source| CatalogError::Io {
        path: directory.to_owned(),
        source,
    })?;
    let path = directory.join(FILE_NAME);
    create_private(&path)?;
    sqlx::any::install_default_drivers();
    Ok(AnyConnectOptions::from_str(&url(&path)?)?)
}

pub(super) async fn begin(writer: &AnyPool) -> Result<Transaction<'static, Any>> {
    match writer.begin_with(BEGIN).await {
        // After a commit that failed, on a full disk say, the database has ended the transaction
        // and the connection does not know it. Only a new one is surely outside.
        Err(sqlx::Error::InvalidSavePointStatement) => {
            writer.acquire().await?.close().await?;
            Ok(writer.begin_with(BEGIN).await?)
        }
        begun => Ok(begun?),
    }
}

/// Creates the file readable by its owner only, unless it exists; SQLite gives its side files the
/// same mode.
fn create_private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(|_| ())
        .map_err(|source| CatalogError::Io {
            path: path.to_owned(),
            source,
        })
}

/// The address of a database file. Characters that mean something in an address are escaped.
fn url(path: &Path) -> Result<String> {
    let text = path.to_str().ok_or_else(|| {
        let reason = "the path is not UTF-8; choose another data directory";
        let source = std::io::Error::new(std::io::ErrorKind::InvalidInput, reason);
        CatalogError::Io {
            path: path.to_owned(),
            source,
        }
    })?;
    let escaped = text
        .replace('%', "%25")
        .replace('?', "%3F")
        .replace('#', "%23");
    Ok(format!("sqlite://{escaped}"))
}
