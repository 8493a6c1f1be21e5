//! Files that people really have, given to `forecast backtest` and `anomaly scan`: an answer that is
//! right, or a refusal that names the line and the value. Never a panic, never a wrong number.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// One run of the program on one file.
struct Ran {
    succeeded: bool,
    /// Everything that was said, on both streams.
    said: String,
    /// The rows of the result without its heading.
    rows: Vec<Vec<String>>,
    _folder: TempDir,
}

fn run(command: &[&str], content: &[u8], more: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let (given, output) = (
        folder.path().join("given.csv"),
        folder.path().join("told.csv"),
    );
    std::fs::write(&given, content).expect("a file");
    let ran = Command::new(env!("CARGO_BIN_EXE_almanac"))
        .args(command)
        .arg(&given)
        .arg("-o")
        .arg(&output)
        .args(more)
        .output()
        .expect("the program runs");
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!said.contains("panicked"), "{said}");
    Ran {
        succeeded: ran.status.success(),
        said,
        rows: rows(output),
        _folder: folder,
    }
}

fn rows(path: PathBuf) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let cells = |line: &str| line.split(',').map(str::to_owned).collect();
    text.lines().skip(1).map(cells).collect()
}

/// One origin is enough to see how a file was understood, and quick.
fn backtest(content: &[u8]) -> Ran {
    run(&["forecast", "backtest"], content, &["--origins", "1"])
}

fn scan(content: &[u8]) -> Ran {
    run(&["anomaly", "scan"], content, &[])
}

/// Forty days from 1 January 2026: a week with a quiet end.
fn days() -> Vec<String> {
    let first = jiff::civil::date(2026, 1, 1);
    (0..40_i64)
        .map(|at| {
            let day = first.saturating_add(jiff::Span::new().days(at));
            let views = 100 + at % 3 - if at % 7 > 4 { 50 } else { 0 };
            format!("{day},{views}")
        })
        .collect()
}

fn series(lines: &[String]) -> String {
    let mut text = "unique_id,ds,y\n".to_owned();
    for line in lines {
        writeln!(text, "a,{line}").expect("text can be written");
    }
    text
}

/// The rows that a well-kept file of [`days`] gives.
fn plain() -> Vec<Vec<String>> {
    let ran = backtest(series(&days()).as_bytes());
    assert!(ran.succeeded && ran.rows.len() == 7, "{}", ran.said);
    ran.rows
}

#[test]
fn the_same_series_is_understood_however_it_is_written() {
    let expected = plain();
    let tidy = series(&days());
    let body = |map: &dyn Fn(&str) -> String| -> String {
        tidy.lines().skip(1).map(|line| map(line) + "\n").collect()
    };
    let mut backwards = days();
    backwards.reverse();
    let written = [
        ("CRLF", tidy.replace('\n', "\r\n")),
        ("a byte order mark", format!("\u{feff}{tidy}")),
        ("no line end", tidy.trim_end().to_owned()),
        (
            "blank lines",
            tidy.replace("a,2026-01-09", "\n\na,2026-01-09"),
        ),
        ("unsorted", series(&backwards)),
        (
            "quoted",
            format!(
                "\"unique_id\",\"ds\",\"y\"\n{}",
                body(&|line| {
                    let cells: Vec<String> = line.split(',').map(|c| format!("\"{c}\"")).collect();
                    cells.join(",")
                })
            ),
        ),
        (
            "another order and more columns",
            format!(
                "y,note,ds,unique_id\n{}",
                body(&|line| {
                    let cells: Vec<&str> = line.split(',').collect();
                    format!("{},\"x, y\",{},{}", cells[2], cells[1], cells[0])
                })
            ),
        ),
        ("spaces", tidy.replace(',', " , ")),
        (
            "times at midnight",
            tidy.replace(",1", "T00:00:00,1")
                .replace(",5", "T00:00:00,5"),
        ),
        (
            "a time zone",
            tidy.replace(",1", "T00:00:00Z,1")
                .replace(",5", " 00:00:00+02:00,5"),
        ),
        (
            "decimals",
            tidy.replace("\n", ".0\n").replacen("y.0", "y", 1),
        ),
    ];
    for (name, content) in written {
        let ran = backtest(content.as_bytes());
        assert!(ran.succeeded, "{name}: {}", ran.said);
        assert_eq!(ran.rows, expected, "{name}");
    }
}

