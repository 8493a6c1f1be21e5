//! The front doors for other people's clients: their paths, in one table that the router and the
//! limits of rate both read. Each door reads its wire shape in a file of its own.

mod describe;
mod guard;
mod loose;
mod otlp;
mod outcome;
mod owner;
mod posthog;
mod segment;
mod umami;

use axum::Router;
use axum::routing::{MethodRouter, get, post};

pub(crate) use describe::describe;

use super::preflight;
use crate::router::Shared;

/// What answers behind a path.
#[derive(Debug, Clone, Copy)]
enum Door {
    Umami,
    UmamiBatch,
    PostHog,
    PostHogFlags,
    PostHogConfig,
    Segment,
    SegmentBatch,
    SegmentSettings,
    OtlpTraces,
    OtlpLogs,
    OtlpMetrics,
}

/// Properties that describe the user rather than the event carry this before their names.
const USER_PREFIX: &str = "user.";

/// Every path. Clients disagree about a slash at the end, so both forms are there where they do.
const PATHS: &[(&str, Door)] = &[
    ("/api/send", Door::Umami),
    ("/api/batch", Door::UmamiBatch),
    ("/batch", Door::PostHog),
    ("/batch/", Door::PostHog),
    ("/capture", Door::PostHog),
    ("/capture/", Door::PostHog),
    ("/e", Door::PostHog),
    ("/e/", Door::PostHog),
    ("/i/v0/e", Door::PostHog),
    ("/i/v0/e/", Door::PostHog),
    ("/flags", Door::PostHogFlags),
    ("/flags/", Door::PostHogFlags),
    ("/decide", Door::PostHogFlags),
    ("/decide/", Door::PostHogFlags),
    ("/array/{key}/config", Door::PostHogConfig),
    ("/i/v0/ai/batch/", Door::PostHog),
    ("/v1/traces", Door::OtlpTraces),
    ("/v1/logs", Door::OtlpLogs),
    ("/v1/metrics", Door::OtlpMetrics),
    ("/v1/batch", Door::SegmentBatch),
    ("/v1/import", Door::SegmentBatch),
    ("/v1/track", Door::Segment),
    ("/v1/t", Door::Segment),
    ("/v1/page", Door::Segment),
    ("/v1/p", Door::Segment),
    ("/v1/screen", Door::Segment),
    ("/v1/s", Door::Segment),
    ("/v1/identify", Door::Segment),
    ("/v1/i", Door::Segment),
    ("/v1/group", Door::Segment),
    ("/v1/g", Door::Segment),
    ("/v1/alias", Door::Segment),
    ("/v1/a", Door::Segment),
    ("/v1/projects/{key}/settings", Door::SegmentSettings),
];

/// The routes of all doors.
pub(crate) fn routes() -> Router<Shared> {
    PATHS.iter().fold(Router::new(), |router, (path, door)| {
        router.route(path, door.handler().options(preflight))
    })
}

/// Whether requests for a path are collection, as far as limits of rate are concerned.
pub(crate) fn is_door(path: &str) -> bool {
    PATHS.iter().any(|(known, _)| *known == path)
}

impl Door {
    fn handler(self) -> MethodRouter<Shared> {
        match self {
            Self::Umami => post(umami::post_one),
            Self::UmamiBatch => post(umami::post_batch),
            Self::PostHog => post(posthog::post_events),
            Self::PostHogFlags => post(posthog::flags).get(posthog::flags),
            Self::PostHogConfig => get(posthog::config),
            Self::Segment => post(segment::post_one),
            Self::SegmentBatch => post(segment::post_batch),
            Self::SegmentSettings => get(segment::settings),
            Self::OtlpTraces => post(otlp::post_traces),
            Self::OtlpLogs => post(otlp::post_logs),
            Self::OtlpMetrics => post(otlp::post_metrics),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_that_takes_events_is_collection() {
        for (path, door) in PATHS {
            assert!(is_door(path), "{path}");
            let takes_events = !matches!(door, Door::PostHogConfig | Door::SegmentSettings);
            assert_eq!(takes_events, !path.contains('{'), "{path}");
        }
        assert!(!is_door("/api/v2/query"));
    }
}
