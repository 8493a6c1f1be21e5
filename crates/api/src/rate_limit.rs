//! How often one address and one key may ask. Buckets that refill evenly (GCRA, by `governor`) in a
//! bounded store of our own; addresses are kept as hashes and in memory only. Which request is
//! allowed at all is decided elsewhere.

mod buckets;

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::{Quota, RateLimiter};

use crate::app::App;
use crate::client::client_ip;
use crate::collect::doors;
use crate::error::ApiError;
use crate::router::Shared;
use almanac_ingest::Refusal;
use buckets::Buckets;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit");
/// Bits of an IPv6 address that tell one customer of a network from another.
const IPV6_PREFIX_BITS: u32 = 64;

/// How much is allowed.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Requests in the period, spread evenly.
    pub requests: u32,
    /// The period.
    pub period: Duration,
    /// Requests that may come at once after a rest.
    pub burst: u32,
}

/// What is allowed to one address, and in collection to one key too.
#[derive(Debug, Clone, Copy)]
pub struct Allowances {
    /// Events.
    pub collection: Allowance,
    /// Questions and everything else of somebody who is signed in or has a key.
    pub stats: Allowance,
    /// Everything else.
    pub api: Allowance,
    /// Attempts to sign in.
    pub sign_in: Allowance,
}

/// The buckets of all groups of requests.
#[derive(Debug)]
pub(crate) struct RateLimits {
    hasher: RandomState,
    collection: Limiter,
    collection_key: Limiter,
    stats: Limiter,
    api: Limiter,
    sign_in: Limiter,
}

impl RateLimits {
    pub(crate) fn new(allowances: &Allowances) -> Self {
        let limiter = |group, allowance| Limiter::new(group, allowance, MonotonicClock);
        Self {
            hasher: RandomState::new(),
            collection: limiter("collection", allowances.collection),
            collection_key: limiter("collection-key", allowances.collection),
            stats: limiter("stats", allowances.stats),
            api: limiter("api", allowances.api),
            sign_in: limiter("sign-in", allowances.sign_in),
        }
    }

    /// The buckets that a request draws from.
    fn of(&self, request: &Request, ip: IpAddr) -> Vec<(&Limiter, u64)> {
        let (path, headers) = (request.uri().path(), request.headers());
        let by_ip = |limiter| (limiter, self.hash(&network(ip)));
        match Group::of(request.method(), path, headers) {
            None => Vec::new(),
            Some(Group::SignIn) => vec![by_ip(&self.sign_in)],
            Some(Group::Stats) => vec![by_ip(&self.stats)],
            Some(Group::Api) => vec![by_ip(&self.api)],
            Some(Group::Collection) => {
                let mut all = vec![by_ip(&self.collection)];
                if let Some(key) = headers.get(header::AUTHORIZATION) {
                    all.push((&self.collection_key, self.hash(&key.as_bytes())));
                }
                all
            }
        }
    }

    fn hash(&self, key: &impl Hash) -> u64 {
        self.hasher.hash_one(key)
    }
}

/// What a request asks for, as far as limits are concerned.
#[derive(Debug, PartialEq, Eq)]
enum Group {
    Collection,
    SignIn,
    Stats,
    Api,
}

impl Group {
    /// None for what is cheap, and for what watches over the server and must always be answered.
    fn of(method: &Method, path: &str, headers: &HeaderMap) -> Option<Self> {
        let names_itself =
            headers.contains_key(header::COOKIE) || headers.contains_key(header::AUTHORIZATION);
        match path {
            _ if method == Method::OPTIONS => None,
            "/api/event" | "/api/track" | "/v1/events" => Some(Self::Collection),
            _ if doors::is_door(path) => Some(Self::Collection),
            "/api/session"
            | "/api/auth/token"
            | "/api/oidc/start"
            | "/api/setup"
            | "/api/reset"
            | "/api/reset/complete"
            | "/api/invitation"
            | "/api/invitation/accept"
                if method == Method::POST =>
            {
                Some(Self::SignIn)
            }
            "/api/health" => None,
            _ if path.starts_with("/api/local/") || !path.starts_with("/api/") => None,
            _ if names_itself => Some(Self::Stats),
            _ => Some(Self::Api),
        }
    }
}

/// Lets a request through, or turns it away before anything of it is read.
pub(crate) async fn limit(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    match draw(&app, peer, &request) {
        Err(refused) => *refused,
        Ok(draw) => {
            let mut response = next.run(request).await;
            if let Some(draw) = draw {
                draw.tell(response.headers_mut());
            }
            response
        }
    }
}

