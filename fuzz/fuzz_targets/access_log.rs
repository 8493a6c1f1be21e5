//! Any text as a line of an access log: skipped with a reason, or a draft of an event.
#![no_main]

use almanac_ingest::access_log::{parse, to_draft};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(line) = parse(text) {
        drop(to_draft(&line, "shop.example", true));
    }
});
