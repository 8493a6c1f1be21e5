//! Texts that try to be SQL, wherever the catalog takes a text: the answer is the one that any other
//! text gets, what is stored is what was given, and the tables are as they were.

use almanac_catalog::audit::{self, Deed, Entry, Filter};
use almanac_catalog::project::{self, NewProject};
use almanac_catalog::user::Role;
use almanac_catalog::{
    Catalog, CatalogError, calendar, invitation, key, reset, session, setup, training,
    user as users,
};
use almanac_model::ProjectId;
use serde_json::Value;

use super::database;
use super::fixture::{Fixture, at, fresh, user};

const TEXTS: &str = include_str!("../../../../testdata/injection/sql.ndjson");
/// A text that nothing in the catalog is called.
const HARMLESS: &str = "nothing is called like this";
/// Every so many texts are written too; each writing waits for the disk.
const WRITTEN_STEP: usize = 3;

/// A text and whether it holds a zero, which PostgreSQL refuses.
fn texts() -> Vec<(String, bool)> {
    let read = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        let text = value["text"].as_str().unwrap().to_owned();
        (text, value["class"] == "zero")
    };
    TEXTS.lines().map(read).collect()
}

fn kind(error: &CatalogError) -> &'static str {
    match error {
        CatalogError::NotFound { .. } => "not found",
        CatalogError::LinkSpent => "spent",
        CatalogError::SetupClosed => "closed",
        CatalogError::Invalid { .. } => "invalid",
        _ => "another error",
    }
}

fn told<T>(outcome: Result<Option<T>, CatalogError>) -> String {
    match outcome {
        Ok(None) => "nothing".to_owned(),
        Ok(Some(_)) => "something".to_owned(),
        Err(error) => format!("{}: {error:?}", kind(&error)),
    }
}

/// What the catalog says about a text wherever it looks for one.
async fn answers(catalog: &Catalog, id: ProjectId, text: &str) -> Vec<String> {
    let new = || user("eve@example.org", Role::Viewer);
    let first = |told: String| told.split(':').next().unwrap_or_default().to_owned();
    let answers = [
        told(users::by_email(catalog, text).await.map(Some)),
        told(
            project::by_reference(catalog, &format!("x{text}"))
                .await
                .map(Some),
        ),
        told(session::opened_by(catalog, text, at(1)).await),
        told(key::authenticate(catalog, &format!("alm_s_{text}_x"), at(1)).await),
        told(key::id_of_prefix(catalog, text).await.map(Some)),
        told(invitation::find(catalog, text, at(1)).await.map(Some)),
        told(setup::complete(catalog, text, new(), at(1)).await.map(Some)),
        told(
            reset::complete(catalog, text, "a quiet evening", at(1))
                .await
                .map(Some),
        ),
        told(
            training::list(catalog, id, text)
                .await
                .map(|all| all.into_iter().next()),
        ),
    ];
    answers.map(first).to_vec()
}

/// The numbers of the entries that a filter lets through.
async fn found(catalog: &Catalog, filter: Filter) -> Result<Vec<i64>, CatalogError> {
    let entries = audit::list(catalog, &filter, 1_000).await?;
    Ok(entries.iter().map(|entry| entry.id).collect())
}

/// The same by comparing texts, without any SQL.
fn expected(all: &[Entry], is_let_through: impl Fn(&Entry) -> bool) -> Vec<i64> {
    all.iter()
        .filter(|entry| is_let_through(entry))
        .map(|entry| entry.id)
        .collect()
}

async fn counts(fixture: &Fixture) -> Vec<String> {
    let sql = "SELECT CAST(COUNT(*) AS TEXT) FROM users UNION ALL \
        SELECT CAST(COUNT(*) AS TEXT) FROM sessions UNION ALL \
        SELECT CAST(COUNT(*) AS TEXT) FROM projects UNION ALL \
        SELECT role || reach || password_hash FROM users";
    fixture.ask(sql).await
}

