//! Budgets of size: lines in a file, lines in a function, width of a line, bytes in the repository.
//! Test code is not counted, because a long list of cases is a good list.

use super::Violation;
use super::rust_text::{code_only, item_end, test_lines};
use super::tree::Tree;

const FILE_LINES_SOFT: usize = 400;
const FILE_LINES_MAX: usize = 700;
const FUNCTION_LINES_MAX: usize = 70;
const LINE_CHARS_MAX: usize = 100;
/// Larger files do not belong into a source repository.
const FILE_BYTES_MAX: u64 = 1 << 20;

const SOURCES: &[&str] = &[".rs", ".ts", ".tsx", ".css", ".mjs", ".py"];

pub(super) fn check_files(tree: &Tree) -> Vec<Violation> {
    const RULE: &str = "file_lines";
    let too_long = lines_of_sources(tree).filter(|(_, lines)| *lines > FILE_LINES_MAX);
    let long = too_long.map(|(path, lines)| {
        let message = format!("{lines} lines without tests, {FILE_LINES_MAX} at most: split it");
        Violation::new(RULE, path, 0, message)
    });
    let too_large = tree
        .files
        .iter()
        .filter(|(_, file)| file.bytes > FILE_BYTES_MAX);
    let large = too_large.map(|(path, file)| {
        let message = format!(
            "{} bytes, {FILE_BYTES_MAX} at most in the repository",
            file.bytes
        );
        Violation::new(RULE, path, 0, message)
    });
    long.chain(large).collect()
}

/// Files over the soft budget: nothing to fail for, something to know.
pub(super) fn notes(tree: &Tree) -> Vec<String> {
    let soft = FILE_LINES_SOFT..=FILE_LINES_MAX;
    let long = lines_of_sources(tree)
        .filter(|(_, lines)| *lines > FILE_LINES_SOFT && soft.contains(lines));
    long.map(|(path, lines)| format!("{path} has {lines} lines without tests"))
        .collect()
}

fn lines_of_sources(tree: &Tree) -> impl Iterator<Item = (&str, usize)> {
    // Declarations alone are made by a tool, and are as long as what they declare.
    let is_made = |path: &str| path.ends_with(".d.ts");
    let sources = tree
        .ending(SOURCES)
        .filter(move |(path, _)| !is_test_file(path) && !is_made(path));
    sources.map(|(path, text)| {
        if path.ends_with(".rs") {
            let counted = test_lines(&code_only(text))
                .iter()
                .filter(|is_test| !**is_test)
                .count();
            (path, counted)
        } else {
            (path, text.lines().count())
        }
    })
}

pub(super) fn check_functions(tree: &Tree) -> Vec<Violation> {
    const RULE: &str = "function_lines";
    let mut violations = Vec::new();
    for (path, text) in tree
        .ending(&[".rs"])
        .filter(|(path, _)| !is_test_file(path))
    {
        let code = code_only(text);
        let lines: Vec<&str> = code.lines().collect();
        let is_test = test_lines(&code);
        for (at, line) in lines.iter().enumerate() {
            let Some(name) = function_name(line).filter(|_| !is_test[at]) else {
                continue;
            };
            let length = item_end(&lines, at) - at + 1;
            if length > FUNCTION_LINES_MAX {
                let message = format!("{name} has {length} lines, {FUNCTION_LINES_MAX} at most");
                violations.push(Violation::new(RULE, path, at + 1, message));
            }
        }
    }
    violations
}

/// The name of the function that this line of code defines. A type such as `fn(u8)` has none.
fn function_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    words.find(|word| *word == "fn")?;
    let rest = words.next()?;
    let end = rest
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(rest.len());
    rest.get(..end).filter(|name| !name.is_empty())
}

pub(super) fn check_width(tree: &Tree) -> Vec<Violation> {
    const RULE: &str = "line_width";
    let mut violations = Vec::new();
    for (path, text) in tree
        .ending(&[".rs"])
        .filter(|(path, _)| !is_test_file(path))
    {
        let is_test = test_lines(&code_only(text));
        for (at, line) in text.lines().enumerate() {
            let width = line.chars().count();
            // An address cannot be wrapped.
            let is_counted = !is_test.get(at).copied().unwrap_or(false) && !line.contains("://");
            if width > LINE_CHARS_MAX && is_counted {
                let message = format!("{width} characters, {LINE_CHARS_MAX} at most");
                violations.push(Violation::new(RULE, path, at + 1, message));
            }
        }
    }
    violations
}

fn is_test_file(path: &str) -> bool {
    let folders = ["/tests/", "/benches/"];
    let endings = ["tests.rs", ".test.ts", ".test.tsx", ".spec.ts"];
    path.starts_with("tests/")
        || path.starts_with("e2e/")
        || folders.iter().any(|folder| path.contains(folder))
        || endings.iter().any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function_of(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "    work();\n".repeat(lines - 2))
    }

    #[test]
    fn functions_at_the_budget_and_one_past_it() {
        let fits = Tree::of(&[("a.rs", &function_of(70))]);
        assert_eq!(check_functions(&fits), []);
        let planted = Tree::of(&[("a.rs", &format!("//! a\n{}", function_of(71)))]);
        let expected = Violation::new("function_lines", "a.rs", 2, "long has 71 lines, 70 at most");
        assert_eq!(check_functions(&planted), [expected]);
    }

    #[test]
    fn braces_in_text_do_not_hide_a_long_function() {
        let body = format!(
            "fn long() {{\n let x = \"}}\"; // }}\n{}}}\n",
            "    work();\n".repeat(80)
        );
        assert_eq!(check_functions(&Tree::of(&[("a.rs", &body)])).len(), 1);
    }

    #[test]
    fn test_code_is_not_counted() {
        let module = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function_of(701));
        let tree = Tree::of(&[
            ("a.rs", &module),
            ("crates/x/tests/b.rs", &function_of(701)),
        ]);
        assert_eq!(check_functions(&tree), []);
        assert_eq!(check_files(&tree), []);
    }

    #[test]
    fn files_at_the_budget_and_one_past_it() {
        let tree = Tree::of(&[("a.rs", &"x\n".repeat(700)), ("b.ts", &"x\n".repeat(701))]);
        let violations = check_files(&tree);
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].path, "b.ts");
        assert_eq!(notes(&tree), ["a.rs has 700 lines without tests"]);
    }

    #[test]
    fn wide_lines_unless_they_hold_an_address() {
        let wide = "x".repeat(101);
        let address = format!("// https://example.com/{wide}");
        let text = format!("{}\n{wide}\n{address}\n", "x".repeat(100));
        let violations = check_width(&Tree::of(&[("a.rs", &text)]));
        let lines: Vec<usize> = violations.iter().map(|violation| violation.line).collect();
        assert_eq!(lines, [2]);
    }
}
