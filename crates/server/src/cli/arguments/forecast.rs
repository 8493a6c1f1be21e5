//! What can be said about forecasts and anomalies. Nothing is done here.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `almanac forecast …`
#[derive(Debug, Subcommand)]
pub enum ForecastCommand {
    /// Forecast the end of series that are known, to be compared with what came
    Backtest(BacktestArguments),
    /// Trainings of a running server
    #[command(flatten)]
    Training(TrainingCommand),
}

/// The commands about trainings, all of which ask the running server.
#[derive(Debug, Subcommand)]
pub enum TrainingCommand {
    /// Try every model on past weeks and let the best one serve
    Train(TrainArguments),
    /// The versions of a series, newest first; * serves
    List(OfSeries),
    /// One version in full: what it was made of and how every model did
    Show(OfVersion),
    /// Let a version serve
    Promote(OfVersion),
    /// Let the version before the serving one serve again
    Rollback(OfSeries),
}

/// Which series.
#[derive(Debug, Args)]
pub struct OfSeries {
    /// The project, by id, domain or host
    #[arg(short, long, value_name = "PROJECT")]
    pub project: String,
    /// What is forecast
    #[arg(long, default_value = "pageviews")]
    pub metric: String,
    /// Filters, as JSON in the form of the API
    #[arg(long, value_name = "JSON")]
    pub filters: Option<String>,
}

/// `almanac forecast train`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  almanac forecast train --project shop.example
  almanac forecast train --project shop.example --recipe lstm --seed 7

Every training tries all recipes, the network among them, on the same past weeks.")]
pub struct TrainArguments {
    #[command(flatten)]
    pub series: OfSeries,
    /// What shall serve: ensemble, lstm or another model; without it the rule of promotion decides
    #[arg(long, value_name = "RECIPE")]
    pub recipe: Option<String>,
    /// Where chance begins in the network: the same seed and days give the same weights
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
}

/// Which version of a series.
#[derive(Debug, Args)]
pub struct OfVersion {
    #[command(flatten)]
    pub series: OfSeries,
    /// Its number; without it the version that serves
    #[arg(value_name = "VERSION")]
    pub version: Option<i64>,
}

/// `almanac forecast backtest`
#[derive(Debug, Args)]
#[command(after_help = "Example:
  almanac forecast backtest web_daily.csv -o forecasts.csv

The file has the columns unique_id, ds (a date, a full hour or a step number) and y; others are
passed over, and rows may come in any order. An empty y is a gap. The result has unique_id, cutoff,
ds, model, yhat, lo80, hi80, lo95 and hi95, where cutoff is the last step that the models knew.")]
pub struct BacktestArguments {
    /// File with the series; - for standard input
    #[arg(value_name = "DATA.csv")]
    pub data: PathBuf,
    /// Where the forecasts go
    #[arg(short, long, value_name = "FORECASTS.csv")]
    pub output: PathBuf,
    /// Steps ahead
    #[arg(long, default_value_t = 7, value_name = "STEPS")]
    pub horizon: usize,
    /// Origins, one horizon apart, the last one a horizon before the end
    #[arg(long, default_value_t = 8)]
    pub origins: usize,
    /// Steps in a cycle; without it 7, or 24 where steps are hours
    #[arg(long, value_name = "STEPS")]
    pub season: Option<usize>,
    /// Write the forecasts of each single model too
    #[arg(long)]
    pub each_model: bool,
    /// Train the network for each series of days and write its forecasts too, as `lstm`
    #[arg(long)]
    pub network: bool,
}

/// `almanac anomaly …`
#[derive(Debug, Subcommand)]
pub enum AnomalyCommand {
    /// Score each row of a file by what came before it
    Scan(AnomalyScanArguments),
}

/// `almanac anomaly scan`
#[derive(Debug, Args)]
#[command(after_help = "Example:
  almanac anomaly scan cpu.csv -o scores.csv

The file has the columns timestamp and value, oldest row first. The result has timestamp, value and
anomaly_score from 0 to 1; from 0.5 on it is an anomaly.")]
pub struct AnomalyScanArguments {
    /// File with the measurements; - for standard input
    #[arg(value_name = "FILE.csv")]
    pub file: PathBuf,
    /// Where the scores go
    #[arg(short, long, value_name = "SCORES.csv")]
    pub output: PathBuf,
}
