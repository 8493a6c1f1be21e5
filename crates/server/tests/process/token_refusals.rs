//! What is no credential: tokens that were forged, bent, mixed up, or are over; keys and cookies
//! likewise. Each is a row, and each forged token is told apart from a good one in one thing only.

use std::collections::BTreeMap;

use almanac_catalog::key::{self, KeyScope, KeyWish};
use almanac_catalog::signing_key::{self, SigningKey};
use almanac_catalog::{Catalog, InstanceSecret};
use almanac_model::{Instant, ProjectId};
use almanac_testkit::TestServer;
use almanac_testkit::http::Request;
use almanac_testkit::server::session_cookie;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD as URL_SAFE};
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use crate::almanac;
use crate::tokens::{account, tokens};

const PASSWORD: &str = "a quiet evening";
/// The order of the group of Ed25519, little endian: a signature may not be shifted by it.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn head(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// The id of a session that a browser of that account has.
fn browser_session(server: &TestServer, account: &Value) -> String {
    let cookie = session_cookie(&server.call(&Request::post("/api/session", account)));
    let list = Request::get("/api/account/sessions").header("cookie", &cookie);
    let sessions = server.call(&list).json()["sessions"].clone();
    let mut sessions = sessions.as_array().into_iter().flatten();
    let found = sessions.find(|each| each["kind"] == "browser");
    text(&found.expect("a browser's session")["id"])
}

/// Does something with the catalog of a running server.
fn with_catalog<T>(server: &TestServer, work: impl AsyncFnOnce(&Catalog) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let dir = server.data_dir();
        let secret = InstanceSecret::load_or_create(&dir).expect("the secret");
        let catalog = Catalog::open(&dir, secret).await.expect("the catalog");
        let done = work(&catalog).await;
        catalog.close().await;
        done
    })
}

/// Whoever has the server's own key, and bends a good token with it.
struct Forge {
    key: SigningKey,
    public: Vec<u8>,
    good: String,
    header: Value,
    claims: Value,
}

impl Forge {
    fn of(server: &TestServer, good: &str) -> Self {
        let now = Instant::from_seconds(0);
        let (key, public) = with_catalog(server, async |catalog| {
            let key = signing_key::current(catalog, now).await.expect("a key");
            let all = signing_key::list(catalog, now).await.expect("keys");
            (key, all[0].public.clone())
        });
        let part = |number| {
            let part = good.split('.').nth(number).expect("three parts");
            let bytes = URL_SAFE.decode(part).expect("base64url");
            serde_json::from_slice(&bytes).expect("JSON")
        };
        let (header, claims) = (part(0), part(1));
        let good = good.to_owned();
        Self {
            key,
            public,
            good,
            header,
            claims,
        }
    }

