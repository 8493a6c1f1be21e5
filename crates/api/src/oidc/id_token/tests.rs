//! Tokens of a provider of our own, each bent in one thing.

use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;

use super::*;

const NOW_S: i64 = 1_800_000_000;
const EXPECTED: Expected<'static> = Expected {
    issuer: "https://id.example",
    client_id: "almanac",
    nonce: "n-0S6_WzA2Mj",
    now_s: NOW_S,
};

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn key(kid: &str, seed: u8) -> PublicKey {
    let x = BASE64_URL_SAFE_NO_PAD.encode(pair(seed).public_key().as_ref());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "use": "sig", "x": x });
    serde_json::from_value(jwk).unwrap()
}

fn header() -> Value {
    json!({ "alg": "EdDSA", "kid": "a", "typ": "JWT" })
}

fn claims() -> Value {
    json!({
        "iss": EXPECTED.issuer, "aud": EXPECTED.client_id, "sub": "248289761001",
        "nonce": EXPECTED.nonce, "iat": NOW_S - 5, "exp": NOW_S + 300,
        "email": "ada@shop.example", "email_verified": true, "name": "Ada"
    })
}

fn with(whole: &Value, name: &str, value: &Value) -> Value {
    let mut whole = whole.clone();
    let object = whole.as_object_mut().unwrap();
    if value.is_null() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value.clone());
    }
    whole
}

fn signed(header: &Value, claims: &Value) -> String {
    jws::join(header, claims, |message| {
        pair(1).sign(message).as_ref().to_vec()
    })
    .unwrap()
}

fn judged(token: &str) -> Result<Person, Refusal> {
    judge(token, &[key("other", 2), key("a", 1)], EXPECTED)
}

#[test]
fn a_good_token_is_about_a_person() {
    let person = judged(&signed(&header(), &claims())).unwrap();
    assert_eq!(person.subject, "248289761001");
    assert_eq!(person.verified_email.as_deref(), Some("ada@shop.example"));
    assert_eq!(person.name, "Ada");
    let good = [
        ("aud", json!(["almanac"])),
        ("azp", json!("almanac")),
        ("iat", json!(NOW_S + 60)),
        ("exp", json!(NOW_S - 59)),
        ("nbf", json!(NOW_S + 60)),
        ("amr", json!(["mfa"])),
    ];
    for (name, value) in good {
        let token = signed(&header(), &with(&claims(), name, &value));
        assert!(judged(&token).is_ok(), "{name} is {value}");
    }
    let several = with(&claims(), "aud", &json!(["almanac", "other"]));
    let several = with(&several, "azp", &json!("almanac"));
    assert!(judged(&signed(&header(), &several)).is_ok());
}

#[test]
fn an_address_counts_only_where_the_provider_has_verified_it() {
    let cases = [
        (json!(true), true),
        (json!("true"), true),
        (json!(false), false),
        (json!("false"), false),
        (json!(1), false),
        (json!("TRUE"), false),
        (Value::Null, false),
    ];
    for (value, counts) in cases {
        let token = signed(&header(), &with(&claims(), "email_verified", &value));
        let person = judged(&token).unwrap();
        assert_eq!(person.verified_email.is_some(), counts, "{value}");
    }
}

#[test]
fn a_bent_header_is_refused() {
    let cases = [
        ("alg", json!("none"), Refusal::Header),
        ("alg", json!("HS256"), Refusal::Header),
        ("alg", json!("RS512"), Refusal::Header),
        ("alg", json!("RS256"), Refusal::UnknownKey),
        ("alg", Value::Null, Refusal::Header),
        ("kid", json!("b"), Refusal::UnknownKey),
        ("kid", json!("other"), Refusal::Signature),
        ("kid", Value::Null, Refusal::UnknownKey),
        ("typ", json!("at+jwt"), Refusal::Header),
        ("typ", json!("logout+jwt"), Refusal::Header),
        ("jku", json!("https://evil.example/jwks"), Refusal::Header),
        ("x5u", json!("https://evil.example/chain"), Refusal::Header),
        ("x5c", json!(["MIIB"]), Refusal::Header),
        ("jwk", json!({ "kty": "OKP" }), Refusal::Header),
        ("crit", json!(["exp"]), Refusal::Header),
        ("zip", json!("DEF"), Refusal::Header),
        ("b64", json!(false), Refusal::Header),
    ];
    for (name, value, expected) in cases {
        let token = signed(&with(&header(), name, &value), &claims());
        assert_eq!(judged(&token), Err(expected), "{name} is {value}");
    }
    let public = pair(1).public_key().as_ref().to_vec();
    let secret = hmac::Key::new(hmac::HMAC_SHA256, &public);
    let sign = |message: &[u8]| hmac::sign(&secret, message).as_ref().to_vec();
    let confused = with(&header(), "alg", &json!("HS256"));
    let token = jws::join(&confused, &claims(), sign).unwrap();
    assert_eq!(judged(&token), Err(Refusal::Header));
}

