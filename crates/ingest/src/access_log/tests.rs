//! Cases of the access log stage: what goes in and what must come out.

use proptest::prelude::*;

use super::*;

const SAMPLE: &str = include_str!("../../../../testdata/ingest/access_combined.log");

fn check(line: &str, expected: &str) {
    let found = match parse(line).and_then(|line| {
        let draft = to_draft(&line, "logs.example", false)?;
        Ok((line.ip, line.time, draft, line.user_agent.to_owned()))
    }) {
        Ok((ip, time, draft, user_agent)) => {
            let ip = ip.map(|ip| ip.to_string()).unwrap_or_default();
            format!(
                "{ip} {} {} <{}> {user_agent}",
                time.timestamp(),
                draft.url,
                draft.referrer
            )
        }
        Err(skip) => skip.name().to_owned(),
    };
    assert_eq!(found, expected, "{line}");
}

#[test]
fn lines_of_both_formats_are_read() {
    check(
        r#"192.0.2.1 - - [17/May/2015:10:05:03 +0200] "GET /a?b=c HTTP/1.1" 200 12 "-" "Agent/1""#,
        "192.0.2.1 2015-05-17T08:05:03Z http://logs.example/a?b=c <> Agent/1",
    );
    check(
        r#"192.0.2.1 - bob [17/May/2015:10:05:03 +0000] "GET / HTTP/1.0" 304 -"#,
        "192.0.2.1 2015-05-17T10:05:03Z http://logs.example/ <> ",
    );
    check(
        r#"shop.example:443 2001:db8::1 - - [29/Feb/2024:23:59:60 -0330] "GET / HTTP/2.0" 200 1 "https://a.example/" "X""#,
        "2001:db8::1 2024-03-01T03:29:59Z http://logs.example/ <https://a.example/> X",
    );
    check(
        r#"host.example - - [17/May/2015:10:05:03 +0000] "GET /a"b HTTP/1.1" 200 12 "-" "A "quoted" agent" 0.003"#,
        " 2015-05-17T10:05:03Z http://logs.example/a\"b <> A \"quoted\" agent",
    );
    check(
        r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 12 "-" "cut off in the mid"#,
        "192.0.2.1 2015-05-17T10:05:03Z http://logs.example/ <> cut off in the mid",
    );
}

#[test]
fn what_is_no_view_of_a_page_is_skipped_by_name() {
    let line = |request: &str, status: u16| {
        format!(r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "{request}" {status} 1 "-" "X""#)
    };
    check(&line("POST / HTTP/1.1", 200), "method");
    check(&line("HEAD / HTTP/1.1", 200), "method");
    check(&line("GET / HTTP/1.1", 301), "status");
    check(&line("GET / HTTP/1.1", 404), "status");
    check(&line("GET /x/Logo.PNG?v=2 HTTP/1.1", 200), "asset");
    check(&line("GET /robots.txt HTTP/1.1", 200), "asset");
    check(&line("\\x16\\x03", 400), "unreadable");
    check(&line("GET / HTTP/1.1", 99), "unreadable");
    check("", "unreadable");
    check("not a log line", "unreadable");
    check(
        r#"1.2.3.4 - - [32/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1"#,
        "unreadable",
    );
}

#[test]
fn each_line_of_the_sample_is_accounted_for() {
    let mut pages = 0;
    let mut skipped = std::collections::BTreeMap::new();
    for line in SAMPLE.lines() {
        match parse(line).and_then(|line| to_draft(&line, "logs.example", false)) {
            Ok(_) => pages += 1,
            Err(skip) => *skipped.entry(skip.name()).or_insert(0) += 1,
        }
    }
    // Counted by hand with grep on the sample.
    assert_eq!((pages, skipped.get("asset")), (7, Some(&20)));
    assert_eq!(
        pages + skipped.values().sum::<usize>(),
        SAMPLE.lines().count()
    );
}

#[test]
fn the_same_line_has_the_same_id_and_a_repeat_another() {
    let line = b"a line";
    assert_eq!(line_id(line, 0), line_id(line, 0));
    assert_ne!(line_id(line, 0), line_id(line, 1));
    assert_ne!(line_id(line, 0), line_id(b"another", 0));
}

proptest! {
    #[test]
    fn no_line_breaks_the_reader(line in any::<String>(), agent in any::<String>()) {
        let head = r#"1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET "#;
        for candidate in [line.clone(), format!(r#"{head}{line} HTTP/1.1" 200 5 "{line}" "{agent}""#)] {
            if let Ok(parsed) = parse(&candidate)
                && let Ok(draft) = to_draft(&parsed, "logs.example", false)
            {
                prop_assert!(!draft.url.is_empty());
            }
        }
    }
}

#[test]
fn a_clock_that_cannot_have_been_right_is_refused() {
    let now = "2026-05-17T10:00:00Z".parse::<jiff::Timestamp>().unwrap();
    let now = Instant(now.as_microsecond());
    let checked = |time: &str| {
        let line = format!(r#"192.0.2.1 - - [{time}] "GET / HTTP/1.1" 200 1"#);
        parse(&line).and_then(|line| check_time(&line, now))
    };
    for (time, expected) in [
        ("31/Dec/1994:23:59:59 +0000", Err(Skip::TooEarly)),
        ("01/Jan/1995:00:00:00 +0000", Ok(())),
        ("17/May/2026:10:05:00 +0000", Ok(())),
        ("17/May/2026:10:05:01 +0000", Err(Skip::InFuture)),
        ("17/May/2035:10:05:00 +0000", Err(Skip::InFuture)),
    ] {
        assert_eq!(checked(time), expected, "{time}");
    }
}
