//! Who did it. A cookieless visitor is a keyed hash of what a request shows anyway, under a salt
//! that is gone two days later; a stable visitor is a hash of an id that its owner agreed to.
//! The address goes in here and does not come out.

use std::net::IpAddr;

use almanac_model::{EventId, ProjectId, VisitorId};

use crate::rules;

/// The visitor of a cookieless event: the first 64 bits of keyed BLAKE3 over project, registrable
/// domain of the page, address and user agent.
pub(crate) fn cookieless(
    salt: &[u8; 16],
    project: ProjectId,
    domain: &str,
    ip: Option<IpAddr>,
    user_agent: &str,
) -> VisitorId {
    let mut key = [0; 32];
    let (half, _) = key.split_at_mut(salt.len());
    half.copy_from_slice(salt);
    let mut hasher = blake3::Hasher::new_keyed(&key);
    hasher.update(&project.0.to_le_bytes());
    // The length keeps domain and address apart: no two different inputs give the same bytes.
    hasher.update(&(domain.len() as u64).to_le_bytes());
    hasher.update(domain.as_bytes());
    hasher.update(&ip.map_or([0; 16], |ip| rules::bits(ip).to_le_bytes()));
    hasher.update(user_agent.as_bytes());
    VisitorId(first_64_bits(&hasher.finalize()))
}

/// What a stable id names. A visitor and a user of the same name stay different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StableId<'a> {
    /// A browser that consented, or an installation.
    Visitor(&'a str),
    /// An identified user without a visitor id.
    User(&'a str),
    /// Nobody: this event alone.
    Event(EventId),
}

/// The visitor of a stable id within one project.
pub(crate) fn stable(project: ProjectId, id: StableId<'_>) -> VisitorId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&project.0.to_le_bytes());
    match id {
        StableId::Visitor(visitor) => hasher.update(b"visitor").update(visitor.as_bytes()),
        StableId::User(user) => hasher.update(b"user").update(user.as_bytes()),
        StableId::Event(event) => hasher.update(b"event").update(&event.0.to_le_bytes()),
    };
    VisitorId(first_64_bits(&hasher.finalize()))
}

/// The visitor that a persistent id of a browser or an installation makes in a project with stable
/// identity. Whoever knows the id, and nobody else, can name the visitor.
pub fn visitor_of_id(project: ProjectId, id: &str) -> VisitorId {
    stable(project, StableId::Visitor(id.trim()))
}

/// The first 64 bits of a hash.
pub(crate) fn first_64_bits(hash: &blake3::Hash) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ingredient_makes_another_visitor() {
        let ip = "203.0.113.7".parse().ok();
        let base = cookieless(&[1; 16], ProjectId(1), "shop.example", ip, "agent");
        assert_eq!(
            base,
            cookieless(&[1; 16], ProjectId(1), "shop.example", ip, "agent")
        );
        let others = [
            cookieless(&[2; 16], ProjectId(1), "shop.example", ip, "agent"),
            cookieless(&[1; 16], ProjectId(2), "shop.example", ip, "agent"),
            cookieless(&[1; 16], ProjectId(1), "docs.example", ip, "agent"),
            cookieless(&[1; 16], ProjectId(1), "shop.example", None, "agent"),
            cookieless(&[1; 16], ProjectId(1), "shop.example", ip, "other"),
        ];
        for other in others {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn stable_ids_differ_by_project_and_by_what_they_name() {
        let one = stable(ProjectId(1), StableId::Visitor("7"));
        assert_eq!(one, stable(ProjectId(1), StableId::Visitor("7")));
        assert_ne!(one, stable(ProjectId(2), StableId::Visitor("7")));
        assert_ne!(one, stable(ProjectId(1), StableId::User("7")));
        let events = [1, 2].map(|id| stable(ProjectId(1), StableId::Event(EventId(id))));
        assert_ne!(events[0], events[1]);
    }
}
