//! E-mail addresses as people write them so that programs do not find them, and as programs write
//! them for one another: brought back to their plain form, so that one reader of them is enough.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::Regex;

/// One of these is in every disguise. Hardly any text has one, and one look tells.
const MARKS: &[&str] = &[
    "at)", "at]", "at}", "at>", "at )", "at ]", "at }", "at >", "ät)", "ät]", "@)", "@]", "@ )",
    "dot)", "dot]", "dot}", "dot )", "punkt)", "punkt]", ".)", ".]", "＠", "﹫", "&#", "&commat",
    "\\u0040", "%40", "%25", " dot ", "_dot_", "．", "。",
];
static MARKED: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        // The marks begin with ordinary letters: looking for those first costs more than it saves.
        .prefilter(false)
        .ascii_case_insensitive(true)
        .build(MARKS)
        .ok()
});

/// The sign in other alphabets and encodings, or in brackets: `(at)`, `[ät]`.
static AT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms = [
        r"\s*[\[({<]\s*(?:at|ät|@)\s*[\])}>]\s*",
        r"＠|﹫|&#0*64;|&#x0*40;|&commat;|\\u0040|%(?:25)*40",
    ];
    Regex::new(&format!("(?i){}", forms.join("|"))).ok()
});
/// The full stop in brackets, in words or in other alphabets: `(dot)`, `[punkt]`.
static DOT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\s*[\[({<]\s*(?:dot|punkt|point|\.)\s*[\])}>]\s*|．|。").ok()
});
/// Both in plain words, which are ordinary ones unless an ending of names follows: `jane at example
/// dot com`.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r"([\w.+-]+)[\s_]+at[\s_]+((?:[\w-]+?[\s_]+dot[\s_]+)+";
    let ending = "(com|org|net|edu|gov|info|io|dev|app|co|eu|de|uk|fr|es|it|nl|ch|at|us|ca|au|in))";
    Regex::new(&format!(r"(?i){name}{ending}\b")).ok()
});

/// A full stop in a plain word, looked for only where the words of an address were found.
static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)[\s_]+dot[\s_]+").ok());

/// The text with such signs made plain, or as it is where there are none.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if MARKED.as_ref().is_some_and(|marks| !marks.is_match(text)) {
        return Cow::Borrowed(text);
    }
    let mut plain = Cow::Borrowed(text);
    for (pattern, instead) in [(&AT, "@"), (&DOT, ".")] {
        plain = replaced(plain, pattern, instead);
    }
    let words = WORDS.as_ref().is_some_and(|words| words.is_match(&plain));
    if words {
        plain = replaced(plain, &WORDS, "$1@$2");
        plain = replaced(plain, &WORD, ".");
    }
    plain
}

fn replaced<'a>(
    text: Cow<'a, str>,
    pattern: &LazyLock<Option<Regex>>,
    instead: &str,
) -> Cow<'a, str> {
    match pattern.as_ref() {
        Some(pattern) if pattern.is_match(&text) => {
            Cow::Owned(pattern.replace_all(&text, instead).into_owned())
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguised_signs_become_plain_and_other_texts_stay() {
        for (text, expected) in [
            ("jane (at) example.com", "jane@example.com"),
            ("jane [AT] example [dot] com", "jane@example.com"),
            ("jane at example dot com", "jane@example.com"),
            ("jane at mail dot example dot org", "jane@mail.example.org"),
            ("jane%2540example.com", "jane@example.com"),
            ("jane&#64;example.com", "jane@example.com"),
            ("jane＠example．com", "jane@example.com"),
            ("look at the dot on it", "look at the dot on it"),
            ("a (b) c", "a (b) c"),
        ] {
            assert_eq!(plain(text), expected);
        }
        assert!(matches!(plain("nothing here"), Cow::Borrowed(_)));
    }
}
