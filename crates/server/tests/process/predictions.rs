//! Trainings from the command line, with the network among them; the country of the holidays; and
//! anomalies of imported hours: told when asked for, and noticed by the watch without being asked.

use std::fmt::Write;
use std::time::Duration;

use almanac_testkit::TestServer;
use almanac_testkit::http::Request;
use almanac_testkit::server::Project;
use almanac_testkit::wait::until;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::almanac;

/// A training takes a minute on a busy machine; only a hang takes this.
const PATIENCE: Duration = Duration::from_secs(400);
const HOURS_OF_DAY: i64 = 24;

/// Imports page views by hour, the last of them in the last complete hour. `views` is told how many
/// hours ago, and answers how many and from where.
fn import(
    server: &TestServer,
    project: &Project,
    hours: i64,
    views: impl Fn(i64) -> (i64, &'static str),
) {
    let hour = Timestamp::now().as_second() / 3_600;
    let mut log = String::new();
    for ago in (1..=hours).rev() {
        let at = Timestamp::from_second((hour - ago) * 3_600).expect("a time");
        let stamp = at.strftime("%d/%b/%Y:%H");
        let (count, referrer) = views(ago);
        for view in 0..count {
            writeln!(
                log,
                "198.51.{}.{} - - [{stamp}:{:02}:00 +0000] \"GET /p{} HTTP/1.1\" 200 10 \
                 \"{referrer}\" \"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 \
                 Firefox/140.0\"",
                view / 200,
                view % 200,
                view % 60,
                view % 7
            )
            .expect("text can be written");
        }
    }
    let path = server.data_dir().join("predictions-test.log");
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

/// A few views in every third hour: a series of days that takes little time to import.
fn quiet(ago: i64) -> (i64, &'static str) {
    let day = ago / HOURS_OF_DAY;
    let views = if ago % 6 == 0 {
        3 + day % 7 + day * day % 3
    } else {
        0
    };
    (views, "-")
}

/// `almanac forecast …` about one project.
fn forecast(server: &TestServer, project: &Project, words: &[&str]) -> Value {
    let words = ["forecast"].iter().chain(words);
    let words: Vec<&str> = words.chain(&["--project", &project.id]).copied().collect();
    server.run_json(&words)
}

/// What a training found of one recipe.
fn figures<'a>(training: &'a Value, recipe: &str) -> &'a Value {
    let all = training["report"]["figures"].as_array().expect("figures");
    let own = all.iter().find(|own| own["recipe"] == recipe);
    own.expect("a recipe that was tried")
}

#[test]
fn trainings_are_made_compared_and_taken_back_from_the_command_line() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    import(&server, &project, 80 * HOURS_OF_DAY, quiet);
    let forecast = |words: &[&str]| forecast(&server, &project, words);
    let first = forecast(&["train"]);
    assert_eq!(
        (&first["version"], &first["serves"]),
        (&json!(1), &json!(true))
    );
    // Eighty days are enough for everything but the network, which says so.
    let absent = first["report"]["network"]["tried"]["absent"].to_string();
    assert!(absent.contains("too few for the network"), "{first}");
    let second = forecast(&["train"]);
    assert_eq!(
        (&second["version"], &second["report"]["replaces"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(forecast(&["rollback"]), json!({ "serves": 1 }));
    let serving = || get(&server, "/api/predictions/page-visits")["made_with"]["version"].clone();
    assert_eq!(serving(), 1);
    assert_eq!(forecast(&["promote", "2"]), json!({ "serves": 2 }));
    assert_eq!(serving(), 2);
    assert_eq!(forecast(&["show"])["version"], 2);
    assert_eq!(forecast(&["show", "1"])["version"], 1);
    assert_eq!(
        forecast(&["list"])["trainings"].as_array().map(Vec::len),
        Some(2)
    );
    for (words, said) in [
        (["promote", "9"], "9"),
        (["train", "--recipe=oracle"], "seasonal_naive"),
        (["train", "--recipe=lstm"], "too few for the network"),
    ] {
        let words = ["forecast", words[0], words[1], "--project", &project.id];
        let refused = server.run(&words);
        let told = String::from_utf8_lossy(&refused.stderr);
        assert!(
            !refused.status.success() && told.contains(said),
            "{words:?}: {told}"
        );
    }
    assert_eq!(serving(), 2);
    server.stop();
    let refused = server.run(&["forecast", "list", "--project", &project.id]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("almanac serve"), "{said}");
}

#[test]
fn the_network_is_tried_beside_the_others_and_serves_when_asked() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    import(&server, &project, 180 * HOURS_OF_DAY, quiet);
    // One training does both: it tries the network like every other model, and lets it serve.
    let words = ["train", "--recipe", "lstm", "--seed", "7"];
    let trained = forecast(&server, &project, &words);
    assert_eq!(
        figures(&trained, "lstm")["steps"],
        figures(&trained, "ensemble")["steps"]
    );
    let learnt = &trained["report"]["network"];
    assert!(learnt["tried"]["best_epoch"].is_u64(), "{trained}");
    assert_eq!(learnt["serves"]["days"], 180);
    assert_eq!(
        (&trained["recipe"], &trained["report"]["seed"]),
        (&json!("lstm"), &json!(7))
    );
    let told = get(&server, "/api/predictions/page-visits?days=10");
    assert_eq!(told["made_with"], json!({ "version": 1, "recipe": "lstm" }));
    let coming = told["forecast"].as_array().expect("days");
    assert_eq!(coming.len(), 10);
    for step in coming {
        let number = |name: &str| step[name].as_f64().expect("a number");
        assert!(number("low_80") <= number("expected") && number("expected") <= number("high_80"));
        assert!((5.0..80.0).contains(&number("expected")), "{step}");
    }

    // The weights survive a restart, and the forecast with them.
    server.stop();
    server.restart();
    let again = get(&server, "/api/predictions/page-visits?days=10");
    assert_eq!(again["forecast"], told["forecast"]);
}

#[test]
fn a_country_of_holidays_is_chosen_and_an_unknown_one_refused() {
    let mut server = almanac().start();
    server.add_project("shop.example");
    let path = "/api/predictions/holidays";
    let choose = |country: Value| {
        let body = json!({ "country": country });
        let request = Request::new("PUT", path).header("content-type", "application/json");
        let request = request
            .header("cookie", server.cookie())
            .body(body.to_string());
        server.call(&request)
    };
    assert_eq!(get(&server, path)["country"], Value::Null);
    assert_eq!(choose(json!("DE")).status, 200);
    let shown = get(&server, path);
    assert_eq!(shown["country"], "DE");
    assert!(shown["countries"].as_array().expect("a list").len() >= 20);
    let refused = choose(json!("XX"));
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.text().contains("XX") && refused.text().contains("DE"));
    assert_eq!(choose(Value::Null).status, 200);
    assert_eq!(get(&server, path)["country"], Value::Null);
}

