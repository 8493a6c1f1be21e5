//! What a project saves for its questions.

use almanac_catalog::project::{self, NewProject};
use almanac_catalog::saved::{self, SavedKind};
use almanac_catalog::{CatalogError, limits};
use almanac_model::ProjectId;

use super::fixture::{at, fresh};

const SHOP: ProjectId = ProjectId(1);

#[tokio::test]
async fn what_is_saved_is_listed_until_it_is_removed() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    for name in ["Shop", "Docs"] {
        let host = format!("{name}.example");
        project::add(catalog, NewProject::new(name, &[&host], "UTC"), at(0))
            .await
            .unwrap();
    }
    let add = |kind, name: &'static str| saved::add(catalog, SHOP, kind, name, "{}", at(1));
    let signup = add(SavedKind::Goal, " Signup ").await.unwrap();
    assert_eq!(signup.name, "Signup");
    let taken = add(SavedKind::Goal, "Signup").await;
    assert!(
        matches!(taken, Err(CatalogError::Taken { what: "goal", .. })),
        "{taken:?}"
    );
    // A name is taken in its own kind and project only.
    let funnel = add(SavedKind::Funnel, "Signup").await.unwrap();
    saved::add(
        catalog,
        ProjectId(2),
        SavedKind::Goal,
        "Signup",
        "{}",
        at(2),
    )
    .await
    .unwrap();
    assert_eq!(
        saved::list(catalog, SHOP).await.unwrap(),
        [signup.clone(), funnel.clone()]
    );

    let wrong_kind = saved::remove(catalog, SHOP, SavedKind::Goal, funnel.id, at(2)).await;
    assert!(matches!(
        wrong_kind,
        Err(CatalogError::NotFound { what: "goal", .. })
    ));
    let wrong_project =
        saved::remove(catalog, ProjectId(2), SavedKind::Goal, signup.id, at(2)).await;
    assert!(matches!(wrong_project, Err(CatalogError::NotFound { .. })));
    saved::remove(catalog, SHOP, SavedKind::Goal, signup.id, at(2))
        .await
        .unwrap();
    assert_eq!(saved::list(catalog, SHOP).await.unwrap(), [funnel]);
}

#[tokio::test]
async fn names_and_definitions_are_bounded() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let new = NewProject::new("Shop", &["shop.example"], "UTC");
    project::add(catalog, new, at(0)).await.unwrap();
    let add = async |name: String, bytes: usize| {
        let definition = "x".repeat(bytes);
        saved::add(catalog, SHOP, SavedKind::Segment, &name, &definition, at(1))
            .await
            .is_ok()
    };
    assert!(
        add(
            "n".repeat(limits::NAME_CHARS_MAX),
            limits::DEFINITION_BYTES_MAX
        )
        .await
    );
    assert!(!add("n".repeat(limits::NAME_CHARS_MAX + 1), 1).await);
    assert!(!add("long".to_owned(), limits::DEFINITION_BYTES_MAX + 1).await);
    assert!(!add("  ".to_owned(), 1).await);
    for number in 1..limits::SAVED_MAX {
        assert!(add(number.to_string(), 1).await, "{number}");
    }
    assert!(!add("one more".to_owned(), 1).await);
}
