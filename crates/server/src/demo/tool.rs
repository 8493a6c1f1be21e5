//! The demo's tool: an assistant's helper with eight tools that calls models of two invented
//! providers. Installations are its visitors. Prices and latencies are invented too.

use almanac_model::kind::{model_call, tool_call};
use almanac_model::time::SECOND_US;
use almanac_model::{Event, EventId, Instant, Kind, NumberColumn, TextColumn, VisitorId};

use super::Scene;
use super::rng::Rng;
use super::season::Rhythm;

pub(super) const RHYTHM: Rhythm = Rhythm {
    visits: 330.0,
    began_at: 0.25,
    weekend: 0.5,
    december: 0.8,
    seed: 37,
};

/// Name, median duration in milliseconds, share of errors, share of cache hits.
type Tool = (&'static str, f64, f64, f64);

const TOOLS: &[(Tool, f64)] = &[
    (("search_files", 42.0, 0.008, 0.35), 30.0),
    (("read_file", 9.0, 0.012, 0.5), 34.0),
    (("edit_file", 21.0, 0.03, 0.0), 16.0),
    (("run_tests", 8_200.0, 0.09, 0.0), 7.0),
    (("web_search", 940.0, 0.04, 0.15), 6.0),
    (("query_database", 160.0, 0.05, 0.2), 4.0),
    (("create_ticket", 620.0, 0.06, 0.0), 2.0),
    (("render_chart", 310.0, 0.02, 0.1), 1.0),
];
const ERRORS: &[(&str, f64)] = &[
    ("timeout", 5.0),
    ("invalid_argument", 4.0),
    ("permission_denied", 2.0),
    ("internal", 1.0),
];
const VERSIONS: &[(&str, f64)] = &[("1.8.2", 5.0), ("1.8.1", 2.0), ("1.7.0", 1.0)];

/// Provider, model, version, median duration in milliseconds, dollars per million tokens in and
/// out.
type Model = (&'static str, &'static str, &'static str, f64, f64, f64);

const MODELS: &[(Model, f64)] = &[
    (
        (
            "northwind",
            "nw-large",
            "nw-large-2026-02",
            4_100.0,
            3.0,
            15.0,
        ),
        4.0,
    ),
    (
        (
            "northwind",
            "nw-small",
            "nw-small-2026-02",
            900.0,
            0.25,
            1.25,
        ),
        7.0,
    ),
    (
        (
            "meridian",
            "meridian-4",
            "meridian-4-0613",
            3_300.0,
            2.5,
            10.0,
        ),
        3.0,
    ),
];

/// One sitting of one installation.
pub(super) fn session(scene: &mut Scene<'_>, visitor: u64, at: Instant, rng: &mut Rng) {
    let mut now = at;
    let calls = 1 + rng.exponential(4.0) as u64;
    let country = *rng.pick(&[
        ("DE", 3.0),
        ("US", 5.0),
        ("IN", 2.0),
        ("GB", 1.5),
        ("FR", 1.0),
    ]);
    let version = *rng.pick(VERSIONS);
    for _ in 0..calls.min(40) {
        if rng.chance(0.3) {
            now = call_model(scene, (visitor, now, country), rng);
        }
        now = call_tool(scene, (visitor, now, country), version, rng);
        now = now.plus_us((rng.exponential(25.0) * SECOND_US as f64) as i64);
    }
}

/// Who, when, from where.
type Caller<'a> = (u64, Instant, &'a str);

fn call_tool(scene: &mut Scene<'_>, caller: Caller<'_>, version: &str, rng: &mut Rng) -> Instant {
    let (name, median_ms, errors, hits) = *rng.pick(TOOLS);
    let failed = rng.chance(errors);
    let hit = rng.chance(hits);
    let median_ms = if hit { median_ms * 0.1 } else { median_ms };
    let duration_us = (rng.lognormal(median_ms, 0.6) * 1000.0) as i64;
    let mut event = begin(scene, caller, Kind::ToolCall, rng);
    fill(
        &mut event,
        &[
            (TextColumn::Name, tool_call::TOOL_CALL),
            (TextColumn::Tool, name),
            (TextColumn::Service, "toolbox"),
            (TextColumn::Version, version),
            (
                TextColumn::Status,
                if failed {
                    tool_call::ERROR
                } else {
                    tool_call::SUCCESS
                },
            ),
        ],
    );
    if failed {
        event.text[TextColumn::ErrorType].push_str(rng.pick::<&str>(ERRORS));
    }
    event.numbers[NumberColumn::DurationUs] = Some(duration_us);
    event.numbers[NumberColumn::CacheHit] = Some(i64::from(hit));
    scene.events.push(event);
    caller.1.plus_us(duration_us)
}

fn call_model(scene: &mut Scene<'_>, caller: Caller<'_>, rng: &mut Rng) -> Instant {
    let (provider, model, version, median_ms, dollars_in, dollars_out) = *rng.pick(MODELS);
    let input = rng.lognormal(2_400.0, 0.8) as i64;
    let output = rng.lognormal(310.0, 0.9) as i64;
    let duration_us = (rng.lognormal(median_ms, 0.45) * 1000.0) as i64;
    // Dollars per million tokens are thousands of billionths of a dollar per token.
    let cost_nanos = (input as f64 * dollars_in + output as f64 * dollars_out) * 1000.0;
    let failed = rng.chance(0.012);
    let mut event = begin(scene, caller, Kind::ModelCall, rng);
    fill(
        &mut event,
        &[
            (TextColumn::Name, model_call::MODEL_CALL),
            (TextColumn::Provider, provider),
            (TextColumn::Model, model),
            (TextColumn::ModelVersion, version),
            (TextColumn::Operation, "chat"),
            (
                TextColumn::Status,
                if failed {
                    tool_call::ERROR
                } else {
                    tool_call::SUCCESS
                },
            ),
            (
                TextColumn::FinishReason,
                if failed { "error" } else { "stop" },
            ),
        ],
    );
    event.numbers[NumberColumn::DurationUs] = Some(duration_us);
    event.numbers[NumberColumn::FirstTokenUs] = Some(duration_us / 6);
    event.numbers[NumberColumn::InputTokens] = Some(input);
    event.numbers[NumberColumn::OutputTokens] = Some(output);
    event.numbers[NumberColumn::CostNanos] = Some(cost_nanos as i64);
    scene.events.push(event);
    caller.1.plus_us(duration_us)
}

fn begin(
    scene: &Scene<'_>,
    (visitor, at, country): Caller<'_>,
    kind: Kind,
    rng: &mut Rng,
) -> Event {
    let id = EventId(u128::from(rng.next()) << 64 | u128::from(rng.next()));
    let mut event = Event::new(id, scene.project, at, VisitorId(visitor), kind);
    event.text[TextColumn::Country].push_str(country);
    event
}

fn fill(event: &mut Event, values: &[(TextColumn, &str)]) {
    for (column, value) in values {
        event.text[*column].push_str(value);
    }
}
