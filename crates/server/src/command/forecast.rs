//! `almanac forecast backtest`: what the product would have forecast at past origins of any daily
//! series, written so that anybody can score it. Models see nothing that came after an origin.

use std::collections::BTreeMap;
use std::io::Write;

use almanac_insights::forecast::{History, Model, Options, PastForecast, Step, backtest};
use anyhow::Context;
use jiff::civil::{Date, DateTime};
use rayon::prelude::*;
use serde_json::json;

use super::progress;
use super::table::{self, Row, Table};
use crate::cli::{BacktestArguments, ExitCode, Failure, World};

const COLUMNS: [&str; 3] = ["unique_id", "ds", "y"];
const HEADING: &str = "unique_id,cutoff,ds,model,yhat,lo80,hi80,lo95,hi95\n";
/// How the default forecast is called beside single models.
const OWN_NAME: &str = "almanac";
const EPOCH: Date = Date::constant(1970, 1, 1);
/// Longest series, in steps; a wrong year in one line must not ask for gigabytes.
const STEPS_MAX: i64 = 1_000_000;
/// Largest value: intervals around it still have whole numbers as ends.
const VALUE_MAX: f64 = 1e15;
/// Limits of what may be asked for.
const HORIZON_MAX: usize = 366;
const ORIGINS_MAX: usize = 100;
const SEASON_MAX: usize = 60;

/// How the network is trained: like that of a server, always from the same seed.
const NETWORK: almanac_lstm::Options = almanac_lstm::Options {
    seed: 1,
    epochs_max: 100,
};

const DAY_HOURS: i64 = 24;
/// Cycles where nothing else is asked for: a week of days, a day of hours.
const SEASON: usize = 7;
const SEASON_HOURS: usize = 24;

/// How steps are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Day,
    Hour,
    Number,
}

/// One series of the file.
struct Series {
    id: String,
    unit: Unit,
    /// Values by step: days or hours since 1970 where steps are such.
    values: BTreeMap<i64, Option<f64>>,
}

impl Series {
    /// Hours that are all midnights are days.
    fn settled(mut self) -> Series {
        let is_daily = self.values.keys().all(|hour| hour % DAY_HOURS == 0);
        if self.unit == Unit::Hour && is_daily {
            let days = self
                .values
                .into_iter()
                .map(|(hour, value)| (hour / DAY_HOURS, value));
            self.values = days.collect();
            self.unit = Unit::Day;
        }
        self
    }
}

/// Does the command.
pub(crate) fn run(arguments: &BacktestArguments, world: &mut World<'_>) -> anyhow::Result<()> {
    check(arguments)?;
    let all = read(arguments, world.input)?;
    let output = &arguments.output;
    let mut results = table::create(output, &arguments.data)?;
    let looks = "{wide_bar} {pos} of {len} series · {eta} left";
    let bar = progress::bar(Some(all.len() as u64), looks, world.output.as_json);
    let told: Vec<(String, usize)> = all
        .par_iter()
        .map(|series| {
            let told = tell(series, arguments);
            bar.inc(1);
            told
        })
        .collect();
    bar.finish_and_clear();
    let mut text = HEADING.to_owned();
    text.extend(told.iter().map(|(rows, _)| rows.as_str()));
    let written = results.write_all(text.as_bytes());
    written.with_context(|| format!("cannot write {}", output.display()))?;
    report(&all, &told, arguments, world)
}

fn check(arguments: &BacktestArguments) -> Result<(), Failure> {
    let checks = [
        ("--horizon", arguments.horizon, HORIZON_MAX),
        ("--origins", arguments.origins, ORIGINS_MAX),
        ("--season", arguments.season.unwrap_or(SEASON), SEASON_MAX),
    ];
    for (name, value, max) in checks {
        if !(1..=max).contains(&value) {
            let text = format!("{name} {value} is not between 1 and {max}");
            return Err(Failure::new(ExitCode::Usage, text));
        }
    }
    Ok(())
}

fn read(
    arguments: &BacktestArguments,
    input: &mut dyn std::io::Read,
) -> Result<Vec<Series>, Failure> {
    let mut all: Vec<Series> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    Table::open(&arguments.data, input, COLUMNS)?.each(|row| {
        let (step, unit) = step_of(row)?;
        let id = row.cells[0];
        let place = match places.get(id) {
            Some(place) => *place,
            None => {
                all.push(Series {
                    id: id.to_owned(),
                    unit,
                    values: BTreeMap::new(),
                });
                places.insert(id.to_owned(), all.len() - 1);
                all.len() - 1
            }
        };
        let series = &mut all[place];
        if series.unit != unit {
            let what = "is a date among step numbers, or the reverse; write all of them alike";
            return Err(row.complain(1, what));
        }
        let first = series.values.keys().next().copied().unwrap_or(step);
        if (step - first).abs() > STEPS_MAX {
            let what = "is too far from the other steps of its series; check the year";
            return Err(row.complain(1, what));
        }
        if series.values.insert(step, amount(row)?).is_some() {
            let what = "stands in this series twice; keep one row for each step";
            return Err(row.complain(1, what));
        }
        Ok(())
    })?;
    if all.is_empty() {
        let text = format!("{} has no rows", arguments.data.display());
        return Err(Failure::new(ExitCode::Invalid, text));
    }
    Ok(all.into_iter().map(Series::settled).collect())
}