#[test]
fn claims_that_are_not_for_this_sign_in_are_refused() {
    let cases = [
        ("iss", json!("https://evil.example"), Refusal::Issuer),
        ("iss", json!("https://id.example/"), Refusal::Issuer),
        ("iss", Value::Null, Refusal::Claims),
        ("aud", json!("another"), Refusal::Audience),
        ("aud", json!(["another"]), Refusal::Audience),
        ("aud", json!(["almanac", "another"]), Refusal::Audience),
        ("aud", json!([]), Refusal::Audience),
        ("aud", Value::Null, Refusal::Claims),
        ("azp", json!("another"), Refusal::Audience),
        ("nonce", json!("of another sign-in"), Refusal::Nonce),
        ("nonce", json!(""), Refusal::Nonce),
        ("nonce", Value::Null, Refusal::Nonce),
        ("exp", json!(NOW_S - 60), Refusal::Time),
        ("exp", json!(0), Refusal::Time),
        ("exp", json!("soon"), Refusal::Claims),
        ("exp", Value::Null, Refusal::Claims),
        ("iat", json!(NOW_S + 61), Refusal::Time),
        ("iat", json!(NOW_S - 661), Refusal::Time),
        ("iat", Value::Null, Refusal::Claims),
        ("nbf", json!(NOW_S + 61), Refusal::Time),
        ("sub", json!(""), Refusal::Claims),
        ("sub", json!("a\u{0}b"), Refusal::Claims),
        ("sub", json!("x".repeat(256)), Refusal::Claims),
        ("sub", json!(7), Refusal::Claims),
        ("sub", Value::Null, Refusal::Claims),
    ];
    for (name, value, expected) in cases {
        let token = signed(&header(), &with(&claims(), name, &value));
        assert_eq!(judged(&token), Err(expected), "{name} is {value}");
    }
}

#[test]
fn a_signature_is_the_one_of_these_bytes_by_a_key_made_for_it() {
    let good = signed(&header(), &claims());
    let (rest, signature) = good.rsplit_once('.').unwrap();
    let other = signed(&header(), &with(&claims(), "sub", &json!("1")));
    let (_, of_other) = other.rsplit_once('.').unwrap();
    assert_eq!(
        judged(&format!("{rest}.{of_other}")),
        Err(Refusal::Signature)
    );
    assert_eq!(judged(&format!("{rest}.")), Err(Refusal::Signature));
    assert_eq!(
        judged(&format!("{good}.{signature}")),
        Err(Refusal::Malformed)
    );
    assert_eq!(
        judged(&format!("{good}{}", "A".repeat(TOKEN_BYTES_MAX))),
        Err(Refusal::Malformed)
    );

    let mut encrypting = key("a", 1);
    encrypting.purpose = Some("enc".to_owned());
    let mut of_another = key("a", 1);
    of_another.alg = Some("ES256".to_owned());
    for unfit in [encrypting, of_another] {
        assert_eq!(judge(&good, &[unfit], EXPECTED), Err(Refusal::UnknownKey));
    }
    let unnamed = signed(&with(&header(), "kid", &Value::Null), &claims());
    assert!(
        judge(&unnamed, &[key("a", 1)], EXPECTED).is_ok(),
        "the only key needs no name"
    );
}
