//! What lies on the disk: who may read it, what it must not contain, and who may open it.

use almanac_catalog::key::{self, KeyScope};
use almanac_catalog::project::{self, NewProject};
use almanac_catalog::session::Device;
use almanac_catalog::user::Role;
use almanac_catalog::{Catalog, CatalogError, InstanceSecret, salt, session, setup, user as users};
use jiff::civil::date;
use tokio::task::JoinSet;

use super::fixture::{PASSWORD, SECRET, at, fresh, open, user};

/// Every byte of every file in a directory.
fn bytes_of(directory: &std::path::Path) -> Vec<u8> {
    std::fs::read_dir(directory)
        .unwrap()
        .flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn no_secret_is_on_disk_in_plain() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let token = setup::issue_token(catalog, at(0)).await.unwrap().unwrap();
    let new = user("ada@example.org", Role::Owner);
    let ada = setup::complete(catalog, &token, new, at(0)).await.unwrap();
    let session = session::start(catalog, ada.id, &Device::default(), at(0))
        .await
        .unwrap();
    let shop = NewProject::new("Shop", &["shop.example"], "UTC");
    let id = project::add(catalog, shop, at(0)).await.unwrap().id;
    let key = key::add(catalog, id, KeyScope::Stats, "", at(0))
        .await
        .unwrap();
    let salt = salt::of_day(catalog, id, date(2026, 11, 21), at(0))
        .await
        .unwrap();

    let bytes = bytes_of(fixture.directory.path());
    assert!(
        contains(&bytes, b"ada@example.org"),
        "the files that are searched hold the catalog"
    );
    let key_secret = key.text.rsplit('_').next().unwrap();
    let salt_hex: String = salt.0.iter().map(|byte| format!("{byte:02x}")).collect();
    for secret in [
        PASSWORD,
        SECRET,
        &token,
        &session.token,
        key_secret,
        &salt_hex,
    ] {
        assert!(!contains(&bytes, secret.as_bytes()), "{secret}");
    }
    assert!(!contains(&bytes, &salt.0));
}

#[tokio::test]
async fn a_destroyed_salt_leaves_no_byte_behind() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let shop = NewProject::new("Shop", &["shop.example"], "UTC");
    let id = project::add(catalog, shop, at(0)).await.unwrap().id;
    salt::of_day(catalog, id, date(2026, 11, 21), at(0))
        .await
        .unwrap();
    assert!(contains(&bytes_of(fixture.directory.path()), b"2026-11-21"));
    salt::destroy_old(catalog, at(48 * 3600)).await.unwrap();
    assert!(!contains(
        &bytes_of(fixture.directory.path()),
        b"2026-11-21"
    ));
}

#[tokio::test]
async fn processes_that_start_together_all_open_the_same_new_catalog() {
    let directory = tempfile::tempdir().unwrap();
    let mut starters = JoinSet::new();
    for number in 0..6 {
        let path = directory.path().to_owned();
        starters.spawn(async move {
            let catalog = open(&path).await;
            let host = format!("site{number}.example");
            let new = NewProject::new("Site", &[&host], "UTC");
            project::add(&catalog, new, at(0)).await.unwrap().id.0
        });
    }
    let mut ids = starters.join_all().await;
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn a_catalog_of_a_newer_program_is_refused_and_left_alone() {
    let fixture = fresh().await;
    fixture.catalog.close().await;
    let path = fixture
        .directory
        .path()
        .join(almanac_catalog::catalog::FILE_NAME);
    let pool = sqlx::AnyPool::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    sqlx::query("INSERT INTO schema_versions (version) VALUES (99)")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let secret = InstanceSecret::from_text(SECRET).unwrap();
    let refused = Catalog::open(fixture.directory.path(), secret).await;
    assert!(
        matches!(refused, Err(CatalogError::TooNew { found: 99, .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_directory_with_odd_characters_holds_a_catalog_and_a_missing_one_is_named() {
    let fixture = fresh().await;
    let odd = fixture.directory.path().join("ä b?c#d%20e");
    std::fs::create_dir(&odd).unwrap();
    let catalog = open(&odd).await;
    users::add(&catalog, user("ada@example.org", Role::Viewer), at(0))
        .await
        .unwrap();
    assert!(contains(&bytes_of(&odd), b"ada@example.org"));

    let secret = InstanceSecret::from_text(SECRET).unwrap();
    let missing = Catalog::open(&fixture.directory.path().join("missing"), secret).await;
    let message = missing.unwrap_err().to_string();
    assert!(message.contains("missing/catalog.sqlite"), "{message}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = fresh().await;
    let mut seen = 0;
    for entry in std::fs::read_dir(fixture.directory.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        seen += 1;
    }
    assert!(seen >= 1);
}