    /// Any text as header and claims, signed as ours are.
    fn raw(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        let signed = format!("{}.{}", URL_SAFE.encode(header), URL_SAFE.encode(claims));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE.encode(signature))
    }

    /// The good token with one thing of its header changed; null takes it away.
    fn header(&self, name: &str, value: Value) -> String {
        self.raw(changed(&self.header, name, value), self.claims.to_string())
    }

    /// The same for one claim.
    fn claim(&self, name: &str, value: Value) -> String {
        self.raw(self.header.to_string(), changed(&self.claims, name, value))
    }

    fn expiry(&self) -> i64 {
        self.claims["exp"].as_i64().expect("an end")
    }

    /// Header and claims under another header, and the signature that it asks for.
    fn signed(&self, header: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
        let (header, claims) = (header.to_string(), self.claims.to_string());
        let signed = format!("{}.{}", URL_SAFE.encode(header), URL_SAFE.encode(claims));
        let signature = URL_SAFE.encode(sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    fn with_algorithm(&self, algorithm: &str) -> Value {
        let mut header = self.header.clone();
        header["alg"] = json!(algorithm);
        header
    }

    fn parts(&self) -> (String, String, String) {
        let mut parts = self.good.split('.').map(str::to_owned);
        let mut next = || parts.next().expect("three parts");
        (next(), next(), next())
    }

    /// The good token with its signature changed.
    fn bent(&self, bend: impl Fn(&mut Vec<u8>)) -> String {
        let (header, claims, signature) = self.parts();
        let mut bytes = URL_SAFE.decode(signature).expect("base64url");
        bend(&mut bytes);
        format!("{header}.{claims}.{}", URL_SAFE.encode(bytes))
    }
}

fn changed(whole: &Value, name: &str, value: Value) -> String {
    let mut whole = whole.clone();
    let object = whole.as_object_mut().expect("an object");
    if value.is_null() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
    whole.to_string()
}

/// JSON with a name twice: once as `before` says, then as it was.
fn twice(whole: &Value, before: &str) -> String {
    whole.to_string().replacen('{', &format!("{{{before},"), 1)
}

type Row = (String, String, &'static str);

fn row(name: &str, token: String, reason: &'static str) -> Row {
    (name.to_owned(), token, reason)
}

/// Tokens that ask to be checked in another way than ours are, or bring the means along.
fn headers(forge: &Forge) -> Vec<Row> {
    let mut rows = Vec::new();
    for name in ["none", "None", "nOnE", ""] {
        let token = forge.signed(&forge.with_algorithm(name), |_| Vec::new());
        rows.push(row(
            &format!("alg {name:?} without a signature"),
            token,
            "header",
        ));
    }
    let secrets = [
        ("bytes", forge.public.clone()),
        ("base64url", URL_SAFE.encode(&forge.public).into_bytes()),
        ("nothing", Vec::new()),
    ];
    for (what, secret) in secrets {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let sign = |message: &[u8]| hmac::sign(&key, message).as_ref().to_vec();
        let token = forge.signed(&forge.with_algorithm("HS256"), sign);
        rows.push(row(
            &format!("HS256 with the public key as {what}"),
            token,
            "header",
        ));
    }
    for name in [
        "ES256", "RS256", "PS256", "EdDSA ", "eddsa", "Ed25519", "ES256K", "HS512",
    ] {
        rows.push(row(
            &format!("alg {name:?}"),
            forge.header("alg", json!(name)),
            "header",
        ));
    }
    let others = [
        ("alg", json!(["EdDSA"])),
        ("alg", Value::Null),
        ("typ", json!("JWT")),
        ("typ", json!("AT+JWT")),
        ("typ", json!("dpop+jwt")),
        ("typ", json!("logout+jwt")),
        ("typ", Value::Null),
        ("kid", Value::Null),
        ("kid", json!(7)),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/chain.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
        (
            "jwk",
            json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE.encode(&forge.public) }),
        ),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
    ];
    for (name, value) in others {
        let told = format!("header {name} is {value}");
        rows.push(row(&told, forge.header(name, value), "header"));
    }
    for (name, before) in [("alg", r#""alg":"none""#), ("kid", r#""kid":"x""#)] {
        let token = forge.raw(twice(&forge.header, before), forge.claims.to_string());
        rows.push(row(&format!("two {name} in the header"), token, "header"));
    }
    for header in ["", "[]", "null", "\"EdDSA\"", "{}", "{\"alg\":\"EdDSA\""] {
        let token = forge.raw(header, forge.claims.to_string());
        rows.push(row(&format!("the header {header}"), token, "header"));
    }
    for kid in [
        "",
        "../../etc/passwd",
        "' OR 1=1 --",
        "0000000000000000",
        "%",
    ] {
        let told = format!("a key called {kid:?}");
        rows.push(row(&told, forge.header("kid", json!(kid)), "key"));
    }
    rows
}

/// Tokens whose signature is not the one of these bytes by our key.
fn signatures(forge: &Forge, other: &str) -> Vec<Row> {
    let (header, claims, signature) = forge.parts();
    let stranger = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
    let by_stranger = |message: &[u8]| stranger.sign(message).as_ref().to_vec();
    let mut of_stranger = forge.header.clone();
    let kid = blake3::hash(stranger.public_key().as_ref()).to_hex();
    of_stranger["kid"] = json!(head(&kid, 16));
    let other = other.split('.').nth(2).expect("a signature");
    let flipped = URL_SAFE.encode(changed(&forge.claims, "sub", json!("1")));
    let shifted = forge.bent(|bytes| {
        let mut carry = 0;
        for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            *byte = (sum & 0xff) as u8;
            carry = sum >> 8;
        }
    });
    let rows = [
        (
            "another key under our name",
            forge.signed(&forge.header, by_stranger),
            "signature",
        ),
        (
            "another key under its own name",
            forge.signed(&of_stranger, by_stranger),
            "key",
        ),
        ("no signature", format!("{header}.{claims}."), "signature"),
        (
            "half a signature",
            forge.bent(|bytes| bytes.truncate(32)),
            "signature",
        ),
        (
            "a byte too many",
            forge.bent(|bytes| bytes.push(0)),
            "signature",
        ),
        (
            "a bit of the signature",
            forge.bent(|bytes| bytes[3] ^= 1),
            "signature",
        ),
        ("zeros", forge.bent(|bytes| bytes.fill(0)), "signature"),
        ("the signature shifted by the order", shifted, "signature"),
        (
            "the signature of another token",
            format!("{header}.{claims}.{other}"),
            "signature",
        ),
        (
            "other claims, the old signature",
            format!("{header}.{flipped}.{signature}"),
            "signature",
        ),
        (
            "claims and header exchanged",
            format!("{claims}.{header}.{signature}"),
            "header",
        ),
    ];
    rows.into_iter()
        .map(|(name, token, reason)| row(name, token, reason))
        .collect()
}

