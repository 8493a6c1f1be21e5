//! `cargo xtask run`: from a fresh checkout to a living dashboard in one command. Builds what
//! changed, loads the demonstration data once, then becomes the server's parent.

use std::path::Path;

use anyhow::Result;

use crate::node;
use crate::process::{cargo, command, must, root};

/// Where the demonstration lives; git ignores it. Remove the folder to start over.
const DATA_DIR: &str = "data/demo";

pub(crate) fn run(port: u16) -> Result<()> {
    // Before anything slow, so that a missing tool is known at once.
    node::require()?;
    node::build(node::SDK)?;
    node::build(node::WEB)?;
    must(cargo(&[
        "build",
        "--release",
        "--package",
        "almanac-server",
    ]))?;

    let binary = root().join("target/release/almanac");
    load_demo_once(&binary)?;
    let listen = format!("127.0.0.1:{port}");
    println!("\nAlmanac is starting on http://{listen} (stop it with Ctrl-C)\n");
    let arguments = ["serve", "--data-dir", DATA_DIR, "--listen", &listen];
    must(command("", &binary, &arguments))
}

/// Loads the demonstration unless an earlier run did. A marker is written last, so a load that was
/// cut short is seen and done again from nothing.
fn load_demo_once(binary: &Path) -> Result<()> {
    let data_dir = root().join(DATA_DIR);
    let marker = root().join("data/demo.loaded");
    if marker.exists() && data_dir.is_dir() {
        return Ok(());
    }
    if data_dir.exists() {
        std::fs::remove_dir_all(&data_dir)?;
    }
    std::fs::create_dir_all(&data_dir)?;
    println!("\nLoading a year of demonstration data into {DATA_DIR}; this happens once.");
    must(command("", binary, &["demo", "--data-dir", DATA_DIR]))?;
    Ok(std::fs::write(marker, "loaded\n")?)
}
