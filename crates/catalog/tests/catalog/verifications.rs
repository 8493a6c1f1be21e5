//! Hosts that were shown to be a project's own.

use almanac_catalog::project::{self, NewProject, ProjectChange};
use almanac_catalog::verification::{self, Proof};
use almanac_catalog::{CatalogError, audit};

use super::fixture::{at, fresh};

#[tokio::test]
async fn a_host_stays_verified_while_it_is_the_projects_and_no_longer() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let shop = NewProject::new("Shop", &["shop.example", "docs.example"], "UTC");
    let id = project::add(catalog, shop, at(0)).await.unwrap().id;
    let other = NewProject::new("Other", &["other.example"], "UTC");
    let other = project::add(catalog, other, at(0)).await.unwrap().id;

    let foreign = verification::keep(catalog, id, ("other.example", Proof::File), at(1)).await;
    assert!(
        matches!(foreign, Err(CatalogError::Invalid { field: "host", .. })),
        "{foreign:?}"
    );
    verification::keep(catalog, id, ("docs.example", Proof::Meta), at(1))
        .await
        .unwrap();
    verification::keep(catalog, id, ("docs.example", Proof::File), at(2))
        .await
        .unwrap();
    let kept = verification::list(catalog, id).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (kept[0].host.as_str(), kept[0].proof),
        ("docs.example", Proof::File)
    );
    assert_eq!(kept[0].verified_at, at(2));
    let log = audit::list(catalog, &audit::Filter::default(), 1)
        .await
        .unwrap();
    assert_eq!(log[0].action, "project.verify");

    let change = |hosts: &[&str]| ProjectChange {
        hosts: Some(hosts.iter().map(|host| (*host).to_owned()).collect()),
        ..ProjectChange::default()
    };
    let renamed = change(&["docs.example", "shop.example"]);
    project::update(catalog, id, renamed, at(3)).await.unwrap();
    assert_eq!(verification::list(catalog, id).await.unwrap(), kept);
    project::update(catalog, id, change(&["shop.example"]), at(4))
        .await
        .unwrap();
    let taken = change(&["other.example", "docs.example"]);
    project::update(catalog, other, taken, at(5)).await.unwrap();
    assert_eq!(verification::list(catalog, id).await.unwrap(), []);
    assert_eq!(verification::list(catalog, other).await.unwrap(), []);
}

#[tokio::test]
async fn a_token_is_of_one_project_and_host_and_stays_the_same() {
    let fixture = fresh().await;
    let id = almanac_model::ProjectId;
    let of = |project, host| verification::token(&fixture.catalog, id(project), host);
    assert_eq!(of(1, "shop.example"), of(1, "shop.example"));
    assert_ne!(of(1, "shop.example"), of(2, "shop.example"));
    assert_ne!(of(1, "shop.example"), of(1, "docs.example"));
    assert_eq!(of(1, "shop.example").len(), 32);
}
