//! The bar that long work shows, in one way. What is shown on it is the business of the work.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of that length, or one without an end, which looks as indicatif's template says; nothing
/// where a program reads the answer.
pub(crate) fn bar(length: Option<u64>, looks: &str, is_hidden: bool) -> ProgressBar {
    if is_hidden {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(looks);
    let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