/// Claims that we would never sign, signed by us.
fn claims(forge: &Forge, base: &str, browser: &str) -> Vec<Row> {
    let end = forge.expiry();
    let day = 86_400;
    let cases = [
        ("exp", json!(1), "expired"),
        ("exp", json!(end - 2 * 900), "expired"),
        ("exp", json!(-1), "expired"),
        ("exp", json!(end + day), "time"),
        ("exp", json!(i64::MAX), "time"),
        ("exp", json!(1e300), "claims"),
        ("exp", json!(end.to_string()), "claims"),
        ("exp", Value::Null, "claims"),
        ("nbf", json!(end + 1), "time"),
        ("nbf", json!("soon"), "claims"),
        ("iat", json!(end - 1), "time"),
        ("iat", json!(i64::MIN), "time"),
        ("iat", Value::Null, "claims"),
        ("aud", json!("https://elsewhere.example/api"), "claims"),
        ("aud", json!(base), "claims"),
        ("aud", json!(format!("{base}/api/")), "claims"),
        ("aud", json!([format!("{base}/api")]), "claims"),
        ("aud", Value::Null, "claims"),
        ("iss", json!("https://accounts.example"), "claims"),
        ("iss", json!(format!("{base}/")), "claims"),
        ("iss", json!(base.to_uppercase()), "claims"),
        ("iss", Value::Null, "claims"),
        ("sub", json!("999999"), "session"),
        ("sub", json!("0"), "session"),
        ("sub", json!("ada@shop.example"), "claims"),
        ("sub", json!(1), "claims"),
        ("sub", Value::Null, "claims"),
        ("sid", json!("999999"), "session"),
        ("sid", json!(browser), "session"),
        ("sid", json!("1 OR 1=1"), "claims"),
        ("sid", json!(""), "claims"),
        ("sid", Value::Null, "claims"),
        ("jti", Value::Null, "claims"),
        ("role", json!("owner"), "claims"),
        ("scope", json!("admin"), "claims"),
        ("nonce", json!("of an id token"), "claims"),
    ];
    let mut rows: Vec<Row> = cases
        .into_iter()
        .map(|(name, value, reason)| {
            row(
                &format!("claim {name} is {value}"),
                forge.claim(name, value),
                reason,
            )
        })
        .collect();
    let header = forge.header.to_string();
    for before in [r#""sub":"1""#, r#""exp":9999999999"#, r#""aud":"x""#] {
        let token = forge.raw(&header, twice(&forge.claims, before));
        rows.push(row(&format!("a second {before}"), token, "claims"));
    }
    for claims in ["", "[]", "null", "1", "{}", "{", "\u{feff}{}"] {
        rows.push(row(
            &format!("the claims {claims:?}"),
            forge.raw(&header, claims),
            "claims",
        ));
    }
    let wide: Vec<u8> = forge
        .claims
        .to_string()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    rows.push(row("claims in UTF-16", forge.raw(&header, wide), "claims"));
    let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
    rows.push(row(
        "claims nested deeply",
        forge.raw(&header, deep),
        "claims",
    ));
    rows
}

