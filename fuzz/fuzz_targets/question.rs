//! Any JSON as a question: refused with a message that is not endless, or parsed.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// Longest message that a refusal may have, characters: it echoes a part of the question at most.
const MESSAGE_CHARS_MAX: usize = 2_000;

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = serde_json::from_slice(bytes) else {
        return;
    };
    if let Err(refusal) = almanac_query::parse::parse(&body) {
        assert!(refusal.to_string().chars().count() <= MESSAGE_CHARS_MAX);
    }
});
