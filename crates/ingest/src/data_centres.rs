//! Address ranges of data centres, where programs live and hardly anybody reads pages. The operator
//! supplies them as lines of text; nothing is shipped, since such lists age. Holds ranges, never an
//! address of a sender, and decides nothing.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use crate::AddressRange;
use crate::limits::DATA_CENTRE_RANGES_MAX;
use crate::rules::bits;

/// Lines that cannot be used. The ranges that were there stay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataCentresError {
    /// A line that is no range.
    #[error(
        "line {line}: {value:?} is no range of addresses; write one like 192.0.2.0/24, and # \
         before remarks"
    )]
    Line {
        /// Counted from 1.
        line: usize,
        /// What stands there, its beginning.
        value: String,
    },
    /// More lines than are kept in memory.
    #[error("line {line}: more than {DATA_CENTRE_RANGES_MAX} ranges; join neighbouring ones")]
    TooMany {
        /// The first line too many, counted from 1.
        line: usize,
    },
}

/// The ranges, which can be replaced while others look addresses up. The default has none.
#[derive(Debug, Default)]
pub struct DataCentres {
    ranges: RwLock<Arc<[Span]>>,
}

/// First and last address of a range, both in it.
type Span = (u128, u128);

/// Longest part of a wrong line that is repeated, bytes.
const SHOWN_BYTES: usize = 60;

impl DataCentres {
    /// Takes the lines of a newer list and says how many ranges it has: one range in CIDR form or
    /// one address a line; `#` begins a remark. When one of them is wrong the old list stays.
    pub fn replace(&self, lines: &str) -> Result<usize, DataCentresError> {
        let mut spans = Vec::new();
        for (index, line) in lines.lines().enumerate() {
            let value = line.split('#').next().unwrap_or_default();
            let value = value.trim_start_matches('\u{feff}').trim();
            if value.is_empty() {
                continue;
            }
            let line = index + 1;
            if spans.len() == DATA_CENTRE_RANGES_MAX {
                return Err(DataCentresError::TooMany { line });
            }
            let range = AddressRange::parse(value).ok_or_else(|| DataCentresError::Line {
                line,
                value: crate::text::cut(value, SHOWN_BYTES).to_owned(),
            })?;
            spans.push(range.span());
        }
        let count = spans.len();
        let joined = join(spans).into();
        *self.ranges.write().unwrap_or_else(PoisonError::into_inner) = joined;
        Ok(count)
    }

    /// Whether the address lies in one of the ranges.
    pub fn contains(&self, address: IpAddr) -> bool {
        let ranges = Arc::clone(&self.ranges.read().unwrap_or_else(PoisonError::into_inner));
        let address = bits(address);
        let begun = ranges.partition_point(|(first, _)| *first <= address);
        let nearest = begun.checked_sub(1).and_then(|index| ranges.get(index));
        nearest.is_some_and(|(_, last)| address <= *last)
    }
}

/// Ranges in order, without overlaps.
fn join(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for (first, last) in spans {
        match joined.last_mut() {
            Some((_, end)) if first <= *end => *end = (*end).max(last),
            _ => joined.push((first, last)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(lines: &str) -> DataCentres {
        let list = DataCentres::default();
        list.replace(lines).unwrap();
        list
    }

    #[test]
    fn addresses_are_found_in_their_ranges_and_nowhere_else() {
        let text = "# cloud\n192.0.2.0/24 # east\n\n2001:db8::/32\n198.51.100.7\n192.0.2.128/25\n";
        let list = list(text);
        for (address, expected) in [
            ("192.0.2.0", true),
            ("192.0.2.255", true),
            ("192.0.1.255", false),
            ("192.0.3.0", false),
            ("::ffff:192.0.2.9", true),
            ("198.51.100.7", true),
            ("198.51.100.8", false),
            ("2001:db8:ffff::1", true),
            ("2001:db9::", false),
            ("::1", false),
        ] {
            assert_eq!(
                list.contains(address.parse().unwrap()),
                expected,
                "{address}"
            );
        }
        assert!(!DataCentres::default().contains("192.0.2.9".parse().unwrap()));
    }

    #[test]
    fn a_wrong_line_is_named_and_changes_nothing() {
        let list = list("192.0.2.0/24");
        let error = list.replace("198.51.100.0/24\n10.0.0.0/33\n").unwrap_err();
        let told = error.to_string();
        assert!(
            told.starts_with("line 2: \"10.0.0.0/33\" is no range"),
            "{told}"
        );
        assert!(list.contains("192.0.2.1".parse().unwrap()));
        assert!(!list.contains("198.51.100.1".parse().unwrap()));
        assert_eq!(list.replace(""), Ok(0));
        assert!(!list.contains("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn a_list_has_an_end() {
        let list = DataCentres::default();
        let full = "192.0.2.1\n".repeat(DATA_CENTRE_RANGES_MAX);
        assert_eq!(list.replace(&full), Ok(DATA_CENTRE_RANGES_MAX));
        let line = DATA_CENTRE_RANGES_MAX + 1;
        let over = list.replace(&format!("{full}192.0.2.1"));
        assert_eq!(over, Err(DataCentresError::TooMany { line }));
    }

    proptest! {
        #[test]
        fn it_finds_what_looking_at_every_range_finds(
            ranges in prop::collection::vec((any::<u16>(), 18_u32..=32), 0..20),
            address in any::<u16>(),
        ) {
            let ip = |low: u16| IpAddr::from(std::net::Ipv4Addr::from(u32::from(low) | 10 << 24));
            let lines: Vec<String> =
                ranges.iter().map(|(low, bits)| format!("{}/{bits}", ip(*low))).collect();
            let one_by_one = lines
                .iter()
                .any(|line| AddressRange::parse(line).unwrap().contains(ip(address)));
            prop_assert_eq!(list(&lines.join("\n")).contains(ip(address)), one_by_one);
        }
    }
}