/// Texts that are no token of three parts.
fn shapes(forge: &Forge) -> Vec<Row> {
    let (header, claims, signature) = forge.parts();
    let good = &forge.good;
    let loose = |part: &str| URL_SAFE.decode(part).expect("base64url");
    let in_standard = format!(
        "{}.{claims}.{signature}",
        BASE64_STANDARD.encode([0xfb, 0xff])
    );
    let rows = [
        ("two parts", format!("{header}.{claims}")),
        ("four parts", format!("{good}.{signature}")),
        (
            "five parts, as if it were encrypted",
            format!("{header}..{claims}.{signature}.AA"),
        ),
        ("a dot more", format!("{good}.")),
        ("a dot before", format!(".{good}")),
        (
            "padding",
            format!(
                "{header}.{claims}.{}",
                BASE64_URL_SAFE.encode(loose(&signature))
            ),
        ),
        ("the other alphabet", in_standard),
        ("a blank inside", good.replacen('.', ". ", 1)),
        ("its beginning", format!("{}.", head(good, 10))),
        ("percent", good.replace('.', "%2E") + "."),
        (
            "4 KiB",
            format!("{header}.{claims}{}.{signature}", "A".repeat(4_096)),
        ),
        (
            "7 KiB of header",
            format!("{}.{claims}.{signature}", "A".repeat(7_168)),
        ),
    ];
    let malformed = rows
        .into_iter()
        .map(|(name, token)| row(name, token, "malformed"));
    malformed
        .chain([row("dots", "..".to_owned(), "header")])
        .collect()
}

/// How many tokens were refused so far, by reason.
fn refused(server: &TestServer) -> BTreeMap<String, u64> {
    let metrics = server.call(&Request::get("/metrics")).text();
    let lines = metrics.lines();
    let named =
        lines.filter_map(|line| line.strip_prefix("almanac_tokens_refused_total{reason=\""));
    named
        .filter_map(|line| {
            let (reason, count) = line.split_once("\"} ")?;
            Some((reason.to_owned(), count.parse().ok()?))
        })
        .collect()
}

#[test]
fn forged_and_bent_tokens_are_refused_each_for_its_own_reason() {
    let server = almanac().start();
    let ada = account(&server, "ada@shop.example", "admin");
    let good = text(&tokens(&server, &ada, "one")["access_token"]);
    let other = text(&tokens(&server, &ada, "two")["access_token"]);
    let status = |token: &str| server.call(&Request::get("/api/team").bearer(token)).status;
    assert_eq!(status(&good), 200);
    let forge = Forge::of(&server, &good);
    let control = forge.raw(forge.header.to_string(), forge.claims.to_string());
    assert_eq!(status(&control), 200, "what is not bent is good");
    let early = forge.claim("nbf", json!(forge.expiry() - 900));
    assert_eq!(status(&early), 200, "a beginning that has come is good");

    let base = format!("http://{}", server.address());
    let rows = [
        headers(&forge),
        signatures(&forge, &other),
        claims(&forge, &base, &browser_session(&server, &ada)),
        shapes(&forge),
    ]
    .concat();
    let mut wrong = Vec::new();
    for (name, token, reason) in &rows {
        let before = refused(&server);
        let status = status(token);
        let after = refused(&server);
        let grew = after
            .iter()
            .filter(|(name, count)| before.get(*name) != Some(*count));
        let grew: Vec<&str> = grew.map(|(name, _)| name.as_str()).collect();
        if status != 401 || grew != [*reason] {
            wrong.push(format!(
                "{name}: {status} for {grew:?}, not 401 for {reason}"
            ));
        }
    }
    assert!(wrong.is_empty(), "of {}:\n{}", rows.len(), wrong.join("\n"));
    assert!(rows.len() >= 100, "{} tokens", rows.len());
    assert_eq!(status(&good), 200, "nothing of that ended the session");
    println!("{} forged and bent tokens are refused", rows.len());
}

/// A request with a credential that is none.
fn asked(server: &TestServer, header: &str, value: &str) -> u16 {
    let request = Request::get("/api/account").header(header, value);
    server.call(&request).status
}

