//! Forecasts over HTTP: from imported days to a forecast, a training with its version, a step back,
//! and the honest answers where there is little or nothing to learn from.

use std::fmt::Write;
use std::time::Duration;

use almanac_catalog::training::{self, NewTraining, Told};
use almanac_catalog::{Catalog, InstanceSecret};
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
        newest(&server, trainings, versions)
    };
    let first = train(1);
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

/// The newest training of a series, once nothing is trained any more and there are so many.
fn newest(server: &TestServer, trainings: &str, versions: usize) -> Value {
    let ended = || {
        let all = get(server, trainings);
        let is_done = all["now"]["state"] == "idle"
            && all["trainings"].as_array().map(Vec::len) == Some(versions);
        is_done.then(|| all["trainings"][0].clone())
    };
    until("the training has ended", PATIENCE, ended).0
}

#[test]
fn a_training_tells_how_far_it_is_and_can_be_stopped() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    import(&server, &project, 300);
    let (views, visitors) = (
        json!({ "site_id": project.id }),
        json!({ "site_id": project.id, "metric": "visitors" }),
    );
    let now = |metric: &str| {
        let path = format!("/api/predictions/trainings?metric={metric}");
        get(&server, &path)["now"].clone()
    };
    let (retrain, cancel) = ("/api/predictions/retrain", "/api/predictions/cancel");
    assert_eq!(post(&server, retrain, &views), 202);
    let running = || {
        let now = now("pageviews");
        (now["state"] == "running" && now["steps_done"].as_u64() > Some(0)).then_some(now)
    };
    let (seen, _) = until("the training gets on", PATIENCE, running);
    assert!(
        seen["steps_done"].as_u64() < seen["steps"].as_u64(),
        "{seen}"
    );

    // One at a time: another series waits, the same one is not asked for twice.
    assert_eq!(post(&server, retrain, &visitors), 202);
    assert_eq!(post(&server, retrain, &views), 202);
    let waiting = now("visitors");
    assert_eq!(waiting, json!({ "state": "waiting", "before_it": 0 }));
    assert_eq!(post(&server, cancel, &visitors), 204);
    assert_eq!(now("visitors"), json!({ "state": "idle" }));

    assert_eq!(post(&server, cancel, &views), 204);
    let stopped = newest(&server, "/api/predictions/trainings", 1);
    assert_eq!(
        (&stopped["outcome"], &stopped["serves"]),
        (&json!("cancelled"), &json!(false))
    );
    assert_eq!(post(&server, cancel, &views), 404);
    let none = get(&server, "/api/predictions/trainings?metric=visitors");
    assert_eq!(none["trainings"], json!([]));
    let made = get(&server, "/api/predictions/page-visits")["made_with"].clone();
    assert_eq!(
        made["version"],
        Value::Null,
        "a cancelled version never serves"
    );
}

#[test]
fn any_metric_is_forecast_under_any_filter() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    import(&server, &project, 90);
    // Every day has one view of /p3; /p9 is seen on the five busy days of a week only.
    let of_page = |page: &str, metric: &str| {
        let filters = json!([["is", "event:page", [page]]]).to_string();
        let filters = percent_encoded(&filters);
        let path = format!("/api/predictions/forecast?metric={metric}&filters={filters}");
        let found = get(&server, &path);
        let steps = found["forecast"].as_array().expect("a list").clone();
        let expected = steps.iter().map(|step| step["expected"].as_f64());
        expected.map(|n| n.expect("a number")).collect::<Vec<f64>>()
    };
    assert_eq!(of_page("/p3", "visitors"), [1.0; 7]);
    assert_eq!(of_page("/p3", "pageviews"), [1.0; 7]);
    let weekly = of_page("/p9", "events");
    assert_eq!(weekly.iter().sum::<f64>(), 5.0, "{weekly:?}");
    assert_eq!(of_page("/never", "pageviews"), [0.0; 7]);
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What the server would have kept in the days before, had it run then: forecasts of that many
/// views, and a version that is that many days old.
fn live_through(server: &TestServer, told_views: f64, age_days: i64) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let secret = InstanceSecret::load_or_create(&server.data_dir()).expect("a secret");
        let catalog = Catalog::open(&server.data_dir(), secret).await;
        let catalog = catalog.expect("the catalog");
        let all = training::serving(&catalog).await.expect("the registry");
        let held = all.first().expect("a series that is trained");
        let today = Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date();
        let day = |back: i64| today.checked_sub(back.days()).expect("a date");
        for back in (1..=14).rev() {
            let told = Told {
                made_on: day(back),
                version: held.version,
                steps: json!([[day(back).to_string(), told_views, 0.0, 30.0, 0.0, 40.0]])
                    .to_string(),
            };
            let kept = training::keep(&catalog, held.project, &held.series, &told, day(400));
            kept.await.expect("a forecast is kept");
        }
        let ended_us = held.training.finished_at.0 - age_days * 86_400_000_000;
        let older = NewTraining {
            started_at: almanac_model::Instant(ended_us - 1_000_000),
            finished_at: almanac_model::Instant(ended_us),
            ..held.training.clone()
        };
        let added = training::add(&catalog, held.project, &held.series, &older, None);
        added.await.expect("a version is entered");
    });
}

