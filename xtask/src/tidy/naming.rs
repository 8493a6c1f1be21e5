//! Where things may not live: in `mod.rs`, and in folders whose name says nothing.

use super::Violation;
use super::tree::Tree;

const RULE: &str = "naming";
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc"];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    tree.files
        .keys()
        .filter_map(|path| check_path(path))
        .collect()
}

fn check_path(path: &str) -> Option<Violation> {
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    if file == "mod.rs" {
        return Some(Violation::new(
            RULE,
            path,
            0,
            "put the module into foo.rs beside foo/",
        ));
    }
    let stem = file.split('.').next().unwrap_or_default();
    let is_source = [".rs", ".ts", ".tsx", ".py"]
        .iter()
        .any(|ending| file.ends_with(ending));
    let named = is_source.then_some(stem).into_iter().chain(parts);
    let empty = named.into_iter().find(|name| EMPTY_NAMES.contains(name))?;
    let message = format!("{empty:?} says nothing about what is inside; name it by its subject");
    Some(Violation::new(RULE, path, 0, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_names_are_found() {
        let found = [
            "a/mod.rs",
            "a/utils/b.rs",
            "web/src/helpers.ts",
            "common/x.md",
        ];
        let fine = [
            "a/module.rs",
            "a/futile/b.rs",
            "docs/common.md",
            "a/uncommon.rs",
        ];
        for path in found {
            assert_eq!(check(&Tree::of(&[(path, "")])).len(), 1, "{path}");
        }
        for path in fine {
            assert_eq!(check(&Tree::of(&[(path, "")])), [], "{path}");
        }
    }
}
