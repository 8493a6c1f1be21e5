//! The programs that are measured: release builds with the names of their functions, so that all
//! benchmarks, and a profile of any of them, look at the same ones.

use std::path::PathBuf;
use std::sync::LazyLock;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::{cargo, must, read, root};

const PROFILE: &str = "profiling";

/// Builds the programs of these packages.
pub(super) fn build(packages: &[&str]) -> Result<()> {
    let mut command = cargo(&["build", "--profile", PROFILE]);
    for package in packages {
        command.args(["--package", package]);
    }
    must(command)
}

/// Where a program is that was built.
pub(super) fn path(name: &str) -> PathBuf {
    static TARGET: LazyLock<PathBuf> =
        LazyLock::new(|| target().unwrap_or_else(|_| root().join("target")));
    TARGET.join(PROFILE).join(name)
}

/// Where cargo builds, which may be set elsewhere.
fn target() -> Result<PathBuf> {
    let told = read(cargo(&["metadata", "--no-deps", "--format-version", "1"]));
    let metadata: Value = serde_json::from_str(&told.context("cargo told no metadata")?)?;
    let directory = metadata["target_directory"].as_str();
    Ok(directory.context("cargo told no target directory")?.into())
}
