//! How long a release build takes from nothing, and how large the result is: binary, dashboard and
//! SDK. Builds into a folder of its own, so the everyday build is not thrown away.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::process::{cargo, must, root};

const TARGET_DIR: &str = "target/bench-build";

pub(crate) fn run(rest: &[String]) -> Result<()> {
    if !rest.is_empty() {
        bail!("`bench build` takes no arguments, got {rest:?}");
    }
    let target_dir = root().join(TARGET_DIR);
    if target_dir.exists() {
        std::fs::remove_dir_all(&target_dir)?;
    }
    let started = Instant::now();
    must(cargo(&[
        "build",
        "--release",
        "--package",
        "almanac-server",
        "--target-dir",
        TARGET_DIR,
    ]))?;
    let seconds = started.elapsed().as_secs_f64();
    let bytes = std::fs::metadata(target_dir.join("release/almanac"))?.len();
    println!("\nclean release build   {seconds:.0} s");
    println!("size of the binary    {:.1} MB", bytes as f64 / 1e6);
    Ok(())
}
