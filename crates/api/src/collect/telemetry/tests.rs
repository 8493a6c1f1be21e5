//! Batches of telemetry as clients send them, and what each event is answered.

use serde_json::json;

use super::*;

fn check(event: Value, expected: &[(&str, &str)]) {
    let found = match parse(&event, &Shared::default()) {
        Ok(_) => Vec::new(),
        Err(rejection) => rejection
            .errors
            .into_iter()
            .flat_map(|(at, reasons)| reasons.into_iter().map(move |reason| (at.clone(), reason)))
            .collect(),
    };
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(at, reason)| (at.as_str(), reason.as_str()))
        .collect();
    assert_eq!(found, expected, "{event}");
}

#[test]
fn each_level_takes_its_fields_and_no_more() {
    check(
        json!({"tool": "search", "status": "Success", "version": "1.2.3"}),
        &[],
    );
    check(
        json!({"tool": "search", "status": "error", "version": "1.2.3", "level": "standard",
               "duration_ms": 12.5, "service": "docs", "cache_hit": false,
               "error_type": "HttpError", "country": "de"}),
        &[],
    );
    check(
        json!({"tool": "search", "status": "error", "version": "1.2.3", "level": "detailed",
               "parameters": {"limit": 10, "page": {"size": "large"}}, "session_id": "s-1"}),
        &[],
    );
    check(
        json!({"tool": "search", "status": "success", "version": "1", "duration_ms": 3}),
        &[(
            "/duration_ms",
            "needs the level standard, the event says minimal",
        )],
    );
    check(
        json!({"tool": "a", "status": "success", "version": "1", "level": "standard",
               "parameters": {}}),
        &[(
            "/parameters",
            "needs the level detailed, the event says standard",
        )],
    );
}

#[test]
fn every_mistake_is_told_with_its_place() {
    check(
        json!({"tool": "two words", "status": "fine", "level": "standard", "duration_ms": -1,
               "cache_hit": "yes", "country": "Germany", "event_id": "7", "colour": "red"}),
        &[
            ("/cache_hit", "must be true or false"),
            ("/colour", "is no field of telemetry"),
            ("/country", "must be two letters of ISO 3166-1"),
            ("/duration_ms", "must be a number from 0 to 86400000"),
            ("/event_id", "must be a UUID"),
            (
                "/status",
                "must be one of success, error, timeout, cancelled",
            ),
            (
                "/tool",
                "must be a name of letters, digits and . _ - : / @ +",
            ),
            ("/version", "is required"),
        ],
    );
    check(json!([]), &[("", "must be an object")]);
    check(
        json!({"level": "all"}),
        &[("/level", "must be one of minimal, standard, detailed")],
    );
}

#[test]
fn personal_data_is_refused_wherever_it_is_and_never_repeated() {
    let event = json!({
        "tool": "mail", "status": "success", "version": "1.2.3.4", "level": "detailed",
        "user_email": "x", "session_id": "jane@example.com",
        "parameters": {"a": {"b/c": "203.0.113.7"}, "password": "", "text": "fine"},
    });
    let Err(rejection) = parse(&event, &Shared::default()) else {
        panic!("personal data was taken");
    };
    assert_eq!(rejection.reason, Refusal::PersonalData);
    let places: Vec<&String> = rejection.errors.keys().collect();
    assert_eq!(
        places,
        [
            "/parameters/a/b~1c",
            "/parameters/password",
            "/session_id",
            "/user_email"
        ]
    );
    let told = format!("{:?}", rejection.errors);
    assert!(!told.contains("jane") && !told.contains("203.0"), "{told}");
}

#[test]
fn summaries_are_bounded_in_depth_and_number() {
    let nested = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!({ "a": inner }));
    let event = |parameters: Value| {
        json!({"tool": "a", "status": "success", "version": "1", "level": "detailed",
               "parameters": parameters})
    };
    check(event(nested(4)), &[]);
    check(
        event(nested(5)),
        &[("/parameters/a/a/a/a", "is nested deeper than 4 objects")],
    );
    let many = |count: usize| {
        let entries = (0..count).map(|at| (format!("n{at}"), json!(at)));
        Value::Object(entries.collect())
    };
    check(event(many(30)), &[]);
    check(
        event(many(31)),
        &[("/parameters", "must have at most 30 values, has 31")],
    );
    check(
        event(json!({"list": [1, 2]})),
        &[("/parameters/list", "must not be an array; send its length")],
    );
}

#[test]
fn a_checked_event_becomes_the_draft_of_a_tool_call() {
    let batch = json!({
        "project": "tool.example", "level": "detailed",
        "installation_id": "550e8400-e29b-41d4-a716-446655440000",
        "events": [{"tool": " search ", "status": "ERROR", "version": "1", "duration_ms": 1.5,
                    "parameters": {"page": {"size": 5}}}],
    });
    let open = open(&batch).unwrap();
    let Ok(Addressed { domains, draft }) = parse(open.events[0], &open.shared) else {
        panic!("a good event was refused");
    };
    assert_eq!(domains, ["tool.example"]);
    let tool = draft.tool.unwrap();
    assert_eq!(
        (tool.name.as_str(), tool.duration_us),
        ("search", Some(1_500))
    );
    assert_eq!(draft.properties, [("page.size".to_owned(), "5".to_owned())]);
    assert_eq!(draft.country.as_deref(), Some(""));
    assert!(draft.visitor.is_some());
}
