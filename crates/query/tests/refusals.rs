//! What the pipeline refuses, with the exact messages, the edges of every limit, and the promise
//! that no request body at all makes it panic.

use almanac_model::{Instant, ProjectId, ProjectSettings};
use almanac_query::build::build;
use almanac_query::parse::parse;
use almanac_query::{Facts, Mask, Saved, Setting, limits};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A question with some keys put in place of its own; the message that it is refused with, or
/// nothing.
fn refusal(changes: &Value) -> String {
    let mut body = json!({ "site_id": "1", "metrics": ["visitors"], "date_range": "7d" });
    for (key, value) in changes.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    whole_refusal(&body)
}

fn whole_refusal(body: &Value) -> String {
    let project = ProjectSettings::new(ProjectId(1), Vec::new(), TimeZone::UTC);
    let facts = Facts {
        now: Instant::from_seconds(1_749_556_800),
        first_event: None,
    };
    let setting = Setting {
        project: &project,
        saved: &Saved::default(),
        mask: &Mask::default(),
        facts,
    };
    let built = parse(body).and_then(|question| build(&question, setting));
    built.map_or_else(|refusal| refusal.to_string(), |_| String::new())
}

/// Each question is refused with that text, or with one that starts like it where it ends in `…`.
fn check(cases: &[(Value, &str)]) {
    for (changes, expected) in cases {
        let found = refusal(changes);
        match expected.strip_suffix('…') {
            Some(start) => assert!(found.starts_with(start), "{changes}: {found}"),
            None => assert_eq!(found, *expected, "{changes}"),
        }
    }
}

#[test]
fn mistakes_are_named_with_their_place() {
    check(&[
        (json!({}), ""),
        (json!({"site_id": 1}), "#/site_id: expected a text, found 1"),
        (
            json!({"site_id": ""}),
            "#/site_id: is empty; name a project by its id, domain or host",
        ),
        (
            json!({"foo": 1}),
            "#/foo: unknown key \"foo\"; one of site_id, metrics, date_range, …",
        ),
        (
            json!({"a/b~": 1}),
            "#/a~1b~0: unknown key \"a/b~\"; one of …",
        ),
        (
            json!({"metrics": ["foo"]}),
            "#/metrics/0: unknown metric \"foo\"; one of visitors, visits, pageviews, events, \
             views_per_visit, …",
        ),
        (
            json!({"metrics": [{"name": "visits", "formula": "1"}]}),
            "#/metrics/0/name: needs 1 to 60 characters and must not be a metric's name",
        ),
        (
            json!({"metrics": [{"name": "x", "formula": "visits +"}]}),
            "#/metrics/0/formula: expected a number, a metric, - or (, but it ends",
        ),
        (
            json!({"metrics": [{"name": "x", "formula": "bounce_rate"}], "dimensions": ["event:name"]}),
            "#/metrics/0: bounce_rate is a fact of whole visits and cannot be split by event:name; …",
        ),
        (
            json!({"metrics": []}),
            "#/metrics: is empty; ask for at least one metric",
        ),
        (
            json!({"metrics": "visits"}),
            "#/metrics: expected an array, found \"visits\"",
        ),
        (
            json!({"metrics": ["visits", "visits"]}),
            "#/metrics/1: visits is asked for twice; leave one out",
        ),
        (
            json!({"dimensions": ["event:aim"]}),
            "#/dimensions/0: unknown dimension \"event:aim\"; one of event:page, event:hostname, …",
        ),
        (
            json!({"dimensions": ["time:day", "time"]}),
            "#/dimensions/1: only one time dimension is possible; leave one out",
        ),
        (
            json!({"metrics": ["events", "bounce_rate"], "dimensions": ["event:props:plan"]}),
            "#/metrics/1: bounce_rate is a fact of whole visits and cannot be split by \
             event:props:plan; split it by visit:…, event:page, event:hostname or time, or leave it \
             out",
        ),
        (
            json!({"explain": "yes"}),
            "#/explain: expected true or false, found \"yes\"",
        ),
        (
            json!({"order_by": [["visits", "desc"]]}),
            "#/order_by/0/0: \"visits\" is not among the metrics and dimensions asked for; one of \
             visitors",
        ),
        (
            json!({"order_by": [["visitors", "up"]]}),
            "#/order_by/0/1: unknown direction \"up\"; asc or desc",
        ),
        (
            json!({"include": {"total": true}}),
            "#/include/total: unknown key \"total\"; one of time_labels, total_rows, imports, \
             comparisons",
        ),
        (
            json!({"include": {"comparisons": {"mode": "custom"}}}),
            "#/include/comparisons/date_range: is missing; a custom comparison needs its range",
        ),
        (
            json!({"include": {"comparisons": {"mode": "last"}}}),
            "#/include/comparisons/mode: unknown mode \"last\"; one of previous_period, \
             year_over_year, custom",
        ),
    ]);
    assert_eq!(
        whole_refusal(&json!([])),
        "#: expected an object, found an array of 0"
    );
    assert_eq!(
        whole_refusal(&json!({"site_id": "1"})),
        "#/metrics: is missing"
    );
}

