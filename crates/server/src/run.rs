//! From the words of the command line to the command that does them, and from what went wrong to
//! the exit code.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::ExitCode as ProcessExitCode;

use tracing_subscriber::EnvFilter;

use crate::bulk::Format;
use crate::cli::{
    self, AnomalyCommand, Answers, Cli, Command, ExitCode, Failure, ForecastCommand, ImportCommand,
    Output, World,
};
use crate::config::{self, Config, Environment, LogFormat};
use crate::{command, serve, wiring};

/// Runs the program: `arguments` with its name first, answers to `out`, failures to `errors`.
pub fn main_with(
    arguments: Vec<OsString>,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> ProcessExitCode {
    // What cannot be read has no flags yet; whoever wrote `--json` still wants JSON.
    let wants_json = arguments.iter().any(|argument| argument == "--json");
    let cli = match cli::parse(arguments) {
        Ok(cli) => cli,
        Err(refusal) if wants_json && refusal.use_stderr() => {
            let message = refusal.to_string();
            let message = message.strip_prefix("error: ").unwrap_or(&message).trim();
            return tell(&Failure::new(ExitCode::Usage, message), true, errors);
        }
        Err(answer) => {
            // Help and version are answers too, and clap knows where each belongs.
            let printed = answer.print();
            let code = if answer.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::Done
            };
            return if printed.is_ok() {
                code.into()
            } else {
                ExitCode::Failed.into()
            };
        }
    };
    let mut answers = Answers::to(out);
    match run(&cli, &mut answers) {
        Ok(()) => ExitCode::Done.into(),
        Err(_) if answers.nobody_reads() => ExitCode::Done.into(),
        Err(error) => tell(&as_failure(error), cli.json, errors),
    }
}

fn tell(failure: &Failure, as_json: bool, errors: &mut dyn Write) -> ProcessExitCode {
    match failure.tell(as_json, errors) {
        Ok(()) => failure.code.into(),
        Err(_) => ExitCode::Failed.into(),
    }
}

fn run(cli: &Cli, out: &mut dyn Write) -> anyhow::Result<()> {
    let environment = Environment::of_process();
    let (config, sources) = config::load(&environment, &cli.flags()).map_err(Failure::from)?;
    start_log(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    if let Command::Serve(_) = &cli.command {
        for warning in &sources.warnings {
            tracing::warn!("{warning}");
        }
        return runtime.block_on(serve::run(config, cli.json));
    }
    let mut input = std::io::stdin();
    let mut world = World {
        config,
        sources,
        environment,
        clock: wiring::system_clock(),
        input: &mut input,
        output: Output {
            as_json: cli.json,
            to: out,
        },
    };
    runtime.block_on(dispatch(&cli.command, &mut world))
}

async fn dispatch(command: &Command, world: &mut World<'_>) -> anyhow::Result<()> {
    match command {
        Command::Local(command) => Ok(cli::run(command, world).await?),
        Command::Import(ImportCommand::AccessLog(arguments)) => {
            command::import::access_log(arguments, world).await
        }
        Command::Import(ImportCommand::Parquet(arguments)) => {
            command::import::rows::run(Format::Parquet, arguments, world).await
        }
        Command::Import(ImportCommand::Ndjson(arguments)) => {
            command::import::rows::run(Format::Ndjson, arguments, world).await
        }
        Command::Import(ImportCommand::Csv(arguments)) => {
            command::import::rows::run(Format::Csv, arguments, world).await
        }
        Command::Export(arguments) => command::export::run(arguments, world).await,
        Command::Erase(arguments) => command::erase::run(arguments, world).await,
        Command::Retention(arguments) => command::keeping::retention(arguments, world).await,
        Command::Disk(arguments) => command::keeping::disk(arguments, world).await,
        Command::Demo(arguments) => command::demo::run(arguments, world).await,
        Command::Query(arguments) => command::query::run(arguments, world).await,
        Command::Forecast(ForecastCommand::Backtest(arguments)) => {
            command::forecast::run(arguments, world)
        }
        Command::Forecast(ForecastCommand::Training(command)) => {
            command::training::run(command, world).await
        }
        Command::Anomaly(AnomalyCommand::Scan(arguments)) => {
            command::anomaly::run(arguments, world)
        }
        Command::Doctor(_) => command::doctor::run(world).await,
        Command::Mail(command) => command::mail::run(command, world).await,
        Command::DeadLetters(command) => command::dead_letters::run(command, world),
        Command::Serve(_) => Err(anyhow::anyhow!("serving does not end like a command")),
    }
}

fn start_log(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log.level)?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // A log on a full disk loses lines; complaining about that on the same disk would panic.
        .log_internal_errors(false)
        // Colours are for terminals; in a file they are noise.
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = match config.log.format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))
}

/// A failure that names its code keeps it; anything else failed for a reason of its own.
fn as_failure(error: anyhow::Error) -> Failure {
    match error.downcast::<Failure>() {
        Ok(failure) => failure,
        Err(other) => match other.downcast::<almanac_catalog::CatalogError>() {
            Ok(refusal) => refusal.into(),
            Err(other) => Failure::new(ExitCode::Failed, format!("{other:#}")),
        },
    }
}
