//! What each metric of `/metrics` counts, in the words that a monitor shows beside it. Metrics are
//! counted where things happen; here they are only described, and a test finds one that is not.

/// How a metric behaves, which decides what can be asked about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Only ever grows while the process lives.
    Counter,
    /// The value of this moment, looked at once a second.
    Gauge,
    /// How often values up to certain bounds were seen.
    Histogram,
}

use Kind::{Counter, Gauge, Histogram};

const METRICS: &[(&str, Kind, &str)] = &[
    (
        "almanac_sign_ins_refused_total",
        Counter,
        "attempts to sign in with a wrong e-mail, password or code",
    ),
    (
        "almanac_sign_ins_throttled_total",
        Counter,
        "attempts to sign in that were told to wait because too many had failed",
    ),
    (
        "almanac_tokens_refused_total",
        Counter,
        "access and refresh tokens that were refused, by reason",
    ),
    (
        "almanac_provider_sign_ins_refused_total",
        Counter,
        "sign-ins through the provider that came to nothing, by reason",
    ),
    (
        "almanac_mails_total",
        Counter,
        "letters by what became of them: sent, failed for good, or refused because too many wait",
    ),
    (
        "almanac_events_total",
        Counter,
        "events by what became of them: accepted, duplicate, or refused for a reason",
    ),
    (
        "almanac_collect_turned_away_total",
        Counter,
        "requests with events that were answered 503 before their bodies were read",
    ),
    (
        "almanac_rate_limited_total",
        Counter,
        "requests answered 429, by group of addresses",
    ),
    (
        "almanac_otlp_ignored_total",
        Counter,
        "spans, log records and data points of OTLP requests that are no events",
    ),
    (
        "almanac_http_requests_total",
        Counter,
        "requests by route and status",
    ),
    (
        "almanac_http_request_seconds",
        Histogram,
        "time from a request's head to its answer's head, by route",
    ),
    (
        "almanac_certificate_expires_at_seconds",
        Gauge,
        "when the certificate that is served ends, seconds since 1970",
    ),
    (
        "almanac_certificate_orders_total",
        Counter,
        "attempts to get a certificate from an authority, by outcome: done or failed",
    ),
    (
        "almanac_outbound_requests_total",
        Counter,
        "requests that the server made itself, by outcome: answered, refused or failed",
    ),
    ("almanac_connections", Gauge, "connections that are open"),
    (
        "almanac_connections_refused_total",
        Counter,
        "connections closed unread because as many as allowed were open",
    ),
    (
        "almanac_connections_stalled_total",
        Counter,
        "connections closed because their clients did not read",
    ),
    (
        "almanac_question_seconds",
        Histogram,
        "time in which questions were answered",
    ),
    (
        "almanac_question_panics_total",
        Counter,
        "questions that ended in a panic of the engine",
    ),
    (
        "almanac_questions_turned_away_total",
        Counter,
        "questions answered 503 because as many as allowed were being answered",
    ),
    (
        "almanac_anomalies_total",
        Counter,
        "values that the detector found out of the ordinary",
    ),
    (
        "almanac_queue_records",
        Gauge,
        "records in the queue that are not sealed yet",
    ),
    ("almanac_queue_bytes", Gauge, "bytes of the queue's files"),
    (
        "almanac_queue_bytes_max",
        Gauge,
        "bytes that the queue's files may have; beyond, events are answered 503",
    ),
    (
        "almanac_queue_waiting_appends",
        Gauge,
        "requests that wait for their events to be synced",
    ),
    (
        "almanac_queue_waiting_bytes",
        Gauge,
        "bytes of the events that wait to be synced",
    ),
    (
        "almanac_queue_syncs_total",
        Counter,
        "syncs of the queue to disk that succeeded",
    ),
    (
        "almanac_queue_sync_seconds_sum",
        Gauge,
        "time spent in syncs of the queue since the start",
    ),
    (
        "almanac_queue_sync_seconds_max",
        Gauge,
        "the longest sync of the queue since the start",
    ),
    (
        "almanac_queue_poisoned_segments_total",
        Counter,
        "segments of the queue left behind because a write or a sync failed",
    ),
    (
        "almanac_queue_suspect_appends_total",
        Counter,
        "requests answered 503 because the disk failed",
    ),
    (
        "almanac_pump_events_total",
        Counter,
        "events moved from the queue to the store",
    ),
    (
        "almanac_pump_copies_total",
        Counter,
        "events found twice in the queue after a restart, and stored once",
    ),
    (
        "almanac_pump_damaged_total",
        Counter,
        "stretches of acknowledged records that are damaged on disk",
    ),
    (
        "almanac_pump_failures_total",
        Counter,
        "turns of the pump that failed and were tried again",
    ),
    (
        "almanac_pump_held_total",
        Counter,
        "turns in which the pump waited because the store holds too many unsealed rows",
    ),
    (
        "almanac_pump_lag_seconds",
        Gauge,
        "age of the oldest record that questions do not see yet",
    ),
    (
        "almanac_pump_lag_records",
        Gauge,
        "records that questions do not see yet",
    ),
    (
        "almanac_pump_lag_bytes",
        Gauge,
        "about how many bytes these records have",
    ),
    (
        "almanac_pump_pulse_age_seconds",
        Gauge,
        "time since the pump last went round",
    ),
    (
        "almanac_pump_stalled",
        Gauge,
        "1 when the pump has not moved for 10 seconds although it has work",
    ),
    (
        "almanac_ready",
        Gauge,
        "1 when /readyz says that the server takes requests",
    ),
    (
        "almanac_job_failures_total",
        Counter,
        "rounds of a job that failed or panicked and were tried again, by job",
    ),
    (
        "almanac_job_panics_total",
        Counter,
        "rounds of a job, or turns of the pump, that panicked, by job",
    ),
    (
        "almanac_dead_letters_total",
        Counter,
        "records that could not be stored and are kept as dead letters",
    ),
    (
        "almanac_dedupe_ids",
        Gauge,
        "ids of events that are remembered to know copies",
    ),
    (
        "almanac_summaries_total",
        Counter,
        "finished days that were summed up, so that questions about them read less",
    ),
    (
        "almanac_seal_seconds",
        Histogram,
        "time in which unsealed rows were written to files",
    ),
    (
        "almanac_store_hot_rows",
        Gauge,
        "rows that are in memory and not yet in files",
    ),
    (
        "almanac_store_hot_age_seconds",
        Gauge,
        "time since the earliest event that is not in a file yet",
    ),
    ("almanac_store_events", Gauge, "events in files, by project"),
    (
        "almanac_store_bytes",
        Gauge,
        "bytes of files of events, by project",
    ),
    (
        "almanac_expired_events_total",
        Counter,
        "events removed because they were older than their project keeps them",
    ),
    (
        "almanac_query_cache_hits_total",
        Counter,
        "parts of answers that were in memory already",
    ),
    (
        "almanac_query_cache_misses_total",
        Counter,
        "parts of answers that had to be worked out",
    ),
    (
        "almanac_query_cache_bytes",
        Gauge,
        "bytes of decoded columns and parts of answers kept in memory",
    ),
];

