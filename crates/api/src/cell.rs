//! A cell of comma-separated values that no spreadsheet computes, and the way back. The rule stands
//! here for everything that this program writes as CSV; the dashboard has its twin in
//! `web/src/format/csv.ts`.

use std::borrow::Cow;

/// What makes a spreadsheet compute a cell, in the widths in which it is typed, and the white space
/// that some of them skip before it.
const COMPUTED: [char; 12] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠',
];
/// What makes it a text instead.
const GUARD: char = '\'';

/// The text, with a `'` before it where a spreadsheet would compute it. A number stays what it is.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(COMPUTED) && !is_number(text) {
        Cow::Owned(format!("{GUARD}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that was guarded.
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix(GUARD) {
        Some(text) if text.starts_with(COMPUTED) => text,
        _ => cell,
    }
}

/// The text as a cell: guarded, and between quotes where it needs them (RFC 4180).
pub fn quoted(text: &str) -> String {
    let text = guarded(text);
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into_owned()
    }
}

/// Whether it is nothing but a number, as `-12.5` and `+3` are, and `-1+1` is not.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    are_digits(whole) && are_digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_leaves_its_quotes() {
        for (text, cell) in [
            ("user 1", "user 1"),
            ("a=b", "a=b"),
            ("", ""),
            ("-12", "-12"),
            ("+3.5", "+3.5"),
            ("-1+1", "'-1+1"),
            ("-", "'-"),
            ("-.5", "'-.5"),
            ("-1e5", "'-1e5"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("＝1+1", "'＝1+1"),
            ("－1", "'－1"),
            ("＋a", "'＋a"),
            ("＠a", "'＠a"),
            (
                "=cmd|' /C calc'!A0,\"x\"",
                "\"'=cmd|' /C calc'!A0,\"\"x\"\"\"",
            ),
            ("a\",\"b", "\"a\"\",\"\"b\""),
        ] {
            assert_eq!(quoted(text), cell, "{text:?}");
            assert_eq!(unguarded(&guarded(text)), text, "{text:?} comes back");
        }
        assert_eq!(unguarded("'tis"), "'tis", "what was never guarded");
    }
}
