//! Keys of programs.

use almanac_catalog::key::{self, KeyScope};
use almanac_catalog::project::{self, NewProject};
use almanac_catalog::{Catalog, CatalogError, limits};
use almanac_model::ProjectId;

use super::fixture::{at, fresh, open};

async fn project(catalog: &Catalog, host: &str) -> ProjectId {
    project::add(catalog, NewProject::new("P", &[host], "UTC"), at(0))
        .await
        .unwrap()
        .id
}

#[tokio::test]
async fn a_key_opens_until_it_is_revoked_even_by_another_process() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let id = project(catalog, "shop.example").await;
    let new = key::add(catalog, id, KeyScope::Stats, "", at(1))
        .await
        .unwrap();
    assert!(new.text.starts_with(&format!("alm_s_{}_", new.key.prefix)));
    assert_eq!(new.key.name, "stats:read");
    assert_eq!(
        key::authenticate(catalog, &new.text, at(2)).await.unwrap(),
        Some(new.key.clone())
    );

    let other = open(fixture.path()).await;
    key::revoke(&other, new.key.id, None, at(3)).await.unwrap();
    assert_eq!(
        key::authenticate(catalog, &new.text, at(3)).await.unwrap(),
        None
    );
    key::revoke(&other, new.key.id, None, at(9)).await.unwrap();
    let kept = &key::list(catalog, Some(id)).await.unwrap()[0];
    assert_eq!(
        (kept.last_used_at, kept.revoked_at),
        (Some(at(2)), Some(at(3)))
    );
}

#[tokio::test]
async fn a_text_that_differs_anywhere_opens_nothing() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let id = project(catalog, "shop.example").await;
    let text = key::add(catalog, id, KeyScope::Ingest, "tool", at(1))
        .await
        .unwrap()
        .text;
    for position in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[position] = if bytes[position] == b'0' { b'1' } else { b'0' };
        let wrong = String::from_utf8(bytes).unwrap();
        let found = key::authenticate(catalog, &wrong, at(2)).await.unwrap();
        assert_eq!(found, None, "{wrong}");
    }
    let odd = [
        "",
        "alm_",
        "alm_i__",
        "alm_i_a_b_c",
        &format!("{text}_"),
        &format!("{text}0"),
    ];
    for wrong in odd {
        assert_eq!(
            key::authenticate(catalog, wrong, at(2)).await.unwrap(),
            None,
            "{wrong}"
        );
    }
    assert!(
        key::authenticate(catalog, &text, at(2))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_key_is_revoked_only_through_its_own_project() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let shop = project(catalog, "shop.example").await;
    let other = project(catalog, "other.example").await;
    let new = key::add(catalog, shop, KeyScope::Stats, "mine", at(1))
        .await
        .unwrap();
    let foreign = key::revoke(catalog, new.key.id, Some(other), at(2)).await;
    assert!(matches!(
        foreign,
        Err(CatalogError::NotFound { what: "key", .. })
    ));
    assert!(
        key::authenticate(catalog, &new.text, at(2))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(key::list(catalog, Some(other)).await.unwrap(), []);
    assert_eq!(
        key::id_of_prefix(catalog, &new.key.prefix).await.unwrap(),
        new.key.id
    );
    let missing = key::add(catalog, ProjectId(9), KeyScope::Stats, "", at(1)).await;
    assert!(matches!(
        missing,
        Err(CatalogError::NotFound {
            what: "project",
            ..
        })
    ));
}

#[tokio::test]
async fn a_project_has_a_bounded_number_of_keys() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let id = project(catalog, "shop.example").await;
    for _ in 0..limits::PROJECT_KEYS_MAX {
        key::add(catalog, id, KeyScope::Stats, "", at(1))
            .await
            .unwrap();
    }
    let refused = key::add(catalog, id, KeyScope::Stats, "", at(1)).await;
    assert!(matches!(
        refused,
        Err(CatalogError::Invalid {
            field: "project",
            ..
        })
    ));
    key::revoke(catalog, 1, Some(id), at(2)).await.unwrap();
    key::add(catalog, id, KeyScope::Stats, "", at(3))
        .await
        .unwrap();
}
