//! Counts requests by method, route and status, and the time they took by route. Finding a counter
//! by its labels costs more than counting, so each is found once and kept. What a client can choose
//! freely is no label: the number of counters must stay small.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

use axum::http::Method;
use metrics::{Counter, Histogram};

/// The counters of one route.
struct Meters {
    seconds: Histogram,
    requests: HashMap<(&'static str, u16), Counter>,
}

static METERS: LazyLock<RwLock<HashMap<String, Meters>>> = LazyLock::new(RwLock::default);

/// Counts one answered request.
pub(super) fn record(method: &Method, route: &str, status: u16, seconds: f64) {
    let method = word(method);
    if count(method, route, status, seconds) {
        return;
    }
    let mut meters = METERS.write().unwrap_or_else(PoisonError::into_inner);
    let of_route = meters.entry(route.to_owned()).or_insert_with(|| Meters {
        seconds: metrics::histogram!("almanac_http_request_seconds", "route" => route.to_owned()),
        requests: HashMap::new(),
    });
    let labels = [
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
    ];
    of_route
        .requests
        .entry((method, status))
        .or_insert_with(|| metrics::counter!("almanac_http_requests_total", &labels))
        .increment(1);
    of_route.seconds.record(seconds);
}

/// False when there is no such counter yet.
fn count(method: &'static str, route: &str, status: u16, seconds: f64) -> bool {
    let meters = METERS.read().unwrap_or_else(PoisonError::into_inner);
    let Some(of_route) = meters.get(route) else {
        return false;
    };
    let Some(requests) = of_route.requests.get(&(method, status)) else {
        return false;
    };
    requests.increment(1);
    of_route.seconds.record(seconds);
    true
}

/// The methods that this server answers; clients may invent others.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_methods_make_no_counters_of_their_own() {
        for invented in ["BREW", "PROPFIND", "X-1"] {
            let method = Method::from_bytes(invented.as_bytes()).unwrap();
            record(&method, "/invented", 405, 0.1);
        }
        record(&Method::GET, "/invented", 200, 0.1);
        let meters = METERS.read().unwrap();
        let requests = &meters["/invented"].requests;
        let mut known: Vec<_> = requests.keys().copied().collect();
        known.sort_unstable();
        assert_eq!(known, [("GET", 200), ("other", 405)]);
    }
}
