//! Second factors: nothing is asked for before it works, and no code works twice.

use almanac_catalog::second_factor::{self, Checked, State};
use almanac_catalog::user::{Role, User};
use almanac_catalog::{Catalog, CatalogError, limits, user as users};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use tokio::task::JoinSet;

use super::fixture::{at, fresh, user};

async fn ada(catalog: &Catalog) -> User {
    users::add(catalog, user("ada@example.org", Role::Owner), at(0))
        .await
        .unwrap()
}

/// The code that an app with this secret shows at that second, computed as an app would: from the
/// text of the secret.
fn shown(secret: &str, seconds: i64) -> String {
    let mut bits = String::new();
    for letter in secret.chars() {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
        bits.push_str(&format!("{value:05b}"));
    }
    let byte = |bits: &[u8]| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap();
    let key: Vec<u8> = bits.as_bytes().chunks_exact(8).map(byte).collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).unwrap();
    mac.update(&((1_800_000_000 + seconds) / 30).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let four = digest[offset..offset + 4].try_into().unwrap();
    format!(
        "{:06}",
        (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000
    )
}

#[tokio::test]
async fn it_is_off_until_a_code_was_right_and_each_code_is_spent() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = ada(catalog).await;
    let check = async |code: &str, seconds| {
        second_factor::check(catalog, ada.id, code, at(seconds))
            .await
            .unwrap()
    };
    let begun = second_factor::begin(catalog, &ada, at(0)).await.unwrap();
    assert_eq!(begun.secret.len(), 32);
    let expected = format!(
        "otpauth://totp/Almanac:ada%40example%2Eorg?secret={}&issuer=Almanac",
        begun.secret
    );
    assert_eq!(begun.uri, expected);
    assert_eq!(check("", 1).await, Checked::NotNeeded);
    assert_eq!(
        second_factor::state(catalog, ada.id).await.unwrap(),
        State::default()
    );

    let wrong = second_factor::confirm(catalog, ada.id, "000000x", at(1)).await;
    assert_eq!(wrong.unwrap(), None);
    let code = shown(&begun.secret, 0);
    let codes = second_factor::confirm(catalog, ada.id, &code, at(1)).await;
    let codes = codes.unwrap().expect("the code is right");
    assert_eq!(codes.len(), limits::RECOVERY_CODES);
    let on = State {
        is_on: true,
        recovery_codes_left: 10,
    };
    assert_eq!(second_factor::state(catalog, ada.id).await.unwrap(), on);
    assert_eq!(
        check(&code, 2).await,
        Checked::Wrong,
        "it was used to confirm"
    );
    assert_eq!(check(&shown(&begun.secret, 30), 31).await, Checked::Right);
    assert_eq!(check(&shown(&begun.secret, 30), 32).await, Checked::Wrong);
    assert_eq!(
        check(&shown(&begun.secret, 0), 33).await,
        Checked::Wrong,
        "older than used"
    );
    let spaced = shown(&begun.secret, 90);
    let spaced = spaced
        .chars()
        .map(|digit| format!("{digit} "))
        .collect::<String>();
    assert_eq!(
        check(&spaced, 60).await,
        Checked::Right,
        "a clock that is ahead"
    );
    assert_eq!(check(&shown(&begun.secret, 180), 120).await, Checked::Wrong);
    assert_eq!(check("", 120).await, Checked::Wrong);

    let loose = codes[0].to_uppercase().replace('-', " ");
    assert_eq!(check(&loose, 121).await, Checked::Right);
    assert_eq!(check(&codes[0], 122).await, Checked::Wrong);
    let again = second_factor::begin(catalog, &ada, at(130)).await;
    assert!(matches!(again, Err(CatalogError::Invalid { .. })));

    let renewed = second_factor::renew(catalog, ada.id, at(140))
        .await
        .unwrap();
    assert_eq!(check(&codes[1], 141).await, Checked::Wrong);
    assert_eq!(check(&renewed[1], 142).await, Checked::Right);
    second_factor::remove(catalog, ada.id, at(150))
        .await
        .unwrap();
    assert_eq!(check(&renewed[2], 151).await, Checked::NotNeeded);
}

#[tokio::test]
async fn of_many_who_use_a_code_at_once_one_is_let_in() {
    let fixture = fresh().await;
    let catalog = &fixture.catalog;
    let ada = ada(catalog).await;
    let begun = second_factor::begin(catalog, &ada, at(0)).await.unwrap();
    let first = shown(&begun.secret, 0);
    second_factor::confirm(catalog, ada.id, &first, at(0))
        .await
        .unwrap();
    let code = shown(&begun.secret, 60);
    let mut racers = JoinSet::new();
    for _ in 0..8 {
        let (catalog, code, id) = (catalog.clone(), code.clone(), ada.id);
        racers.spawn(async move { second_factor::check(&catalog, id, &code, at(60)).await });
    }
    let all = racers.join_all().await;
    let right = all.iter().filter(|one| matches!(one, Ok(Checked::Right)));
    assert_eq!(right.count(), 1);
}
