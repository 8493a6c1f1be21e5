//! Text from strangers made harmless: control characters and direction overrides removed, white
//! space trimmed, length bounded at a character. Case and meaning are left alone.

/// Characters that never reach a stored text: controls (NUL, line breaks, tabs) and the marks that
/// turn the direction of the text around them, with which a name can be made to look like another.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The text without harmful characters and outer white space, at most `bytes_max` long.
pub(crate) fn clean(text: &str, bytes_max: usize) -> String {
    let trimmed = text.trim();
    // Plain ASCII is nearly every text; it needs one look and one copy.
    if trimmed.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return cut(trimmed, bytes_max).trim_end().to_owned();
    }
    let kept: String = cut(trimmed, bytes_max * 4)
        .chars()
        .filter(|c| !is_harmful(*c))
        .collect();
    cut(kept.trim(), bytes_max).trim_end().to_owned()
}

/// The longest start of the text that is at most `bytes_max` long and ends at a character.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn harmful_characters_go_and_the_rest_stays() {
        for (text, expected) in [
            ("  a\0b\r\n ", "ab"),
            ("safe\u{202e}gpj.exe", "safegpj.exe"),
            ("Größe 日本 🎉", "Größe 日本 🎉"),
            ("\u{0}", ""),
        ] {
            assert_eq!(clean(text, 100), expected);
        }
    }

    #[test]
    fn cutting_never_splits_a_character() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(clean("日本", 4), "日");
    }

    proptest! {
        #[test]
        fn cleaning_is_bounded_and_idempotent(text in any::<String>(), max in 0usize..64) {
            let once = clean(&text, max);
            prop_assert!(once.len() <= max);
            prop_assert_eq!(clean(&once, max), once);
        }
    }
}
