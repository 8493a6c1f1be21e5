//! Dependencies that a manifest names and no source file does. A word search, not a compiler: a
//! crate whose name is also an ordinary word in the code is never reported.

use toml::Table;

use super::Violation;
use super::rust_text::code_only;
use super::tree::Tree;

const RULE: &str = "unused_dependency";

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.ending(&["/Cargo.toml"]) {
        let Some(folder) = path.strip_suffix("Cargo.toml") else {
            continue;
        };
        let manifest = text.parse::<Table>().unwrap_or_default();
        let code = code_below(tree, folder);
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for name in names(&manifest, section) {
                if !mentions(&code, &name.replace('-', "_")) {
                    let message = format!("{name} is in [{section}] and nowhere in the code");
                    violations.push(Violation::new(RULE, path, 0, message));
                }
            }
        }
    }
    violations
}

/// The crates of one section. A crate that names itself does so to switch on a feature for its
/// tests.
fn names<'a>(manifest: &'a Table, section: &str) -> impl Iterator<Item = &'a str> {
    let table = manifest.get(section).and_then(|section| section.as_table());
    let entries = table.into_iter().flatten();
    let others =
        entries.filter(|(_, value)| value.get("path").is_none_or(|p| p.as_str() != Some(".")));
    others.map(|(name, _)| name.as_str())
}

fn code_below(tree: &Tree, folder: &str) -> String {
    let below = tree
        .ending(&[".rs"])
        .filter(|(path, _)| path.starts_with(folder));
    below.map(|(_, text)| code_only(text) + "\n").collect()
}

/// Whether `word` stands in the code, not as a part of a longer word.
fn mentions(code: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.split(|c| !is_part(c)).any(|found| found == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_dependency_is_found() {
        let manifest = "[dependencies]\nserde_json = \"1\"\nhttp-body-util = \"1\"\nuuid = \"1\"\n\
                        [dev-dependencies]\na = { path = \".\", features = [\"testing\"] }\n";
        let code = "// uuid is only in a comment\nuse http_body_util::BodyExt;\nfn f() { serde_json::from_str(x); }";
        let tree = Tree::of(&[
            ("crates/a/Cargo.toml", manifest),
            ("crates/a/src/lib.rs", code),
        ]);
        let messages: Vec<String> = check(&tree).into_iter().map(|v| v.message).collect();
        assert_eq!(
            messages,
            ["uuid is in [dependencies] and nowhere in the code"]
        );
    }
}
