//! `cargo xtask coverage`: line coverage of the Rust tests. The compiler instruments the code; the
//! reader of its profiles must come from the same LLVM major version, so two ways are tried.

use anyhow::{Result, bail};

use crate::process::{cargo, command, must, read};

pub(crate) fn run() -> Result<()> {
    let packages = ["--workspace", "--exclude", "xtask"];
    if read(cargo(&["llvm-cov", "--version"])).is_some() && has_matching_profile_reader() {
        return must(cargo(
            &[&["llvm-cov", "--summary-only"], &packages[..]].concat(),
        ));
    }
    if read(cargo(&["tarpaulin", "--version"])).is_some() {
        // Its own engine counts with breakpoints and needs no LLVM tools.
        let engine = [
            "tarpaulin",
            "--engine",
            "ptrace",
            "--out",
            "Stdout",
            "--skip-clean",
        ];
        let folder = ["--target-dir", "target/coverage"];
        return must(cargo(&[&engine[..], &folder[..], &packages[..]].concat()));
    }
    bail!(
        "no coverage tool fits this compiler; with rustup run `rustup component add llvm-tools` \
         and `cargo install cargo-llvm-cov`, without it run `cargo install cargo-tarpaulin`"
    )
}

/// Whether llvm-profdata is as new as the LLVM inside the compiler; older ones refuse its profiles.
fn has_matching_profile_reader() -> bool {
    let Some(compiler) = read(command("", "rustc", &["--version", "--verbose"])) else {
        return false;
    };
    let Some(sysroot) = read(command("", "rustc", &["--print", "sysroot"])) else {
        return false;
    };
    let host = compiler
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap_or_default();
    let beside_rustc = format!("{}/lib/rustlib/{host}/bin/llvm-profdata", sysroot.trim());
    if read(command("", beside_rustc, &["--version"])).is_some() {
        return true;
    }
    let reader = read(command("", "llvm-profdata", &["--version"])).unwrap_or_default();
    match (llvm_major(&compiler), llvm_major(&reader)) {
        (Some(needed), Some(found)) => found >= needed,
        _ => false,
    }
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

    #[test]
    fn versions_of_llvm() {
        assert_eq!(llvm_major("host: x\nLLVM version: 22.1.2\n"), Some(22));
        assert_eq!(
            llvm_major("Debian LLVM version 14.0.6\n  Optimized build."),
            Some(14)
        );
        assert_eq!(llvm_major("rustc 1.95.0"), None);
    }
}