#[test]
fn what_was_told_is_judged_and_age_and_drift_train_again() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    import(&server, &project, 100);
    let trainings = "/api/predictions/trainings";
    let body = json!({ "site_id": project.id });
    assert_eq!(post(&server, "/api/predictions/retrain", &body), 202);
    assert_eq!(newest(&server, trainings, 1)["report"]["why"], "asked");

    // Two weeks of forecasts far above what came, from a version two days old.
    server.stop();
    live_through(&server, 30.0, 2);
    server.restart();
    let drifted = newest(&server, trainings, 3);
    assert_eq!(
        (&drifted["report"]["why"], &drifted["serves"]),
        (&json!("drift"), &json!(true))
    );
    let accuracy = get(&server, "/api/predictions/accuracy");
    let days = accuracy["days"].as_array().expect("a list");
    assert_eq!(days.len(), 14);
    let mut sums = (0.0, 0.0);
    for (at, day) in days.iter().enumerate() {
        let actual = views(86 + at as i64) as f64;
        assert_eq!(
            (&day["actual"], &day["expected"]),
            (&json!(actual), &json!(30.0))
        );
        sums = (sums.0 + (30.0 - actual).abs(), sums.1 + actual);
    }
    let wmape = accuracy["wmape"].as_f64().expect("a number");
    assert!((wmape - 100.0 * sums.0 / sums.1).abs() < 1e-9, "{wmape}");
    assert_eq!(accuracy["coverage_80"], 100.0);

    // A version that is more than a week old is trained again for its age.
    server.stop();
    live_through(&server, 30.0, 8);
    server.restart();
    assert_eq!(newest(&server, trainings, 5)["report"]["why"], "schedule");
}

#[test]
fn trend_week_and_changes_of_level_are_told() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let early = get(&server, "/api/predictions/trend");
    assert_eq!(
        (&early["trend"], &early["week"]),
        (&Value::Null, &Value::Null)
    );
    let message = early["messages"][0].as_str().expect("a text");
    assert!(message.contains("only 0 complete days"), "{message}");

    import(&server, &project, 60);
    let found = get(&server, "/api/predictions/trend?metric=pageviews");
    assert_eq!(found["trend"]["is_significant"], false, "{found}");
    assert_eq!(found["trend"]["days"], 60);
    assert_eq!(
        (&found["year"], &found["level_changes"]),
        (&Value::Null, &json!([]))
    );
    let week = found["week"]["effects"].as_array().expect("a week");
    let effects: Vec<f64> = week.iter().filter_map(Value::as_f64).collect();
    assert_eq!(effects.len(), 7);
    // The import ends yesterday: its day 0 lies 60 days back, and a quiet day 5 is 55 days back.
    let today = Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date();
    let quiet = today.checked_sub(55.days()).expect("a date").weekday();
    let quiet = usize::try_from(quiet.to_monday_zero_offset()).expect("a weekday");
    assert!(effects[quiet] < -4.0, "{quiet}: {effects:?}");
    assert!(found["week"]["strength"].as_f64() > Some(0.9), "{found}");
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
