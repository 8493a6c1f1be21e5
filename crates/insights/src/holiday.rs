//! Public holidays of countries, by day. They are data (`data/holidays.txt`), not rules: what moves
//! with the moon, or by decree, is looked up and not computed. Which country's days matter to a
//! series, the caller says.

use crate::day::{self, Date};

/// See `data/README.md` for source and licence.
const TABLE: &str = include_str!("../data/holidays.txt");

/// A country whose holidays are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166 code of two capital letters.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
}

/// Every country there is, by code.
pub fn countries() -> Vec<Country> {
    TABLE.lines().filter_map(heading).collect()
}

/// The holidays of a country as days since 1970-01-01, ascending; `None` for a code that is not
/// known.
pub fn days(code: &str) -> Option<Vec<i64>> {
    let mut lines = TABLE.lines();
    lines.find(|line| heading(line).is_some_and(|country| country.code == code))?;
    let years = lines.take_while(|line| heading(line).is_none());
    Some(years.flat_map(days_of_year).collect())
}

/// The country that a line begins, if it is no year.
fn heading(line: &'static str) -> Option<Country> {
    let (code, name) = line.split_once(' ')?;
    let is_code = code.bytes().all(|letter| letter.is_ascii_uppercase());
    is_code.then_some(Country { code, name })
}

fn days_of_year(line: &str) -> impl Iterator<Item = i64> {
    let mut words = line.split(' ').map_while(|word| word.parse::<i64>().ok());
    let year = words.next().unwrap_or_default();
    words.map(move |date| {
        day::of_date(Date {
            year,
            month: (date / 100) as u8,
            day: (date % 100) as u8,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a date is a holiday there.
    fn is_holiday(code: &str, date: &str) -> bool {
        let mut parts = date.split('-').map(|part| part.parse::<i64>().unwrap());
        let mut next = || parts.next().unwrap();
        let asked = day::of_date(Date {
            year: next(),
            month: next() as u8,
            day: next() as u8,
        });
        days(code).unwrap().binary_search(&asked).is_ok()
    }

    #[test]
    fn known_days_are_known() {
        // Fixed days, feasts that follow Easter, weekdays of a month, substitutes, the lunar year.
        for (code, date) in [
            ("DE", "2026-10-03"),
            ("DE", "2024-04-01"),
            ("DE", "2026-05-14"),
            ("FR", "2025-07-14"),
            ("FR", "2027-05-17"),
            ("GB", "2026-04-03"),
            ("US", "2026-11-26"),
            ("US", "2021-07-05"),
            ("US", "2025-01-20"),
            ("JP", "2025-01-13"),
            ("SE", "2026-06-20"),
            ("GR", "2025-04-21"),
            ("CN", "2025-01-29"),
            ("KR", "2025-10-06"),
            ("IL", "2025-10-02"),
            ("IN", "2025-08-15"),
            ("TR", "2025-03-30"),
            ("NZ", "2025-06-20"),
        ] {
            assert!(is_holiday(code, date), "{code} {date}");
        }
        for (code, date) in [
            ("DE", "2026-07-14"),
            ("US", "2026-10-03"),
            ("GB", "2025-04-17"),
        ] {
            assert!(!is_holiday(code, date), "{code} {date}");
        }
        assert_eq!(days("XX"), None);
        assert_eq!(days("2025"), None);
    }

    #[test]
    fn every_country_has_days_in_order_in_every_year() {
        let all = countries();
        assert!(all.len() >= 20 && all.windows(2).all(|pair| pair[0].code < pair[1].code));
        for country in all {
            let days = days(country.code).unwrap();
            assert!(days.windows(2).all(|pair| pair[0] < pair[1]), "{country:?}");
            for year in 2015..=2040 {
                let of_year = days.iter().filter(|at| day::date(**at).year == year);
                assert!(of_year.count() >= 3, "{country:?} {year}");
            }
        }
    }
}
