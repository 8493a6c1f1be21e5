//! Projects, hosts and drop rules.

use almanac_catalog::drop_rule::{self, DropKind};
use almanac_catalog::project::{self, NewProject, ProjectChange};
use almanac_catalog::{CatalogError, limits};
use almanac_model::{Identity, ProjectId};

use super::fixture::{at, fresh, open};

#[tokio::test]
async fn a_project_is_found_by_id_domain_and_host() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let new = NewProject::new(
        "Shop",
        &["WWW.Shop.Example", "cdn.shop.example"],
        "europe/berlin",
    );
    let shop = project::add(catalog, new, at(0)).await.unwrap();
    assert_eq!(shop.id, ProjectId(1));
    assert_eq!(shop.hosts, ["shop.example", "cdn.shop.example"]);
    assert_eq!(shop.time_zone, "Europe/Berlin");
    for reference in ["1", "shop.example", "www.shop.example", "CDN.shop.example"] {
        let found = project::by_reference(catalog, reference).await;
        assert_eq!(found.unwrap(), shop, "{reference}");
    }
    for reference in ["2", "other.example", "", "-1"] {
        let missing = project::by_reference(catalog, reference).await;
        assert!(matches!(
            missing,
            Err(CatalogError::NotFound {
                what: "project",
                ..
            })
        ));
    }
    let settings = shop.settings().unwrap();
    assert_eq!(settings.zone.iana_name(), Some("Europe/Berlin"));
    assert_eq!(settings.identity, Identity::Cookieless);
}