#[test]
fn mistakes_in_filters_are_named_with_their_place() {
    let filter = |filter: Value| json!({ "filters": [filter] });
    check(&[
        (filter(json!(["is", "event:page", ["/"]])), ""),
        (
            filter(json!(["is", "event:page", ["/"], {"case_sensitive": false}])),
            "",
        ),
        (
            filter(json!([])),
            "#/filters/0: is empty; write [operator, dimension, [values]]",
        ),
        (
            filter(json!(["has_seen", ["is", "event:page", ["/"]]])),
            "#/filters/0/0: unknown operator \"has_seen\"; one of is, is_not, contains, \
             contains_not, matches, matches_not, and, or, not, has_done, has_not_done",
        ),
        (
            filter(json!(["has_done", "event:page", ["/"]])),
            "#/filters/0: expected [\"has_done\", filter]",
        ),
        (
            filter(json!(["is_not", "event:goal", ["Signup"]])),
            "#/filters/0/0: goals take only is and contains; put not around them",
        ),
        (
            filter(json!(["is", "event:goal", ["Signup"], {"case_sensitive": false}])),
            "#/filters/0: goals take no modifiers; leave them out",
        ),
        (
            filter(json!(["is", "segment", [7]])),
            "#/filters/0/2/0: there is no segment \"7\"; the project has none",
        ),
        (
            filter(json!([
                "or",
                [["is", "event:page", ["/"]], ["is", "event:pag", ["/"]]]
            ])),
            "#/filters/0/1/1/1: unknown dimension \"event:pag\"; one of …",
        ),
        (
            filter(json!(["is", "time:day", ["2025-01-01"]])),
            "#/filters/0/1: time cannot be filtered; use date_range",
        ),
        (
            filter(json!(["is", "event:page", []])),
            "#/filters/0/2: is empty; give at least one value",
        ),
        (
            filter(json!(["is", "event:page", [1]])),
            "#/filters/0/2/0: expected a text, found 1",
        ),
        (
            filter(json!(["and", []])),
            "#/filters/0/1: is empty; give and at least one filter",
        ),
        (
            filter(json!(["not"])),
            "#/filters/0: expected [\"not\", filter]",
        ),
        (
            filter(json!(["matches", "event:page", ["("]])),
            "#/filters/0/2/0: \"(\" is not a regular expression of the RE2 family; escape special \
             characters with a backslash",
        ),
        (
            filter(json!(["matches", "event:page", ["(a{1000}){1000}"]])),
            "#/filters/0/2/0: the pattern \"(a{1000}){1000}\" is too costly; repeat less",
        ),
        (
            filter(json!(["matches", "event:page", ["a"], {"case_sensitive": false}])),
            "#/filters/0/3/case_sensitive: patterns say it themselves; begin the pattern with (?i)",
        ),
    ]);
}

#[test]
fn mistakes_in_ranges_are_named_with_their_place() {
    let range = |range: Value| json!({ "date_range": range });
    check(&[
        (range(json!("30d")), ""),
        (range(json!(["2025-02-01", "2025-02-01"])), ""),
        (
            range(json!("+7d")),
            "#/date_range: unknown range \"+7d\"; one of day, 24h, 7d, …",
        ),
        (
            range(json!("0d")),
            "#/date_range: unknown range \"0d\"; one of …",
        ),
        (
            range(json!(["2025-02-01"])),
            "#/date_range: expected two dates or two date-times, found …",
        ),
        (
            range(json!(["2025-02-30", "2025-03-01"])),
            "#/date_range/0: \"2025-02-30\" is not a date; write it like 2025-01-31",
        ),
        (
            range(json!(["2025-02-02", "2025-02-01"])),
            "#/date_range: ends on 2025-02-01, before it starts on 2025-02-02",
        ),
        (
            range(json!(["2025-02-01", "2025-02-01T12:00:00Z"])),
            "#/date_range/0: \"2025-02-01\" is not a date-time; write it like …",
        ),
        (
            range(json!(["2025-02-01T12:00:00Z", "2025-02-01T12:00:00Z"])),
            "#/date_range: ends before it starts, or at once; swap its two ends",
        ),
    ]);
}

/// At its edge a limit lets through; one past it, the question is refused at that place.
fn check_limit(make: impl Fn(usize) -> Value, most: usize, refused: &str) {
    assert_eq!(refusal(&make(most)), "", "at the limit of {most}");
    let found = refusal(&make(most + 1));
    assert!(
        found.starts_with(refused),
        "past the limit of {most}: {found}"
    );
}

