//! How much one client may ask, and that a million clients take bounded memory.

use governor::clock::FakeRelativeClock;

use super::*;

const TEN_A_SECOND: Allowance = Allowance {
    requests: 10,
    period: Duration::from_secs(1),
    burst: 3,
};

#[test]
fn a_bucket_gives_its_burst_and_then_one_at_a_time() {
    let clock = FakeRelativeClock::default();
    let limiter = Limiter::new("test", TEN_A_SECOND, clock.clone());
    let allowed = |key| limiter.draw(key).wait.is_none();
    assert_eq!(
        [allowed(1), allowed(1), allowed(1), allowed(1)],
        [true, true, true, false]
    );
    assert!(allowed(2), "another key has a bucket of its own");
    assert_eq!(limiter.draw(1).wait, Some(Duration::from_millis(100)));
    clock.advance(Duration::from_millis(100));
    assert_eq!([allowed(1), allowed(1)], [true, false]);
}

#[test]
fn a_million_addresses_fill_a_bounded_store_and_an_abuser_is_not_forgotten() {
    let clock = FakeRelativeClock::default();
    let limiter = Limiter::new("test", TEN_A_SECOND, clock.clone());
    let keys = RandomState::new();
    let abuser = keys.hash_one("abuser");
    for number in 0..1_000_000_u32 {
        limiter.draw(keys.hash_one(number));
        if number % 1_000 == 0 {
            // As fast as it may and faster: its bucket stays emptier than all others.
            (0..4).for_each(|_| {
                limiter.draw(abuser);
            });
            clock.advance(Duration::from_millis(100));
        }
    }
    (0..4).for_each(|_| {
        limiter.draw(abuser);
    });
    assert!(limiter.draw(abuser).wait.is_some());
    let kept = limiter.buckets.into_state_store().len();
    assert!(kept <= Buckets::MAX, "{kept}");
}

#[test]
fn requests_draw_from_the_bucket_of_what_they_ask_for() {
    let group = |method: Method, path: &str, header: Option<HeaderName>| {
        let mut headers = HeaderMap::new();
        if let Some(name) = header {
            headers.insert(name, HeaderValue::from_static("x"));
        }
        Group::of(&method, path, &headers)
    };
    assert_eq!(
        group(Method::POST, "/api/event", None),
        Some(Group::Collection)
    );
    assert_eq!(
        group(Method::POST, "/v1/events", None),
        Some(Group::Collection)
    );
    assert_eq!(group(Method::OPTIONS, "/api/event", None), None);
    assert_eq!(
        group(Method::POST, "/api/session", None),
        Some(Group::SignIn)
    );
    let signed_in = Some(header::COOKIE);
    assert_eq!(
        group(Method::POST, "/api/v2/query", signed_in),
        Some(Group::Stats)
    );
    assert_eq!(group(Method::POST, "/api/v2/query", None), Some(Group::Api));
    assert_eq!(group(Method::GET, "/readyz", None), None);
    assert_eq!(group(Method::GET, "/assets/app.js", None), None);
}

#[test]
fn the_headers_name_the_allowance_and_what_is_left_of_it() {
    let clock = FakeRelativeClock::default();
    let limiter = Limiter::new("test", TEN_A_SECOND, clock);
    let mut headers = HeaderMap::new();
    limiter.draw(1).tell(&mut headers);
    assert_eq!(headers[POLICY], "\"test\";q=3;w=1");
    assert_eq!(headers[REMAINING], "\"test\";r=2;t=0");
}

#[test]
fn addresses_of_one_ipv6_network_share_a_bucket() {
    let ip = |text: &str| network(text.parse().unwrap());
    assert_eq!(ip("2001:db8::1"), ip("2001:db8::ffff"));
    assert_ne!(ip("2001:db8::1"), ip("2001:db8:0:1::1"));
    assert_ne!(ip("192.0.2.1"), ip("192.0.2.2"));
}
