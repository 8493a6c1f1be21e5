//! The one request the client makes, and what its answer means. Keeps nothing: whoever calls keeps
//! the events until the answer is final.

use std::time::Duration;

use ureq::Agent;
use ureq::http::HeaderMap;

use crate::event;
use crate::limits::{BACKOFF_MAX, BACKOFF_MIN, RETRY_AFTER_MAX};
use crate::options::Options;
use crate::world;

/// Answers after which sending the same again would change nothing: taken, taken in part, refused.
/// Anything else, a 200 of some portal between us and the server included, did not come from it.
const FINAL: [u16; 8] = [202, 207, 400, 401, 403, 413, 415, 422];

/// Whether a batch is done with, and the pause that the server asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Answer {
    pub(crate) is_final: bool,
    pub(crate) retry_after: Duration,
}

/// What sends: connections are kept while the server keeps them.
pub(crate) fn agent(options: &Options) -> Agent {
    Agent::config_builder()
        .timeout_global(Some(options.request_timeout))
        .http_status_as_error(false)
        // Events go where the host said, and nowhere else.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent("almanac-telemetry-rust")
        .build()
        .into()
}

/// Sends a batch; `events` is a JSON array. A broken answer is an answer that did not come.
pub(crate) fn post(agent: &Agent, options: &Options, events: &str) -> Answer {
    let url = format!("{}/v1/events", options.endpoint.trim_end_matches('/'));
    let mut request = agent.post(url).content_type("application/json");
    if let Some(key) = &options.key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    match request.send(event::batch(options, events)) {
        Ok(answer) => Answer {
            is_final: FINAL.contains(&answer.status().as_u16()),
            retry_after: retry_after(answer.headers()),
        },
        Err(_) => Answer::default(),
    }
}

/// 1, 2, 4, 8, 16, then 30 seconds, less up to half, so that clients do not return in step.
pub(crate) fn backoff(failures: u32) -> Duration {
    longest_backoff(failures).mul_f64(1.0 - world::chance() / 2.0)
}

fn longest_backoff(failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures);
    BACKOFF_MIN.saturating_mul(doubled).min(BACKOFF_MAX)
}

fn retry_after(headers: &HeaderMap) -> Duration {
    let text = headers.get("retry-after").and_then(|v| v.to_str().ok());
    let seconds = text.and_then(|text| text.trim().parse::<u64>().ok());
    Duration::from_secs(seconds.unwrap_or_default()).min(RETRY_AFTER_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_to_thirty_seconds() {
        let seconds: Vec<u64> = [0, 1, 2, 3, 4, 5, 99]
            .map(|failures| longest_backoff(failures).as_secs())
            .to_vec();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30]);
        assert!(backoff(0) > BACKOFF_MIN / 3 && backoff(0) <= BACKOFF_MIN);
    }

    #[test]
    fn pauses_that_a_server_asks_for() {
        let cases = [("7", 7), ("99999", 300), ("soon", 0), ("-1", 0)];
        for (text, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().unwrap());
            assert_eq!(retry_after(&headers).as_secs(), expected, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), Duration::ZERO);
    }
}
