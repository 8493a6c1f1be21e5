//! English names of countries and regions by their ISO 3166 codes, from `data/`. An unknown code is
//! its own name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::names::Place;

type Names = BTreeMap<&'static str, &'static str>;

static COUNTRIES: LazyLock<Names> = LazyLock::new(|| read(include_str!("../data/countries.tsv")));
static REGIONS: LazyLock<Names> = LazyLock::new(|| read(include_str!("../data/regions.tsv")));

/// The name of a place.
pub(crate) fn name(place: Place, code: &str) -> &str {
    names(place).get(code).copied().unwrap_or(code)
}

/// Every known code with its name.
pub(crate) fn names(place: Place) -> &'static Names {
    match place {
        Place::Country => &COUNTRIES,
        Place::Region => &REGIONS,
    }
}

fn read(table: &'static str) -> Names {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names() {
        assert_eq!(name(Place::Country, "DE"), "Germany");
        assert_eq!(name(Place::Region, "DE-BY"), "Bavaria");
        assert_eq!(name(Place::Country, "??"), "??");
        assert!(names(Place::Country).len() > 240);
    }
}