#[test]
fn a_credential_of_one_kind_is_none_of_another() {
    let server = almanac().start();
    let ada = account(&server, "ada@shop.example", "viewer");
    let made = tokens(&server, &ada, "one");
    let (access, refresh) = (text(&made["access_token"]), text(&made["refresh_token"]));
    let cookie = session_cookie(&server.call(&Request::post("/api/session", &ada)));
    let session = cookie.split_once('=').expect("a cookie").1.to_owned();
    assert_eq!(asked(&server, "cookie", &cookie), 200);
    assert_eq!(
        asked(&server, "authorization", &format!("Bearer {access}")),
        200
    );
    let invite = json!({ "email": "bob@shop.example", "role": "viewer" });
    let invite = Request::post("/api/team/invitations", &invite);
    let invited = server
        .call(&invite.header("cookie", server.cookie()))
        .json();
    let invitation = text(&invited["link"])
        .split("#token=")
        .nth(1)
        .unwrap_or_default()
        .to_owned();
    let link = server.run_json(&["user", "reset", "--email", "ada@shop.example"]);
    let reset = text(&link["link"])
        .split("#token=")
        .nth(1)
        .unwrap_or_default()
        .to_owned();
    assert!(
        !invitation.is_empty() && !reset.is_empty(),
        "{invited} {link}"
    );
    let said = server.said();
    let after = said.split("/setup?token=").nth(1).unwrap_or_default();
    let set_up = after.split_whitespace().next().unwrap_or_default();

    let secrets = [&access, &refresh, &session, &invitation, &reset, set_up];
    let mut rows = Vec::new();
    for secret in secrets {
        for cookie in [
            "almanac_session",
            "__Host-almanac_session",
            "session",
            "token",
        ] {
            if !(secret == session && cookie == "almanac_session") {
                rows.push(("cookie", format!("{cookie}={secret}")));
            }
        }
        for scheme in ["Basic", "Token", "DPoP", "Bearer Bearer", "bearer:"] {
            rows.push(("authorization", format!("{scheme} {secret}")));
        }
        if *secret != *access {
            rows.push(("authorization", format!("Bearer {secret}")));
        }
        rows.push(("x-api-key", secret.to_string()));
    }
    for (header, value) in &rows {
        assert_eq!(asked(&server, header, value), 401, "{header}: {value}");
    }
    // Links open what they are for and nothing else, and tokens open no links.
    for secret in secrets {
        let wish = json!({ "token": secret, "password": PASSWORD });
        if *secret != *reset {
            let reply = server.call(&Request::post("/api/reset/complete", &wish));
            assert_eq!(reply.status, 403, "reset by {secret}");
        }
        if *secret != *invitation {
            let reply = server.call(&Request::post("/api/invitation/accept", &wish));
            assert_eq!(reply.status, 403, "join by {secret}");
        }
        if *secret != *refresh {
            let wish = json!({ "refresh_token": secret });
            let reply = server.call(&Request::post("/api/auth/token/refresh", &wish));
            assert_eq!(reply.status, 401, "refresh by {secret}");
        }
    }
    let bent = [
        refresh.to_uppercase(),
        head(&refresh, refresh.len() - 1),
        refresh.replace("alm_r_", ""),
    ];
    for bent in bent {
        let wish = json!({ "refresh_token": bent });
        let reply = server.call(&Request::post("/api/auth/token/refresh", &wish));
        assert_eq!(reply.status, 401, "{bent}");
    }
    assert_eq!(
        asked(&server, "authorization", &format!("Bearer {access}")),
        200
    );
}

