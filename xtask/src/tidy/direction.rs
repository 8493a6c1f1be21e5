//! Which crate may know which, as a table. An edge that is not in the table is a decision about the
//! architecture: change ARCHITECTURE.md in the same commit.

use toml::Table;

use super::Violation;
use super::manifest::is_foreign;
use super::tree::Tree;

const RULE: &str = "direction";
const PREFIX: &str = "almanac-";

/// A crate and the crates it may depend on, lowest first. `xtask` knows none of them.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("queue", &[]),
    ("ingest", &["model"]),
    ("query", &["model"]),
    ("store", &["model", "query"]),
    ("catalog", &["model"]),
    ("insights", &["model"]),
    ("lstm", &["model", "insights"]),
    ("cluster", &["model", "query", "queue"]),
    (
        "api",
        &[
            "model", "queue", "ingest", "query", "store", "catalog", "insights", "lstm",
        ],
    ),
    (
        "server",
        &[
            "model", "queue", "ingest", "query", "store", "catalog", "insights", "lstm", "cluster",
            "api",
        ],
    ),
    (
        "testkit",
        &[
            "model", "queue", "ingest", "query", "store", "catalog", "insights", "lstm", "cluster",
            "api", "server",
        ],
    ),
    ("load", &[]),
    ("telemetry", &[]),
    ("xtask", &[]),
];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    tree.ending(&["/Cargo.toml"])
        .filter(|(path, _)| !is_foreign(path))
        .flat_map(|(path, text)| check_manifest(path, text))
        .collect()
}

fn check_manifest(path: &str, text: &str) -> Vec<Violation> {
    let Ok(manifest) = text.parse::<Table>() else {
        return vec![Violation::new(RULE, path, 0, "this manifest is not TOML")];
    };
    let package = manifest
        .get("package")
        .and_then(|package| package.get("name"));
    let name = package.and_then(|name| name.as_str()).unwrap_or_default();
    let own = name.strip_prefix(PREFIX).unwrap_or(name);
    let Some((_, allowed)) = MAY_USE.iter().find(|(crate_name, _)| *crate_name == own) else {
        let message =
            format!("crate {name:?} has no row in the table of xtask/src/tidy/direction.rs");
        return vec![Violation::new(RULE, path, 0, message)];
    };
    let mut violations = Vec::new();
    for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
        let Some(section_table) = manifest.get(section).and_then(|table| table.as_table()) else {
            continue;
        };
        for dependency in section_table
            .keys()
            .filter_map(|key| key.strip_prefix(PREFIX))
        {
            // `testkit` exists for tests, wherever they are; and a crate may switch on a feature of
            // itself for its tests.
            let for_tests =
                section == "dev-dependencies" && (dependency == "testkit" || dependency == own);
            if !for_tests && !allowed.contains(&dependency) {
                let message = format!("{own} must not know {dependency}");
                violations.push(Violation::new(RULE, path, 0, message));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(manifest: &str) -> Vec<String> {
        let tree = Tree::of(&[("crates/x/Cargo.toml", manifest)]);
        check(&tree)
            .into_iter()
            .map(|violation| violation.message)
            .collect()
    }

    #[test]
    fn edges_of_the_table_are_fine() {
        let store = "[package]\nname = \"almanac-store\"\n[dependencies]\nalmanac-query = \"1\"\n\
                     [dev-dependencies]\nalmanac-testkit = \"1\"\n";
        assert_eq!(messages(store), Vec::<String>::new());
    }

    #[test]
    fn planted_edges_are_found() {
        let store = "[package]\nname = \"almanac-store\"\n[dependencies]\nalmanac-api = \"1\"\n";
        assert_eq!(messages(store), ["store must not know api"]);
        let model =
            "[package]\nname = \"almanac-model\"\n[dev-dependencies]\nalmanac-queue = \"1\"\n";
        assert_eq!(messages(model), ["model must not know queue"]);
        let testkit =
            "[package]\nname = \"almanac-api\"\n[dependencies]\nalmanac-testkit = \"1\"\n";
        assert_eq!(messages(testkit), ["api must not know testkit"]);
        let unknown = "[package]\nname = \"almanac-misc\"\n";
        assert!(
            messages(unknown)[0].contains("no row"),
            "{:?}",
            messages(unknown)
        );
    }

    #[test]
    fn the_table_has_no_cycle() {
        // Every row uses only rows above it, except that nothing may use testkit and xtask.
        for (at, (name, allowed)) in MAY_USE.iter().enumerate() {
            for used in *allowed {
                assert!(
                    MAY_USE[..at].iter().any(|(above, _)| above == used),
                    "{name} uses {used}"
                );
            }
        }
    }
}
