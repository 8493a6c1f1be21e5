//! The database of the tests: one of its own in a PostgreSQL server of the test's own.

use std::path::{Path, PathBuf};

use almanac_catalog::testing::Postgres;
use almanac_catalog::{Catalog, CatalogError, InstanceSecret, PostgresAddress};

/// Names, types and defaults of all columns, and the indexes, in an order that does not depend on
/// how they came to be.
pub(super) const SCHEMA: &str = "SELECT 'table ' || table_name || ' ' || column_name || ' ' \
    || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '') AS line \
    FROM information_schema.columns \
    WHERE table_schema = 'public' AND table_name <> 'schema_versions' \
    UNION ALL SELECT 'index ' || tablename || ' ' || indexname FROM pg_indexes \
    WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key' \
    ORDER BY 1";

/// What a database needs to live. Its path is the server's folder and the database's name.
pub(super) struct Database {
    server: Postgres,
    path: PathBuf,
}

impl Database {
    pub(super) async fn fresh() -> Self {
        let server = Postgres::start().unwrap();
        let name = server.database().unwrap();
        let path = server.path().join(name);
        Self { server, path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The server, for tests that trouble it.
    pub(super) fn server(&mut self) -> &mut Postgres {
        &mut self.server
    }
}

/// Opens the catalog of a database.
pub(super) async fn open(path: &Path, secret: InstanceSecret) -> Result<Catalog, CatalogError> {
    let address = PostgresAddress::parse(&url(path), None).unwrap();
    Catalog::open_postgres(&address, secret).await
}

/// The address of a database, for those who go around the catalog.
pub(super) fn url(path: &Path) -> String {
    let (folder, name) = (path.parent().unwrap(), path.file_name().unwrap());
    almanac_catalog::testing::url(folder, &name.display().to_string())
}
