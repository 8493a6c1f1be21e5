//! How much a test of reliability does: a little on every change, a lot before a release. The one
//! switch is the variable `ALMANAC_SOAK`, which `cargo xtask soak` sets to the share of the
//! release's figure that is wanted.

use std::time::Duration;

/// Something that there can be more or less of.
pub trait Amount: Copy + PartialOrd {
    /// That share of it.
    fn share(self, share: f64) -> Self;
}

impl Amount for usize {
    fn share(self, share: f64) -> Self {
        (self as f64 * share) as Self
    }
}

impl Amount for u64 {
    fn share(self, share: f64) -> Self {
        (self as f64 * share) as Self
    }
}

impl Amount for i32 {
    fn share(self, share: f64) -> Self {
        (f64::from(self) * share) as Self
    }
}

impl Amount for Duration {
    fn share(self, share: f64) -> Self {
        self.mul_f64(share)
    }
}

/// The figure for every change; or the wanted share of the one for a release, if that is more.
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not configuration of the product"
)]
pub fn figure<T: Amount>(each_change: T, release: T) -> T {
    let wanted = std::env::var("ALMANAC_SOAK");
    scaled(each_change, release, wanted.ok().as_deref())
}

/// # Panics
/// When what is wanted is no share: a soak that nobody asked for is worse than none.
fn scaled<T: Amount>(each_change: T, release: T, wanted: Option<&str>) -> T {
    let Some(wanted) = wanted else {
        return each_change;
    };
    let share = wanted
        .parse()
        .ok()
        .filter(|share| (0.0..=100.0).contains(share));
    assert!(
        share.is_some(),
        "ALMANAC_SOAK is {wanted:?}, no share from 0 to 100"
    );
    let scaled = release.share(share.unwrap_or_default());
    if scaled > each_change {
        scaled
    } else {
        each_change
    }
}

/// Prints one row of the table that `cargo xtask soak` collects: what was done, and what was seen.
#[expect(clippy::print_stdout, reason = "the output of a test is its report")]
pub fn report(test: &str, seen: &str) {
    println!("figure | {test} | {seen}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_soak_is_a_share_of_the_release_and_never_less_than_every_change() {
        assert_eq!(scaled(20_usize, 500, None), 20);
        assert_eq!(scaled(20_usize, 500, Some("1")), 500);
        assert_eq!(scaled(20_usize, 500, Some("0.1")), 50);
        assert_eq!(scaled(20_usize, 500, Some("0.01")), 20);
        let (short, long) = (Duration::from_secs(4), Duration::from_secs(300));
        assert_eq!(scaled(short, long, Some("0.1")), Duration::from_secs(30));
    }
}
