//! Schemas: up, down to every version and up again, by many at once, and refused when too new.

use almanac_catalog::project::{self, NewProject};
use almanac_catalog::user::Role;
use almanac_catalog::{CatalogError, audit, user as users};
use tokio::task::JoinSet;

use super::database::{self, Database};
use super::fixture::{SECRET, at, fresh, open, open_with, user};

const VERSIONS: &str = "SELECT CAST(version AS TEXT) FROM schema_versions \
    ORDER BY schema_versions.version";

#[tokio::test]
async fn every_step_down_is_undone_by_the_step_up() {
    let fixture = fresh().await;
    let newest = fixture.ask(database::SCHEMA).await;
    assert!(
        newest.iter().any(|line| line.contains("audit")),
        "{newest:?}"
    );
    let mut versions = vec!["0".to_owned()];
    versions.extend(fixture.ask(VERSIONS).await);
    fixture.catalog.close().await;
    for version in versions.iter().rev() {
        let catalog = open(fixture.path()).await;
        let ada = user("ada@example.org", Role::Owner);
        users::add(&catalog, ada, at(0)).await.ok();
        let shop = NewProject::new("Shop", &["shop.example"], "UTC");
        project::add(&catalog, shop, at(0)).await.ok();
        catalog.go_back_to(version.parse().unwrap()).await.unwrap();
        catalog.close().await;
        let left = fixture.ask(VERSIONS).await;
        assert_eq!(left.last().map_or("0", String::as_str), version);
        let again = open(fixture.path()).await;
        assert_eq!(
            fixture.ask(database::SCHEMA).await,
            newest,
            "down to {version} and up"
        );
        // Whoever has only had columns taken away is still there.
        let number: i64 = version.parse().unwrap();
        assert_eq!(
            users::list(&again).await.unwrap().len(),
            usize::from(number >= 1)
        );
        assert_eq!(
            project::list(&again).await.unwrap().len(),
            usize::from(number >= 2)
        );
        again.close().await;
    }
}

#[tokio::test]
async fn at_version_0_nothing_of_ours_is_left() {
    let fixture = fresh().await;
    fixture.catalog.go_back_to(0).await.unwrap();
    fixture.catalog.close().await;
    assert_eq!(fixture.ask(database::SCHEMA).await, [""; 0]);
}

#[tokio::test]
async fn a_version_that_never_was_is_refused_and_nothing_has_changed() {
    let fixture = fresh().await;
    let before = fixture.ask(database::SCHEMA).await;
    for version in [-1, 12, 99] {
        let refused = fixture.catalog.go_back_to(version).await;
        assert!(
            matches!(refused, Err(CatalogError::Invalid { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(fixture.ask(database::SCHEMA).await, before);
}

#[tokio::test]
async fn a_catalog_of_a_newer_program_is_refused_and_left_alone() {
    let fixture = fresh().await;
    fixture.catalog.close().await;
    fixture
        .forge("INSERT INTO schema_versions (version) VALUES (99)")
        .await;
    let refused = open_with(fixture.path(), SECRET).await;
    assert!(
        matches!(refused, Err(CatalogError::TooNew { found: 99, .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn processes_that_start_together_all_open_the_same_new_catalog() {
    let database = Database::fresh().await;
    let mut starters = JoinSet::new();
    for number in 0..6 {
        let path = database.path().to_owned();
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
async fn what_many_processes_write_at_once_is_one_unbroken_log() {
    let fixture = fresh().await;
    let mut writers = JoinSet::new();
    for number in 0..5 {
        let path = fixture.path().to_owned();
        writers.spawn(async move {
            let catalog = open(&path).await;
            for turn in 0..8 {
                let host = format!("site{number}-{turn}.example");
                let new = NewProject::new("Site", &[&host], "UTC");
                project::add(&catalog, new, at(turn)).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    let verdict = audit::verify(&fixture.catalog, None).await.unwrap();
    assert_eq!((verdict.entries, verdict.broken), (40, None));
    assert_eq!(project::list(&fixture.catalog).await.unwrap().len(), 40);
}
