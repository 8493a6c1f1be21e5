//! Any bytes as the body of each door of collection: refused, or events of the right shape, as many
//! as the limits of a body allow.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// Values in a body are limited to 20,000, each an event at most, read by three doors.
const EVENTS_MAX: usize = 3 * 20_001;

fuzz_target!(|bytes: &[u8]| {
    assert!(almanac_api::read_as_every_door(bytes) <= EVENTS_MAX);
});
