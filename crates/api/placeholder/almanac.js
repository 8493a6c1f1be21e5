// This binary was built before the browser SDK was; `cargo xtask run` builds both.
console.warn("Almanac: this server was built without its browser SDK.");
