//! Accounts, projects, keys, and the state of the instance.

use serde_json::Value;
use utoipa::ToSchema;

use crate::account::shape::Key;

/// Whether the instance still waits for its owner.
#[derive(ToSchema)]
#[schema(example = json!({"needed": false, "provider": "Google"}))]
pub(crate) struct SetupState {
    needed: bool,
    /// The name of the provider through which people can sign in; null where there is none.
    #[schema(required)]
    provider: Option<String>,
}

/// Who is signed in.
#[derive(ToSchema)]
#[schema(example = json!({
    "user": {
        "id": "1", "email": "ada@shop.example", "name": "Ada", "role": "owner", "reach": "all"
    }
}))]
pub(crate) struct SignedIn {
    user: User,
}

/// A person.
#[derive(ToSchema)]
pub(crate) struct User {
    id: String,
    email: String,
    name: String,
    role: Role,
    reach: Reach,
}

/// Which projects the role of an account is good for.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Reach {
    All,
    Granted,
}

/// What a person may do: each may what the next may, and more.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Role {
    Owner,
    Admin,
    Editor,
    Viewer,
}

/// How visitors are told apart: by a hash that changes every day, or by an id they consented to.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum Identity {
    Cookieless,
    Stable,
}

/// Who shows the token of a session.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum SessionKind {
    Browser,
    Program,
}

/// What a key opens: sending events, asking questions, changing a project, or everything.
#[derive(ToSchema)]
pub(crate) enum KeyScope {
    #[schema(rename = "ingest")]
    Ingest,
    #[schema(rename = "stats:read")]
    Stats,
    #[schema(rename = "project:write")]
    ProjectWrite,
    #[schema(rename = "admin")]
    Admin,
}

/// A site or product.
#[derive(ToSchema)]
#[schema(example = json!({
    "id": "1", "name": "Shop", "domain": "shop.example", "hosts": ["shop.example"],
    "query_parameters": [],
    "time_zone": "Europe/Berlin", "identity": "cookieless",
    "created_at": "2026-11-21T08:00:00Z", "first_event_at": null
}))]
pub(crate) struct Project {
    id: String,
    name: String,
    /// Its first host, which names it everywhere.
    domain: String,
    hosts: Vec<String>,
    /// Parameters of addresses that are kept as a part of a page's name.
    query_parameters: Vec<String>,
    /// IANA time zone, in which its days begin.
    time_zone: String,
    identity: Identity,
    /// RFC 3339.
    created_at: String,
    #[schema(required)]
    first_event_at: Option<String>,
}

/// Every project.
#[derive(ToSchema)]
#[schema(example = json!({"projects": []}))]
pub(crate) struct Projects {
    projects: Vec<Project>,
}

/// A project and the snippet for its pages.
#[derive(ToSchema)]
#[schema(example = json!({
    "project": {"id": "1", "name": "Shop", "domain": "shop.example", "hosts": ["shop.example"],
    "query_parameters": [],
        "time_zone": "UTC", "identity": "cookieless", "created_at": "2026-11-21T08:00:00Z",
        "first_event_at": null},
    "snippet": "<script defer src=\"https://stats.example/js/almanac.js\" data-domain=\"shop.example\"></script>"
}))]
pub(crate) struct ProjectShown {
    project: Project,
    snippet: String,
}

/// Which hosts of a project are verified, and what would verify the others.
#[derive(ToSchema)]
#[schema(example = json!({
    "hosts": [{
        "host": "shop.example", "proof": "file", "verified_at": "2026-11-21T08:00:00Z",
        "file": {
            "address": "https://shop.example/.well-known/almanac-verification.txt",
            "text": "0123456789abcdef0123456789abcdef"
        },
        "meta": "<meta name=\"almanac-verification\" content=\"0123456789abcdef0123456789abcdef\">"
    }]
}))]
pub(crate) struct VerifiedHosts {
    hosts: Vec<VerifiedHost>,
}

/// A host of a project.
#[derive(ToSchema)]
pub(crate) struct VerifiedHost {
    host: String,
    /// `file`, `meta` or `snippet`: what was found there last; null as long as nothing was.
    proof: Option<String>,
    verified_at: Option<String>,
    file: VerificationFile,
    /// The element for the head of the host's first page.
    meta: String,
}

/// A file that verifies a host.
#[derive(ToSchema)]
pub(crate) struct VerificationFile {
    address: String,
    /// All that stands in it.
    text: String,
}

/// What came of a look at a host.
#[derive(ToSchema)]
#[schema(example = json!({
    "found": null,
    "tried": [{
        "address": "https://shop.example/.well-known/almanac-verification.txt",
        "outcome": "was answered with 404"
    }],
    "hosts": []
}))]
pub(crate) struct HostLookedAt {
    /// `file`, `meta` or `snippet`; null when nothing was found.
    found: Option<String>,
    tried: Vec<TriedAddress>,
    hosts: Vec<VerifiedHost>,
}