#[test]
fn tokens_end_with_what_they_stand_on() {
    let server = almanac().start();
    let as_owner = |request: Request| server.call(&request.header("cookie", server.cookie()));
    let ends: [(&str, &[&str]); 3] = [
        ("off@shop.example", &["user", "change", "--switch", "off"]),
        ("ended@shop.example", &["user", "end-sessions"]),
        ("reset@shop.example", &["user", "reset"]),
    ];
    for (email, command) in ends {
        let account = account(&server, email, "viewer");
        let made = tokens(&server, &account, "one");
        let bearer = format!("Bearer {}", text(&made["access_token"]));
        let cookie = session_cookie(&server.call(&Request::post("/api/session", &account)));
        assert_eq!(asked(&server, "authorization", &bearer), 200);
        let done = server.run_json(&[command, &["--email", email]].concat());
        if let Some(link) = done["link"].as_str() {
            let token = link.split("#token=").nth(1).unwrap_or_default();
            let wish = json!({ "token": token, "password": PASSWORD });
            let reply = server.call(&Request::post("/api/reset/complete", &wish));
            assert_eq!(reply.status, 204, "{}", reply.text());
        }
        assert_eq!(asked(&server, "authorization", &bearer), 401, "{email}");
        assert_eq!(asked(&server, "cookie", &cookie), 401, "{email}");
        let wish = json!({ "refresh_token": made["refresh_token"] });
        let reply = server.call(&Request::post("/api/auth/token/refresh", &wish));
        assert_eq!(reply.status, 401, "{email}");
    }
    let gone = account(&server, "gone@shop.example", "viewer");
    let made = tokens(&server, &gone, "one");
    let bearer = format!("Bearer {}", text(&made["access_token"]));
    let me = server
        .call(&Request::get("/api/account").header("authorization", &bearer))
        .json();
    let remove = Request::new("DELETE", format!("/api/team/{}", text(&me["id"])));
    assert_eq!(as_owner(remove).status, 204);
    assert_eq!(asked(&server, "authorization", &bearer), 401);
}

#[test]
fn a_key_that_is_bent_over_or_too_small_opens_nothing() {
    let mut server = almanac().start();
    let (shop, docs) = (
        server.add_project("shop.example"),
        server.add_project("docs.example"),
    );
    let project: u32 = shop.id.parse().expect("a number");
    let over = with_catalog(&server, async |catalog| {
        let wish = KeyWish {
            project: Some(ProjectId(project)),
            scope: KeyScope::Stats,
            name: String::new(),
            expires_at: Some(Instant::from_seconds(2_000)),
        };
        let made = key::make(catalog, wish, Instant::from_seconds(1_000)).await;
        made.expect("a key").text
    });
    let revoked = server.run_json(&[
        "key",
        "add",
        "--project",
        "shop.example",
        "--scope",
        "stats",
    ]);
    server.run_json(&["key", "revoke", &text(&revoked["id"])]);
    let good = shop.stats_key.clone();
    let parts: Vec<&str> = good.split('_').collect();
    let foreign: Vec<&str> = docs.stats_key.split('_').collect();
    let rows = [
        ("over", over, 401),
        ("revoked", text(&revoked["key"]), 401),
        ("of a smaller scope", shop.ingest_key.clone(), 403),
        (
            "the prefix of another",
            format!("alm_s_{}_{}", foreign[2], parts[3]),
            401,
        ),
        (
            "the secret of another",
            format!("alm_s_{}_{}", parts[2], foreign[3]),
            401,
        ),
        ("another letter", good.replacen("alm_s", "alm_a", 1), 401),
        ("no letter", good.replacen("alm_s", "alm_", 1), 401),
        ("upper case", good.to_uppercase(), 401),
        (
            "the secret in upper case",
            format!("alm_s_{}_{}", parts[2], parts[3].to_uppercase()),
            401,
        ),
        ("one character less", head(&good, good.len() - 1), 401),
        ("one character more", format!("{good}0"), 401),
        ("a part more", format!("{good}_0"), 401),
        ("no secret", format!("alm_s_{}_", parts[2]), 401),
        ("the prefix alone", parts[2].to_owned(), 401),
        (
            "a pattern for a prefix",
            format!("alm_s_%_{}", parts[3]),
            401,
        ),
        ("nothing", String::new(), 401),
        ("10 kB", format!("{good}{}", "0".repeat(10_000)), 401),
    ];
    let question = json!({ "site_id": shop.id, "metrics": ["events"], "date_range": "all" });
    let ask = |key: &str| {
        server
            .call(&Request::post("/api/v2/query", &question).bearer(key))
            .status
    };
    assert_eq!(ask(&good), 200);
    for (name, key, expected) in rows {
        assert_eq!(ask(&key), expected, "{name}");
    }
    assert_eq!(
        ask(&docs.stats_key),
        404,
        "a foreign project is as good as none"
    );
}