#[test]
fn a_series_that_cannot_be_is_refused_by_line_and_value() {
    let with = |at: usize, line: &str| {
        let mut lines = days();
        lines[at] = line.to_owned();
        series(&lines)
    };
    let cases = [
        (String::new(), "is empty"),
        ("unique_id,ds,y\n".to_owned(), "has no rows"),
        (
            "unique_id,day,y\na,2026-01-01,1\n".to_owned(),
            "no column \"ds\"",
        ),
        ("unique_id,ds,y,y\na,2026-01-01,1,2\n".to_owned(), "twice"),
        (
            "unique_id;ds;y\na;2026-01-01;1\n".to_owned(),
            "unique_id;ds;y",
        ),
        (
            with(3, "2026-01-01,9"),
            "line 5, column ds: \"2026-01-01\" stands in this series twice",
        ),
        (
            with(3, "2026-01-04,many"),
            "line 5, column y: \"many\" is no number",
        ),
        (
            with(3, "2026-01-04,-3"),
            "line 5, column y: \"-3\" is negative",
        ),
        (
            with(3, "2026-01-04,1e300"),
            "line 5, column y: \"1e300\" is beyond 1e15",
        ),
        (
            with(3, "2026-01-04,inf"),
            "line 5, column y: \"inf\" is no number",
        ),
        (
            with(3, "2026-02-30,1"),
            "line 5, column ds: \"2026-02-30\" is neither a date",
        ),
        (
            with(3, "04/01/2026,1"),
            "line 5, column ds: \"04/01/2026\" is neither a date",
        ),
        (
            with(3, "2026-01-04 00:05:00,1"),
            "line 5, column ds: \"2026-01-04 00:05:00\" is no full",
        ),
        (
            with(3, "9026-01-04,1"),
            "line 5, column ds: \"9026-01-04\" is too far",
        ),
        (with(3, "4,1"), "line 5, column ds: \"4\" is a date among"),
        (with(3, "2026-01-04,1,1"), "line: 5"),
        (with(3, "2026-01-04"), "line: 5"),
    ];
    for (content, said) in cases {
        let ran = backtest(content.as_bytes());
        assert!(
            !ran.succeeded && ran.said.contains(said),
            "{said}: {}",
            ran.said
        );
    }
    let mut latin = series(&days()).into_bytes();
    let at = latin.len() - 3;
    latin[at] = 0xe9;
    let ran = backtest(&latin);
    assert!(
        !ran.succeeded && ran.said.contains("line 41"),
        "{}",
        ran.said
    );
}

#[test]
fn gaps_are_filled_and_short_series_are_named() {
    let mut lines = days();
    lines[10] = lines[10].split_once(',').expect("a comma").0.to_owned() + ",";
    lines[11] = lines[11].split_once(',').expect("a comma").0.to_owned() + ",NaN";
    lines.remove(20);
    let ran = backtest(series(&lines).as_bytes());
    assert!(ran.succeeded && ran.rows.len() == 7, "{}", ran.said);
    for row in &ran.rows {
        let expected: f64 = row[4].parse().expect("a number");
        assert!((30.0..120.0).contains(&expected), "{row:?}");
    }

    let ran = backtest(b"unique_id,ds,y\nlonely,2026-01-01,5\n");
    assert!(ran.succeeded && ran.rows.is_empty(), "{}", ran.said);
    assert!(
        ran.said.contains("lonely is short: 0 of 1 origins"),
        "{}",
        ran.said
    );
    let ran = backtest(b"unique_id,ds,y\nsilent,2026-01-01,\nsilent,2026-02-20,\n");
    assert!(ran.succeeded, "{}", ran.said);
}

