//! Who sent a request, as far as collection may know it: the address behind trusted proxies and the
//! user agent. The address lives in memory for the length of one request and is never logged.

use std::net::{IpAddr, SocketAddr};

use almanac_ingest::AddressRange;
use axum::http::{HeaderMap, header};

/// The address of the client: the peer itself, or, behind trusted proxies, the right-most hop of
/// `X-Forwarded-For` that no trusted proxy could be. What stands further left was written by the
/// client and proves nothing.
pub(crate) fn client_ip(peer: SocketAddr, headers: &HeaderMap, trusted: &[AddressRange]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    let mut client = peer.ip().to_canonical();
    if !is_trusted(client) {
        return client;
    }
    let values = headers.get_all("x-forwarded-for").iter().rev();
    let hops = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.rsplit(','))
        .map(str::trim)
        .filter(|hop| !hop.is_empty());
    for hop in hops {
        let Some(address) = parse_hop(hop) else {
            break;
        };
        client = address;
        if !is_trusted(address) {
            break;
        }
    }
    client
}

/// A hop may carry a port, and an IPv6 address may stand in brackets.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[');
    let bare = bare.split_once(']').map_or(bare, |(address, _)| address);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    hop.parse::<SocketAddr>()
        .ok()
        .map(|socket| socket.ip().to_canonical())
}

/// A header as text, empty when it is absent or not text.
pub(crate) fn header_text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<AddressRange> = ["127.0.0.0/8", "::1", "10.0.0.0/8"]
            .iter()
            .filter_map(|range| AddressRange::parse(range))
            .collect();
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        let found = client_ip(peer, &headers, &trusted);
        assert_eq!(
            found,
            expected.parse::<IpAddr>().unwrap(),
            "{peer} {forwarded:?}"
        );
    }

    #[test]
    fn the_right_most_untrusted_hop_is_the_client() {
        check("203.0.113.9", &["1.2.3.4"], "203.0.113.9");
        check("127.0.0.1", &["1.2.3.4"], "1.2.3.4");
        check("127.0.0.1", &["6.6.6.6, 1.2.3.4, 10.0.0.7"], "1.2.3.4");
        check("127.0.0.1", &["6.6.6.6", "1.2.3.4"], "1.2.3.4");
        check("127.0.0.1", &["1.2.3.4:5678"], "1.2.3.4");
        check("127.0.0.1", &["[2001:db8::1]:443"], "2001:db8::1");
        check("::ffff:127.0.0.1", &["2001:db8::1"], "2001:db8::1");
        check("127.0.0.1", &["unknown"], "127.0.0.1");
        check("127.0.0.1", &["1.2.3.4, unknown"], "127.0.0.1");
        check("127.0.0.1", &[], "127.0.0.1");
    }
}
