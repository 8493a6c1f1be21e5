//! The parts written in TypeScript: the browser SDK, the client for Node.js, the dashboard and the
//! browser tests. Knows when a folder's packages or its build are out of date, and runs the scripts
//! of its `package.json`.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process::{command, must, read, root, stream};
use crate::stage::Outcome;
use crate::stage::counts::Counts;

/// The oldest Node.js that the tools of `web/` and `sdk/` run on.
const NODE_MAJOR_MIN: u32 = 20;

/// The browser SDK; built before the dashboard and the binary, which embed it.
pub(crate) const SDK: &str = "sdk/browser";
/// The client for Node.js that counts calls of tools.
pub(crate) const TELEMETRY: &str = "sdk/node";
/// The dashboard.
pub(crate) const WEB: &str = "web";
/// The browser tests.
pub(crate) const E2E: &str = "e2e";
/// Other people's clients for Node.js, which `tests/python` sets at a server.
pub(crate) const CLIENTS: &str = "tests/node";

/// Fails with a remedy when Node.js or npm are missing or too old.
pub(crate) fn require() -> Result<()> {
    let remedy = format!(
        "install Node.js {NODE_MAJOR_MIN} or newer with npm, from your distribution or from \
         https://nodejs.org, and run this again"
    );
    let Some(version) = read(command("", "node", &["--version"])) else {
        bail!("`node` was not found, and the dashboard needs it to build; {remedy}");
    };
    match major(&version) {
        Some(major) if major >= NODE_MAJOR_MIN => {}
        _ => bail!("Node.js {} is too old; {remedy}", version.trim()),
    }
    if read(command("", "npm", &["--version"])).is_none() {
        bail!("`npm` was not found beside node; {remedy}");
    }
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Installs the packages of `folder` when its lock file changed since the last time.
pub(crate) fn packages(folder: &str) -> Result<()> {
    require()?;
    let lock = root().join(folder).join("package-lock.json");
    let text = std::fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let fresh = blake3::hash(&text).to_hex().to_string();
    let is_installed = root().join(folder).join("node_modules").is_dir();
    if is_installed && stamp(folder, "packages").is_some_and(|stamp| stamp == fresh) {
        return Ok(());
    }
    // Not `npm ci`, which refuses a lock file without the optional packages of every other
    // platform. Without saving, this keeps to the locked versions and leaves the lock file alone.
    must(command(
        folder,
        "npm",
        &["install", "--no-save", "--no-audit", "--no-fund"],
    ))?;
    write_stamp(folder, "packages", &fresh)
}

/// Builds `folder` into its `dist` when any of its sources changed since the last build.
pub(crate) fn build(folder: &str) -> Result<()> {
    packages(folder)?;
    let fresh = hash_of_sources(folder)?;
    let is_built = root().join(folder).join("dist").is_dir();
    if is_built && stamp(folder, "build").is_some_and(|stamp| stamp == fresh) {
        println!("{folder} is up to date");
        return Ok(());
    }
    must(command(folder, "npm", &["run", "build"]))?;
    write_stamp(folder, "build", &fresh)
}

/// Type check, lint, tests, build and size budget of one folder, in that order, all of them even
/// after a failure.
pub(crate) fn verify(folder: &str) -> Result<Outcome> {
    if !root().join(folder).join("package.json").exists() {
        return Ok(Outcome::Absent("the folder has no package.json"));
    }
    packages(folder)?;
    let tested = scripts(folder, &["typecheck", "types", "lint", "test"], &[])?;
    build(folder)?;
    let sized = scripts(folder, &["size"], &[])?;
    Ok(tested.and(sized))
}

/// Runs those scripts of `folder` that it has, all of them even after a failure.
pub(crate) fn scripts(
    folder: &str,
    names: &[&str],
    environment: &[(&str, &Path)],
) -> Result<Outcome> {
    let mut outcome = Outcome::Passed(Counts::ZERO);
    for name in names {
        let mut script = command(folder, "npm", &["run", "--if-present", name]);
        script.envs(environment.iter().copied());
        outcome = outcome.and(Outcome::of(stream(script)?));
    }
    Ok(outcome)
}

/// A hash over the names and contents of everything in `folder` that a build may read.
fn hash_of_sources(folder: &str) -> Result<String> {
    let mut files = Vec::new();
    collect(&root().join(folder), &mut files)?;
    files.sort();
    let mut hasher = blake3::Hasher::new();
    for file in files {
        hasher.update(file.to_string_lossy().as_bytes());
        hasher.update(&std::fs::read(&file)?);
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if ["node_modules", "dist", "test-results"]
            .iter()
            .any(|skipped| name == *skipped)
        {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn stamp_file(folder: &str, what: &str) -> std::path::PathBuf {
    root()
        .join("target/xtask")
        .join(format!("{}-{what}.stamp", folder.replace('/', "-")))
}

fn stamp(folder: &str, what: &str) -> Option<String> {
    std::fs::read_to_string(stamp_file(folder, what)).ok()
}

fn write_stamp(folder: &str, what: &str, hash: &str) -> Result<()> {
    std::fs::create_dir_all(root().join("target/xtask"))?;
    Ok(std::fs::write(stamp_file(folder, what), hash)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node() {
        let cases = [
            ("v20.20.2\n", Some(20)),
            ("v8.0.0", Some(8)),
            ("", None),
            ("20.1", None),
        ];
        for (version, expected) in cases {
            assert_eq!(major(version), expected, "{version:?}");
        }
    }
}
