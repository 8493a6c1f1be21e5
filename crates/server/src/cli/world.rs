//! What a command is given: configuration, environment, clock, input and output; and the catalog,
//! opened in the configured directory.

use std::io::Read;

use almanac_catalog::project::{self, Project};
use almanac_catalog::{Actor, Catalog, InstanceSecret, PostgresAddress};
use almanac_model::Clock;

use super::exit_code::ExitCode;
use super::failure::Failure;
use super::output::Output;
use crate::config::{self, Config, Environment, Sources};

/// Everything outside of the program that a command may touch.
#[expect(
    missing_debug_implementations,
    reason = "its parts are streams and a clock"
)]
pub struct World<'a> {
    /// The resolved configuration.
    pub config: Config,
    /// Where each setting came from.
    pub sources: Sources,
    /// Variables for what is no setting: `ALMANAC_PASSWORD`.
    pub environment: Environment,
    /// The present.
    pub clock: Clock,
    /// Standard input.
    pub input: &'a mut dyn Read,
    /// Standard output.
    pub output: Output<'a>,
}

/// Opens the catalog where it is configured to be: in PostgreSQL, or in the data directory, which
/// is made when missing, readable by its owner only.
///
/// # Errors
/// The directory cannot be used, or the secret is missing or weak.
pub async fn open_catalog(data: &config::Data) -> Result<Catalog, Failure> {
    make_private_directory(&data.dir).map_err(|error| {
        let dir = data.dir.display();
        let message =
            format!("cannot use the data directory {dir}: {error}; choose one with --data-dir");
        Failure::new(ExitCode::DataDirectory, message)
    })?;
    let secret = match &data.secret {
        Some(text) => InstanceSecret::from_text(text)?,
        None => InstanceSecret::load_or_create(&data.dir)?,
    };
    let Some(address) = &data.catalog else {
        return Ok(Catalog::open(&data.dir, secret).await?);
    };
    let address = PostgresAddress::parse(address, data.catalog_password.as_deref())?;
    Ok(Catalog::open_postgres(&address, secret).await?)
}

/// Opens the catalog of a data directory that is in use already, for commands that look. A misspelt
/// directory must not become a new instance.
///
/// # Errors
/// There is nothing in the directory, or it cannot be used.
pub async fn existing_catalog(data: &config::Data) -> Result<Catalog, Failure> {
    let file = data.dir.join(almanac_catalog::catalog::FILE_NAME);
    if data.catalog.is_some() || file.exists() {
        let catalog = open_catalog(data).await?;
        return Ok(catalog.acting(Actor::command_line()));
    }
    let dir = data.dir.display();
    let message = format!(
        "there is no data in {dir}; name another directory with --data-dir, or make an instance \
         there with `almanac serve`"
    );
    Err(Failure::new(ExitCode::DataDirectory, message))
}

/// The project that was named by id, domain or host.
///
/// # Errors
/// There is none; the message lists some that exist.
pub async fn find_project(catalog: &Catalog, reference: &str) -> Result<Project, Failure> {
    match project::by_reference(catalog, reference).await {
        Err(error @ almanac_catalog::CatalogError::NotFound { .. }) => {
            let all = project::list(catalog).await?;
            let some: Vec<_> = all.iter().take(5).map(Project::domain).collect();
            let hint = match some.len() {
                0 => "add one with `almanac project add`".to_owned(),
                _ => format!("there are: {}", some.join(", ")),
            };
            Err(Failure::new(ExitCode::NotFound, format!("{error}; {hint}")))
        }
        other => Ok(other?),
    }
}

/// Makes a directory and its parents, readable by their owner only.
pub(crate) fn make_private_directory(path: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
