//! Members: invitations, resets, grants, accounts that are switched off, and the last owner.

use almanac_catalog::grant::{self, Grant};
use almanac_catalog::invitation::{self, NewInvitation};
use almanac_catalog::key::{self, KeyScope, KeyWish};
use almanac_catalog::project::{self, NewProject};
use almanac_catalog::session::{self, Device};
use almanac_catalog::user::{Reach, Role, User, UserChange};
use almanac_catalog::{Catalog, CatalogError, limits, reset, user as users};
use almanac_model::ProjectId;
use tokio::task::JoinSet;

use super::fixture::{PASSWORD, at, fresh, user};

async fn add(catalog: &Catalog, email: &str, role: Role) -> User {
    users::add(catalog, user(email, role), at(0)).await.unwrap()
}

async fn add_project(catalog: &Catalog, host: &str) -> ProjectId {
    let new = NewProject::new("Shop", &[host], "UTC");
    project::add(catalog, new, at(0)).await.unwrap().id
}

fn wish(email: &str, role: Role, reach: Reach, grants: &[Grant]) -> NewInvitation {
    NewInvitation {
        email: email.into(),
        role,
        reach,
        grants: grants.to_vec(),
    }
}

#[tokio::test]
async fn of_many_who_use_an_invitation_at_once_one_becomes_a_member_with_what_was_granted() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let (shop, docs) = (
        add_project(catalog, "shop.example").await,
        add_project(catalog, "docs.example").await,
    );
    let grant = Grant {
        project: docs,
        role: Role::Editor,
    };
    let new = wish("bob@example.org", Role::Viewer, Reach::Granted, &[grant]);
    let (_, stale) = invitation::add(catalog, new.clone(), at(0)).await.unwrap();
    let (waiting, token) = invitation::add(catalog, new, at(1)).await.unwrap();
    assert_eq!(invitation::list(catalog, at(2)).await.unwrap(), [waiting]);
    for wrong in [stale.as_str(), "", "guess"] {
        let refused = invitation::accept(catalog, wrong, ("", PASSWORD), at(2)).await;
        assert!(matches!(refused, Err(CatalogError::LinkSpent)), "{wrong}");
    }
    let weak = invitation::accept(catalog, &token, ("", "password"), at(2)).await;
    assert!(matches!(weak, Err(CatalogError::Invalid { .. })));

    let mut racers = JoinSet::new();
    for _ in 0..4 {
        let (catalog, token) = (catalog.clone(), token.clone());
        racers.spawn(async move {
            invitation::accept(&catalog, &token, ("Bob", PASSWORD), at(2))
                .await
                .ok()
        });
    }
    let members: Vec<User> = racers.join_all().await.into_iter().flatten().collect();
    let [bob] = members.as_slice() else {
        panic!("one of them becomes a member: {members:?}")
    };
    assert_eq!((bob.role, bob.reach), (Role::Viewer, Reach::Granted));
    assert_eq!(grant::role_in(catalog, bob, shop).await.unwrap(), None);
    let role = grant::role_in(catalog, bob, docs).await.unwrap();
    assert_eq!(role, Some(Role::Editor));
    assert!(invitation::list(catalog, at(3)).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_invitation_ends_by_itself_and_when_it_is_withdrawn() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let new = wish("bob@example.org", Role::Viewer, Reach::All, &[]);
    let (_, token) = invitation::add(catalog, new.clone(), at(0)).await.unwrap();
    let age = limits::INVITATION_AGE_MAX_S;
    assert!(invitation::find(catalog, &token, at(age - 1)).await.is_ok());
    let late = invitation::find(catalog, &token, at(age)).await;
    assert!(matches!(late, Err(CatalogError::LinkSpent)));

    let (waiting, token) = invitation::add(catalog, new, at(age)).await.unwrap();
    invitation::remove(catalog, waiting.id, at(age))
        .await
        .unwrap();
    let withdrawn = invitation::find(catalog, &token, at(age)).await;
    assert!(matches!(withdrawn, Err(CatalogError::LinkSpent)));

    add(catalog, "ada@example.org", Role::Owner).await;
    let taken = wish("ADA@example.org", Role::Viewer, Reach::All, &[]);
    let refused = invitation::add(catalog, taken, at(age)).await;
    assert!(matches!(refused, Err(CatalogError::Taken { .. })));
    let owner = wish("eve@example.org", Role::Admin, Reach::Granted, &[]);
    let refused = invitation::add(catalog, owner, at(age)).await;
    assert!(matches!(
        refused,
        Err(CatalogError::Invalid { field: "reach", .. })
    ));
}