/// Draws from every bucket that a request draws from: the one that is nearest to its end, or the
/// answer to a request that came too soon.
pub(crate) fn draw(
    app: &Shared,
    peer: SocketAddr,
    request: &Request,
) -> Result<Option<Draw>, Box<Response>> {
    let Some(limits) = &app.rate_limits else {
        return Ok(None);
    };
    let ip = client_ip(peer, request.headers(), &app.http.trusted_proxies);
    let mut tightest: Option<Draw> = None;
    for (limiter, key) in limits.of(request, ip) {
        let draw = limiter.draw(key);
        if draw.wait.is_some() {
            if Group::of(request.method(), request.uri().path(), request.headers())
                == Some(Group::Collection)
            {
                app.turn_away(Refusal::RateLimited);
            }
            return Err(Box::new(too_many(&draw)));
        }
        if tightest
            .as_ref()
            .is_none_or(|other| draw.remaining < other.remaining)
        {
            tightest = Some(draw);
        }
    }
    Ok(tightest)
}

/// Draws for a key that came in the body of a request with events.
pub(crate) fn draw_for_key(app: &App, key: &str) -> Result<(), ApiError> {
    let Some(limits) = &app.rate_limits else {
        return Ok(());
    };
    let draw = limits.collection_key.draw(limits.hash(&key));
    if draw.wait.is_none() {
        return Ok(());
    }
    app.turn_away(Refusal::RateLimited);
    Err(draw.refusal())
}

fn too_many(draw: &Draw) -> Response {
    let mut response = draw.refusal().into_response();
    draw.tell(response.headers_mut());
    response
}

/// What one draw from a bucket gave.
#[derive(Debug)]
pub(crate) struct Draw {
    group: &'static str,
    allowance: Allowance,
    remaining: u32,
    /// How long to wait until the next; none when this one was allowed.
    wait: Option<Duration>,
}

impl Draw {
    /// The answer to a request that came too soon, which is counted.
    fn refusal(&self) -> ApiError {
        metrics::counter!("almanac_rate_limited_total", "group" => self.group).increment(1);
        let wait = self.wait.unwrap_or_default();
        let retry_after_s =
            u32::try_from(wait.as_millis().div_ceil(1_000).max(1)).unwrap_or(u32::MAX);
        let reason = format!("too many requests; send again in {retry_after_s} seconds");
        ApiError::TooMany {
            reason,
            retry_after_s,
        }
    }

    /// Headers of the IETF draft "RateLimit header fields for HTTP".
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let Allowance {
            requests,
            period,
            burst,
        } = self.allowance;
        let window_s =
            (f64::from(burst) * period.as_secs_f64() / f64::from(requests.max(1))).ceil();
        let reset_s = self.wait.map_or(0, |wait| wait.as_millis().div_ceil(1_000));
        let group = self.group;
        let policy = format!("\"{group}\";q={burst};w={window_s}");
        let remaining = format!("\"{group}\";r={};t={reset_s}", self.remaining);
        for (name, text) in [(POLICY, policy), (REMAINING, remaining)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
    }
}

/// The buckets of one group.
#[derive(Debug)]
struct Limiter<C: Clock = MonotonicClock> {
    group: &'static str,
    allowance: Allowance,
    buckets: RateLimiter<u64, Buckets, C, StateInformationMiddleware>,
}

impl<C: Clock> Limiter<C> {
    fn new(group: &'static str, allowance: Allowance, clock: C) -> Self {
        let requests = allowance.requests.max(1);
        let burst = NonZeroU32::new(allowance.burst).unwrap_or(NonZeroU32::MIN);
        let interval = (allowance.period / requests).max(Duration::from_nanos(1));
        let quota = Quota::with_period(interval)
            .unwrap_or_else(|| Quota::per_second(burst))
            .allow_burst(burst);
        let buckets = RateLimiter::new(quota, Buckets::default(), clock);
        Self {
            group,
            allowance,
            buckets,
        }
    }

    fn draw(&self, key: u64) -> Draw {
        let (group, allowance) = (self.group, self.allowance);
        match self.buckets.check_key(&key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                Draw {
                    group,
                    allowance,
                    remaining,
                    wait: None,
                }
            }
            Err(until) => {
                let wait = until.wait_time_from(self.buckets.clock().now());
                Draw {
                    group,
                    allowance,
                    remaining: 0,
                    wait: Some(wait),
                }
            }
        }
    }
}

/// The part of an address that one customer of a network has for itself.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => {
            let mask = u128::MAX << (u128::BITS - IPV6_PREFIX_BITS);
            IpAddr::V6((u128::from(ip) & mask).into())
        }
    }
}

#[cfg(test)]
mod tests;
