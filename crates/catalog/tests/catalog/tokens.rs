//! Sessions of programs and the keys that sign for them: spending, spending twice, ends, and what
//! is believed after a rotation.

use almanac_catalog::refresh::{self, Fresh, Refreshed, Wish};
use almanac_catalog::session::{self, Device, SessionKind};
use almanac_catalog::user::{Role, User};
use almanac_catalog::{Catalog, CatalogError, audit, limits, signing_key, user as users};

use super::fixture::{at, fresh, user};

async fn ada(catalog: &Catalog) -> User {
    users::add(catalog, user("ada@shop.example", Role::Owner), at(0))
        .await
        .unwrap()
}

async fn program(catalog: &Catalog, user: &User, parent: Option<i64>, now: i64) -> Fresh {
    let device = Device::default();
    let wish = Wish {
        name: "weekly report",
        device: &device,
        parent,
    };
    refresh::start(catalog, user, wish, at(now)).await.unwrap()
}

async fn spent(catalog: &Catalog, text: &str, now: i64) -> Fresh {
    match refresh::rotate(catalog, text, at(now)).await.unwrap() {
        Refreshed::Good(fresh) => *fresh,
        other => panic!("{other:?}"),
    }
}

async fn is_open(catalog: &Catalog, fresh: &Fresh, now: i64) -> bool {
    let asked = (fresh.session, fresh.user.id);
    let opened = refresh::opened(catalog, asked, at(now)).await.unwrap();
    opened.is_some()
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_an_old_one_ends_the_session() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = ada(catalog).await;
    let first = program(catalog, &ada, None, 0).await;
    let second = spent(catalog, &first.text, 10).await;
    let third = spent(catalog, &second.text, 20).await;
    assert_eq!(
        (second.session, third.session),
        (first.session, first.session)
    );
    assert_eq!(third.user, ada);
    assert!(is_open(catalog, &third, 30).await);

    let stolen = refresh::rotate(catalog, &first.text, at(40)).await.unwrap();
    assert!(matches!(stolen, Refreshed::Reused), "{stolen:?}");
    assert!(!is_open(catalog, &third, 40).await);
    for text in [&first.text, &third.text] {
        let after = refresh::rotate(catalog, text, at(50)).await.unwrap();
        assert!(matches!(after, Refreshed::Unknown), "{after:?}");
    }
    let filter = audit::Filter {
        action: "session.reuse".to_owned(),
        ..audit::Filter::default()
    };
    let noted = audit::list(catalog, &filter, 10).await.unwrap();
    assert_eq!(noted.len(), 1);
}

#[tokio::test]
async fn of_many_who_spend_one_token_at_once_one_wins_and_the_session_is_over() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = ada(catalog).await;
    let first = program(catalog, &ada, None, 0).await;
    let spenders: Vec<_> = (0..8)
        .map(|_| {
            let (catalog, text) = (catalog.clone(), first.text.clone());
            tokio::spawn(async move { refresh::rotate(&catalog, &text, at(1)).await.unwrap() })
        })
        .collect();
    let (mut good, mut reused) = (Vec::new(), 0);
    for spender in spenders {
        match spender.await.unwrap() {
            Refreshed::Good(fresh) => good.push(fresh),
            Refreshed::Reused => reused += 1,
            Refreshed::Unknown => {}
        }
    }
    assert_eq!((good.len(), reused), (1, 1));
    assert!(!is_open(catalog, &good[0], 2).await);
    let after = refresh::rotate(catalog, &good[0].text, at(2))
        .await
        .unwrap();
    assert!(matches!(after, Refreshed::Unknown), "{after:?}");
}

#[tokio::test]
async fn a_program_ends_with_the_browser_that_vouched_for_it() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = ada(catalog).await;
    let browser = session::start(catalog, ada.id, &Device::default(), at(0))
        .await
        .unwrap();
    let parent = session::opened_by(catalog, &browser.token, at(0))
        .await
        .unwrap();
    let parent = parent.unwrap().session;
    let late = limits::SESSION_IDLE_MAX_S - 10;
    let child = program(catalog, &ada, Some(parent), late).await;
    assert_eq!(child.expires_at, browser.expires_at);
    let alone = program(catalog, &ada, None, late).await;
    session::end(catalog, &browser.token).await.unwrap();
    assert!(!is_open(catalog, &child, late).await);
    assert!(is_open(catalog, &alone, late).await);
    let device = Device::default();
    let wish = Wish {
        name: "",
        device: &device,
        parent: Some(alone.session),
    };
    let refused = refresh::start(catalog, &ada, wish, at(late)).await;
    assert!(
        matches!(refused, Err(CatalogError::NotFound { .. })),
        "a program vouches for no other: {refused:?}"
    );
}

