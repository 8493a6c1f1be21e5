//! How long a project keeps its events.

use almanac_catalog::project::{self, NewProject};
use almanac_catalog::retention::{Retention, choose, in_force, of_project};
use almanac_catalog::{CatalogError, limits};
use almanac_model::ProjectId;

use super::fixture::{at, fresh};

#[tokio::test]
async fn two_years_unless_somebody_chose() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let shop = NewProject::new("Shop", &["shop.example"], "UTC");
    let shop = project::add(catalog, shop, at(0)).await.unwrap().id;
    let kept = || async { of_project(catalog, shop).await.unwrap() };
    assert_eq!(kept().await, Retention::Days(730));
    for chosen in [
        Retention::Days(1),
        Retention::ForEver,
        Retention::Days(36_500),
    ] {
        choose(catalog, shop, chosen, at(1)).await.unwrap();
        assert_eq!(kept().await, chosen);
    }
    for days in [0, limits::RETENTION_DAYS_RANGE.end() + 1] {
        let refused = choose(catalog, shop, Retention::Days(days), at(1)).await;
        assert!(
            matches!(refused, Err(CatalogError::Invalid { field: "days", .. })),
            "{days}"
        );
    }
    assert_eq!(kept().await, Retention::Days(36_500));
    let nobody = choose(catalog, ProjectId(9), Retention::ForEver, at(1)).await;
    assert!(matches!(nobody, Err(CatalogError::NotFound { .. })));
}

#[tokio::test]
async fn the_default_waits_until_the_project_is_that_old_and_a_choice_does_not() {
    const DAY_S: i64 = 86_400;
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let shop = NewProject::new("Shop", &["shop.example"], "UTC");
    let shop = project::add(catalog, shop, at(0)).await.unwrap().id;
    let after = |days| async move { in_force(catalog, shop, at(days * DAY_S)).await.unwrap() };
    assert_eq!(after(729).await, Retention::ForEver);
    assert_eq!(after(730).await, Retention::Days(730));
    choose(catalog, shop, Retention::Days(30), at(1))
        .await
        .unwrap();
    assert_eq!(after(1).await, Retention::Days(30));
}