#[test]
fn limits_hold_at_their_edges() {
    let values = |values: Vec<String>| json!({ "filters": [["is", "event:page", values]] });
    let dimensions = |count| {
        let names = (0..count)
            .map(|at| format!("event:props:p{at}"))
            .collect::<Vec<_>>();
        json!({ "dimensions": names })
    };
    check_limit(
        dimensions,
        limits::DIMENSIONS_MAX,
        "#/dimensions/6: more than 6 dimensions",
    );
    let nested = |depth| {
        let mut filter = json!(["is", "event:page", ["/"]]);
        for _ in 0..depth {
            filter = json!(["not", filter]);
        }
        json!({ "filters": [filter] })
    };
    check_limit(
        nested,
        limits::FILTER_DEPTH_MAX,
        "#/filters/0/1/1/1/1/1/1/1/1: filters are nested",
    );
    let clauses = |count| json!({ "filters": vec![json!(["is", "event:page", ["/"]]); count] });
    check_limit(
        clauses,
        limits::FILTER_CLAUSES_MAX,
        "#/filters/100: more than 100 comparisons",
    );
    let many = |count| values(vec!["/".to_owned(); count]);
    check_limit(
        many,
        limits::FILTER_VALUES_MAX,
        "#/filters/0/2: 1001 values are more than 1000",
    );
    let long = |length: usize| values(vec!["x".repeat(length)]);
    check_limit(
        long,
        limits::FILTER_VALUE_BYTES_MAX,
        "#/filters/0/2/0: is 2001 bytes long",
    );
    let pattern =
        |length: usize| json!({ "filters": [["matches", "event:page", ["x".repeat(length)]]] });
    check_limit(
        pattern,
        limits::PATTERN_BYTES_MAX,
        "#/filters/0/2/0: the pattern is 501 bytes",
    );
    let order = |count| json!({ "order_by": vec![json!(["visitors", "asc"]); count] });
    check_limit(order, limits::ORDER_MAX, "#/order_by/8: more than 8 parts");
    let page = |limit: usize| json!({ "pagination": { "limit": limit } });
    check_limit(
        page,
        limits::PAGE_ROWS_MAX,
        "#/pagination/limit: expected a whole number",
    );
    assert!(refusal(&page(0)).starts_with("#/pagination/limit"));
    let offset = |offset: usize| json!({ "pagination": { "offset": offset } });
    check_limit(
        offset,
        limits::OFFSET_MAX,
        "#/pagination/offset: expected a whole number",
    );
}

#[test]
fn limits_on_time_hold_at_their_edges() {
    let days = |count: usize| json!({ "date_range": format!("{count}d") });
    check_limit(
        days,
        limits::PRESET_DAYS_MAX as usize,
        "#/date_range: unknown range",
    );
    let months = |count: usize| json!({ "date_range": format!("{count}mo") });
    check_limit(
        months,
        limits::PRESET_MONTHS_MAX as usize,
        "#/date_range: unknown range",
    );
    let first = jiff::civil::date(1990, 1, 1);
    let span = |count: usize| {
        let last = first.saturating_add(jiff::ToSpan::days(count as i64 - 1));
        json!({ "date_range": [first.to_string(), last.to_string()] })
    };
    let longest = limits::PRESET_DAYS_MAX as usize + 1;
    check_limit(span, longest, "#/date_range: is longer than 30 years");
    let minutes = |count: usize| {
        let start: jiff::Timestamp = "2025-01-01T00:00:00Z".parse().unwrap();
        let end = start + jiff::ToSpan::minutes(count as i64);
        json!({ "date_range": [start.to_string(), end.to_string()], "dimensions": ["time:minute"] })
    };
    let most = limits::TIME_BUCKETS_MAX as usize;
    check_limit(
        minutes,
        most,
        "#/dimensions/0: about 12001 buckets of time are more than 12000",
    );
}

/// JSON that now and then looks like a question.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "is",
        "matches",
        "and",
        "or",
        "not",
        "event:page",
        "visit:country_name",
        "time",
        "visitors",
        "percentage",
        "desc",
        "7d",
        "24h",
        "all",
        "9999-12-31",
        "-9999-01-01",
        "2025-03-30T02:30:00",
        "9999-12-31T23:59:59Z",
        "custom",
        "year_over_year",
        "",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        word.prop_map(Value::from),
    ];
    let key = prop_oneof![
        prop::sample::select(vec![
            "mode",
            "date_range",
            "limit",
            "offset",
            "case_sensitive"
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_makes_the_pipeline_panic(body in any_json()) {
        whole_refusal(&body);
    }

    #[test]
    fn no_value_of_a_known_key_makes_the_pipeline_panic(
        key in prop::sample::select(vec![
            "metrics", "date_range", "dimensions", "filters", "order_by", "include", "pagination",
        ]),
        value in any_json(),
    ) {
        let found = refusal(&json!({ key: value }));
        prop_assert!(found.is_empty() || found.starts_with(&format!("#/{key}")), "{}", found);
    }

    #[test]
    fn no_dates_make_the_pipeline_panic(
        first in (-9999_i16..=9999, 1_i8..=12, 1_i8..=28),
        days in 0_i64..20_000,
        mode in prop::sample::select(vec!["previous_period", "year_over_year"]),
        weekday in any::<bool>(),
    ) {
        let first = jiff::civil::date(first.0, first.1, first.2);
        let last = first.saturating_add(jiff::ToSpan::days(days));
        refusal(&json!({
            "date_range": [first.to_string(), last.to_string()],
            "dimensions": ["time"],
            "include": { "comparisons": { "mode": mode, "match_day_of_week": weekday } },
        }));
    }
}
