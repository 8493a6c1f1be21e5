//! `almanac anomaly scan`: scores a file of measurements as if they came in one by one, and tells
//! the anomalies. A score uses its own row and those above it. Rows are taken in the order of the
//! file, even where a clock was set back or a value came late.

use std::io::Write;

use almanac_insights::anomaly::{Anomaly, Detector, describe};
use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::progress;
use super::table::{self, Row, Table};
use crate::cli::{AnomalyScanArguments, Failure, World};

const COLUMNS: [&str; 2] = ["timestamp", "value"];
const HEADING: &str = "timestamp,value,anomaly_score\n";
/// Largest value either way: squares and their sums must stay finite.
const VALUE_MAX: f64 = 1e100;
/// A number from here on is a time in milliseconds; as seconds it would be the year 5138.
const MILLISECONDS_MIN: i64 = 100_000_000_000;
/// Rows between two movements of the progress bar.
const ROWS_PER_TICK: usize = 1_000;

/// One row: the moment and value as written, and as understood.
struct Measurement {
    timestamp: String,
    value: String,
    seconds: i64,
    number: Option<f64>,
}

/// Does the command.
pub(crate) fn run(arguments: &AnomalyScanArguments, world: &mut World<'_>) -> anyhow::Result<()> {
    let mut all: Vec<Measurement> = Vec::new();
    Table::open(&arguments.file, world.input, COLUMNS)?.each(|row| {
        let seconds = seconds_of(row)?;
        all.push(Measurement {
            timestamp: row.cells[0].to_owned(),
            value: row.cells[1].to_owned(),
            seconds,
            number: number(row)?,
        });
        Ok(())
    })?;
    let output = &arguments.output;
    let mut results = table::create(output, &arguments.file)?;
    let looks = "{wide_bar} {pos} of {len} rows · {eta} left";
    let bar = progress::bar(Some(all.len() as u64), looks, world.output.as_json);
    let mut detector = Detector::new();
    let mut text = HEADING.to_owned();
    for (at, row) in all.iter().enumerate() {
        let score = detector
            .next(row.seconds, row.number.unwrap_or(f64::NAN))
            .score;
        text.push_str(&format!("{},{},{score:.6}\n", row.timestamp, row.value));
        if at % ROWS_PER_TICK == 0 {
            bar.set_position(at as u64);
        }
    }
    bar.finish_and_clear();
    let written = results.write_all(text.as_bytes());
    written.with_context(|| format!("cannot write {}", output.display()))?;
    let known: Vec<(i64, f64)> = all
        .iter()
        .filter_map(|row| Some((row.seconds, row.number?)))
        .collect();
    tell(all.len(), &describe(&known), arguments, world)
}

fn number(row: &Row<'_, 2>) -> Result<Option<f64>, Failure> {
    let number = row.number(1)?;
    if number.is_some_and(|number| number.abs() > VALUE_MAX) {
        let what = format!("is further from 0 than {VALUE_MAX:e}; change its unit");
        return Err(row.complain(1, &what));
    }
    Ok(number)
}

/// A time with or without zone; without one it is taken as UTC. A number is seconds since 1970, or
/// milliseconds where seconds would lie thousands of years ahead.
fn seconds_of(row: &Row<'_, 2>) -> Result<i64, Failure> {
    let text = row.cells[0];
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant.as_second());
    }
    let number = match text.parse::<i64>() {
        Ok(number) if number.abs() >= MILLISECONDS_MIN => Some(number.div_euclid(1_000)),
        Ok(number) => Some(number),
        Err(_) => None,
    };
    let local: Option<DateTime> = text.parse().ok();
    let local = local.and_then(|time| time.to_zoned(TimeZone::UTC).ok());
    number
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .or(local.map(|zoned| zoned.timestamp()))
        .map(Timestamp::as_second)
        .ok_or_else(|| row.complain(0, "is no time like 2026-01-31 13:45:00"))
}

fn tell(
    rows: usize,
    found: &[Anomaly],
    arguments: &AnomalyScanArguments,
    world: &mut World<'_>,
) -> anyhow::Result<()> {
    let file = arguments.output.display().to_string();
    if world.output.as_json {
        let all: Vec<Value> = found.iter().map(shape).collect();
        let value = json!({ "rows": rows, "file": file, "anomalies": all });
        writeln!(world.output.to, "{value:#}")?;
        return Ok(());
    }
    for anomaly in found {
        let (start, end) = (moment(anomaly.start), moment(anomaly.end));
        let what = match anomaly.value {
            Some(value) => format!(
                "{value} where {:.6} to {:.6} was expected",
                anomaly.low, anomaly.high
            ),
            None => "no values".to_owned(),
        };
        let kind = anomaly.kind.name();
        let severity = anomaly.severity.name();
        writeln!(
            world.output.to,
            "{start} to {end}  {severity} {kind}: {what}"
        )?;
    }
    writeln!(world.output.to, "{rows} rows scored into {file}")?;
    Ok(())
}

fn shape(anomaly: &Anomaly) -> Value {
    json!({
        "start": moment(anomaly.start),
        "end": moment(anomaly.end),
        "kind": anomaly.kind.name(),
        "severity": anomaly.severity.name(),
        "score": anomaly.score,
        "value": anomaly.value,
        "expected": anomaly.value.map(|_| [anomaly.low, anomaly.high]),
        "level_shift": anomaly.is_level_shift,
    })
}

fn moment(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}
