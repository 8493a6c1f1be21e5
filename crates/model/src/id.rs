//! Identifiers. Each is its own type, so that a visitor is never passed where a project is meant.
//! How an id is written on a wire is decided where wire shapes live, not here.

/// A project: one site or product whose events are kept together. Dense and small, given out by the
/// catalog, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProjectId(pub u32);

/// The identity of one event, a UUID. The client may choose it, so that sending an event again
/// changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(pub u128);

/// A visitor of one project: 64 bits, either a keyed hash that lives for a day or a stable id that
/// the visitor consented to. It says nothing about a person by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VisitorId(pub u64);
