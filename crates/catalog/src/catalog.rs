//! The open catalog: one connection that writes, a few that read, and the rules by which they do.
//! What is stored is the business of the other files.
//!
//! On SQLite every write begins with `BEGIN IMMEDIATE`: a deferred transaction that turns into a
//! writer half-way fails with "database is locked", whatever the busy timeout. A commit is on disk
//! when it returns (`synchronous = FULL`), and deleted rows are overwritten (`secure_delete`), so
//! that a destroyed salt is gone.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, Executor, Transaction};

use crate::audit::Actor;
use crate::error::{CatalogError, Result};
use crate::password::PasswordHasher;
use crate::secret::InstanceSecret;
use crate::{limits, migration};

/// The catalog's file inside the data directory.
pub const FILE_NAME: &str = "catalog.sqlite";

/// Begins a write: the lock is taken at once, so that no write fails after it has read.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// A handle on the catalog; clones share the connections.
#[derive(Debug, Clone)]
pub struct Catalog {
    writer: AnyPool,
    readers: AnyPool,
    pub(crate) secret: InstanceSecret,
    pub(crate) passwords: PasswordHasher,
    /// On whose behalf this handle changes things, for the audit log.
    pub(crate) actor: Arc<Actor>,
}

const WRITER_SET_UP: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;";
const READER_SET_UP: &str = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;";

impl Catalog {
    /// Opens the catalog in a data directory that exists, creating or migrating it as needed. Other
    /// processes may have it open at the same time. The file can be read by its owner only.
    ///
    /// # Errors
    /// The directory cannot be written, the file is no database, it is newer than this program, or
    /// another process keeps it locked.
    pub async fn open(directory: &Path, secret: InstanceSecret) -> Result<Self> {
        let directory = std::path::absolute(directory).map_err(|source| CatalogError::Io {
            path: directory.to_owned(),
            source,
        })?;
        let path = directory.join(FILE_NAME);
        create_private(&path)?;
        sqlx::any::install_default_drivers();
        let options = AnyConnectOptions::from_str(&sqlite_url(&path)?)?;
        let writer = pool(1, WRITER_SET_UP, options.clone()).await?;
        let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
        migration::migrate(&mut tx).await?;
        tx.commit().await?;
        let readers = pool(limits::READERS_MAX, READER_SET_UP, options).await?;
        Ok(Self {
            writer,
            readers,
            secret,
            passwords: PasswordHasher::new(),
            actor: Arc::new(Actor::server()),
        })
    }

    /// A handle whose changes are done on somebody's behalf: the audit log says so.
    #[must_use]
    pub fn acting(&self, actor: Actor) -> Self {
        Self {
            actor: Arc::new(actor),
            ..self.clone()
        }
    }

    /// A number that grows whenever users, projects, hosts, keys or drop rules change, whichever
    /// process changed them. A server that kept an older number reads its settings again.
    ///
    /// # Errors
    /// The database failed.
    pub async fn change_counter(&self) -> Result<i64> {
        Ok(
            sqlx::query_scalar("SELECT version FROM changes WHERE id = 1")
                .fetch_one(&self.readers)
                .await?,
        )
    }

    /// Closes every connection; the write-ahead log is folded into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Connections for reading.
    pub(crate) fn readers(&self) -> &AnyPool {
        &self.readers
    }

    /// Starts a write; it is undone unless committed.
    pub(crate) async fn write(&self) -> Result<Transaction<'static, Any>> {
        match self.writer.begin_with(BEGIN).await {
            // After a commit that failed, on a full disk say, the database has ended the
            // transaction and the connection does not know it. Only a new one is surely outside.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.writer.acquire().await?.close().await?;
                Ok(self.writer.begin_with(BEGIN).await?)
            }
            begun => Ok(begun?),
        }
    }

    /// Folds the write-ahead log into the file and empties it, so that what was deleted is on disk
    /// no more. While a reader holds it the log keeps its tail until the next time.
    pub(crate) async fn fold_log(&self) -> Result<()> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_all(&self.writer)
            .await?;
        Ok(())
    }
}

/// Gives out the next id of a noun. Ids start at 1, have no holes and are never given again.
pub(crate) async fn next_id(tx: &mut Transaction<'static, Any>, noun: &str) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "UPDATE sequences SET next = next + 1 WHERE noun = $1 RETURNING next - 1",
    )
    .bind(noun)
    .fetch_one(&mut **tx)
    .await?)
}

/// Commits a write that running servers must notice.
pub(crate) async fn commit_change(mut tx: Transaction<'static, Any>) -> Result<()> {
    sqlx::query("UPDATE changes SET version = version + 1 WHERE id = 1")
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

async fn pool(
    connections_max: u32,
    set_up: &'static str,
    options: AnyConnectOptions,
) -> Result<AnyPool> {
    Ok(AnyPoolOptions::new()
        .max_connections(connections_max)
        .after_connect(move |connection, _| {
            Box::pin(async move { connection.execute(set_up).await.map(|_| ()) })
        })
        .connect_with(options)
        .await?)
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
fn sqlite_url(path: &Path) -> Result<String> {
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
