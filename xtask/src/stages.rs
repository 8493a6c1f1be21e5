//! The stages of the two gates, in the order they run. `check` is for a change about to be
//! proposed; `test` is everything, on a machine that may have nothing installed yet.
//!
//! The order matters twice: cheap stages come first, and the SDK and the dashboard are built before
//! the Rust code that embeds them. All Rust stages share one profile and one target folder.

use anyhow::{Result, bail};

use crate::process::{cargo, command, read, root, stream};
use crate::stage::{Outcome, Stage, run_all};
use crate::{install, node, tidy};

/// Which list of stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    Check,
    Test,
}

const INSTALL: Stage = Stage {
    name: "install",
    needs: &[],
    run: install::stage,
};
const TIDY: Stage = Stage {
    name: "tidy",
    needs: &[],
    run: tidy::stage,
};
const FMT: Stage = Stage {
    name: "fmt",
    needs: &[],
    run: fmt,
};
const SDK: Stage = Stage {
    name: "sdk",
    needs: &[],
    run: || Ok(node::verify(node::SDK)?.and(node::verify(node::TELEMETRY)?)),
};
const WEB: Stage = Stage {
    name: "web",
    needs: &[],
    run: || node::verify(node::WEB),
};
const CLIPPY: Stage = Stage {
    name: "clippy",
    needs: &[],
    run: clippy,
};
const RUST: Stage = Stage {
    name: "rust",
    needs: &[],
    run: rust,
};
const DOCTESTS: Stage = Stage {
    name: "doctests",
    needs: &[],
    run: doctests,
};
const DOCS: Stage = Stage {
    name: "docs",
    needs: &[],
    run: docs,
};
const BINARY: Stage = Stage {
    name: "binary",
    needs: &["sdk", "web"],
    run: binary,
};
const E2E: Stage = Stage {
    name: "e2e",
    needs: &["binary"],
    run: e2e,
};
const PYTHON: Stage = Stage {
    name: "python",
    needs: &["binary"],
    run: python,
};

const CHECK: &[Stage] = &[TIDY, FMT, SDK, WEB, CLIPPY, RUST, DOCTESTS, DOCS];
const TEST: &[Stage] = &[
    INSTALL, TIDY, FMT, SDK, WEB, CLIPPY, RUST, DOCTESTS, DOCS, BINARY, E2E, PYTHON,
];

/// Runs a gate, or only the named stages of it. `false` when something failed.
pub(crate) fn run(gate: Gate, only: &[String]) -> Result<bool> {
    let all = if gate == Gate::Check { CHECK } else { TEST };
    let names: Vec<&str> = all.iter().map(|stage| stage.name).collect();
    if let Some(unknown) = only.iter().find(|name| !names.contains(&name.as_str())) {
        bail!(
            "there is no stage {unknown:?}; the stages are {}",
            names.join(", ")
        );
    }
    let wanted = |stage: &Stage| only.is_empty() || only.iter().any(|name| name == stage.name);
    let stages: Vec<Stage> = all.iter().copied().filter(wanted).collect();
    Ok(run_all(&stages))
}

fn one(command: std::process::Command) -> Result<Outcome> {
    stream(command).map(Outcome::of)
}

fn fmt() -> Result<Outcome> {
    one(cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Result<Outcome> {
    one(cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))
}

/// Unit and integration tests; cargo-nextest where it is installed, because it runs binaries in
/// parallel and names the slow ones.
fn rust() -> Result<Outcome> {
    if read(cargo(&["nextest", "--version"])).is_some() {
        one(cargo(&[
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--no-fail-fast",
        ]))
    } else {
        one(cargo(&[
            "test",
            "--workspace",
            "--locked",
            "--all-targets",
            "--no-fail-fast",
        ]))
    }
}

fn doctests() -> Result<Outcome> {
    one(cargo(&[
        "test",
        "--workspace",
        "--locked",
        "--doc",
        "--no-fail-fast",
    ]))
}

fn docs() -> Result<Outcome> {
    let mut command = cargo(&["doc", "--workspace", "--locked", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    one(command)
}

/// The binary that the outside tests drive, of the same profile as the tests.
fn binary() -> Result<Outcome> {
    one(cargo(&["build", "--locked", "--package", "almanac-server"]))
}

/// The browser tests, against the binary just built.
fn e2e() -> Result<Outcome> {
    if !root().join(node::E2E).join("package.json").exists() {
        return Ok(Outcome::Absent("there is no e2e/package.json"));
    }
    node::packages(node::E2E)?;
    // The provider of sign-ins.
    node::packages(node::CLIENTS)?;
    let binary = root().join("target/debug/almanac");
    node::scripts(
        node::E2E,
        &["types", "lint", "test"],
        &[("ALMANAC_BIN", &binary)],
    )
}

/// Tests by programs of others that read our files and speak our protocols, and those of the
/// client for Python.
fn python() -> Result<Outcome> {
    if !root().join("tests/python").is_dir() {
        return Ok(Outcome::Absent("there is no tests/python"));
    }
    node::packages(node::CLIENTS)?;
    let arguments = ["-m", "pytest", "-q", "tests/python", "sdk/python/tests"];
    let mut command = command("", install::venv_python(), &arguments);
    command.env("ALMANAC_BIN", root().join("target/debug/almanac"));
    one(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_have_their_own_names_and_need_only_earlier_ones() {
        for gate in [CHECK, TEST] {
            for (at, stage) in gate.iter().enumerate() {
                let earlier: Vec<&str> = gate[..at].iter().map(|stage| stage.name).collect();
                assert!(
                    !earlier.contains(&stage.name),
                    "{} is there twice",
                    stage.name
                );
                for need in stage.needs {
                    assert!(
                        earlier.contains(need),
                        "{} needs {need} before it",
                        stage.name
                    );
                }
            }
        }
    }

    #[test]
    fn whatever_passes_the_test_gate_passes_the_check_gate() {
        let tested: Vec<&str> = TEST.iter().map(|stage| stage.name).collect();
        for stage in CHECK {
            assert!(tested.contains(&stage.name), "{} is not tested", stage.name);
        }
    }

    #[test]
    fn an_unknown_stage_is_refused() {
        let error = run(Gate::Test, &["unit".to_owned()])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("\"unit\"") && error.contains("rust"),
            "{error}"
        );
    }
}
