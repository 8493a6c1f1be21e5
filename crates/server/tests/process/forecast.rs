//! Forecasts over HTTP: from imported days to a forecast, a training with its version, a step back,
//! and the honest answers where there is little or nothing to learn from.

use std::fmt::Write;
use std::time::Duration;

use almanac_testkit::TestServer;
use almanac_testkit::http::Request;
use almanac_testkit::server::Project;
use almanac_testkit::wait::until;
use jiff::{ToSpan, Zoned};
use serde_json::{Value, json};

use crate::almanac;

/// A training of a hundred days takes seconds; only a hang takes this.
const PATIENCE: Duration = Duration::from_secs(240);

/// Page views by day: a week with a weekend, and a little unrest.
fn views(day: i64) -> i64 {
    let week = [14, 15, 16, 15, 13, 6, 5];
    week[day.rem_euclid(7) as usize] + day * day % 3
}

/// Imports that many days of page views, the last of them yesterday.
fn import(server: &TestServer, project: &Project, days: i64) {
    let today = Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date();
    let mut log = String::new();
    for back in (1..=days).rev() {
        let date = today.checked_sub(back.days()).expect("a date");
        let stamp = date.strftime("%d/%b/%Y");
        for view in 0..views(days - back) {
            writeln!(
                log,
                "203.0.113.{view} - - [{stamp}:12:{view:02}:00 +0000] \"GET /p{view} HTTP/1.1\" \
                 200 10 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 \
                 Firefox/140.0\""
            )
            .expect("text can be written");
        }
    }
    let path = server.data_dir().join("forecast-test.log");
    std::fs::write(&path, log).expect("the log can be written");
    let path = path.display().to_string();
    server.run_json(&["import", "access-log", &path, "--project", &project.id]);
    server.await_drained(project);
}

fn get(server: &TestServer, path: &str) -> Value {
    let reply = server.call(&Request::get(path).header("cookie", server.cookie()));
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.json()
}

fn post(server: &TestServer, path: &str, body: &Value) -> u16 {
    let request = Request::post(path, body).header("cookie", server.cookie());
    server.call(&request).status
}

#[test]
fn a_series_is_forecast_trained_and_taken_back() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    import(&server, &project, 100);

    let found = get(&server, "/api/predictions/page-visits?days=7");
    assert_eq!(
        found["made_with"],
        json!({ "version": null, "recipe": "ensemble" })
    );
    assert_eq!(found["history"].as_array().map(Vec::len), Some(90));
    let weights = found["weights"].as_object().expect("weights").values();
    let total: f64 = weights.filter_map(Value::as_f64).sum();
    assert!((total - 1.0).abs() < 1e-9, "{}", found["weights"]);
    let coming = found["forecast"].as_array().expect("a list").clone();
    assert_eq!(coming.len(), 7);
    for (ahead, step) in coming.iter().enumerate() {
        let number = |name: &str| step[name].as_f64().expect("a number");
        let expected = views(100 + ahead as i64) as f64;
        assert!(
            (number("expected") - expected).abs() <= 3.0,
            "{step} {expected}"
        );
        assert_eq!(number("expected").fract(), 0.0, "views are counted: {step}");
        assert!(number("low_95") <= number("low_80") && number("low_80") <= number("expected"));
        assert!(number("high_95") >= number("high_80") && number("high_80") >= number("expected"));
        assert!(number("low_95") >= 0.0);
    }

    let series = json!({ "site_id": project.id });
    let trainings = "/api/predictions/trainings";
    let train = |versions: usize| {
        assert_eq!(post(&server, "/api/predictions/retrain", &series), 202);
        let done = || {
            let all = get(&server, trainings);
            let is_done = all["now"]["state"] == "idle"
                && all["trainings"].as_array().map(Vec::len) == Some(versions);
            is_done.then_some(all)
        };
        until("the training has ended", PATIENCE, done).0
    };
    let first = &train(1)["trainings"][0];
    assert_eq!(
        (&first["version"], &first["outcome"], &first["serves"]),
        (&json!(1), &json!("done"), &json!(true)),
        "{first}"
    );
    let figures = first["report"]["figures"].as_array().expect("figures");
    let own = figures
        .iter()
        .find(|each| each["recipe"] == "ensemble")
        .expect("the ensemble");
    assert_eq!(own["steps"], 56);
    assert!(own["accuracy"].as_f64().expect("a number") > 80.0, "{own}");
    assert_eq!(first["report"]["data"]["days"], 100);

    train(2);
    let serving = || get(&server, "/api/predictions/page-visits")["made_with"]["version"].clone();
    assert_eq!(serving(), 2);
    assert_eq!(
        post(&server, "/api/predictions/trainings/1/serve", &series),
        204
    );
    assert_eq!(serving(), 1);
    assert_eq!(
        post(&server, "/api/predictions/trainings/9/serve", &series),
        404
    );

    let accuracy = get(&server, "/api/predictions/accuracy");
    assert_eq!(accuracy["backtest"]["version"], 1);
    assert_eq!(
        accuracy["days"],
        json!([]),
        "nothing that was told has passed yet"
    );
}

#[test]
fn little_history_is_told_and_does_not_train() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let nothing = get(&server, "/api/predictions/page-visits");
    assert_eq!(nothing["forecast"], json!([]));
    assert!(
        nothing["messages"][0]
            .as_str()
            .expect("a text")
            .contains("come back tomorrow")
    );

    import(&server, &project, 20);
    let short = get(&server, "/api/predictions/page-visits?days=3");
    assert_eq!(short["forecast"].as_array().map(Vec::len), Some(3));
    let messages = short["messages"].to_string();
    assert!(messages.contains("only 20 steps of history"), "{messages}");

    let series = json!({ "site_id": project.id, "metric": "visitors" });
    assert_eq!(post(&server, "/api/predictions/retrain", &series), 202);
    let ended = || {
        let all = get(&server, "/api/predictions/trainings?metric=visitors");
        let first = all["trainings"][0].clone();
        (!first.is_null()).then_some(first)
    };
    let first = until("the training has ended", PATIENCE, ended).0;
    assert_eq!(
        (&first["outcome"], &first["serves"]),
        (&json!("failed"), &json!(false))
    );
    assert!(
        first["report"]["error"]
            .as_str()
            .expect("a text")
            .contains("20 days")
    );
}

#[test]
fn what_cannot_be_forecast_is_refused_with_the_reason() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    for (query, word) in [
        ("days=0", "between 1 and 90"),
        ("metric=glory", "glory"),
        ("metric=total_revenue", "counts"),
        ("filters=nonsense", "JSON"),
        ("site_id=other.example", "other.example"),
    ] {
        let path = format!("/api/predictions/forecast?{query}");
        let reply = server.call(&Request::get(path).header("cookie", server.cookie()));
        assert!(
            (400..=404).contains(&reply.status),
            "{query}: {}",
            reply.status
        );
        assert!(reply.text().contains(word), "{query}: {}", reply.text());
    }
    let reply = server.call(&Request::get("/api/predictions/page-visits"));
    assert_eq!(reply.status, 401);
    let body = json!({ "site_id": project.id });
    let bearer = format!("Bearer {}", project.stats_key);
    let request = Request::post("/api/predictions/retrain", &body).header("authorization", &bearer);
    assert_eq!(
        server.call(&request).status,
        403,
        "a stats key may only read"
    );
}
