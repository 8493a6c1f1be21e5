//! Documents that describe the code name things that exist: a path in a code span is a file or
//! folder of the repository, and the name of a test is a test. Decisions are history and are left
//! out.

use super::Violation;
use super::tree::Tree;

const RULE: &str = "mention";

/// A code span that begins like this is a path of the repository.
const TOP_FOLDERS: &[&str] = &[
    "crates/",
    "deploy/",
    "docs/",
    "e2e/",
    "sdk/",
    "testdata/",
    "tests/",
    "web/",
    "xtask/",
];

/// Names of tests are sentences; a name with fewer underscores may be anything.
const TEST_UNDERSCORES_MIN: usize = 4;

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    let documents = tree
        .ending(&[".md"])
        .filter(|(path, _)| !path.starts_with("docs/adr/"));
    for (path, text) in
        documents.filter(|(path, _)| !path.contains('/') || path.starts_with("docs/"))
    {
        for (at, line) in text.lines().enumerate() {
            let spans = line.split('`').skip(1).step_by(2);
            for span in spans.filter(|span| !is_known(tree, span)) {
                let message = format!("`{span}` is neither a file nor a test of the repository");
                violations.push(Violation::new(RULE, path, at + 1, message));
            }
        }
    }
    violations
}

/// Whether the span names something that exists, or nothing that could be looked for.
fn is_known(tree: &Tree, span: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if span.chars().all(is_word) && span.matches('_').count() >= TEST_UNDERSCORES_MIN {
        let definition = format!("fn {span}(");
        return tree
            .ending(&[".rs"])
            .any(|(_, text)| text.contains(&definition));
    }
    let is_path = TOP_FOLDERS.iter().any(|folder| span.starts_with(folder))
        && span.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
        // What a build makes is not in the repository.
        && !span.contains("/dist");
    if !is_path {
        return true;
    }
    let folder = format!("{}/", span.trim_end_matches('/'));
    tree.files
        .keys()
        .any(|file| file == span || file.starts_with(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_mentions_are_found() {
        let text = "`crates/a/src/lib.rs` `crates/a/` `it_does_what_it_says` `crates/b/` `a_b` `web/dist` \
                    `no_such_test_is_there` `crates/…/x`";
        let tree = Tree::of(&[
            ("ARCHITECTURE.md", text),
            ("docs/adr/0001-a.md", "`crates/gone/`"),
            (
                "crates/a/src/lib.rs",
                "#[test]\nfn it_does_what_it_says() {}",
            ),
        ]);
        let messages: Vec<String> = check(&tree).into_iter().map(|v| v.message).collect();
        let expected = [
            "`crates/b/` is neither a file nor a test of the repository",
            "`no_such_test_is_there` is neither a file nor a test of the repository",
        ];
        assert_eq!(messages, expected);
    }
}
