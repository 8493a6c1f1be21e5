//! Just enough reading of Rust to count lines: comments and the insides of strings are blanked, so
//! that braces and words in what is left are code. Lines stay where they are.

/// The text with every comment, string and character literal replaced by spaces.
pub(super) fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skip(&chars, at);
        if end == at {
            code.push(chars[at]);
            at += 1;
        } else {
            code.extend(
                chars[at..end]
                    .iter()
                    .map(|c| if *c == '\n' { '\n' } else { ' ' }),
            );
            at = end;
        }
    }
    code
}

/// Where the comment or literal that starts at `at` ends; `at` itself when none starts there.
fn skip(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied();
    match (chars[at], next) {
        ('/', Some('/')) => find(chars, at, |c| c == '\n'),
        ('/', Some('*')) => block_comment(chars, at),
        ('"', _) => string(chars, at),
        ('r', Some('"' | '#')) if !follows_word(chars, at) => raw_string(chars, at),
        ('b', Some('r')) if !follows_word(chars, at) => match raw_string(chars, at + 1) {
            end if end == at + 1 => at,
            end => end,
        },
        ('\'', _) => character(chars, at),
        _ => at,
    }
}

fn follows_word(chars: &[char], at: usize) -> bool {
    at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_')
}

fn find(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    (from..chars.len())
        .find(|at| wanted(chars[*at]))
        .unwrap_or(chars.len())
}

fn block_comment(chars: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0_usize, from);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) if depth == 1 => return at + 2,
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

fn string(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// `r"…"`, `r#"…"#` and so on; `from` is at the `r`. A raw identifier such as `r#type` is none.
fn raw_string(chars: &[char], from: usize) -> usize {
    let quote = find(chars, from + 1, |c| c != '#');
    if chars.get(quote) != Some(&'"') {
        return from;
    }
    let hashes = quote - from - 1;
    let mut at = quote + 1;
    while at < chars.len() {
        let closing = chars[at] == '"' && chars[at + 1..].iter().take(hashes).all(|c| *c == '#');
        if closing && chars.len() - at > hashes {
            return at + 1 + hashes;
        }
        at += 1;
    }
    chars.len()
}

/// `'x'`, `'\n'`, `'\u{1b}'`; a lifetime is none.
fn character(chars: &[char], from: usize) -> usize {
    match (chars.get(from + 1), chars.get(from + 2)) {
        (Some('\\'), Some(_)) => find(chars, from + 3, |c| c == '\'')
            .saturating_add(1)
            .min(chars.len()),
        (Some(_), Some('\'')) => from + 3,
        _ => from,
    }
}

/// Whether each line of the code belongs to an item under `#[cfg(test)]`. Takes blanked code.
pub(super) fn test_lines(code: &str) -> Vec<bool> {
    let lines: Vec<&str> = code.lines().collect();
    let mut is_test = vec![false; lines.len()];
    let mut at = 0;
    while at < lines.len() {
        if !lines[at].trim_start().starts_with("#[cfg(test)]") {
            at += 1;
            continue;
        }
        let end = item_end(&lines, at);
        is_test[at..=end].fill(true);
        at = end + 1;
    }
    is_test
}

/// The last line of the item that starts at `from`: where its braces close, or its semicolon.
pub(super) fn item_end(lines: &[&str], from: usize) -> usize {
    let mut depth = 0_i32;
    let mut brackets = 0_i32;
    for (at, line) in lines.iter().enumerate().skip(from) {
        for c in line.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 1 => return at,
                '}' => depth -= 1,
                '(' | '[' => brackets += 1,
                ')' | ']' => brackets -= 1,
                ';' if depth == 0 && brackets == 0 => return at,
                _ => {}
            }
        }
    }
    lines.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blank() {
        let cases = [
            ("a // {\nb", "a     \nb"),
            ("a /* { /* } */ */ b", "a                 b"),
            ("f(\"{\\\"}\") {", "f(      ) {"),
            ("r#\"{\"}\"# ;", "         ;"),
            (
                "let c = '{'; let d = '\\''; x",
                "let c =    ; let d =     ; x",
            ),
            ("fn f<'a>(x: &'a str) {", "fn f<'a>(x: &'a str) {"),
            ("r#type {", "r#type {"),
            ("br\"}\" b\"}\"", "      b   "),
        ];
        for (text, expected) in cases {
            assert_eq!(code_only(text), expected, "{text}");
        }
    }

    #[test]
    fn items_under_cfg_test_are_test_lines() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nuse x;\nfn d() {}";
        let expected = [false, true, true, true, true, false, true, true, false];
        assert_eq!(test_lines(code), expected);
    }
}
