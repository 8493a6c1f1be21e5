//! Users, sessions and the first run.

use almanac_catalog::session::Device;
use almanac_catalog::user::Role;
use almanac_catalog::{CatalogError, limits, session, setup, user as users};
use tokio::task::JoinSet;

use super::fixture::{PASSWORD, at, fresh, open, user};

#[tokio::test]
async fn a_user_is_found_by_any_spelling_of_the_address_and_only_with_the_password() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = users::add(catalog, user("Ada@Example.org", Role::Editor), at(0))
        .await
        .unwrap();
    assert_eq!(
        (ada.name.as_str(), ada.email.as_str()),
        ("Ada", "Ada@Example.org")
    );

    let found = users::authenticate(catalog, "ada@EXAMPLE.org", PASSWORD)
        .await
        .unwrap();
    assert_eq!(found, Some(ada.clone()));
    assert_eq!(
        users::authenticate(catalog, "ada@example.org", "wrong one")
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        users::authenticate(catalog, "eve@example.org", PASSWORD)
            .await
            .unwrap(),
        None
    );
    assert_eq!(users::list(catalog).await.unwrap(), [ada]);
    let missing = users::by_email(catalog, "eve@example.org")
        .await
        .unwrap_err();
    assert_eq!(missing.to_string(), r#"there is no user "eve@example.org""#);
}

#[tokio::test]
async fn a_refused_user_names_the_field() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    users::add(catalog, user("ada@example.org", Role::Viewer), at(0))
        .await
        .unwrap();
    let again = users::add(catalog, user("ADA@example.org", Role::Viewer), at(1)).await;
    assert!(
        matches!(again, Err(CatalogError::Taken { what: "email", .. })),
        "{again:?}"
    );
    for email in ["", "ada", "@example.org", "ada@", "a b@example.org"] {
        let refused = users::add(catalog, user(email, Role::Viewer), at(1)).await;
        assert!(
            matches!(refused, Err(CatalogError::Invalid { field: "email", .. })),
            "{email:?}"
        );
    }
    let mut weak = user("eve@example.org", Role::Viewer);
    weak.password = "password1".into();
    let refused = users::add(catalog, weak, at(1)).await;
    assert!(
        matches!(
            refused,
            Err(CatalogError::Invalid {
                field: "password",
                ..
            })
        ),
        "{refused:?}"
    );
    assert_eq!(users::list(catalog).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_and_when_ended() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = users::add(catalog, user("ada@example.org", Role::Viewer), at(0))
        .await
        .unwrap();
    let (idle, oldest) = (limits::SESSION_IDLE_MAX_S, limits::SESSION_AGE_MAX_S);

    let unused = session::start(catalog, ada.id, &Device::default(), at(0))
        .await
        .unwrap();
    assert!(
        session::opened_by(catalog, &unused.token, at(0))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        session::opened_by(catalog, &unused.token, at(idle))
            .await
            .unwrap()
            .is_none()
    );

    let used = session::start(catalog, ada.id, &Device::default(), at(0))
        .await
        .unwrap();
    let mut now = 0;
    while now + idle / 2 < oldest {
        now += idle / 2;
        let user = session::opened_by(catalog, &used.token, at(now))
            .await
            .unwrap();
        let user = user.map(|opened| opened.user);
        assert_eq!(user.as_ref(), Some(&ada), "after {now} s");
    }
    assert!(
        session::opened_by(catalog, &used.token, at(oldest))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(
        session::remove_expired(catalog, at(oldest)).await.unwrap(),
        2
    );

    let ended = session::start(catalog, ada.id, &Device::default(), at(0))
        .await
        .unwrap();
    session::end(catalog, &ended.token).await.unwrap();
    assert!(
        session::opened_by(catalog, &ended.token, at(1))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        session::opened_by(catalog, "guess", at(1))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn one_session_too_many_ends_the_one_unused_for_longest() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = users::add(catalog, user("ada@example.org", Role::Viewer), at(0))
        .await
        .unwrap();
    let mut tokens = Vec::new();
    for second in 0..=limits::USER_SESSIONS_MAX {
        tokens.push(
            session::start(catalog, ada.id, &Device::default(), at(second))
                .await
                .unwrap()
                .token,
        );
    }
    let mut open = Vec::new();
    for token in &tokens {
        open.push(
            session::opened_by(catalog, token, at(60))
                .await
                .unwrap()
                .is_some(),
        );
    }
    assert!(!open[0]);
    assert!(open[1..].iter().all(|open| *open));
}

#[tokio::test]
async fn of_two_set_ups_at_once_exactly_one_wins_and_closes_it_for_ever() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    assert!(setup::needed(catalog).await.unwrap());
    let stale = setup::issue_token(catalog, at(0)).await.unwrap().unwrap();
    let token = setup::issue_token(catalog, at(1)).await.unwrap().unwrap();
    for wrong in [stale.as_str(), "", "guess"] {
        let new = user("ada@example.org", Role::Viewer);
        let refused = setup::complete(catalog, wrong, new, at(2)).await;
        assert!(
            matches!(refused, Err(CatalogError::SetupTokenWrong)),
            "{refused:?}"
        );
    }

    let mut racers = JoinSet::new();
    for number in 0..6 {
        let (path, token) = (fixture.path().to_owned(), token.clone());
        racers.spawn(async move {
            let other = open(&path).await;
            let new = user(&format!("racer{number}@example.org"), Role::Viewer);
            setup::complete(&other, &token, new, at(3)).await
        });
    }
    let results = racers.join_all().await;
    let winners: Vec<_> = results.iter().flatten().collect();
    assert_eq!(winners.len(), 1, "{results:?}");
    assert_eq!(winners[0].role, Role::Owner);
    let closed = |result: &&Result<_, _>| matches!(result, Err(CatalogError::SetupClosed));
    assert_eq!(results.iter().filter(closed).count(), 5, "{results:?}");
    assert_eq!(users::list(catalog).await.unwrap().len(), 1);
    assert!(!setup::needed(catalog).await.unwrap());
    assert_eq!(setup::issue_token(catalog, at(4)).await.unwrap(), None);
}

#[tokio::test]
async fn an_owner_added_by_command_closes_the_set_up() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    users::add(catalog, user("ed@example.org", Role::Editor), at(0))
        .await
        .unwrap();
    assert!(setup::needed(catalog).await.unwrap());
    users::add(catalog, user("ada@example.org", Role::Owner), at(0))
        .await
        .unwrap();
    assert!(!setup::needed(catalog).await.unwrap());
}