#[test]
fn plain_and_wild_series_are_forecast_with_finite_numbers() {
    let first = jiff::civil::date(2026, 1, 1);
    let written = |id: &str, value: &dyn Fn(i64) -> f64| -> String {
        (0..90)
            .map(|at| {
                let day = first.saturating_add(jiff::Span::new().days(at));
                format!("\"{id}\",{day},{}\n", value(at))
            })
            .collect()
    };
    let mut text = "unique_id,ds,y\n".to_owned();
    text += &written("zero", &|_| 0.0);
    text += &written("constant", &|_| 42.0);
    text += &written("one day, once", &|at| if at == 60 { 9_000.0 } else { 0.0 });
    text += &written("huge", &|at| 1e15 - (at % 7) as f64 * 1e13);
    text += &written("explodes", &|at| 1.4_f64.powi(at as i32));
    text += &written("tiny", &|at| 1e-9 * (at % 5) as f64);
    text += &written("dies", &|at| if at < 80 { 1e6 } else { 0.0 });
    let ran = run(
        &["forecast", "backtest"],
        text.as_bytes(),
        &["--origins", "3"],
    );
    assert!(ran.succeeded, "{}", ran.said);
    assert_eq!(ran.rows.len(), 7 * 3 * 7);
    for row in &ran.rows {
        // A name with a comma is quoted, which splits it once more.
        let numbers: Vec<f64> = row[row.len() - 5..]
            .iter()
            .map(|cell| cell.parse().expect("a number"))
            .collect();
        let [yhat, lo80, hi80, lo95, hi95] = numbers[..] else {
            panic!("{row:?}")
        };
        assert!(
            numbers.iter().all(|n| n.is_finite() && *n >= 0.0),
            "{row:?}"
        );
        assert!(
            lo95 <= lo80 && lo80 <= yhat && yhat <= hi80 && hi80 <= hi95,
            "{row:?}"
        );
        let expected = match row[0].as_str() {
            "zero" => 0.0..=0.0,
            "constant" => 42.0..=42.0,
            "huge" => 9e14..=1.05e15,
            "tiny" => 0.0..=1e-8,
            _ => 0.0..=1e18,
        };
        let rounding = 1e-6;
        assert!(
            yhat >= expected.start() - rounding && yhat <= expected.end() + rounding,
            "{row:?}"
        );
    }
}

/// A day and a half of five-minute steps with one wild value near the end.
fn measured(stamp: &dyn Fn(jiff::civil::DateTime) -> String) -> String {
    let first = jiff::civil::date(2026, 3, 28).at(0, 0, 0, 0);
    let mut text = "timestamp,value\n".to_owned();
    for at in 0..432_i64 {
        let time = first.saturating_add(jiff::Span::new().minutes(5 * at));
        let value = if at == 420 { 900 } else { 20 + at % 6 };
        writeln!(text, "{},{value}", stamp(time)).expect("text can be written");
    }
    text
}

