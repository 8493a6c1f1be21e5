//! What predictions keep: versions of trainings and which one serves, what was forecast when, the
//! country of the holidays, and the anomalies that were noticed.

use almanac_catalog::anomaly::{self, Noticed};
use almanac_catalog::project::{self, NewProject};
use almanac_catalog::training::{self, NewTraining, Outcome, Told};
use almanac_catalog::{CatalogError, audit, calendar, limits};
use almanac_model::ProjectId;
use jiff::civil::date;

use super::fixture::{Fixture, at, fresh};

const SERIES: &str = "{\"metric\":\"pageviews\"}";

async fn shop() -> (Fixture, ProjectId) {
    let fixture = fresh().await;
    let new = NewProject::new("Shop", &["shop.example"], "UTC");
    let id = project::add(&fixture.catalog, new, at(0)).await.unwrap().id;
    (fixture, id)
}

fn ended(outcome: Outcome, serves: bool) -> NewTraining {
    NewTraining {
        outcome,
        started_at: at(0),
        finished_at: at(3),
        recipe: "ensemble".to_owned(),
        report: "{}".to_owned(),
        serves,
    }
}

#[tokio::test]
async fn one_version_serves_and_can_be_changed_back() {
    let (fixture, id) = shop().await;
    let catalog = &fixture.catalog;
    for serves in [true, true, false] {
        let new = ended(Outcome::Done, serves);
        training::add(catalog, id, SERIES, &new, None)
            .await
            .unwrap();
    }
    let serving = async || -> Vec<i64> {
        let all = training::list(catalog, id, SERIES).await.unwrap();
        all.iter()
            .filter(|each| each.training.serves)
            .map(|each| each.version)
            .collect()
    };
    assert_eq!(serving().await, [2]);
    training::serve(catalog, id, SERIES, 1, at(1))
        .await
        .unwrap();
    assert_eq!(serving().await, [1]);
    let everywhere = training::serving(catalog).await.unwrap();
    assert_eq!(everywhere.len(), 1);
    assert_eq!((everywhere[0].project, everywhere[0].version), (id, 1));
    let filter = audit::Filter {
        action: "training.serve".to_owned(),
        ..audit::Filter::default()
    };
    let log = audit::list(catalog, &filter, 10).await.unwrap();
    let told: Vec<_> = log.iter().map(|one| (&*one.before, &*one.after)).collect();
    assert_eq!(told, [("{\"version\":2}", "{\"version\":1}")]);
}

#[tokio::test]
async fn what_failed_cannot_serve() {
    let (fixture, id) = shop().await;
    let failed = ended(Outcome::Failed, false);
    let version = training::add(&fixture.catalog, id, SERIES, &failed, None)
        .await
        .unwrap();
    for version in [version, 99] {
        let error = training::serve(&fixture.catalog, id, SERIES, version, at(1)).await;
        assert!(matches!(error, Err(CatalogError::NotFound { .. })));
    }
}

#[tokio::test]
async fn old_versions_are_forgotten_but_never_the_one_that_serves() {
    let (fixture, id) = shop().await;
    for at in 0..=limits::SERIES_TRAININGS_MAX {
        let new = ended(Outcome::Done, at == 0);
        let weights = format!("weights {}", at + 1);
        training::add(&fixture.catalog, id, SERIES, &new, Some(&weights))
            .await
            .unwrap();
    }
    let all = training::list(&fixture.catalog, id, SERIES).await.unwrap();
    let versions: Vec<i64> = all.iter().map(|each| each.version).collect();
    let newest = limits::SERIES_TRAININGS_MAX + 1;
    assert_eq!(versions.first(), Some(&newest));
    assert_eq!(versions.last(), Some(&1));
    let more = ended(Outcome::Done, false);
    training::add(&fixture.catalog, id, SERIES, &more, None)
        .await
        .unwrap();
    let all = training::list(&fixture.catalog, id, SERIES).await.unwrap();
    let versions: Vec<i64> = all.iter().map(|each| each.version).collect();
    assert!(
        versions.contains(&1) && !versions.contains(&2),
        "{versions:?}"
    );
    let weights = async |version| training::network(&fixture.catalog, id, SERIES, version).await;
    assert_eq!(weights(1).await.unwrap().as_deref(), Some("weights 1"));
    assert_eq!(weights(3).await.unwrap().as_deref(), Some("weights 3"));
    assert_eq!(weights(2).await.unwrap(), None);
    assert_eq!(weights(newest + 1).await.unwrap(), None, "it never had any");
}

#[tokio::test]
async fn the_first_forecast_of_a_day_is_kept_for_a_while() {
    let (fixture, id) = shop().await;
    let told = |day, version| Told {
        made_on: date(2026, 11, day),
        version,
        steps: "[]".to_owned(),
    };
    for (each, forget) in [(told(1, 1), 1), (told(2, 1), 1), (told(2, 2), 2)] {
        let before = date(2026, 11, forget);
        training::keep(&fixture.catalog, id, SERIES, &each, before)
            .await
            .unwrap();
    }
    let kept = training::told(&fixture.catalog, id, SERIES).await.unwrap();
    assert_eq!(kept, [told(2, 1)]);
}

#[tokio::test]
async fn the_country_of_the_holidays_can_be_changed_and_taken_back() {
    let (fixture, id) = shop().await;
    let catalog = &fixture.catalog;
    for country in [None, Some("DE"), Some("FR"), None] {
        calendar::choose(catalog, id, country, at(1)).await.unwrap();
        let found = calendar::country(catalog, id).await.unwrap();
        assert_eq!(found.as_deref(), country);
    }
}

#[tokio::test]
async fn an_anomaly_that_goes_on_is_one_row_and_was_noticed_once() {
    let (fixture, id) = shop().await;
    let catalog = &fixture.catalog;
    let seen = |started, noticed, details: &str| Noticed {
        metric: "visitors".to_owned(),
        started_at: at(started),
        noticed_at: at(noticed),
        details: details.to_owned(),
    };
    let first = seen(1, 2, "begins");
    assert!(anomaly::keep(catalog, id, &first).await.unwrap());
    let later = seen(1, 3, "goes on");
    assert!(!anomaly::keep(catalog, id, &later).await.unwrap());
    assert_eq!(
        anomaly::list(catalog, id).await.unwrap(),
        [seen(1, 2, "goes on")]
    );
    for number in 0..limits::PROJECT_ANOMALIES_MAX {
        let new = seen(10 + number, 10 + number, "new");
        assert!(anomaly::keep(catalog, id, &new).await.unwrap());
    }
    let all = anomaly::list(catalog, id).await.unwrap();
    assert_eq!(all.len() as i64, limits::PROJECT_ANOMALIES_MAX);
    assert_eq!(all.last().map(|oldest| oldest.started_at), Some(at(10)));
}
