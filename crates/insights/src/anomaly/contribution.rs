//! Which values of a dimension a change comes from: what each had before and during, and its part
//! in the difference. Where the two sets of figures come from is the business of the caller.

use std::collections::BTreeMap;

/// A value of a dimension and its part in a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The value, as it is shown.
    pub value: String,
    /// The metric of it in the time that is compared with.
    pub before: f64,
    /// The metric of it during the anomaly.
    pub during: f64,
    /// (during − before) of this value by that of all together: 1 is all of the change, a negative
    /// share went against it. 0 where nothing changed in sum.
    pub share: f64,
}

/// The `count` values that changed most, the largest change first.
pub fn contributions(
    before: &[(String, f64)],
    during: &[(String, f64)],
    count: usize,
) -> Vec<Contribution> {
    let mut both: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (value, number) in before {
        both.entry(value).or_default().0 += number;
    }
    for (value, number) in during {
        both.entry(value).or_default().1 += number;
    }
    let change: f64 = both.values().map(|(before, during)| during - before).sum();
    let mut found: Vec<Contribution> = both
        .into_iter()
        .filter(|(_, (before, during))| before != during)
        .map(|(value, (before, during))| Contribution {
            value: value.to_owned(),
            before,
            during,
            share: if change == 0.0 {
                0.0
            } else {
                (during - before) / change
            },
        })
        .collect();
    let size = |own: &Contribution| (own.during - own.before).abs();
    found.sort_by(|a, b| size(b).total_cmp(&size(a)));
    found.truncate(count);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(values: &[(&str, f64)]) -> Vec<(String, f64)> {
        let owned = |(name, number): &(&str, f64)| ((*name).to_owned(), *number);
        values.iter().map(owned).collect()
    }

    #[test]
    fn the_largest_change_comes_first_with_its_share() {
        let before = named(&[("google", 50.0), ("direct", 30.0), ("news", 20.0)]);
        let during = named(&[("direct", 36.0), ("google", 10.0), ("news", 20.0)]);
        let found = contributions(&before, &during, 5);
        let told: Vec<(&str, f64)> = found
            .iter()
            .map(|own| (own.value.as_str(), own.share))
            .collect();
        assert_eq!(told, [("google", 40.0 / 34.0), ("direct", -6.0 / 34.0)]);
        assert_eq!(contributions(&before, &during, 1).len(), 1);
    }

    #[test]
    fn changes_that_cancel_each_other_have_no_share() {
        let found = contributions(&named(&[("a", 5.0)]), &named(&[("b", 5.0)]), 5);
        assert!(found.iter().all(|own| own.share == 0.0) && found.len() == 2);
        assert_eq!(contributions(&[], &[], 5), []);
    }
}
