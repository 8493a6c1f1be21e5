//! Clocks that are wrong, and days that are not 24 hours long: no event is lost, none lies outside
//! its day, and no visit lasts less than nothing.

use std::io::Write;
use std::process::Stdio;

use almanac_testkit::TestServer;
use almanac_testkit::server::Project;
use serde_json::{Value, json};

use crate::almanac;

const HOUR_MS: i64 = 3_600_000;

/// The present in milliseconds, as the server's own clock says.
fn now_ms(server: &TestServer) -> i64 {
    let started = server.run_json(&["project", "list"])["projects"][0]["created_at"].clone();
    let text = started.as_str().unwrap_or_default();
    let instant: jiff::Timestamp = text.parse().expect("a time");
    instant.as_millisecond()
}

#[test]
fn clients_whose_clocks_are_a_day_off_lose_nothing() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let now = now_ms(&server);
    let skews = [-24 * HOUR_MS, -HOUR_MS, -1, 0, 1, HOUR_MS, 24 * HOUR_MS];
    for skew in skews {
        // The clock is wrong by the same amount when it happens and when it is sent.
        let event = json!({
            "n": "pageview", "u": "https://shop.example/",
            "at": now + skew - 2_000, "sent_at": now + skew,
        });
        let reply = server.send(&event);
        assert_eq!(
            (reply.status, reply.header("x-almanac-dropped")),
            (202, None),
            "{skew}"
        );
    }
    for odd in [
        0,
        -1,
        i64::MAX / 2,
        now + 365 * 24 * HOUR_MS,
        now - 365 * 24 * HOUR_MS,
    ] {
        let event = json!({ "n": "pageview", "u": "https://shop.example/", "at": odd });
        assert!(matches!(server.send(&event).status, 202 | 400), "{odd}");
    }
    server.await_drained(&project);
    let accounts = server.accounts(&project);
    assert_eq!(server.events(&project), accounts.accepted);
    assert!(accounts.accepted >= skews.len() as u64, "{accounts:?}");

    let question = json!({ "metrics": ["visit_duration", "visits"], "date_range": "all" });
    let row = server.ask(&project, &question)["results"][0]["metrics"].clone();
    assert!(row[0].as_f64().unwrap_or(0.0) >= 0.0, "{row}");
    assert!(row[1].as_u64().is_some_and(|visits| visits > 0), "{row}");
}

/// A line of an access log.
fn line(at: &str, minute: usize) -> String {
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let host = format!("198.18.{}.{}", minute / 256, minute % 256);
    format!("{host} - - [{at}] \"GET /page HTTP/1.1\" 200 512 \"-\" \"{agent}\"\n")
}

/// Imports a log through the running server.
fn import(server: &TestServer, project: &Project, log: &str) {
    let mut command = server.command(&["import", "access-log", "-", "--project", &project.id]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(log.as_bytes()).expect("the log is read");
    drop(input);
    let output = child.wait_with_output().expect("the program ends");
    let failure = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{failure}");
}

/// Sends an event in every hour of a local day and counts the hours of the answer.
fn check_day(day: &str, month: &str, first_hour_utc: i64, hours: i64) {
    let mut server = almanac().start();
    let project = server.add_project_in("shop.example", "Europe/Berlin");
    let start: jiff::civil::Date = day.parse().expect("a day");
    let mut log = String::new();
    for hour in 0..hours {
        let since_midnight = first_hour_utc + hour;
        let (date, hour) = if since_midnight < 0 {
            (start.yesterday().expect("a day"), since_midnight + 24)
        } else {
            (start, since_midnight)
        };
        let (number, year) = (date.day(), date.year());
        let at = format!("{number:02}/{month}/{year}:{hour:02}:30:00 +0000");
        log.push_str(&line(&at, log.len() % 60_000));
    }
    import(&server, &project, &log);
    let ask = |dimensions: Value| {
        let question = json!({
            "metrics": ["events"], "date_range": [day, day], "dimensions": dimensions,
        });
        server.ask(&project, &question)["results"].clone()
    };
    assert_eq!(ask(json!([]))[0]["metrics"][0], hours, "{day}");
    let by_hour = ask(json!(["time:hour"]));
    let rows = by_hour.as_array().cloned().unwrap_or_default();
    let sum: i64 = rows
        .iter()
        .filter_map(|row| row["metrics"][0].as_i64())
        .sum();
    assert_eq!(sum, hours, "{by_hour}");
}

#[test]
fn days_of_23_and_25_hours_have_all_their_events() {
    // Berlin is an hour ahead of UTC in winter and two in summer.
    check_day("2025-03-30", "Mar", -1, 23);
    check_day("2025-10-26", "Oct", -2, 25);
    check_day("2024-02-29", "Feb", -1, 24);
}
