//! The list of violations that stay for now. Each line is `date rule path: reason`, and allows that
//! rule in that file. The list may only shrink: its length is fixed in [`ENTRIES`], an entry that
//! is no longer needed is itself a violation, and lengthening the list is an edit of this file.

use super::Violation;

pub(super) const PATH: &str = "xtask/tidy-allow.txt";
pub(super) const RULE: &str = "allow_list";

/// How many entries the list has. Lower it with every entry removed; never raise it.
const ENTRIES: usize = 0;

#[derive(Debug)]
struct Entry<'a> {
    line: usize,
    rule: &'a str,
    path: &'a str,
}

/// The violations that the list does not allow, and those of the list itself.
pub(super) fn subtract(found: Vec<Violation>, list: &str) -> Vec<Violation> {
    subtract_with(found, list, ENTRIES)
}

fn subtract_with(found: Vec<Violation>, list: &str, entries_expected: usize) -> Vec<Violation> {
    let mut left = Vec::new();
    let mut entries = Vec::new();
    for (at, line) in list.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match parse(at + 1, line) {
            Some(entry) => entries.push(entry),
            None => {
                let message = "write `2026-11-21 rule path: reason`";
                left.push(Violation::new(RULE, PATH, at + 1, message));
            }
        }
    }
    if entries.len() != entries_expected {
        let count = entries.len();
        let message =
            format!("{count} entries instead of {entries_expected}; the list only shrinks");
        left.push(Violation::new(RULE, PATH, 0, message));
    }
    let allows =
        |entry: &Entry<'_>, found: &Violation| entry.rule == found.rule && entry.path == found.path;
    for entry in entries
        .iter()
        .filter(|entry| !found.iter().any(|v| allows(entry, v)))
    {
        let message = format!(
            "{} no longer breaks {}; remove the entry",
            entry.path, entry.rule
        );
        left.push(Violation::new(RULE, PATH, entry.line, message));
    }
    let is_left = |violation: &Violation| !entries.iter().any(|entry| allows(entry, violation));
    left.extend(found.into_iter().filter(is_left));
    left
}

fn parse(line_number: usize, line: &str) -> Option<Entry<'_>> {
    let (place, reason) = line.split_once(": ")?;
    let words: Vec<&str> = place.split(' ').collect();
    let &[date, rule, path] = words.as_slice() else {
        return None;
    };
    let is_date = date.len() == 10 && date.chars().all(|c| c.is_ascii_digit() || c == '-');
    let is_complete = is_date && !reason.trim().is_empty();
    is_complete.then_some(Entry {
        line: line_number,
        rule,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation() -> Violation {
        Violation::new("file_lines", "a.rs", 0, "too long")
    }

    #[test]
    fn an_entry_allows_its_rule_in_its_file_only() {
        let list = "# why this list exists\n2026-11-21 file_lines a.rs: split after the rename\n";
        assert_eq!(subtract_with(vec![violation()], list, 1), []);
        let other = Violation::new("file_lines", "b.rs", 0, "too long");
        assert_eq!(
            subtract_with(vec![violation(), other.clone()], list, 1),
            [other]
        );
    }

    #[test]
    fn the_list_only_shrinks() {
        let list = "2026-11-21 file_lines a.rs: split after the rename\n";
        let grown = subtract_with(vec![violation()], list, 0);
        assert_eq!(grown.len(), 1);
        assert!(grown[0].message.contains("only shrinks"), "{grown:?}");
        let needless = subtract_with(Vec::new(), list, 1);
        assert!(
            needless[0].message.contains("remove the entry"),
            "{needless:?}"
        );
    }

    #[test]
    fn an_entry_needs_date_rule_path_and_reason() {
        for list in [
            "file_lines a.rs: why",
            "2026-11-21 file_lines a.rs",
            "2026-11-21 a.rs: why",
        ] {
            let left = subtract_with(Vec::new(), list, 0);
            assert_eq!(left.len(), 1, "{list}");
            assert_eq!(left[0].rule, RULE);
        }
    }
}
