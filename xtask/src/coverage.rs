//! `cargo xtask coverage`: line coverage of the Rust tests by crate, with the compiler's own
//! counters and LLVM's own reader. Builds into `target/coverage`, because instrumented code is
//! other code. Test modules inside a file count as lines of that file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{cargo, command, must, read, root};

const TARGET_DIR: &str = "target/coverage";

/// Two tools of the LLVM that the compiler was built with; others refuse its profiles.
struct Tools {
    profdata: String,
    cov: String,
}

pub(crate) fn run() -> Result<()> {
    let tools = find_tools()?;
    let profiles = root().join(TARGET_DIR).join("profiles");
    if profiles.exists() {
        std::fs::remove_dir_all(&profiles)?;
    }
    // A test may start the program itself, so every process writes a profile of its own.
    let mut tests = instrumented(&[
        "test",
        "--workspace",
        "--exclude",
        "xtask",
        "--no-fail-fast",
    ]);
    tests.env("LLVM_PROFILE_FILE", profiles.join("%p-%m.profraw"));
    must(tests)?;
    let summary = summary(&tools, &profiles)?;
    print_by_crate(&lines_by_crate(&summary));
    Ok(())
}

fn instrumented(arguments: &[&str]) -> std::process::Command {
    let mut command = cargo(arguments);
    command.args(["--locked", "--all-targets", "--target-dir", TARGET_DIR]);
    command.env("RUSTFLAGS", "-C instrument-coverage");
    command
}

/// Merges the profiles and asks for the sums of each file.
fn summary(tools: &Tools, profiles: &Path) -> Result<Value> {
    let raw: Vec<PathBuf> = std::fs::read_dir(profiles)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    let merged = profiles.join("all.profdata");
    let mut merge = command("", &tools.profdata, &["merge", "--sparse", "--output"]);
    merge.arg(&merged).args(raw);
    read(merge).context("llvm-profdata could not merge the profiles")?;

    let mut export = command("", &tools.cov, &["export", "--summary-only"]);
    export.arg("--instr-profile").arg(&merged);
    for binary in binaries()? {
        export.arg("--object").arg(binary);
    }
    let text = read(export).context("llvm-cov could not read the merged profile")?;
    serde_json::from_str(&text).context("llvm-cov did not answer with JSON")
}

/// Every program that the tests were, or started.
fn binaries() -> Result<BTreeSet<String>> {
    let build = [
        "test",
        "--workspace",
        "--exclude",
        "xtask",
        "--no-run",
        "--message-format",
        "json",
    ];
    let messages = read(instrumented(&build)).context("the tests do not build")?;
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let binaries = messages.filter_map(|message| Some(message["executable"].as_str()?.to_owned()));
    Ok(binaries.collect())
}

/// Lines that could run and lines that did, by crate.
fn lines_by_crate(summary: &Value) -> BTreeMap<String, (u64, u64)> {
    let mut by_crate = BTreeMap::new();
    let files = summary["data"][0]["files"].as_array();
    for file in files.into_iter().flatten() {
        let path = file["filename"].as_str().unwrap_or_default();
        let Some((_, below)) = path.split_once("/crates/") else {
            continue;
        };
        let Some((name, _)) = below.split_once("/src/") else {
            continue;
        };
        let lines = &file["summary"]["lines"];
        let sums: &mut (u64, u64) = by_crate.entry(name.to_owned()).or_default();
        sums.0 += lines["count"].as_u64().unwrap_or(0);
        sums.1 += lines["covered"].as_u64().unwrap_or(0);
    }
    by_crate
}

fn print_by_crate(by_crate: &BTreeMap<String, (u64, u64)>) {
    let row = |name: &str, (lines, covered): (u64, u64)| {
        let percent = covered as f64 / (lines.max(1)) as f64 * 100.0;
        println!("{name:<12} {covered:>7} of {lines:>7} lines   {percent:>5.1} %");
    };
    println!();
    for (name, sums) in by_crate {
        row(name, *sums);
    }
    let total = by_crate
        .values()
        .fold((0, 0), |sum, next| (sum.0 + next.0, sum.1 + next.1));
    row("all", total);
}

/// The tools beside the compiler, or those of the system with the compiler's LLVM version.
fn find_tools() -> Result<Tools> {
    let compiler = read(command("", "rustc", &["--version", "--verbose"]));
    let compiler = compiler.context("`rustc --version` failed")?;
    let host = compiler
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default();
    let major = llvm_major(&compiler).context("rustc does not name its LLVM version")?;
    let sysroot = read(command("", "rustc", &["--print", "sysroot"])).unwrap_or_default();
    let beside = format!("{}/lib/rustlib/{host}/bin/llvm", sysroot.trim());
    let candidates = [
        (format!("{beside}-profdata"), format!("{beside}-cov")),
        (
            format!("llvm-profdata-{major}"),
            format!("llvm-cov-{major}"),
        ),
        ("llvm-profdata".to_owned(), "llvm-cov".to_owned()),
    ];
    for (profdata, cov) in candidates {
        let version = read(command("", &cov, &["--version"])).unwrap_or_default();
        if llvm_major(&version) == Some(major) {
            return Ok(Tools { profdata, cov });
        }
    }
    bail!(
        "the compiler's profiles need the tools of LLVM {major}; run `rustup component add \
         llvm-tools`, or `apt-get install llvm-{major}` where that exists"
    )
}

/// The major version after `LLVM version`, with or without a colon.
fn llvm_major(text: &str) -> Option<u32> {
    let (_, version) = text.split_once("LLVM version")?;
    version
        .trim_start_matches(':')
        .trim()
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn versions_of_llvm() {
        assert_eq!(llvm_major("host: x\nLLVM version: 22.1.2\n"), Some(22));
        assert_eq!(
            llvm_major("Debian LLVM version 14.0.6\n  Optimized build."),
            Some(14)
        );
        assert_eq!(llvm_major("rustc 1.95.0"), None);
    }

    #[test]
    fn files_are_added_up_by_crate_and_only_ours_count() {
        let file = |path: &str, count: u64, covered: u64| json!({"filename": path, "summary": {"lines": {"count": count, "covered": covered}}});
        let summary = json!({"data": [{"files": [
            file("/a/crates/query/src/lib.rs", 10, 9),
            file("/a/crates/query/src/parse/filter.rs", 5, 5),
            file("/a/crates/model/src/lib.rs", 3, 0),
            file("/a/crates/model/tests/all.rs", 100, 100),
            file("/rustc/library/core/src/fmt.rs", 100, 0),
        ]}]});
        let expected = [("model".to_owned(), (3, 0)), ("query".to_owned(), (15, 14))];
        assert_eq!(lines_by_crate(&summary), BTreeMap::from(expected));
    }
}
