//! The log of what visitors decided.

use almanac_catalog::consent::{self, Consent, Decision};
use almanac_catalog::project::{self, NewProject};
use almanac_model::{ProjectId, VisitorId};

use super::fixture::{at, fresh};

const SHOP: ProjectId = ProjectId(1);

#[tokio::test]
async fn a_decision_is_logged_once_until_it_changes() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    for name in ["Shop", "Docs"] {
        let host = format!("{name}.example");
        project::add(catalog, NewProject::new(name, &[&host], "UTC"), at(0))
            .await
            .unwrap();
    }
    let of = |project, visitor, decision, seconds| Consent {
        project: ProjectId(project),
        visitor: Some(VisitorId(visitor)),
        decision,
        at: at(seconds),
    };
    let said = [
        of(1, u64::MAX, Decision::Granted, 1),
        of(1, u64::MAX, Decision::Granted, 2),
        of(2, u64::MAX, Decision::Granted, 3),
        of(1, 7, Decision::Denied, 4),
        of(1, u64::MAX, Decision::Denied, 5),
        of(1, u64::MAX, Decision::Granted, 6),
    ];
    for consent in &said {
        consent::record(catalog, consent).await.unwrap();
    }
    let kept = consent::list(catalog, SHOP, 0, 100).await.unwrap();
    let decisions: Vec<Consent> = kept.iter().map(|(_, consent)| *consent).collect();
    assert_eq!(decisions, [said[0], said[3], said[4], said[5]]);
    let page = consent::list(catalog, SHOP, kept[1].0, 2).await.unwrap();
    assert_eq!(page, kept[2..4]);
}

#[tokio::test]
async fn who_is_forgotten_leaves_an_entry_of_nobody() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let shop = NewProject::new("Shop", &["shop.example"], "UTC");
    project::add(catalog, shop, at(0)).await.unwrap();
    let granted = |visitor, seconds| Consent {
        project: SHOP,
        visitor: Some(VisitorId(visitor)),
        decision: Decision::Granted,
        at: at(seconds),
    };
    for consent in [granted(7, 1), granted(8, 2)] {
        consent::record(catalog, &consent).await.unwrap();
    }
    let forget = async |visitor, knew| {
        let done = consent::forget(catalog, SHOP, VisitorId(visitor), knew, at(3)).await;
        done.unwrap()
    };
    assert_eq!(forget(7, true).await, 1);
    assert_eq!(forget(7, false).await, 0, "a second time there is nothing");
    assert_eq!(forget(9, false).await, 0, "a stranger leaves no entry");
    let kept = consent::list(catalog, SHOP, 0, 100).await.unwrap();
    let kept: Vec<Consent> = kept.into_iter().map(|(_, consent)| consent).collect();
    let of_nobody = Consent {
        project: SHOP,
        visitor: None,
        decision: Decision::Forgotten,
        at: at(3),
    };
    assert_eq!(kept, [granted(8, 2), of_nobody]);
    let own = consent::of_visitor(catalog, SHOP, VisitorId(8)).await;
    assert_eq!(own.unwrap(), [granted(8, 2)]);
}
