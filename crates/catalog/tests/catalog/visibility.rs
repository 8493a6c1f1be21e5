//! What a project shows to whom.

use almanac_catalog::project::{self, NewProject};
use almanac_catalog::user::Role;
use almanac_catalog::visibility::{self, Visibility};
use almanac_catalog::{CatalogError, limits};
use almanac_model::ProjectId;

use super::fixture::{at, fresh};

const SHOP: ProjectId = ProjectId(1);

fn wish(masked: &[&str], origins: &[&str]) -> Visibility {
    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
    Visibility {
        masked: texts(masked),
        unmasked_from: Role::Admin,
        stats_origins: texts(origins),
    }
}

#[tokio::test]
async fn what_is_chosen_is_kept_in_its_one_spelling() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let shop = NewProject::new("Shop", &["shop.example"], "UTC");
    project::add(catalog, shop, at(0)).await.unwrap();
    assert!(visibility::all(catalog).await.unwrap().is_empty());
    let wanted = wish(
        &["event:user", "event:user", "event:props:plan"],
        &["HTTPS://Shop.Example:443/", "http://localhost:5173"],
    );
    let version = catalog.change_counter().await.unwrap();
    let chosen = visibility::choose(catalog, SHOP, wanted, at(1))
        .await
        .unwrap();
    let expected = wish(
        &["event:user", "event:props:plan"],
        &["https://shop.example", "http://localhost:5173"],
    );
    assert_eq!(chosen, expected);
    assert_eq!(visibility::all(catalog).await.unwrap()[&SHOP], expected);
    assert!(
        catalog.change_counter().await.unwrap() > version,
        "servers notice"
    );
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let shop = NewProject::new("Shop", &["shop.example"], "UTC");
    project::add(catalog, shop, at(0)).await.unwrap();
    let refused = async |wanted: Visibility, project| {
        let choosing = visibility::choose(catalog, project, wanted, at(1)).await;
        match choosing.unwrap_err() {
            CatalogError::Invalid { field, .. } => field,
            CatalogError::NotFound { .. } => "absent",
            other => unreachable!("{other}"),
        }
    };
    for origin in [
        "*",
        "null",
        "shop.example",
        "https://",
        "https://a b",
        "ftp://a",
        "https://a/b",
    ] {
        assert_eq!(
            refused(wish(&[], &[origin]), SHOP).await,
            "stats_origins",
            "{origin}"
        );
    }
    let viewer = Visibility {
        unmasked_from: Role::Viewer,
        ..wish(&[], &[])
    };
    assert_eq!(refused(viewer, SHOP).await, "unmasked_from");
    assert_eq!(refused(wish(&["a\nb"], &[]), SHOP).await, "masked");
    let many: Vec<String> = (0..=limits::VISIBILITY_LIST_MAX)
        .map(|at| at.to_string())
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(refused(wish(&many, &[]), SHOP).await, "masked");
    assert_eq!(refused(wish(&[], &[]), ProjectId(9)).await, "absent");
}
