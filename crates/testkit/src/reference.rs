//! Reads the reference cases of `testdata/queries` and asks their questions of any engine through
//! the whole pipeline. The format is described in `testdata/queries/README.md`; this is its only
//! reader.

mod case;
mod read;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use almanac_model::{Event, ProjectSettings};
use almanac_query::{Engine, Saved};

pub use case::Case;
pub use read::read;

/// Events of a project, and questions about them with the answers that are right.
#[derive(Debug)]
pub struct Scenario {
    /// The project, with its zone, identity and visit gap.
    pub project: ProjectSettings,
    /// The present.
    pub now: almanac_model::Instant,
    /// What happened.
    pub events: Vec<Event>,
    /// Its goals and segments.
    pub saved: Saved,
    /// What is asked.
    pub cases: Vec<Case>,
}

/// The files of reference cases.
///
/// # Errors
/// When the folder or a file of it cannot be read.
pub fn files() -> std::io::Result<Vec<(PathBuf, String)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/queries");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "test")
        {
            files.push((path.clone(), std::fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok(files)
}

/// Asks every question of a scenario of an engine that holds its events. Gives the rules that the
/// cases are about.
///
/// # Errors
/// The cases whose answers differ, as text for a person.
pub fn check(scenario: &Scenario, engine: &dyn Engine) -> Result<BTreeSet<u32>, String> {
    let mut differences = Vec::new();
    for case in &scenario.cases {
        if let Err(difference) = case.check(scenario, engine) {
            differences.push(difference);
        }
    }
    if differences.is_empty() {
        return Ok(scenario.cases.iter().map(|case| case.rule).collect());
    }
    Err(differences.join("\n\n"))
}
