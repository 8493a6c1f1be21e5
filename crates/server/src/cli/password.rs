//! Where the password of a new user comes from. Never from a flag: flags can be read by every user
//! of the machine.

use std::io::Read;
use std::path::Path;

use super::exit_code::ExitCode;
use super::failure::Failure;
use crate::config::Environment;

/// More than the longest password in bytes; what follows is not read.
const INPUT_BYTES_MAX: u64 = 4_096;

/// The password and whether it was made here, so that it must be told.
pub(super) struct Password {
    pub(super) text: String,
    pub(super) is_generated: bool,
}

/// Takes the password from the file or input that was asked for, else from `ALMANAC_PASSWORD` or
/// the file that `ALMANAC_PASSWORD_FILE` names; else makes one.
pub(super) fn obtain(
    file: Option<&Path>,
    input: Option<&mut dyn Read>,
    environment: &Environment,
) -> Result<Password, Failure> {
    let given = |text| {
        Ok(Password {
            text,
            is_generated: false,
        })
    };
    if let Some(path) = file {
        return given(from_file(path)?);
    }
    if let Some(input) = input {
        return given(first_line(input, "standard input")?);
    }
    if let Some(text) = environment.get("ALMANAC_PASSWORD") {
        return given(text.to_owned());
    }
    if let Some(path) = environment.get("ALMANAC_PASSWORD_FILE") {
        return given(from_file(Path::new(path))?);
    }
    Ok(Password {
        text: almanac_catalog::password::generate()?,
        is_generated: true,
    })
}

fn from_file(path: &Path) -> Result<String, Failure> {
    let name = path.display().to_string();
    let mut file = std::fs::File::open(path).map_err(|error| unreadable(&name, &error))?;
    first_line(&mut file, &name)
}

fn first_line(input: &mut dyn Read, name: &str) -> Result<String, Failure> {
    let mut text = String::new();
    input
        .take(INPUT_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| unreadable(name, &error))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    Failure::new(
        ExitCode::Failed,
        format!("cannot read the password from {name}: {error}"),
    )
}
