//! The repository as the rules see it: every file that git tracks or would track, its size, and its
//! text when it has one. Loaded once; tests build one by hand.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::{cargo, command, read, root};

/// A file and what the rules need of it.
#[derive(Debug, Clone, Default)]
pub(super) struct File {
    pub(super) bytes: u64,
    /// The content, when it is UTF-8 and not huge.
    pub(super) text: Option<String>,
}

/// All files by path, with `/` between folders, and the resolved dependencies.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) files: BTreeMap<String, File>,
    /// `cargo metadata`; null where a test does not need it.
    pub(super) metadata: Value,
}

impl Tree {
    /// Reads the working tree. Files that git ignores are not part of it.
    pub(super) fn load() -> Result<Tree> {
        let list = [
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ];
        let names = read(command("", "git", &list)).context("`git ls-files` failed")?;
        let mut files = BTreeMap::new();
        for name in names.split('\0').filter(|name| !name.is_empty()) {
            let path = root().join(name);
            // A file that was deleted and not yet committed is still listed.
            let Ok(meta) = std::fs::metadata(&path) else {
                continue;
            };
            if meta.is_file() {
                let text = String::from_utf8(std::fs::read(&path)?).ok();
                files.insert(
                    name.to_owned(),
                    File {
                        bytes: meta.len(),
                        text,
                    },
                );
            }
        }
        Ok(Tree {
            files,
            metadata: metadata()?,
        })
    }

    /// The text of one file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.text.as_deref()
    }

    /// Paths and texts of all files whose name ends in one of `endings`.
    pub(super) fn ending<'a>(
        &'a self,
        endings: &'a [&'a str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files.iter().filter_map(|(path, file)| {
            let fits = endings.iter().any(|ending| path.ends_with(ending));
            fits.then_some((path.as_str(), file.text.as_deref()?))
        })
    }

    /// A tree of a few files, for tests.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Tree {
        let file = |text: &str| File {
            bytes: text.len() as u64,
            text: Some(text.to_owned()),
        };
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), file(text)))
            .collect();
        Tree {
            files,
            metadata: Value::Null,
        }
    }
}

fn metadata() -> Result<Value> {
    let compiler = read(command("", "rustc", &["--version", "--verbose"]));
    let compiler = compiler.context("`rustc --version` failed")?;
    let host = compiler
        .lines()
        .find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc does not name its host")?;
    let arguments = [
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        host,
    ];
    let text = read(cargo(&arguments))
        .context("`cargo metadata --locked` failed; is Cargo.lock up to date?")?;
    let mut metadata: Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
    let built = built(host)?;
    // Metadata follows optional dependencies that no feature switches on; `cargo tree` does not.
    if let Some(nodes) = metadata["resolve"]["nodes"].as_array_mut() {
        nodes.retain(|node| node["id"].as_str().is_some_and(|id| is_among(id, &built)));
    }
    Ok(metadata)
}

/// Every package that a build of the workspace for this host compiles, as `name@version`.
fn built(host: &str) -> Result<BTreeSet<String>> {
    let arguments = [
        "tree",
        "--workspace",
        "--locked",
        "--target",
        host,
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    let text = read(cargo(&arguments)).context("`cargo tree` failed")?;
    let packages = text.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?, words.next()?.strip_prefix('v')?))
    });
    Ok(packages
        .map(|(name, version)| format!("{name}@{version}"))
        .collect())
}

/// Whether a package id, `…#name@version` or `…/name#version`, is one of these packages.
fn is_among(id: &str, built: &BTreeSet<String>) -> bool {
    let Some((source, last)) = id.rsplit_once('#') else {
        return false;
    };
    let folder = source.rsplit('/').next().unwrap_or_default();
    built.contains(last) || built.contains(&format!("{folder}@{last}"))
}
