//! How much a test of reliability does: a little on every change, a lot before a release. The one
//! switch is the variable `ALMANAC_SOAK`, which `cargo xtask soak` sets.

/// The figure for every change, or the one for a release.
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not configuration of the product"
)]
pub fn figure<T>(each_change: T, release: T) -> T {
    if std::env::var_os("ALMANAC_SOAK").is_some() {
        release
    } else {
        each_change
    }
}

/// Prints one row of the table that `cargo xtask soak` collects: what was done, and what was seen.
#[expect(clippy::print_stdout, reason = "the output of a test is its report")]
pub fn report(test: &str, seen: &str) {
    println!("figure | {test} | {seen}");
}
