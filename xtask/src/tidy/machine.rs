//! Nothing in the repository may depend on, or give away, one particular machine: no absolute paths
//! of somebody's disk, and no package source other than the public registries.

use super::Violation;
use super::tree::Tree;

const RULE: &str = "machine";

/// Folders that exist on one machine. Written in pieces, so that this file is not a find itself.
const MACHINE_FOLDERS: &[&str] = &[
    concat!("/", "root/"),
    concat!("/", "work/"),
    HOMES[0],
    HOMES[1],
];
const HOMES: &[&str] = &[concat!("/", "home/"), concat!("/", "Users/")];

const CARGO_REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";
const NPM_REGISTRY: &str = "https://registry.npmjs.org/";

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, file) in &tree.files {
        let Some(text) = file.text.as_deref() else {
            continue;
        };
        // Logs and pages in test data may hold any path.
        if !path.starts_with("testdata/") {
            violations.extend(check_paths(path, text));
        }
        violations.extend(check_sources(path, text));
    }
    violations
}

fn check_paths(path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for folder in MACHINE_FOLDERS {
            if line
                .match_indices(folder)
                .any(|(start, _)| starts_a_path(line, start, folder))
            {
                let message = format!("{folder} is a folder of one machine; use a relative path");
                violations.push(Violation::new(RULE, path, at + 1, message));
            }
        }
    }
    violations
}

/// Whether the match is the beginning of a path and goes on. Behind a host name, as in an address,
/// it is not; and a folder of homes is one only above somebody's folder, because pages have such
/// addresses too.
fn starts_a_path(line: &str, start: usize, folder: &str) -> bool {
    let before = line.get(..start).and_then(|text| text.chars().next_back());
    let is_inside = before.is_some_and(|c| c.is_alphanumeric() || "._-/}*".contains(c));
    let rest = line.get(start + folder.len()..).unwrap_or_default();
    let is_name = |c: char| c.is_alphanumeric() || "._-".contains(c);
    let after_name = rest.trim_start_matches(is_name);
    let goes_on = after_name.len() < rest.len();
    let holds_homes = HOMES.contains(&folder);
    !is_inside && goes_on && (!holds_homes || after_name.starts_with('/'))
}

fn check_sources(path: &str, text: &str) -> Vec<Violation> {
    let file = path.rsplit('/').next().unwrap_or_default();
    let (mark, registry) = match file {
        "Cargo.lock" => ("source = \"", CARGO_REGISTRY),
        "package-lock.json" => ("\"resolved\": \"", NPM_REGISTRY),
        ".npmrc" => ("registry=", NPM_REGISTRY),
        _ => return Vec::new(),
    };
    let sources = text
        .lines()
        .enumerate()
        .filter_map(|(at, line)| Some((at, line.split_once(mark)?.1)));
    let foreign = sources.filter(|(_, source)| !source.starts_with(registry));
    foreign
        .map(|(at, _)| {
            Violation::new(
                RULE,
                path,
                at + 1,
                format!("packages come from {registry} only"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_paths_are_found() {
        let text = |folder: &str| format!("see `{folder}me/notes.txt`");
        for folder in MACHINE_FOLDERS {
            assert_eq!(
                check(&Tree::of(&[("docs/a.md", &text(folder))])).len(),
                1,
                "{folder}"
            );
            assert_eq!(
                check(&Tree::of(&[("testdata/a.log", &text(folder))])),
                [],
                "{folder}"
            );
        }
        let address = format!("https://example.com{}me/x", HOMES[0]);
        assert_eq!(check(&Tree::of(&[("docs/a.md", &address)])), []);
        let page = format!("the page {}about.html", HOMES[0]);
        assert_eq!(check(&Tree::of(&[("docs/a.md", &page)])), []);
    }

    #[test]
    fn planted_package_sources_are_found() {
        let found = [
            (
                "Cargo.lock",
                "source = \"registry+https://mirror.example/index\"",
            ),
            (
                "web/package-lock.json",
                "  \"resolved\": \"https://mirror.example/react.tgz\",",
            ),
            ("web/.npmrc", "registry=https://mirror.example/"),
        ];
        for file in found {
            assert_eq!(check(&Tree::of(&[file])).len(), 1, "{}", file.0);
        }
        let fine = [
            (
                "Cargo.lock",
                "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
            ),
            (
                "web/package-lock.json",
                "\"resolved\": \"https://registry.npmjs.org/react/-/react.tgz\"",
            ),
        ];
        for file in fine {
            assert_eq!(check(&Tree::of(&[file])), [], "{}", file.0);
        }
    }
}
