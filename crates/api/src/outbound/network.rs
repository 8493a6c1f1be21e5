//! Which addresses are public, and what a name stands for. Everything that is not known to be
//! public is refused: the ranges are those of IANA's special-purpose registries for IPv4 and IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::OutboundError;
use super::target::Target;
use super::world::World;

/// Addresses of one name that are looked at; who has more is asked at these.
const ADDRESSES_MAX: usize = 16;

/// Ranges of IPv4 that are not public, as network and bits.
const IPV4_NOT_PUBLIC: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),        // this network
    ([10, 0, 0, 0], 8),       // private
    ([100, 64, 0, 0], 10),    // shared by a provider's customers, and some clouds' metadata
    ([127, 0, 0, 0], 8),      // this machine
    ([168, 63, 129, 16], 32), // the metadata of a cloud, at an address that looks public
    ([169, 254, 0, 0], 16),   // link-local, and most clouds' metadata
    ([172, 16, 0, 0], 12),    // private
    ([192, 0, 0, 0], 24),     // protocol assignments, and the metadata of a cloud
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 31, 196, 0], 24),  // answers for private names
    ([192, 52, 193, 0], 24),  // multicast tunnels
    ([192, 88, 99, 0], 24),   // relays of 6to4
    ([192, 168, 0, 0], 16),   // private
    ([192, 175, 48, 0], 24),  // answers for private names
    ([198, 18, 0, 0], 15),    // benchmarks
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved, and the broadcast address
];

/// The only range of IPv6 that is given out for the public internet.
const IPV6_GLOBAL: ([u16; 3], u32) = ([0x2000, 0, 0], 3);

/// Ranges within it that are not public, or that carry an IPv4 address inside.
const IPV6_NOT_PUBLIC: &[([u16; 3], u32)] = &[
    ([0x2001, 0, 0], 23),      // protocol assignments: Teredo, benchmarks, overlays
    ([0x2001, 0x0db8, 0], 32), // documentation
    ([0x2002, 0, 0], 16),      // 6to4
    ([0x2620, 0x004f, 0x8000], 48), // answers for private names
    ([0x3fff, 0, 0], 20),      // documentation
];

/// Whether an address is one of the public internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let within = |network: [u8; 4], bits: u32| {
        let mask = u32::MAX << (32 - bits);
        address.to_bits() & mask == Ipv4Addr::from(network).to_bits() & mask
    };
    !IPV4_NOT_PUBLIC
        .iter()
        .any(|(network, bits)| within(*network, *bits))
}

/// IPv4 addresses in another dress (mapped, compatible, translated by NAT64) begin with zeros or
/// `64:ff9b`, link-local, unique local and multicast ones with f: all outside of the global range.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let within = |([a, b, c], bits): &([u16; 3], u32)| {
        let network = Ipv6Addr::new(*a, *b, *c, 0, 0, 0, 0, 0).to_bits();
        let mask = u128::MAX << (128 - bits);
        address.to_bits() & mask == network & mask
    };
    within(&IPV6_GLOBAL) && !IPV6_NOT_PUBLIC.iter().any(within) && !holds_ipv4(address)
}

/// Whether the lower half is the one by which ISATAP (RFC 5214) carries an IPv4 address.
fn holds_ipv4(address: Ipv6Addr) -> bool {
    let [.., high, low, _, _] = address.segments();
    matches!(high, 0 | 0x0200) && low == 0x5efe
}

/// The addresses of a destination, each of them judged. One that may not be asked spoils them all:
/// a public name has none, unless somebody wants to lead us astray.
pub(super) async fn addresses(
    target: &Target,
    world: &World,
) -> Result<Vec<IpAddr>, OutboundError> {
    let found = match target.literal() {
        Some(address) => vec![address],
        None => resolve(target, world).await?,
    };
    for address in &found {
        target.judge(*address)?;
    }
    Ok(found)
}

async fn resolve(target: &Target, world: &World) -> Result<Vec<IpAddr>, OutboundError> {
    let host = target.host_text().to_owned();
    let found = match world.resolve(host.clone()).await {
        Ok(found) => found,
        Err(error) => {
            tracing::debug!(%error, %host, "a name could not be resolved");
            Vec::new()
        }
    };
    if found.is_empty() {
        return Err(OutboundError::Unresolved { host });
    }
    Ok(found.into_iter().take(ADDRESSES_MAX).collect())
}
