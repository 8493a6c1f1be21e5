//! The database of the tests: a file in a temporary directory.

use std::path::Path;

use almanac_catalog::catalog::FILE_NAME;
use almanac_catalog::{Catalog, CatalogError, InstanceSecret};

/// Names, types and defaults of all columns, and the indexes, in an order that does not depend on
/// how they came to be.
pub(super) const SCHEMA: &str = "SELECT m.type || ' ' || m.name || ' ' || COALESCE(c.name, '') \
    || ' ' || COALESCE(c.type, '') || ' ' || COALESCE(c.\"notnull\", '') || ' ' \
    || COALESCE(c.dflt_value, '') FROM sqlite_master m LEFT JOIN pragma_table_info(m.name) c \
    WHERE m.name NOT LIKE 'sqlite_%' AND m.name <> 'schema_versions' ORDER BY 1";

/// What a database needs to live.
pub(super) struct Database {
    directory: tempfile::TempDir,
}

impl Database {
    pub(super) async fn fresh() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory }
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Opens the catalog of a database.
pub(super) async fn open(path: &Path, secret: InstanceSecret) -> Result<Catalog, CatalogError> {
    Catalog::open(path, secret).await
}

/// The address of a database, for those who go around the catalog.
pub(super) fn url(path: &Path) -> String {
    format!("sqlite://{}", path.join(FILE_NAME).display())
}
