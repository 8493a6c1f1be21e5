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
        visitor: VisitorId(visitor),
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
        of(1, 7, Decision::Forgotten, 7),
    ];
    for consent in &said {
        consent::record(catalog, consent).await.unwrap();
    }
    let kept = consent::list(catalog, SHOP, 0, 100).await.unwrap();
    let decisions: Vec<Consent> = kept.iter().map(|(_, consent)| *consent).collect();
    assert_eq!(decisions, [said[0], said[3], said[4], said[5], said[6]]);
    let page = consent::list(catalog, SHOP, kept[1].0, 2).await.unwrap();
    assert_eq!(page, kept[2..4]);
}