/// Four busy weeks in which every hour has much the same, a crowd from one place ten hours ago, and
/// nothing at all for the last six hours.
fn eventful(ago: i64) -> (i64, &'static str) {
    match ago {
        1..=6 => (0, "-"),
        10 => (160, "https://news.example/"),
        _ => (7 + ago * ago % 4, "-"),
    }
}

#[test]
fn anomalies_are_told_with_their_reasons_and_noticed_unasked() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let early = get(&server, "/api/predictions/anomalies");
    assert_eq!(early["anomalies"], json!([]));
    assert!(
        early["messages"]
            .to_string()
            .contains("only 0 complete hours"),
        "{early}"
    );

    import(&server, &project, 29 * HOURS_OF_DAY, eventful);
    let found = get(
        &server,
        "/api/predictions/anomalies?metric=pageviews&interval=hour",
    );
    let all = found["anomalies"].as_array().expect("a list");
    let of = |kind: &str| all.iter().find(|own| own["kind"] == kind);
    let rise = of("rise").unwrap_or_else(|| panic!("no rise: {found}"));
    assert_eq!(rise["value"], 160.0);
    assert!(
        rise["expected_high"].as_f64().expect("a number") < 60.0,
        "{rise}"
    );
    let sources = rise["contributions"].as_array().expect("a list").iter();
    let mut sources = sources.filter(|own| own["dimension"] == "visit:source");
    let source = &sources.next().expect("sources")["values"][0];
    assert!(
        source["value"].to_string().contains("news.example"),
        "{source}"
    );
    assert!(
        source["share"].as_f64().expect("a number") > 0.5,
        "{source}"
    );
    let missing = of("missing").unwrap_or_else(|| panic!("nothing is missing: {found}"));
    assert_eq!(
        (&missing["value"], &missing["severity"]),
        (&Value::Null, &json!("severe"))
    );
    let start: Timestamp = missing["start"]
        .as_str()
        .expect("a text")
        .parse()
        .expect("a time");
    let six_hours_ago = Timestamp::now().checked_sub(6.hours()).expect("a time");
    assert!(
        start >= six_hours_ago.checked_sub(1.hours()).expect("a time"),
        "{missing}"
    );

    // The watch looks when the server starts, and then from time to time.
    server.stop();
    server.restart();
    let noticed = || {
        let all = get(&server, "/api/predictions/anomalies/noticed");
        let has = |metric: &str, kind: &str| {
            let list = all["noticed"].as_array().into_iter().flatten();
            list.filter(|own| own["metric"] == metric && own["kind"] == kind)
                .count()
                == 1
        };
        (has("pageviews", "rise") && has("pageviews", "missing") && has("visitors", "missing"))
            .then_some(())
    };
    until("the watch has noticed", PATIENCE, noticed);
    for (query, word) in [
        ("interval=year", "neither hour nor day"),
        ("days=900", "between 1 and 90"),
        ("metric=glory", "glory"),
    ] {
        let path = format!("/api/predictions/anomalies?{query}");
        let reply = server.call(&Request::get(&path).header("cookie", server.cookie()));
        assert!(
            reply.status == 400 && reply.text().contains(word),
            "{}",
            reply.text()
        );
    }
    assert_eq!(
        server
            .call(&Request::get("/api/predictions/anomalies"))
            .status,
        401
    );
}