#[tokio::test]
async fn a_reset_works_once_for_an_hour_and_ends_every_session() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = add(catalog, "ada@example.org", Role::Owner).await;
    let session = session::start(catalog, ada.id, &Device::default(), at(0))
        .await
        .unwrap();
    let stale = reset::issue(catalog, ada.id, at(0)).await.unwrap();
    let token = reset::issue(catalog, ada.id, at(1)).await.unwrap();
    let new = "a louder evening";
    let late = at(1 + limits::RESET_AGE_MAX_S);
    for (token, now) in [(&stale, at(2)), (&token, late)] {
        let refused = reset::complete(catalog, token, new, now).await;
        assert!(matches!(refused, Err(CatalogError::LinkSpent)));
    }
    let weak = reset::complete(catalog, &token, "password", at(2)).await;
    assert!(matches!(weak, Err(CatalogError::Invalid { .. })));
    let opened = session::opened_by(catalog, &session.token, at(2)).await;
    assert!(opened.unwrap().is_some());

    reset::complete(catalog, &token, new, at(2)).await.unwrap();
    let again = reset::complete(catalog, &token, new, at(2)).await;
    assert!(matches!(again, Err(CatalogError::LinkSpent)));
    let opened = session::opened_by(catalog, &session.token, at(3)).await;
    assert_eq!(opened.unwrap(), None);
    let signed_in = async |password| {
        users::authenticate(catalog, "ada@example.org", password)
            .await
            .unwrap()
            .is_some()
    };
    assert!(signed_in(new).await);
    assert!(!signed_in(PASSWORD).await);
}

#[tokio::test]
async fn switching_an_account_off_ends_its_sessions_and_its_sign_in() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    add(catalog, "ada@example.org", Role::Owner).await;
    let bob = add(catalog, "bob@example.org", Role::Editor).await;
    let session = session::start(catalog, bob.id, &Device::default(), at(0))
        .await
        .unwrap();
    let reset = reset::issue(catalog, bob.id, at(0)).await.unwrap();
    let off = UserChange {
        is_disabled: Some(true),
        ..UserChange::default()
    };
    let changed = users::change(catalog, bob.id, off, at(1)).await.unwrap();
    assert_eq!(changed.disabled_at, Some(at(1)));
    let opened = session::opened_by(catalog, &session.token, at(1)).await;
    assert_eq!(opened.unwrap(), None);
    let signed_in = users::authenticate(catalog, "bob@example.org", PASSWORD).await;
    assert_eq!(signed_in.unwrap(), None);
    let refused = reset::complete(catalog, &reset, "a louder evening", at(2)).await;
    assert!(matches!(refused, Err(CatalogError::LinkSpent)));

    let on = UserChange {
        is_disabled: Some(false),
        ..UserChange::default()
    };
    users::change(catalog, bob.id, on, at(2)).await.unwrap();
    let opened = session::opened_by(catalog, &session.token, at(2)).await;
    assert_eq!(opened.unwrap(), None, "a session that ended stays ended");
    let signed_in = users::authenticate(catalog, "bob@example.org", PASSWORD).await;
    assert_eq!(signed_in.unwrap().map(|user| user.id), Some(bob.id));
}

#[tokio::test]
async fn the_last_owner_who_can_sign_in_stays_one() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = add(catalog, "ada@example.org", Role::Owner).await;
    let eve = add(catalog, "eve@example.org", Role::Owner).await;
    let off = UserChange {
        is_disabled: Some(true),
        ..UserChange::default()
    };
    let lesser = UserChange {
        role: Some(Role::Admin),
        ..UserChange::default()
    };
    users::change(catalog, eve.id, off, at(1)).await.unwrap();
    for change in [off, lesser] {
        let refused = users::change(catalog, ada.id, change, at(2)).await;
        assert!(matches!(refused, Err(CatalogError::LastOwner { .. })));
    }
    let refused = users::remove(catalog, ada.id, at(2)).await;
    assert!(matches!(refused, Err(CatalogError::LastOwner { .. })));
    assert_eq!(users::by_id(catalog, ada.id).await.unwrap(), ada);
    users::remove(catalog, eve.id, at(3)).await.unwrap();
    assert_eq!(users::list(catalog).await.unwrap(), [ada]);
}

