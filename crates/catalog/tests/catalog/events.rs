//! What the catalog keeps on behalf of collection: salts and counts.

use almanac_catalog::event_count::{self, EventCount, Outcome, OutcomeSum};
use almanac_catalog::project::{self, NewProject};
use almanac_catalog::{CatalogError, limits, salt};
use almanac_model::{Instant, ProjectId};
use jiff::civil::date;
use tokio::task::JoinSet;

use super::fixture::{at, fresh, open, open_with};

#[tokio::test]
async fn processes_that_ask_at_once_get_the_same_salt_and_days_differ() {
    let fixture = fresh().await;
    let new = NewProject::new("Shop", &["shop.example"], "UTC");
    let id = project::add(&fixture.catalog, new, at(0)).await.unwrap().id;
    let day = date(2026, 11, 21);
    let mut askers = JoinSet::new();
    for _ in 0..4 {
        let path = fixture.path().to_owned();
        askers.spawn(async move {
            let other = open(&path).await;
            salt::of_day(&other, id, day, at(0)).await.unwrap()
        });
    }
    let salts = askers.join_all().await;
    assert!(salts.iter().all(|salt| *salt == salts[0]));
    let next = salt::of_day(&fixture.catalog, id, date(2026, 11, 22), at(0))
        .await
        .unwrap();
    assert!(next != salts[0]);
}

#[tokio::test]
async fn a_salt_is_destroyed_after_48_hours_and_cannot_come_back() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let new = NewProject::new("Shop", &["shop.example"], "UTC");
    let id = project::add(catalog, new, at(0)).await.unwrap().id;
    let (old, new) = (date(2026, 11, 20), date(2026, 11, 21));
    let old_salt = salt::of_day(catalog, id, old, at(0)).await.unwrap();
    let new_salt = salt::of_day(catalog, id, new, at(1)).await.unwrap();

    let almost = at(limits::SALT_AGE_MAX_S - 1);
    assert_eq!(salt::destroy_old(catalog, almost).await.unwrap(), 0);
    assert!(salt::of_day(catalog, id, old, almost).await.unwrap() == old_salt);
    let due = at(limits::SALT_AGE_MAX_S);
    assert_eq!(salt::destroy_old(catalog, due).await.unwrap(), 1);
    assert!(salt::of_day(catalog, id, new, due).await.unwrap() == new_salt);
    assert!(salt::of_day(catalog, id, old, due).await.unwrap() != old_salt);
}

#[tokio::test]
async fn another_secret_opens_no_salt() {
    let fixture = fresh().await;
    let new = NewProject::new("Shop", &["shop.example"], "UTC");
    let id = project::add(&fixture.catalog, new, at(0)).await.unwrap().id;
    salt::of_day(&fixture.catalog, id, date(2026, 11, 21), at(0))
        .await
        .unwrap();
    let secret = "f0e1d2c3b4a5968778695a4b3c2d1e0f";
    let other = open_with(fixture.path(), secret).await.unwrap();
    let refused = salt::of_day(&other, id, date(2026, 11, 21), at(0)).await;
    assert!(
        matches!(refused, Err(CatalogError::Secret { .. })),
        "{refused:?}"
    );
}

fn count(project: Option<u32>, at: Instant, outcome: Outcome, events: u64) -> EventCount {
    EventCount {
        project: project.map(ProjectId),
        at,
        outcome,
        events,
    }
}

#[tokio::test]
async fn counts_add_up_over_batches_and_hours() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let bot = || Outcome::Refused("bot".into());
    let hours = [at(0), at(3600)];
    for now in hours {
        let batch = [
            count(Some(1), now, Outcome::Received, 10),
            count(Some(1), now, Outcome::Accepted, 6),
            count(Some(1), now.plus_us(1), Outcome::Accepted, 1),
            count(Some(1), now, bot(), 3),
            count(None, now, Outcome::Received, 2),
        ];
        event_count::add(catalog, &batch).await.unwrap();
    }
    let sum = |outcome, events| OutcomeSum { outcome, events };
    assert_eq!(
        event_count::sums(catalog, Some(ProjectId(1)), at(0))
            .await
            .unwrap(),
        [
            sum(Outcome::Received, 20),
            sum(Outcome::Accepted, 14),
            sum(bot(), 6)
        ]
    );
    assert_eq!(
        event_count::sums(catalog, Some(ProjectId(1)), at(3600))
            .await
            .unwrap(),
        [
            sum(Outcome::Received, 10),
            sum(Outcome::Accepted, 7),
            sum(bot(), 3)
        ]
    );
    assert_eq!(
        event_count::totals(catalog).await.unwrap(),
        [
            (None, sum(Outcome::Received, 4)),
            (Some(ProjectId(1)), sum(Outcome::Accepted, 14)),
            (Some(ProjectId(1)), sum(Outcome::Received, 20)),
            (Some(ProjectId(1)), sum(bot(), 6)),
        ]
    );
}

#[tokio::test]
async fn a_batch_of_counts_is_bounded() {
    let fixture = fresh().await;
    let one = count(Some(1), at(0), Outcome::Received, 1);
    let full = vec![one.clone(); limits::EVENT_COUNTS_BATCH_MAX];
    event_count::add(&fixture.catalog, &full).await.unwrap();
    let over = vec![one; limits::EVENT_COUNTS_BATCH_MAX + 1];
    let refused = event_count::add(&fixture.catalog, &over).await;
    assert!(matches!(
        refused,
        Err(CatalogError::Invalid {
            field: "counts",
            ..
        })
    ));
    let sums = event_count::sums(&fixture.catalog, Some(ProjectId(1)), at(0))
        .await
        .unwrap();
    assert_eq!(sums[0].events, 10_000);
}
