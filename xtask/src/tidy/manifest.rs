//! What every crate must switch on: the lint table of the workspace, and documented public items in
//! the crates that others build on.

use toml::Table;

use super::Violation;
use super::tree::Tree;

const RULE: &str = "manifest";

/// Workspaces of their own, outside of these rules: the fuzz targets.
const OTHER_WORKSPACES: [&str; 1] = ["fuzz/"];

/// Whether a manifest belongs to another workspace than ours.
pub(super) fn is_foreign(path: &str) -> bool {
    OTHER_WORKSPACES
        .iter()
        .any(|folder| path.starts_with(folder))
}

/// Crates whose public items must all be documented; rustc does the looking.
const DOCUMENTED: &[&str] = &["model", "queue", "store", "query", "insights", "lstm"];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.ending(&["/Cargo.toml"]) {
        if is_foreign(path) {
            continue;
        }
        let manifest = text.parse::<Table>().unwrap_or_default();
        let lints = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"));
        if lints.and_then(toml::Value::as_bool) != Some(true) {
            let message = "add `[lints] workspace = true`";
            violations.push(Violation::new(RULE, path, 0, message));
        }
    }
    for name in DOCUMENTED {
        let path = format!("crates/{name}/src/lib.rs");
        let Some(text) = tree.text(&path) else {
            continue;
        };
        let is_on = ["warn", "deny"]
            .iter()
            .any(|level| text.contains(&format!("#![{level}(missing_docs)]")));
        if !is_on {
            violations.push(Violation::new(
                RULE,
                &path,
                0,
                "add `#![warn(missing_docs)]`",
            ));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_omissions_are_found() {
        let tree = Tree::of(&[
            ("crates/a/Cargo.toml", "[lints]\nworkspace = true\n"),
            ("crates/b/Cargo.toml", "[package]\nname = \"b\"\n"),
            (
                "crates/model/src/lib.rs",
                "//! Words.\n#![warn(missing_docs)]\n",
            ),
            ("crates/store/src/lib.rs", "//! Files.\n"),
            ("crates/api/src/lib.rs", "//! Need not be documented.\n"),
        ]);
        let paths: Vec<String> = check(&tree)
            .into_iter()
            .map(|violation| violation.path)
            .collect();
        assert_eq!(paths, ["crates/b/Cargo.toml", "crates/store/src/lib.rs"]);
    }
}