#[tokio::test]
async fn a_grant_raises_a_role_and_never_lowers_it() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let shop = add_project(catalog, "shop.example").await;
    // Role and reach of the account, role of the grant, role in the project.
    let cases = [
        (Role::Viewer, Reach::All, None, Some(Role::Viewer)),
        (
            Role::Viewer,
            Reach::All,
            Some(Role::Editor),
            Some(Role::Editor),
        ),
        (
            Role::Editor,
            Reach::All,
            Some(Role::Viewer),
            Some(Role::Editor),
        ),
        (
            Role::Admin,
            Reach::All,
            Some(Role::Viewer),
            Some(Role::Admin),
        ),
        (Role::Editor, Reach::Granted, None, None),
        (
            Role::Editor,
            Reach::Granted,
            Some(Role::Viewer),
            Some(Role::Viewer),
        ),
        (
            Role::Viewer,
            Reach::Granted,
            Some(Role::Admin),
            Some(Role::Admin),
        ),
    ];
    for (number, (role, reach, granted, expected)) in cases.into_iter().enumerate() {
        let bob = add(catalog, &format!("bob{number}@example.org"), role).await;
        let change = UserChange {
            reach: Some(reach),
            ..UserChange::default()
        };
        let bob = users::change(catalog, bob.id, change, at(1)).await.unwrap();
        let grants = granted.map(|role| Grant {
            project: shop,
            role,
        });
        let grants: Vec<Grant> = grants.into_iter().collect();
        grant::replace(catalog, bob.id, &grants, at(1))
            .await
            .unwrap();
        let found = grant::role_in(catalog, &bob, shop).await.unwrap();
        assert_eq!(found, expected, "case {number}");
    }
    let bob = users::by_email(catalog, "bob0@example.org").await.unwrap();
    let grant = |project, role| Grant { project, role };
    let bad = [
        vec![grant(shop, Role::Owner)],
        vec![grant(shop, Role::Viewer), grant(shop, Role::Editor)],
        vec![grant(ProjectId(9), Role::Viewer)],
    ];
    for grants in bad {
        let refused = grant::replace(catalog, bob.id, &grants, at(2)).await;
        assert!(refused.is_err(), "{grants:?}");
    }
}

#[tokio::test]
async fn sessions_are_listed_by_device_and_ended_one_by_one_or_all() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = add(catalog, "ada@example.org", Role::Owner).await;
    let bob = add(catalog, "bob@example.org", Role::Viewer).await;
    let device = Device {
        name: "Firefox on Linux".into(),
        place: "DE".into(),
    };
    for second in 0..3 {
        session::start(catalog, ada.id, &device, at(second))
            .await
            .unwrap();
    }
    let sessions = session::list(catalog, ada.id, at(3)).await.unwrap();
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions[0].device, device);
    let foreign = session::end_one(catalog, bob.id, sessions[0].id, at(4)).await;
    assert!(matches!(foreign, Err(CatalogError::NotFound { .. })));
    session::end_one(catalog, ada.id, sessions[0].id, at(4))
        .await
        .unwrap();
    let kept = sessions[1].id;
    let ended = session::end_all(catalog, ada.id, Some(kept), at(5)).await;
    assert_eq!(ended.unwrap(), 1);
    let left = session::list(catalog, ada.id, at(6)).await.unwrap();
    assert_eq!(left.iter().map(|one| one.id).collect::<Vec<_>>(), [kept]);
}

#[tokio::test]
async fn a_key_ends_when_it_says_and_its_scope_decides_what_it_belongs_to() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let shop = add_project(catalog, "shop.example").await;
    let make = async |project, scope, expires_at| {
        let wish = KeyWish {
            project,
            scope,
            name: String::new(),
            expires_at,
        };
        key::make(catalog, wish, at(0)).await
    };
    let new = make(Some(shop), KeyScope::ProjectWrite, Some(at(60)))
        .await
        .unwrap();
    let found = async |seconds| {
        key::authenticate(catalog, &new.text, at(seconds))
            .await
            .unwrap()
            .is_some()
    };
    assert!(found(59).await);
    assert!(!found(60).await);
    let admin = make(None, KeyScope::Admin, None).await.unwrap();
    assert!(admin.text.starts_with("alm_a_"));
    let too_far = at(limits::KEY_AGE_MAX_S + 1);
    let refused = [
        make(Some(shop), KeyScope::Admin, None).await,
        make(None, KeyScope::Stats, None).await,
        make(Some(shop), KeyScope::Stats, Some(at(0))).await,
        make(Some(shop), KeyScope::Stats, Some(too_far)).await,
    ];
    for made in refused {
        assert!(
            matches!(made, Err(CatalogError::Invalid { .. })),
            "{made:?}"
        );
    }
    assert_eq!(KeyScope::from_name("stats"), Some(KeyScope::Stats));
}
