//! The command line: what can be said, what it means, and the commands that only need the catalog.
//! Serving, importing and asking are done elsewhere; here is only how they are called.

mod arguments;
mod audit;
mod catalog;
mod config;
mod drop_rule;
mod exit_code;
mod failure;
mod key;
mod output;
mod password;
mod project;
mod time;
mod user;
mod world;

pub use arguments::{
    AccessLogArguments, AnomalyCommand, AnomalyScanArguments, AuditCommand, BacktestArguments,
    CatalogCommand, Cli, Command, ConfigCommand, DeadLettersCommand, DemoArguments, DiskArguments,
    DoctorArguments, DropRuleCommand, EraseArguments, ErasedEvents, ExportArguments,
    ForecastCommand, ImportCommand, KeyCommand, LocalCommand, MailCommand, OfSeries, OfVersion,
    ProjectCommand, QueryArguments, RetentionArguments, RowsArguments, ServeArguments,
    TrainArguments, TrainingCommand, UserCommand,
};
pub use exit_code::ExitCode;
pub use failure::Failure;
pub use output::{Answers, Output};
pub(crate) use world::make_private_directory;
pub use world::{World, existing_catalog, find_project, open_catalog};

use clap::Parser;

/// Reads a command line, the program's name first. Flags come back as the variables they override,
/// through [`Cli::flags`].
///
/// # Errors
/// What clap answers: a refusal, or the help or version that was asked for.
pub fn parse<I, T>(arguments: I) -> Result<Cli, clap::Error>
where
    I: IntoIterator<Item = T>,
    T: Into<std::ffi::OsString> + Clone,
{
    Cli::try_parse_from(arguments)
}

/// Does a command that needs nothing but the configuration and the catalog. All of them work while
/// a server runs on the same data directory, which notices within a second.
///
/// # Errors
/// What stopped it, with the exit code.
pub async fn run(command: &LocalCommand, world: &mut World<'_>) -> Result<(), Failure> {
    match command {
        LocalCommand::Config(command) => config::run(command, world),
        LocalCommand::User(command) => user::run(command, world).await,
        LocalCommand::Project(command) => project::run(command, world).await,
        LocalCommand::Key(command) => key::run(command, world).await,
        LocalCommand::DropRule(command) => drop_rule::run(command, world).await,
        LocalCommand::Audit(command) => audit::run(command, world).await,
        LocalCommand::Catalog(command) => catalog::run(command, world).await,
    }
}

#[cfg(test)]
mod tests;
