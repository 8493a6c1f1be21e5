//! A PostgreSQL server that goes away and comes back, one that hangs with the lock, and one that is
//! not there.

use almanac_catalog::project::{self, NewProject};
use almanac_catalog::user::Role;
use almanac_catalog::{Catalog, CatalogError, InstanceSecret, PostgresAddress, user as users};
use sqlx::Connection;

use super::database;
use super::fixture::{SECRET, at, fresh, user};

#[tokio::test]
async fn after_a_restart_of_the_server_everything_committed_is_there_and_writing_goes_on() {
    let mut fixture = fresh().await;
    let catalog = fixture.catalog.clone();
    for turn in 0..3 {
        let host = format!("site{turn}.example");
        let new = NewProject::new("Site", &[&host], "UTC");
        project::add(&catalog, new, at(0)).await.unwrap();
        fixture.database.server().restart().unwrap();
        // A connection that died is noticed when it is used; the second try has a new one.
        project::list(&catalog).await.ok();
        let ada = user(&format!("ada{turn}@example.org"), Role::Viewer);
        users::add(&catalog, ada.clone(), at(1)).await.ok();
        users::add(&catalog, ada, at(1)).await.ok();
        assert_eq!(project::list(&catalog).await.unwrap().len(), turn + 1);
        assert_eq!(users::list(&catalog).await.unwrap().len(), turn + 1);
    }
}

#[tokio::test]
async fn a_writer_that_hangs_makes_others_wait_and_then_say_so_while_reading_goes_on() {
    let fixture = fresh().await;
    let url = database::url(fixture.path());
    let mut hanging = sqlx::AnyConnection::connect(&url).await.unwrap();
    let lock = "BEGIN; SELECT pg_advisory_xact_lock(27422289782792547)";
    sqlx::raw_sql(lock).execute(&mut hanging).await.unwrap();
    let new = NewProject::new("Site", &["site.example"], "UTC");
    let refused = project::add(&fixture.catalog, new.clone(), at(0)).await;
    assert!(
        matches!(refused, Err(CatalogError::Locked { .. })),
        "{refused:?}"
    );
    assert_eq!(project::list(&fixture.catalog).await.unwrap(), []);
    hanging.close().await.unwrap();
    project::add(&fixture.catalog, new, at(0)).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_its_password() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!(
        "postgres:///almanac?host={}&user=almanac&password=hidden",
        directory.path().display()
    );
    let address = PostgresAddress::parse(&url, None).unwrap();
    let secret = InstanceSecret::from_text(SECRET).unwrap();
    let error = Catalog::open_postgres(&address, secret).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(&directory.path().display().to_string()),
        "{text}"
    );
    assert!(text.contains("ALMANAC_CATALOG"), "{text}");
    assert!(!text.contains("hidden") && !format!("{error:?}").contains("hidden"));
}