async fn with_something() -> (Fixture, ProjectId) {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = users::add(catalog, user("ada@example.org", Role::Owner), at(0))
        .await
        .unwrap();
    session::start(catalog, ada.id, &session::Device::default(), at(0))
        .await
        .unwrap();
    let shop = NewProject::new("Shop", &["shop.example"], "UTC");
    let id = project::add(catalog, shop, at(0)).await.unwrap().id;
    key::add(catalog, id, key::KeyScope::Stats, "", at(0))
        .await
        .unwrap();
    (fixture, id)
}

#[tokio::test]
async fn no_text_is_ever_taken_for_sql_where_something_is_looked_for() {
    let (fixture, id) = with_something().await;
    let catalog = &fixture.catalog;
    let (schema, rows) = (fixture.ask(database::SCHEMA).await, counts(&fixture).await);
    let harmless = answers(catalog, id, HARMLESS).await;
    let all = audit::list(catalog, &Filter::default(), 1_000)
        .await
        .unwrap();
    let texts = texts();
    assert!(texts.len() >= 1_500, "{}", texts.len());
    for (text, has_zero) in &texts {
        for (answer, usual) in answers(catalog, id, text).await.iter().zip(&harmless) {
            assert!(
                answer == usual || (*has_zero && answer == "invalid"),
                "{text:?}: {answer}"
            );
        }
        let (actor, action, subject) = (text.clone(), text.clone(), text.clone());
        let by_actor = found(
            catalog,
            Filter {
                actor,
                ..Filter::default()
            },
        )
        .await;
        let by_action = found(
            catalog,
            Filter {
                action,
                ..Filter::default()
            },
        )
        .await;
        let by_subject = found(
            catalog,
            Filter {
                subject,
                ..Filter::default()
            },
        )
        .await;
        if *has_zero {
            assert!(
                [by_actor, by_action, by_subject].iter().all(Result::is_err),
                "{text:?}"
            );
            continue;
        }
        let low = text.to_ascii_lowercase();
        let has = |entry: &Entry| {
            let actor = &entry.actor;
            [&actor.who, &actor.name]
                .iter()
                .any(|name| name.to_ascii_lowercase().contains(&low))
        };
        assert_eq!(by_actor.unwrap(), expected(&all, has), "{text:?}");
        let begins = |entry: &Entry| entry.action.starts_with(&low);
        assert_eq!(by_action.unwrap(), expected(&all, begins), "{text:?}");
        assert_eq!(
            by_subject.unwrap(),
            expected(&all, |entry| entry.subject == *text)
        );
    }
    assert_eq!(fixture.ask(database::SCHEMA).await, schema);
    assert_eq!(counts(&fixture).await, rows);
}

#[tokio::test]
async fn what_is_stored_is_the_text_that_was_given() {
    let (fixture, id) = with_something().await;
    let catalog = &fixture.catalog;
    let (schema, rows) = (fixture.ask(database::SCHEMA).await, counts(&fixture).await);
    let texts = texts();
    let chosen: Vec<_> = texts
        .iter()
        .filter(|text| !text.1)
        .step_by(WRITTEN_STEP)
        .collect();
    assert!(chosen.len() >= 500, "{}", chosen.len());
    for (text, _) in &chosen {
        calendar::choose(catalog, id, Some(text), at(2))
            .await
            .unwrap();
        assert_eq!(
            calendar::country(catalog, id).await.unwrap().as_ref(),
            Some(text)
        );
        let deed = Deed {
            action: "test",
            subject: text,
            before: Value::Null,
            after: Value::String(text.clone()),
        };
        audit::record(catalog, deed, at(2)).await.unwrap();
        let filter = Filter {
            subject: text.clone(),
            ..Filter::default()
        };
        let newest = audit::list(catalog, &filter, 1).await.unwrap().remove(0);
        assert_eq!((newest.action.as_str(), &newest.subject), ("test", text));
    }
    let verdict = audit::verify(catalog, None).await.unwrap();
    assert_eq!(verdict.broken, None);
    assert_eq!(fixture.ask(database::SCHEMA).await, schema);
    assert_eq!(counts(&fixture).await, rows);
}
