//! What the tests need beyond cargo and Node.js, as data, each entry with what needs it. Debian
//! packages are installed only when missing and only as root; everything else goes under `target/`.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::process::{command, exists, must, read, root};
use crate::stage::Outcome;
use crate::stage::counts::Counts;

/// A Debian package, the program or path that shows it is there, and what needs it.
struct Debian {
    package: &'static str,
    sign: Sign,
    needed_by: &'static str,
}

enum Sign {
    Program(&'static str),
    Path(&'static str),
}

const DEBIAN: &[Debian] = &[
    Debian {
        package: "chromium",
        sign: Sign::Program("chromium"),
        needed_by: "the browser tests in e2e/",
    },
    Debian {
        package: "fonts-dejavu-core",
        sign: Sign::Path("/usr/share/fonts/truetype/dejavu"),
        needed_by: "text in the screenshots of the browser tests",
    },
    Debian {
        package: "nginx-light",
        sign: Sign::Path("/usr/sbin/nginx"),
        needed_by: "the test of docs/guides/proxy/nginx.conf in e2e/",
    },
    Debian {
        package: "pebble",
        sign: Sign::Program("pebble"),
        needed_by: "the test of certificates from an authority",
    },
    Debian {
        package: "postgresql",
        sign: Sign::Path("/usr/lib/postgresql"),
        needed_by: "the catalog's tests on its second database",
    },
    Debian {
        package: "python3-venv",
        sign: Sign::Program("python3"),
        needed_by: "the outside readers of our files in tests/python/",
    },
];

/// Python packages, what they are imported as, and what needs them. They live in `target/venv`.
const PYTHON: &[(&str, &str, &str)] = &[
    ("pytest", "pytest", "runs tests/python/"),
    (
        "duckdb",
        "duckdb",
        "reads the Parquet files as a stranger would",
    ),
    ("pyarrow", "pyarrow", "reads them a second way"),
    (
        "schemathesis==4.32.5",
        "schemathesis",
        "asks what docs/openapi.json allows, and more",
    ),
    ("posthog==7.91.1", "posthog", "sends events, unmodified"),
    (
        "segment-analytics-python==2.4.0",
        "segment.analytics",
        "sends events, unmodified",
    ),
    (
        "opentelemetry-sdk==1.45.2",
        "opentelemetry.sdk.trace",
        "makes spans for the exporter",
    ),
    (
        "opentelemetry-exporter-otlp-proto-http==1.45.2",
        "opentelemetry.exporter.otlp.proto.http",
        "sends spans, unmodified",
    ),
];

/// Installs whatever is missing.
pub(crate) fn stage() -> Result<Outcome> {
    debian()?;
    if root().join("tests/python").is_dir() {
        python()?;
    }
    Ok(Outcome::Passed(Counts::ZERO))
}

fn debian() -> Result<()> {
    let missing: Vec<&Debian> = DEBIAN
        .iter()
        .filter(|entry| !is_there(&entry.sign))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    for entry in &missing {
        println!(
            "{} is missing; it is for {}",
            entry.package, entry.needed_by
        );
    }
    let packages: Vec<&str> = missing.iter().map(|entry| entry.package).collect();
    let is_root = read(command("", "id", &["-u"])).is_some_and(|id| id.trim() == "0");
    if !is_root || !exists("apt-get") {
        bail!(
            "as root, run: apt-get install --no-install-recommends {}",
            packages.join(" ")
        );
    }
    must(command("", "apt-get", &["update", "-qq"]))?;
    let arguments = ["install", "-y", "-qq", "--no-install-recommends"];
    must(command(
        "",
        "apt-get",
        &[&arguments[..], &packages[..]].concat(),
    ))
}

fn is_there(sign: &Sign) -> bool {
    match sign {
        Sign::Program(program) => exists(program),
        Sign::Path(path) => PathBuf::from(path).exists(),
    }
}

/// The Python that has the packages of [`PYTHON`].
pub(crate) fn venv_python() -> PathBuf {
    root().join("target/venv/bin/python")
}

fn python() -> Result<()> {
    let python = venv_python();
    if !python.exists() {
        must(command("", "python3", &["-m", "venv", "target/venv"]))?;
    }
    let missing: Vec<&str> = PYTHON
        .iter()
        .filter(|(_, module, _)| {
            read(command("", &python, &["-c", &format!("import {module}")])).is_none()
        })
        .map(|(package, _, _)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    must(command("", &python, &[&pip[..], &missing[..]].concat()))
}