#[test]
fn measurements_are_scored_alike_however_their_times_are_written() {
    let tidy = measured(&|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string());
    let seconds = |time: jiff::civil::DateTime| {
        let zoned = time.to_zoned(jiff::tz::TimeZone::UTC).expect("a time");
        zoned.timestamp().as_second()
    };
    let scores = |ran: &Ran| -> Vec<String> { ran.rows.iter().map(|row| row[2].clone()).collect() };
    let expected = scores(&scan(tidy.as_bytes()));
    assert_eq!(expected.len(), 432);
    assert!(expected[420].parse::<f64>().expect("a number") >= 0.5);
    let written = [
        ("CRLF", tidy.replace('\n', "\r\n")),
        ("a byte order mark", format!("\u{feff}{tidy}")),
        (
            "no seconds",
            measured(&|t| t.strftime("%Y-%m-%d %H:%M").to_string()),
        ),
        (
            "UTC",
            measured(&|t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ),
        (
            "a zone",
            measured(&|t| t.strftime("%Y-%m-%dT%H:%M:%S+02:00").to_string()),
        ),
        ("seconds since 1970", measured(&|t| seconds(t).to_string())),
        (
            "milliseconds since 1970",
            measured(&|t| (seconds(t) * 1_000).to_string()),
        ),
        (
            "another order and more columns",
            tidy.lines()
                .map(|line| {
                    let (time, value) = line.split_once(',').expect("a comma");
                    format!("\"{value}\",x,\"{time}\"\n")
                })
                .collect(),
        ),
    ];
    for (name, content) in written {
        let ran = scan(content.as_bytes());
        assert!(ran.succeeded, "{name}: {}", ran.said);
        assert_eq!(scores(&ran), expected, "{name}");
    }
}

#[test]
fn measurements_that_cannot_be_are_refused_by_line_and_value() {
    for (content, said) in [
        ("", "is empty"),
        ("time,value\n1,2\n", "no column \"timestamp\""),
        (
            "timestamp,value\nnoon,2\n",
            "line 2, column timestamp: \"noon\" is no time",
        ),
        (
            "timestamp,value\n2026-01-01,2\n2026-13-01,2\n",
            "line 3, column timestamp",
        ),
        (
            "timestamp,value\n2026-01-01,lots\n",
            "line 2, column value: \"lots\" is no number",
        ),
        (
            "timestamp,value\n2026-01-01,1e200\n",
            "line 2, column value: \"1e200\" is further",
        ),
        (
            "timestamp,value\n99999999999999999999,1\n",
            "line 2, column timestamp",
        ),
    ] {
        let ran = scan(content.as_bytes());
        assert!(
            !ran.succeeded && ran.said.contains(said),
            "{said}: {}",
            ran.said
        );
    }
}

#[test]
fn every_row_of_a_strange_file_has_a_score() {
    let day = |at: usize| format!("2026-01-{:02} 00:00:00", 1 + at % 28);
    let written = |values: &dyn Fn(usize) -> String| -> String {
        let rows = (0..300).map(|at| format!("{},{}\n", day(at), values(at)));
        "timestamp,value\n".to_owned() + &rows.collect::<String>()
    };
    for (name, content) in [
        ("a heading alone", "timestamp,value\n".to_owned()),
        ("one row", "timestamp,value\n2026-01-01,3\n".to_owned()),
        (
            "constant, its times in no order",
            written(&|_| "7".to_owned()),
        ),
        (
            "holes",
            written(&|at| {
                if at % 3 == 0 {
                    String::new()
                } else {
                    at.to_string()
                }
            }),
        ),
        ("nothing but holes", written(&|_| "NaN".to_owned())),
        (
            "huge and negative",
            written(&|at| format!("{}1e99", if at % 2 == 0 { "-" } else { "" })),
        ),
    ] {
        let ran = scan(content.as_bytes());
        assert!(ran.succeeded, "{name}: {}", ran.said);
        assert_eq!(ran.rows.len(), content.lines().count() - 1, "{name}");
        for row in &ran.rows {
            let score: f64 = row[2].parse().expect("a number");
            assert!((0.0..=1.0).contains(&score), "{name}: {row:?}");
            assert!(
                !name.starts_with("constant") || score < 0.5,
                "{name}: {row:?}"
            );
        }
    }
}

#[test]
fn results_never_replace_what_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let given = folder.path().join("given.csv");
    let content = series(&days());
    std::fs::write(&given, &content).expect("a file");
    let ran = |output: PathBuf| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_almanac"));
        let command = command
            .args(["forecast", "backtest"])
            .arg(&given)
            .arg("-o")
            .arg(output);
        let ran = command.output().expect("the program runs");
        (
            ran.status.code(),
            String::from_utf8_lossy(&ran.stderr).into_owned(),
        )
    };
    let (code, said) = ran(folder.path().join("./given.csv"));
    assert!(
        code == Some(2) && said.contains("is the file that is read"),
        "{said}"
    );
    let (code, said) = ran(folder.path().join("missing/told.csv"));
    assert!(code == Some(1) && said.contains("cannot write"), "{said}");
    assert_eq!(std::fs::read_to_string(&given).expect("a file"), content);
}
