//! Any bytes as a record of the queue: refused, or an event that is written as it was read.
#![no_main]

use almanac_ingest::record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(event) = record::decode(bytes) {
        let mut written = Vec::new();
        record::encode(&event, &mut written);
        assert_eq!(record::decode(&written).as_ref(), Ok(&event));
    }
});
