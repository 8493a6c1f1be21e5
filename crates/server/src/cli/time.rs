//! Instants as commands write them: RFC 3339 in UTC, to the second.

use almanac_model::Instant;

pub(super) fn written(instant: Instant) -> String {
    instant
        .timestamp()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}