#[tokio::test]
async fn a_program_is_listed_named_and_ended_like_any_session() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = ada(catalog).await;
    let one = program(catalog, &ada, None, 0).await;
    let listed = session::list(catalog, ada.id, at(1)).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].kind, listed[0].name.as_str()),
        (SessionKind::Program, "weekly report")
    );
    let as_cookie = session::opened_by(catalog, &one.text, at(1)).await.unwrap();
    assert_eq!(as_cookie, None, "a refresh token is no cookie");
    session::end_one(catalog, ada.id, one.session, at(1))
        .await
        .unwrap();
    assert!(!is_open(catalog, &one, 1).await);

    let two = spent(catalog, &program(catalog, &ada, None, 0).await.text, 1).await;
    session::end_all(catalog, ada.id, None, at(2))
        .await
        .unwrap();
    assert!(!is_open(catalog, &two, 2).await);

    for which in 0..2 {
        let old = program(catalog, &ada, None, 0).await;
        let new = spent(catalog, &old.text, 1).await;
        let text = [&old.text, &new.text][which];
        refresh::revoke(catalog, text, at(2)).await.unwrap();
        assert!(
            !is_open(catalog, &new, 2).await,
            "given back by token {which}"
        );
    }
    refresh::revoke(catalog, "alm_r_none", at(2)).await.unwrap();
}

#[tokio::test]
async fn a_program_ends_unused_and_old() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = ada(catalog).await;
    let unused = program(catalog, &ada, None, 0).await;
    let idle = limits::SESSION_IDLE_MAX_S;
    assert!(is_open(catalog, &unused, idle - 1).await);
    let late = program(catalog, &ada, None, 0).await;
    let after = refresh::rotate(catalog, &late.text, at(idle))
        .await
        .unwrap();
    assert!(matches!(after, Refreshed::Unknown), "{after:?}");

    let mut used = program(catalog, &ada, None, 0).await;
    let (mut now, step) = (0, idle / 2);
    while now + step < limits::SESSION_AGE_MAX_S {
        now += step;
        used = spent(catalog, &used.text, now).await;
    }
    let oldest = limits::SESSION_AGE_MAX_S;
    let after = refresh::rotate(catalog, &used.text, at(oldest))
        .await
        .unwrap();
    assert!(matches!(after, Refreshed::Unknown), "{after:?}");
}

#[tokio::test]
async fn what_a_retired_key_signed_is_believed_as_long_as_a_token_can_live() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let first = signing_key::current(catalog, at(0)).await.unwrap();
    let again = signing_key::current(catalog, at(5)).await.unwrap();
    assert_eq!(first.kid(), again.kid());
    let signature = first.sign(b"claims");
    let believed = async |kid: &str, now: i64| {
        let key = signing_key::verifying(catalog, kid, at(now)).await.unwrap();
        key.is_some_and(|key| key.verifies(b"claims", &signature))
    };
    assert!(believed(first.kid(), 0).await);
    let key = signing_key::verifying(catalog, first.kid(), at(0))
        .await
        .unwrap()
        .unwrap();
    assert!(!key.verifies(b"other claims", &signature));

    let second = signing_key::rotate(catalog, false, at(10)).await.unwrap();
    assert_eq!(
        signing_key::current(catalog, at(10)).await.unwrap().kid(),
        second
    );
    let last = 10 + limits::ACCESS_TOKEN_AGE_MAX_S;
    assert!(believed(first.kid(), last - 1).await);
    assert!(!believed(first.kid(), last).await);
    assert!(!believed(&second, 10).await, "another key signed");
    assert_eq!(signing_key::list(catalog, at(11)).await.unwrap().len(), 2);
    assert_eq!(
        signing_key::remove_retired(catalog, at(last))
            .await
            .unwrap(),
        1
    );

    signing_key::rotate(catalog, false, at(last)).await.unwrap();
    let third = signing_key::rotate(catalog, true, at(last)).await.unwrap();
    let left = signing_key::list(catalog, at(last)).await.unwrap();
    assert_eq!(
        left.into_iter().map(|key| key.kid).collect::<Vec<_>>(),
        [third]
    );
}
