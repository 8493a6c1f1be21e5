//! What a project does not want: paths, countries and address ranges, compiled once when the
//! project is read. A rule is held in memory with the project's settings, an address never is.

use std::net::IpAddr;

use crate::Signals;

/// The drop rules of one project. The default drops nothing.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Paths; `*` stands for any characters, also none.
    pub paths: Vec<String>,
    /// ISO 3166-1 codes, upper case.
    pub countries: Vec<String>,
    /// Address ranges.
    pub ranges: Vec<AddressRange>,
    /// Signals of browsers that are honoured: events of such browsers are not taken.
    pub honoured: Signals,
    /// Whether an event with personal data is refused as a whole, instead of having it taken out.
    pub refuses_personal_data: bool,
    /// Whether nothing of bots is kept but their count, instead of their events apart.
    pub refuses_bots: bool,
}

impl Rules {
    /// The first path rule that fits.
    pub(crate) fn blocks_path(&self, path: &str) -> Option<&str> {
        self.paths
            .iter()
            .map(String::as_str)
            .find(|pattern| fits(pattern, path))
    }

    /// Whether a country rule fits.
    pub(crate) fn blocks_country(&self, country: &str) -> bool {
        self.countries.iter().any(|blocked| blocked == country)
    }

    /// Whether an address range fits.
    pub(crate) fn blocks_address(&self, ip: IpAddr) -> bool {
        self.ranges.iter().any(|range| range.contains(ip))
    }
}

/// Whether `text` fits a pattern in which `*` stands for any characters. Takes the product of the
/// lengths at worst, and both are bounded.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            match rest.split_once(middle) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

/// A range of addresses in CIDR form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    network: u128,
    mask: u128,
}

impl AddressRange {
    /// Reads `203.0.113.0/24`, `2001:db8::/32` or a single address. None when it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.trim().split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().ok()?;
        let (offset, longest) = if address.is_ipv4() {
            (96, 32)
        } else {
            (0, 128)
        };
        let length = length.unwrap_or(longest);
        if length > longest {
            return None;
        }
        let host_bits = 128 - (offset + length);
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        Some(Self {
            network: bits(address) & mask,
            mask,
        })
    }

    /// Whether the address lies in the range.
    pub fn contains(self, address: IpAddr) -> bool {
        bits(address) & self.mask == self.network
    }

    /// Its first and its last address, in the space of both versions.
    pub(crate) fn span(self) -> (u128, u128) {
        (self.network, self.network | !self.mask)
    }
}

/// Addresses of both versions in one space: version 4 is mapped into version 6.
pub(crate) fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_paths() {
        for (pattern, text, expected) in [
            ("/admin", "/admin", true),
            ("/admin", "/admin/x", false),
            ("/admin*", "/admin/x", true),
            ("/admin/*", "/admin/", true),
            ("*.pdf", "/a/b.pdf", true),
            ("/*/edit", "/posts/7/edit", true),
            ("/a*a", "/a", false),
            ("*", "", true),
            ("", "/", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn ranges_hold_their_addresses_in_both_versions() {
        for (range, address, expected) in [
            ("203.0.113.0/24", "203.0.113.9", true),
            ("203.0.113.0/24", "203.0.114.9", false),
            ("203.0.113.7", "::ffff:203.0.113.7", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "203.0.113.7", true),
        ] {
            let range = AddressRange::parse(range).unwrap();
            assert_eq!(
                range.contains(address.parse().unwrap()),
                expected,
                "{address}"
            );
        }
        for wrong in ["", "203.0.113.0/33", "x", "2001:db8::/129", "1.2.3.4/-1"] {
            assert_eq!(AddressRange::parse(wrong), None, "{wrong}");
        }
    }
}
