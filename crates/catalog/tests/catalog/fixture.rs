//! What every test begins with: a catalog in a fresh database, and instants that are given. Which
//! database that is, the `database` beside it says.

use std::path::Path;

use almanac_catalog::user::{NewUser, Role};
use almanac_catalog::{Catalog, CatalogError, InstanceSecret};
use almanac_model::Instant;
use sqlx::any::AnyPoolOptions;

use super::database::{self, Database};

pub(crate) const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
pub(crate) const PASSWORD: &str = "a quiet evening";

/// An opened catalog that lives as long as its database.
pub(crate) struct Fixture {
    pub(crate) catalog: Catalog,
    pub(crate) database: Database,
}

impl Fixture {
    /// What [`open`] opens it by.
    pub(crate) fn path(&self) -> &Path {
        self.database.path()
    }

    /// Does to the database what somebody who can write it could do.
    pub(crate) async fn forge(&self, sql: &'static str) {
        let pool = self.around().await;
        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
        pool.close().await;
    }

    /// Every answer of one column to a question that is not the catalog's.
    pub(crate) async fn ask(&self, sql: &'static str) -> Vec<String> {
        let pool = self.around().await;
        let found = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
        pool.close().await;
        found
    }

    async fn around(&self) -> sqlx::AnyPool {
        let options = AnyPoolOptions::new().max_connections(1);
        options.connect(&database::url(self.path())).await.unwrap()
    }
}

pub(crate) async fn fresh() -> Fixture {
    let database = Database::fresh().await;
    let catalog = open(database.path()).await;
    Fixture { catalog, database }
}

/// Opens the catalog of a database once more, as another process would.
pub(crate) async fn open(path: &Path) -> Catalog {
    open_with(path, SECRET).await.unwrap()
}

/// Opens it under another secret, perhaps.
pub(crate) async fn open_with(path: &Path, secret: &str) -> Result<Catalog, CatalogError> {
    database::open(path, InstanceSecret::from_text(secret).unwrap()).await
}

/// That many seconds after a fixed start.
pub(crate) fn at(seconds: i64) -> Instant {
    Instant::from_seconds(1_800_000_000 + seconds)
}

pub(crate) fn user(email: &str, role: Role) -> NewUser {
    NewUser {
        email: email.into(),
        name: String::new(),
        password: PASSWORD.into(),
        role,
    }
}
