//! What lies on the disk: who may read it, what it must not contain, and who may open it.

use almanac_catalog::key::{self, KeyScope};
use almanac_catalog::project::{self, NewProject};
use almanac_catalog::session::Device;
use almanac_catalog::user::Role;
use almanac_catalog::{
    Catalog, InstanceSecret, salt, second_factor, session, setup, user as users,
};
use jiff::civil::date;

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

    let bytes = bytes_of(fixture.path());
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
    assert!(contains(&bytes_of(fixture.path()), b"2026-11-21"));
    salt::destroy_old(catalog, at(48 * 3600)).await.unwrap();
    assert!(!contains(&bytes_of(fixture.path()), b"2026-11-21"));
}

#[tokio::test]
async fn a_directory_with_odd_characters_holds_a_catalog_and_a_missing_one_is_named() {
    let fixture = fresh().await;
    let odd = fixture.path().join("ä b?c#d%20e");
    std::fs::create_dir(&odd).unwrap();
    let catalog = open(&odd).await;
    users::add(&catalog, user("ada@example.org", Role::Viewer), at(0))
        .await
        .unwrap();
    assert!(contains(&bytes_of(&odd), b"ada@example.org"));

    let secret = InstanceSecret::from_text(SECRET).unwrap();
    let missing = Catalog::open(&fixture.path().join("missing"), secret).await;
    let message = missing.unwrap_err().to_string();
    assert!(message.contains("missing/catalog.sqlite"), "{message}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = fresh().await;
    let mut seen = 0;
    for entry in std::fs::read_dir(fixture.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        seen += 1;
    }
    assert!(seen >= 1);
}

#[tokio::test]
async fn the_secret_of_a_second_factor_is_in_no_file_in_plain() {
    let fixture = fresh().await;
    let new = user("ada@example.org", Role::Owner);
    let ada = users::add(&fixture.catalog, new, at(0)).await.unwrap();
    let begun = second_factor::begin(&fixture.catalog, &ada, at(0))
        .await
        .unwrap();
    fixture.catalog.close().await;
    for entry in std::fs::read_dir(fixture.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&begun.secret));
    }
}