/// An address that was asked.
#[derive(ToSchema)]
pub(crate) struct TriedAddress {
    address: String,
    /// What came of it, in words.
    outcome: String,
}

/// A project as it is now.
#[derive(ToSchema)]
#[schema(example = json!({
    "project": {"id": "1", "name": "Shop", "domain": "shop.example", "hosts": ["shop.example"],
    "query_parameters": [],
        "time_zone": "UTC", "identity": "cookieless", "created_at": "2026-11-21T08:00:00Z",
        "first_event_at": null}
}))]
pub(crate) struct ProjectChanged {
    project: Project,
}

/// A new project with its first keys, whose texts are shown only now.
#[derive(ToSchema)]
#[schema(example = json!({
    "project": {"id": "1", "name": "Shop", "domain": "shop.example", "hosts": ["shop.example"],
    "query_parameters": [],
        "time_zone": "UTC", "identity": "cookieless", "created_at": "2026-11-21T08:00:00Z",
        "first_event_at": null},
    "keys": {"ingest": "alm_i_…", "stats": "alm_s_…"}, "snippet": "<script …></script>"
}))]
pub(crate) struct ProjectMade {
    project: Project,
    keys: FirstKeys,
    snippet: String,
}

/// The texts of two keys.
#[derive(ToSchema)]
pub(crate) struct FirstKeys {
    ingest: String,
    stats: String,
}

/// Where events went in the last seven days.
#[derive(ToSchema)]
#[schema(example = json!({
    "since": "2026-11-14T08:00:00Z", "received": 3, "accepted": 2, "duplicate": 0,
    "refused": [{"reason": "bot", "count": 1, "explanation": "…", "remedy": "…"}],
    "unknown_domain": 0, "unattributed": [], "recent": [], "last_event_at": null,
    "queue": {"pending_events": 0}
}))]
pub(crate) struct ProjectHealth {
    since: String,
    received: u64,
    accepted: u64,
    duplicate: u64,
    refused: Vec<RefusedEvents>,
    /// Events of the same days whose domain no project has.
    unknown_domain: u64,
    /// Of the whole instance: events of no known project, and requests that could not be read.
    unattributed: Vec<RefusedEvents>,
    recent: Vec<RecentlyRefused>,
    #[schema(required)]
    last_event_at: Option<String>,
    queue: PendingEvents,
}

/// Events refused for one reason.
#[derive(ToSchema)]
pub(crate) struct RefusedEvents {
    reason: String,
    count: u64,
    explanation: String,
    remedy: String,
}

/// One of the last refusals.
#[derive(ToSchema)]
pub(crate) struct RecentlyRefused {
    at: String,
    reason: String,
    detail: String,
}

/// Events on disk that no answer counts yet.
#[derive(ToSchema)]
pub(crate) struct PendingEvents {
    pending_events: u64,
}

/// A key with its text, which is shown only now.
#[derive(ToSchema)]
#[schema(example = json!({
    "id": "3", "project": "1", "scope": "stats:read", "prefix": "0123456789ab",
    "name": "weekly report", "created_at": "2026-11-21T08:00:00Z", "expires_at": null,
    "last_used_at": null, "key": "alm_s_0123456789ab_…"
}))]
pub(crate) struct KeyMade {
    #[serde(flatten)]
    #[schema(inline)]
    about: Key,
    key: String,
}

/// A goal, segment or funnel; `docs/questions.md` has the forms of `definition`.
#[derive(ToSchema)]
#[schema(example = json!({
    "id": "1", "name": "Signup", "definition": {"kind": "event", "event": "Signup"}
}))]
pub(crate) struct Saved {
    id: String,
    name: String,
    definition: Value,
}

/// All of one kind.
#[derive(ToSchema)]
#[schema(example = json!({"saved": []}))]
pub(crate) struct SavedList {
    saved: Vec<Saved>,
}

/// What was saved.
#[derive(ToSchema)]
#[schema(example = json!({
    "saved": {"id": "1", "name": "Signup", "definition": {"kind": "event", "event": "Signup"}}
}))]
pub(crate) struct SavedMade {
    saved: Saved,
}

/// The state of the server in numbers.
#[derive(ToSchema)]
#[schema(example = json!({
    "status": "ok", "version": "0.1.0", "started_at": "2026-11-21T08:00:00Z",
    "queue": {"depth_events": 0, "bytes": 0, "bytes_max": 1073741824}, "store": {"hot_rows": 0}
}))]
pub(crate) struct InstanceHealth {
    /// `ok` or `starting`.
    status: String,
    version: String,
    started_at: String,
    queue: QueueHealth,
    store: StoreHealth,
}

/// The queue.
#[derive(ToSchema)]
pub(crate) struct QueueHealth {
    /// Events that are not in the store yet.
    depth_events: u64,
    bytes: u64,
    bytes_max: u64,
}

/// The store.
#[derive(ToSchema)]
pub(crate) struct StoreHealth {
    /// Rows in memory that are not in files yet.
    hot_rows: u64,
}
