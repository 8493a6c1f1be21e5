//! The open catalog: one connection that writes, a few that read, and the rules by which they do.
//! What is stored is the business of the other files; what differs between the two databases is in
//! `catalog/sqlite.rs` and `catalog/postgres.rs` and nowhere else.
//!
//! One writer at a time, on either database and whatever process it is in: every write takes the
//! lock before it reads, so that what it found is still so when it commits.

mod postgres;
mod sqlite;

use std::path::Path;
use std::sync::Arc;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, Executor, Transaction};

use crate::audit::Actor;
use crate::error::Result;
use crate::password::PasswordHasher;
use crate::secret::InstanceSecret;
use crate::{limits, migration};

pub use postgres::PostgresAddress;
pub use sqlite::FILE_NAME;

/// A handle on the catalog; clones share the connections.
#[derive(Debug, Clone)]
pub struct Catalog {
    database: Database,
    writer: AnyPool,
    readers: AnyPool,
    pub(crate) secret: InstanceSecret,
    pub(crate) passwords: PasswordHasher,
    /// On whose behalf this handle changes things, for the audit log.
    pub(crate) actor: Arc<Actor>,
}

/// Which database a catalog is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Database {
    Sqlite,
    Postgres,
}

impl Catalog {
    /// Opens the catalog in a data directory that exists, creating or migrating it as needed. Other
    /// processes may have it open at the same time. The file can be read by its owner only.
    ///
    /// # Errors
    /// The directory cannot be written, the file is no database, it is newer than this program, or
    /// another process keeps it locked.
    pub async fn open(directory: &Path, secret: InstanceSecret) -> Result<Self> {
        let options = sqlite::prepare(directory)?;
        Self::connect(Database::Sqlite, options, secret).await
    }

    /// Opens the catalog in a PostgreSQL database that exists, creating or migrating its tables as
    /// needed. Other servers may have it open at the same time.
    ///
    /// # Errors
    /// The database cannot be reached or does not let us in, its tables are newer than this
    /// program, or another process keeps them locked.
    pub async fn open_postgres(address: &PostgresAddress, secret: InstanceSecret) -> Result<Self> {
        let options = address.options().await?;
        Self::connect(Database::Postgres, options, secret).await
    }

    async fn connect(
        database: Database,
        options: AnyConnectOptions,
        secret: InstanceSecret,
    ) -> Result<Self> {
        let writer = pool(1, database.writer_set_up(), options.clone()).await?;
        let mut tx = database.begin(&writer).await?;
        migration::up(&mut tx).await?;
        tx.commit().await?;
        let readers = pool(limits::READERS_MAX, database.reader_set_up(), options).await?;
        Ok(Self {
            database,
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

    /// Takes the tables back to an older version, for a program that knows no newer one. What only
    /// the newer ones can hold is lost. The handle is of no use afterwards but to be closed.
    ///
    /// # Errors
    /// There is no such version, or the database failed; then nothing has changed.
    pub async fn go_back_to(&self, version: i64) -> Result<()> {
        let mut tx = self.write().await?;
        migration::down(&mut tx, version).await?;
        Ok(tx.commit().await?)
    }

    /// Closes every connection; SQLite's write-ahead log is folded into the file.
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
        self.database.begin(&self.writer).await
    }

    /// Takes what was deleted off the disk, as far as the database can.
    pub(crate) async fn forget_deleted(&self) -> Result<()> {
        let statement = match self.database {
            Database::Sqlite => sqlite::FOLD_LOG,
            Database::Postgres => postgres::REWRITE_DELETED,
        };
        sqlx::query(statement).fetch_all(&self.writer).await?;
        Ok(())
    }
}

impl Database {
    fn writer_set_up(self) -> &'static str {
        match self {
            Self::Sqlite => sqlite::WRITER_SET_UP,
            Self::Postgres => postgres::WRITER_SET_UP,
        }
    }

    fn reader_set_up(self) -> &'static str {
        match self {
            Self::Sqlite => sqlite::READER_SET_UP,
            Self::Postgres => postgres::READER_SET_UP,
        }
    }

    /// Begins a write once no other one is under way.
    async fn begin(self, writer: &AnyPool) -> Result<Transaction<'static, Any>> {
        match self {
            Self::Sqlite => sqlite::begin(writer).await,
            Self::Postgres => postgres::begin(writer).await,
        }
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
        .acquire_timeout(limits::ACQUIRE_TIME_MAX)
        .after_connect(move |connection, _| {
            Box::pin(async move { connection.execute(set_up).await.map(|_| ()) })
        })
        .connect_with(options)
        .await?)
}
