//! `cargo xtask bench forecast DATA.csv`: the product's forecasts at past origins of every series
//! of a file, beside public models at the same origins, scored by one program. The data is the
//! caller's: most public traffic figures may be measured with but not passed on.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use super::program;
use crate::process::{command, root, stream};

const SCRIPTS: &str = "xtask/src/bench/forecast";

/// Runs the benchmark.
pub(super) fn run(rest: &[String]) -> Result<()> {
    let [data] = rest else {
        bail!("name one CSV file with the columns unique_id, ds and y");
    };
    let data = Path::new(data)
        .canonicalize()
        .with_context(|| format!("there is no file {data}"))?;
    let data = data.display().to_string();
    let folder = root().join("target/bench/forecast");
    std::fs::create_dir_all(&folder)?;
    let (own, anchors) = (path(&folder, "almanac.csv"), path(&folder, "anchors.csv"));
    let almanac = almanac()?;
    let python = python(&format!("{SCRIPTS}/requirements.txt"))?;

    let started = Instant::now();
    let backtest = ["forecast", "backtest", &data, "-o", &own];
    succeed(
        &almanac,
        &[&backtest[..], &["--each-model", "--network"]].concat(),
    )?;
    println!(
        "almanac: {:.1} s on all cores",
        started.elapsed().as_secs_f64()
    );
    let started = Instant::now();
    succeed(
        &python,
        &[&format!("{SCRIPTS}/anchors.py"), &data, &anchors],
    )?;
    println!("anchors: {:.1} s", started.elapsed().as_secs_f64());
    succeed(
        &python,
        &[&format!("{SCRIPTS}/score.py"), &data, &own, &anchors],
    )
}

/// The program, built.
pub(super) fn almanac() -> Result<String> {
    program::build(&["almanac-server"])?;
    Ok(program::path("almanac").display().to_string())
}

/// An interpreter with these packages, in an environment of its own under `target/`.
pub(super) fn python(requirements: &str) -> Result<String> {
    let folder = root().join("target/venv-bench");
    let interpreter = folder.join("bin/python").display().to_string();
    if !folder.join("bin/python").exists() {
        succeed("python3", &["-m", "venv", &folder.display().to_string()])?;
    }
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--requirement",
        requirements,
    ];
    succeed(&interpreter, &install)?;
    Ok(interpreter)
}

/// Runs a program at the top of the repository.
pub(super) fn succeed(program: &str, arguments: &[&str]) -> Result<()> {
    let finished = stream(command("", program, arguments))?;
    ensure!(finished.success, "{program} failed");
    Ok(())
}

fn path(folder: &Path, name: &str) -> String {
    let path: PathBuf = folder.join(name);
    path.display().to_string()
}
