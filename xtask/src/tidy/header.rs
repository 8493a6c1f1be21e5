//! Every source file opens by saying what it is for, before any code.

use super::Violation;
use super::tree::Tree;

const RULE: &str = "header";
const ENDINGS: &[&str] = &[".rs", ".ts", ".tsx", ".css", ".mjs", ".py"];

/// The least number of words of an opening; one word is a name, not a sentence.
const WORDS_MIN: usize = 3;

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.ending(ENDINGS) {
        let opening = if path.starts_with("testdata/") {
            None
        } else {
            Some(opening(path, text))
        };
        if opening.is_some_and(|words| words < WORDS_MIN) {
            let message = "open the file with a comment that says what it owns";
            violations.push(Violation::new(RULE, path, 1, message));
        }
    }
    violations
}

/// The number of words in the comment that the file opens with.
fn opening(path: &str, text: &str) -> usize {
    let is_rust = path.ends_with(".rs");
    let mut lines = text.lines().map(str::trim).skip_while(|line| {
        // A shebang and Python's quotes alone on a line come before the words.
        line.is_empty()
            || line.starts_with("#!/")
            || *line == "\"\"\""
            || *line == "/*"
            || *line == "/**"
    });
    let Some(first) = lines.next() else { return 0 };
    let comment_marks: &[&str] = if is_rust {
        &["//!"]
    } else if path.ends_with(".py") {
        &["\"\"\"", "#"]
    } else {
        &["///", "//", "/**", "/*", "*"]
    };
    let follows_bare_mark = !is_rust && text.trim_start().starts_with(['/', '"', '#']);
    let words = comment_marks
        .iter()
        .find_map(|mark| first.strip_prefix(mark));
    let words = words.or_else(|| follows_bare_mark.then_some(first));
    words.map_or(0, |words| {
        words
            .split_whitespace()
            .filter(|word| *word != "*/")
            .count()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openings() {
        let cases = [
            ("a.rs", "//! Turns rows into columns.\nfn f() {}", true),
            ("a.rs", "//! Rows.\nfn f() {}", false),
            ("a.rs", "// Turns rows into columns.\nfn f() {}", false),
            ("a.rs", "fn f() {}\n//! Turns rows into columns.", false),
            ("a.rs", "", false),
            ("a.ts", "// The chart of the overview.\nexport {}", true),
            ("a.tsx", "/* The chart of the overview. */", true),
            ("a.css", "/**\n * Colours of both themes.\n */", true),
            ("a.ts", "import x from 'y'", false),
            (
                "a.py",
                "#!/usr/bin/env python3\n\"\"\"Reads our files with DuckDB.\"\"\"",
                true,
            ),
            ("a.py", "import duckdb", false),
            ("a.sql", "select 1", true),
        ];
        for (path, text, is_fine) in cases {
            assert_eq!(
                check(&Tree::of(&[(path, text)])).is_empty(),
                is_fine,
                "{path}: {text}"
            );
        }
    }
}
