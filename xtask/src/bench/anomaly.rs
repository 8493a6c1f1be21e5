//! `cargo xtask bench anomaly NAB_DIR`: scores every file of the Numenta Anomaly Benchmark with the
//! product, with one threshold and no setting by file, beside the benchmark's own simplest
//! detector.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::forecast::{almanac, python, succeed};
use crate::process::{command, root};

const SCRIPTS: &str = "xtask/src/bench/anomaly";

/// Runs the benchmark.
pub(super) fn run(rest: &[String]) -> Result<()> {
    let [nab] = rest else {
        bail!("name one folder that holds data/ and labels/ of the Numenta Anomaly Benchmark");
    };
    let nab = Path::new(nab)
        .canonicalize()
        .with_context(|| format!("there is no folder {nab}"))?;
    let folder = root().join("target/bench/anomaly");
    let (own, anchor) = (folder.join("almanac"), folder.join("windowed-gaussian"));
    let almanac = almanac()?;
    for file in files(&nab.join("data"))? {
        let output = own.join(file.strip_prefix(nab.join("data"))?);
        std::fs::create_dir_all(output.parent().unwrap_or(&own))?;
        let (file, output) = (file.display().to_string(), output.display().to_string());
        let words = ["--json", "anomaly", "scan", &file, "-o", &output];
        let finished = command("", &almanac, &words).output()?;
        let said = String::from_utf8_lossy(&finished.stderr);
        ensure!(finished.status.success(), "{file}: {said}");
    }
    let python = python("xtask/src/bench/forecast/requirements.txt")?;
    let (nab, anchor) = (nab.display().to_string(), anchor.display().to_string());
    succeed(&python, &[&format!("{SCRIPTS}/anchors.py"), &nab, &anchor])?;
    let score = format!("{SCRIPTS}/score.py");
    let (own, anchor) = (
        format!("almanac={}", own.display()),
        format!("windowed Gaussian={anchor}"),
    );
    succeed(&python, &[&score, &nab, &own, &anchor])
}

/// Every CSV file of every folder, in order.
fn files(data: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(data)? {
        let folder = folder?.path();
        if folder.is_dir() {
            for file in std::fs::read_dir(folder)? {
                let file = file?.path();
                found.extend(
                    file.extension()
                        .is_some_and(|end| end == "csv")
                        .then_some(file),
                );
            }
        }
    }
    found.sort();
    ensure!(!found.is_empty(), "{} holds no CSV file", data.display());
    Ok(found)
}