#[tokio::test]
async fn a_host_belongs_to_one_project_and_the_error_names_it() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let shop = NewProject::new("Shop", &["shop.example"], "UTC");
    project::add(catalog, shop, at(0)).await.unwrap();
    let rival = NewProject::new("Rival", &["rival.example", "www.shop.example"], "UTC");
    let taken = project::add(catalog, rival, at(1)).await.unwrap_err();
    let expected = r#"the host "shop.example" already belongs to project 1 (Shop)"#;
    assert_eq!(taken.to_string(), expected);
    // Nothing of the refused project stays, and its id is used by the next.
    let rival = NewProject::new("Rival", &["rival.example"], "UTC");
    assert_eq!(
        project::add(catalog, rival, at(2)).await.unwrap().id,
        ProjectId(2)
    );
    assert_eq!(project::list(catalog).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_project_changes_its_name_and_hosts_and_keeps_the_rest() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let new = NewProject::new("Shop", &["shop.example", "old.example"], "Asia/Tokyo");
    let shop = project::add(catalog, new, at(0)).await.unwrap();
    let change = ProjectChange {
        name: Some("Store".into()),
        query_parameters: Some(vec!["page".into(), " q ".into(), "page".into()]),
        ..ProjectChange::default()
    };
    let renamed = project::update(catalog, shop.id, change, at(5))
        .await
        .unwrap();
    assert_eq!(
        (renamed.name.as_str(), &renamed.hosts),
        ("Store", &shop.hosts)
    );
    assert_eq!(renamed.query_parameters, ["page", "q"]);
    let hosts = Some(vec!["new.example".into(), "shop.example".into()]);
    let change = ProjectChange {
        hosts,
        ..ProjectChange::default()
    };
    let moved = project::update(catalog, shop.id, change, at(5))
        .await
        .unwrap();
    assert_eq!(moved.domain(), "new.example");
    assert_eq!(
        moved.query_parameters,
        ["page", "q"],
        "what is not named stays"
    );
    for wrong in [
        vec![String::new()],
        vec!["a b".into()],
        vec!["a=b".into()],
        vec!["x".repeat(101)],
    ] {
        let change = ProjectChange {
            query_parameters: Some(wrong.clone()),
            ..ProjectChange::default()
        };
        let refused = project::update(catalog, shop.id, change, at(5)).await;
        assert!(
            matches!(refused, Err(CatalogError::Invalid { .. })),
            "{wrong:?}"
        );
    }
    let all = |count: usize| ProjectChange {
        query_parameters: Some((0..count).map(|n| format!("p{n}")).collect()),
        ..ProjectChange::default()
    };
    assert!(
        project::update(catalog, shop.id, all(50), at(5))
            .await
            .is_ok()
    );
    assert!(
        project::update(catalog, shop.id, all(51), at(5))
            .await
            .is_err()
    );
    let freed = NewProject::new("Old", &["old.example"], "UTC");
    project::add(catalog, freed, at(1)).await.unwrap();
    let missing = project::update(catalog, ProjectId(9), ProjectChange::default(), at(5)).await;
    assert!(matches!(missing, Err(CatalogError::NotFound { .. })));
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_field() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let good = NewProject::new("Shop", &["shop.example"], "UTC");
    let hosts = |count: usize| {
        (0..count)
            .map(|n| format!("h{n}.example"))
            .collect::<Vec<_>>()
    };
    let cases = [
        (
            "name",
            NewProject {
                name: " ".into(),
                ..good.clone()
            },
        ),
        (
            "name",
            NewProject {
                name: "x".repeat(101),
                ..good.clone()
            },
        ),
        (
            "name",
            NewProject {
                name: "a\u{1b}[2J".into(),
                ..good.clone()
            },
        ),
        (
            "hosts",
            NewProject {
                hosts: Vec::new(),
                ..good.clone()
            },
        ),
        (
            "hosts",
            NewProject {
                hosts: hosts(limits::PROJECT_HOSTS_MAX + 1),
                ..good.clone()
            },
        ),
        (
            "hosts",
            NewProject {
                hosts: vec!["https://shop.example".into()],
                ..good.clone()
            },
        ),
        (
            "time_zone",
            NewProject {
                time_zone: "Mars/Base".into(),
                ..good.clone()
            },
        ),
        (
            "visit_gap_s",
            NewProject {
                visit_gap_s: 59,
                ..good.clone()
            },
        ),
        (
            "visit_gap_s",
            NewProject {
                visit_gap_s: 86_401,
                ..good.clone()
            },
        ),
    ];
    for (expected, new) in cases {
        match project::add(catalog, new, at(0)).await {
            Err(CatalogError::Invalid { field, .. }) => assert_eq!(field, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
    let edge = NewProject {
        hosts: hosts(limits::PROJECT_HOSTS_MAX),
        visit_gap_s: 60,
        ..good
    };
    project::add(catalog, edge, at(0)).await.unwrap();
}

#[tokio::test]
async fn another_process_sees_a_change_and_counts_it() {
    let fixture = fresh().await;
    let other = open(fixture.path()).await;
    let before = fixture.catalog.change_counter().await.unwrap();
    let new = NewProject::new("Shop", &["shop.example"], "UTC");
    let shop = project::add(&other, new, at(0)).await.unwrap();
    assert!(fixture.catalog.change_counter().await.unwrap() > before);
    assert_eq!(project::list(&fixture.catalog).await.unwrap(), [shop]);
}

#[tokio::test]
async fn drop_rules_are_unique_and_removable_within_their_project() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let new = NewProject::new("Shop", &["shop.example"], "UTC");
    let id = project::add(catalog, new, at(0)).await.unwrap().id;
    let rule = drop_rule::add(catalog, id, DropKind::Country, "de", at(0))
        .await
        .unwrap();
    let again = drop_rule::add(catalog, id, DropKind::Country, "DE", at(0)).await;
    assert!(matches!(
        again,
        Err(CatalogError::Taken {
            what: "drop rule",
            ..
        })
    ));
    assert_eq!(
        drop_rule::list(catalog).await.unwrap(),
        std::slice::from_ref(&rule)
    );
    let foreign = drop_rule::remove(catalog, ProjectId(2), rule.id, at(1)).await;
    assert!(matches!(foreign, Err(CatalogError::NotFound { .. })));
    drop_rule::remove(catalog, id, rule.id, at(1))
        .await
        .unwrap();
    assert_eq!(drop_rule::list(catalog).await.unwrap(), []);
}
