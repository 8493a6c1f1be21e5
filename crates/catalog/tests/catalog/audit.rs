//! The audit log: what it tells, and that nobody without the secret can make it tell anything else.

use almanac_catalog::audit::{self, Filter};
use almanac_catalog::project::{self, NewProject};
use almanac_catalog::user::Role;
use almanac_catalog::{Actor, user as users};

use super::fixture::{Fixture, SECRET, at, fresh, open_with, user};

/// A log with some entries.
async fn told() -> Fixture {
    let fixture = fresh().await;
    let ada = users::add(
        &fixture.catalog,
        user("ada@example.org", Role::Owner),
        at(0),
    )
    .await
    .unwrap();
    let acting = fixture.catalog.acting(Actor::user(&ada, "DE"));
    for host in ["shop.example", "docs.example", "help.example"] {
        let new = NewProject::new("Shop", &[host], "UTC");
        project::add(&acting, new, at(1)).await.unwrap();
    }
    users::rename(&acting, ada.id, "Ada", at(2)).await.unwrap();
    fixture
}

#[tokio::test]
async fn it_tells_who_did_what_with_before_and_after() {
    let fixture = told().await;
    let all = audit::list(&fixture.catalog, &Filter::default(), 100)
        .await
        .unwrap();
    assert_eq!(all.len(), 5);
    let newest = &all[0];
    assert_eq!((newest.id, newest.action.as_str()), (5, "user.rename"));
    assert_eq!(newest.actor.who, "user 1");
    assert_eq!(
        (newest.actor.name.as_str(), newest.actor.place.as_str()),
        ("ada@example.org", "DE")
    );
    assert!(
        newest.before.contains(r#""name":"ada""#),
        "{}",
        newest.before
    );
    assert!(newest.after.contains(r#""name":"Ada""#), "{}", newest.after);
    assert_eq!(all[4].actor.who, "server");

    let found = async |filter: Filter, limit| -> Vec<i64> {
        let found = audit::list(&fixture.catalog, &filter, limit).await.unwrap();
        found.iter().map(|entry| entry.id).collect()
    };
    let of = |actor: &str, action: &str, subject: &str| Filter {
        actor: actor.into(),
        action: action.into(),
        subject: subject.into(),
        ..Filter::default()
    };
    assert_eq!(found(of("", "project", ""), 100).await, [4, 3, 2]);
    assert_eq!(found(of("server", "", ""), 100).await, [1]);
    assert_eq!(
        found(of("%", "", ""), 100).await,
        [0_i64; 0],
        "% is a character"
    );
    assert_eq!(found(of("", "", "project 2"), 100).await, [3]);
    let since = Filter {
        since: Some(at(1)),
        until: Some(at(2)),
        ..Filter::default()
    };
    assert_eq!(found(since, 2).await, [4, 3]);
    let next = Filter {
        before_id: Some(3),
        ..Filter::default()
    };
    assert_eq!(found(next, 100).await, [2, 1]);
}

#[tokio::test]
async fn whoever_changes_the_file_without_the_secret_is_found_out() {
    let cases = [
        ("UPDATE audit SET actor_name = 'eve' WHERE id = 3", 3),
        ("UPDATE audit SET at = at + 1 WHERE id = 1", 1),
        ("UPDATE audit SET after_text = before_text WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 2", 3),
        ("DELETE FROM audit WHERE id = 5", 4),
        ("DELETE FROM audit", 0),
        (
            "DELETE FROM audit WHERE id = 5; UPDATE audit SET id = 5 WHERE id = 4",
            5,
        ),
        (
            "UPDATE audit SET hash = (SELECT hash FROM audit WHERE id = 2) WHERE id = 4",
            4,
        ),
    ];
    for (sql, expected) in cases {
        let fixture = told().await;
        let before = audit::verify(&fixture.catalog, None).await.unwrap();
        assert_eq!((before.entries, before.broken), (5, None));
        fixture.forge(sql).await;
        let after = audit::verify(&fixture.catalog, None).await.unwrap();
        let (found, reason) = after.broken.expect(sql);
        assert_eq!(found, expected, "{sql}: {reason}");
    }
}

#[tokio::test]
async fn a_head_that_was_noted_shows_when_the_newest_entries_are_cut_off_cleanly() {
    let fixture = told().await;
    let noted = audit::verify(&fixture.catalog, None).await.unwrap().head;
    let again = audit::verify(&fixture.catalog, Some(&noted)).await.unwrap();
    assert_eq!(again.has_known_head, Some(true));
    let cut = "DELETE FROM audit WHERE id = 5; UPDATE sequences SET next = 5 WHERE noun = 'audit'";
    fixture.forge(cut).await;
    let cut = audit::verify(&fixture.catalog, Some(&noted)).await.unwrap();
    assert_eq!((cut.broken, cut.has_known_head), (None, Some(false)));
}

#[tokio::test]
async fn another_secret_does_not_verify() {
    let fixture = told().await;
    let other = open_with(fixture.path(), &SECRET.replace('f', "a"))
        .await
        .unwrap();
    let verdict = audit::verify(&other, None).await.unwrap();
    assert_eq!(verdict.broken.map(|(id, _)| id), Some(1));
}