/// Tells the recorder what each metric is. Once, before anything is counted.
pub(crate) fn describe() {
    for (name, kind, help) in METRICS.iter().copied() {
        match kind {
            Counter => metrics::describe_counter!(name, help),
            Gauge => metrics::describe_gauge!(name, help),
            Histogram => metrics::describe_histogram!(name, help),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Names that the sources count under, with how.
    fn counted(folder: &Path, found: &mut BTreeSet<(String, &'static str)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                counted(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                for kind in ["counter", "gauge", "histogram"] {
                    for after in text.split(&format!("metrics::{kind}!(")).skip(1) {
                        let name = after.trim_start().strip_prefix('"');
                        let name = name.and_then(|name| name.split('"').next());
                        found.extend(name.map(|name| (name.to_owned(), kind)));
                    }
                }
            }
        }
    }

    #[test]
    fn every_metric_is_described_as_what_it_is() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut found = BTreeSet::new();
        for name in ["api", "server"] {
            counted(&crates.join(name).join("src"), &mut found);
        }
        assert!(found.len() > 30, "{found:?}");
        let word = |kind: Kind| match kind {
            Counter => "counter",
            Gauge => "gauge",
            Histogram => "histogram",
        };
        for (name, kind) in found {
            let described = METRICS.iter().find(|(known, _, _)| *known == name);
            let described = described.map(|(_, kind, _)| word(*kind));
            assert_eq!(described, Some(kind), "{name}: describe it in METRICS");
        }
    }

    #[test]
    fn counters_and_only_counters_are_totals() {
        for (name, kind, _) in METRICS {
            assert_eq!(name.ends_with("_total"), *kind == Counter, "{name}");
        }
    }
}