/// What was counted or measured at a step.
fn amount(row: &Row<'_, 3>) -> Result<Option<f64>, Failure> {
    let amount = row.number(2)?;
    let what = match amount {
        Some(amount) if amount < 0.0 => {
            "is negative; forecasts are of counts and amounts from 0 on"
        }
        Some(amount) if amount > VALUE_MAX => "is beyond 1e15, the largest value; change the unit",
        _ => return Ok(amount),
    };
    Err(row.complain(2, what))
}

/// A date, a full hour as hours since 1970, or a step number. A time zone is passed over: the day
/// and hour are those that are written.
fn step_of(row: &Row<'_, 3>) -> Result<(i64, Unit), Failure> {
    let text = row.cells[1];
    if let Ok(step) = text.parse::<i64>() {
        return Ok((step, Unit::Number));
    }
    let local = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let time: DateTime = local.parse().map_err(|_| {
        let what = "is neither a date like 2026-01-31, nor a full hour like 2026-01-31 13:00:00, \
                    nor a step number";
        row.complain(1, what)
    })?;
    if (time.minute(), time.second(), time.subsec_nanosecond()) != (0, 0, 0) {
        let what = "is no full hour; add its values up by hour or day first";
        return Err(row.complain(1, what));
    }
    let days = i64::from((time.date() - EPOCH).get_days());
    Ok((days * DAY_HOURS + i64::from(time.hour()), Unit::Hour))
}

/// The rows of one series, and how many origins they come from.
fn tell(series: &Series, arguments: &BacktestArguments) -> (String, usize) {
    let first = series.values.keys().next().copied().unwrap_or(0);
    let last = series.values.keys().next_back().copied().unwrap_or(0);
    let history = History {
        values: (first..=last)
            .map(|step| series.values.get(&step).copied().flatten())
            .collect(),
        first_step: first,
        season: arguments.season.unwrap_or(match series.unit {
            Unit::Hour => SEASON_HOURS,
            Unit::Day | Unit::Number => SEASON,
        }),
        is_daily: series.unit == Unit::Day,
        holidays: Vec::new(),
    };
    let options = Options {
        horizon: arguments.horizon,
        ..Options::default()
    };
    let mut made = backtest(&history, &options, arguments.origins);
    let learns = arguments.network && series.unit == Unit::Day;
    if learns {
        // A series that is too short for the network has no rows of it, as with every model.
        almanac_lstm::try_out(&history, &mut made, &options, NETWORK, |_| true).ok();
    }
    let mut rows = String::new();
    for past in &made {
        append(
            &mut rows,
            series,
            first,
            past,
            OWN_NAME,
            &past.forecast.steps,
        );
        for (model, steps) in &past.members {
            if arguments.each_model || *model == Model::Lstm {
                append(&mut rows, series, first, past, model.name(), steps);
            }
        }
    }
    (rows, made.len())
}

fn append(
    rows: &mut String,
    series: &Series,
    first: i64,
    past: &PastForecast,
    model: &str,
    steps: &[Step],
) {
    let name = |index: usize| step_name(first + index as i64, series.unit);
    let id = quoted(&series.id);
    for (ahead, step) in steps.iter().enumerate() {
        let Step {
            expected,
            low_80,
            high_80,
            low_95,
            high_95,
        } = step;
        let (cutoff, ds) = (name(past.cutoff - 1), name(past.cutoff + ahead));
        rows.push_str(&format!(
            "{id},{cutoff},{ds},{model},{expected:.6},{low_80:.6},{high_80:.6},{low_95:.6},\
             {high_95:.6}\n"
        ));
    }
}

fn step_name(step: i64, unit: Unit) -> String {
    let (days, hour) = match unit {
        Unit::Number => return step.to_string(),
        Unit::Day => (step, None),
        Unit::Hour => (step.div_euclid(DAY_HOURS), Some(step.rem_euclid(DAY_HOURS))),
    };
    let date = jiff::Span::new()
        .try_days(days)
        .and_then(|days| EPOCH.checked_add(days));
    match (date, hour) {
        (Ok(date), None) => date.to_string(),
        (Ok(date), Some(hour)) => format!("{date} {hour:02}:00:00"),
        (Err(_), _) => step.to_string(),
    }
}

fn quoted(id: &str) -> String {
    if id.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", id.replace('"', "\"\""));
    }
    id.to_owned()
}

fn report(
    all: &[Series],
    told: &[(String, usize)],
    arguments: &BacktestArguments,
    world: &mut World<'_>,
) -> anyhow::Result<()> {
    let short: Vec<_> = all
        .iter()
        .zip(told)
        .filter(|(_, (_, origins))| *origins < arguments.origins)
        .map(|(series, (_, origins))| (series.id.as_str(), *origins))
        .collect();
    let file = arguments.output.display().to_string();
    if world.output.as_json {
        let value = json!({
            "series": all.len(),
            "file": file,
            "short": short.iter().map(|(id, origins)| json!({ "id": id, "origins": origins }))
                .collect::<Vec<_>>(),
        });
        writeln!(world.output.to, "{value:#}")?;
        return Ok(());
    }
    for (id, origins) in short {
        let wanted = arguments.origins;
        writeln!(
            world.output.to,
            "{id} is short: {origins} of {wanted} origins"
        )?;
    }
    writeln!(world.output.to, "{} series forecast into {file}", all.len())?;
    Ok(())
}
