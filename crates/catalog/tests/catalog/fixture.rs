//! What every test begins with: a catalog in a fresh directory, and instants that are given.

use almanac_catalog::user::{NewUser, Role};
use almanac_catalog::{Catalog, InstanceSecret};
use almanac_model::Instant;

pub(crate) const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
pub(crate) const PASSWORD: &str = "a quiet evening";

/// An opened catalog that lives as long as its directory.
pub(crate) struct Fixture {
    pub(crate) catalog: Catalog,
    pub(crate) directory: tempfile::TempDir,
}

pub(crate) async fn fresh() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let catalog = open(directory.path()).await;
    Fixture { catalog, directory }
}

/// Opens the catalog of a directory once more, as another process would.
pub(crate) async fn open(directory: &std::path::Path) -> Catalog {
    let secret = InstanceSecret::from_text(SECRET).unwrap();
    Catalog::open(directory, secret).await.unwrap()
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
