//! How accounts, members, sessions, keys and entries of the log look on the wire.

use almanac_catalog::grant::Grant;
use almanac_catalog::invitation::Invitation;
use almanac_catalog::key;
use almanac_catalog::session::Session as KnownSession;
use almanac_catalog::user::{Reach, Role, User};
use almanac_model::ProjectId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::openapi::schema;
use crate::projects::rfc3339;

/// A person, as whoever is that person sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "1", "email": "ada@shop.example", "name": "Ada", "role": "owner", "reach": "all",
    "second_factor": true, "recovery_codes_left": 9, "provider_linked": false,
    "created_at": "2026-11-21T08:00:00Z"
}))]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) name: String,
    #[schema(value_type = schema::Role)]
    pub(crate) role: &'static str,
    #[schema(value_type = schema::Reach)]
    pub(crate) reach: &'static str,
    /// Whether signing in takes a code.
    pub(crate) second_factor: bool,
    pub(crate) recovery_codes_left: i64,
    /// Whether signing in through the provider is linked; null where there is no provider.
    #[schema(required)]
    pub(crate) provider_linked: Option<bool>,
    /// RFC 3339.
    pub(crate) created_at: String,
}

/// A member, as admins see one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) name: String,
    #[schema(value_type = schema::Role)]
    pub(crate) role: &'static str,
    #[schema(value_type = schema::Reach)]
    pub(crate) reach: &'static str,
    pub(crate) grants: Vec<ProjectRole>,
    pub(crate) second_factor: bool,
    pub(crate) created_at: String,
    /// When the account was switched off.
    #[schema(required)]
    pub(crate) disabled_at: Option<String>,
}

impl Member {
    pub(crate) fn of(user: User, grants: &[Grant], second_factor: bool) -> Self {
        Self {
            id: user.id.0.to_string(),
            role: user.role.name(),
            reach: user.reach.name(),
            grants: grants.iter().map(ProjectRole::of).collect(),
            second_factor,
            created_at: rfc3339(user.created_at),
            disabled_at: user.disabled_at.map(rfc3339),
            email: user.email,
            name: user.name,
        }
    }
}

/// A role in one project.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"project": "1", "role": "editor"}))]
pub(crate) struct ProjectRole {
    /// The project's id.
    project: String,
    /// Not `owner`, which is a role of accounts.
    #[schema(value_type = schema::Role)]
    role: String,
}

impl ProjectRole {
    fn of(grant: &Grant) -> Self {
        Self {
            project: grant.project.0.to_string(),
            role: grant.role.name().to_owned(),
        }
    }
}

/// An invitation that waits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "1", "email": "bob@shop.example", "role": "viewer", "reach": "all",
    "created_at": "2026-11-21T08:00:00Z", "expires_at": "2026-11-28T08:00:00Z"
}))]
pub(crate) struct Invited {
    pub(crate) id: String,
    pub(crate) email: String,
    #[schema(value_type = schema::Role)]
    pub(crate) role: &'static str,
    #[schema(value_type = schema::Reach)]
    pub(crate) reach: &'static str,
    pub(crate) created_at: String,
    pub(crate) expires_at: String,
}

impl Invited {
    pub(crate) fn of(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.to_string(),
            email: invitation.email,
            role: invitation.role.name(),
            reach: invitation.reach.name(),
            created_at: rfc3339(invitation.created_at),
            expires_at: rfc3339(invitation.expires_at),
        }
    }
}

/// A session of the person who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// `browser`, or `program` for one that acts with tokens.
    #[schema(value_type = schema::SessionKind)]
    pub(crate) kind: &'static str,
    /// How its owner calls the program; empty for a browser.
    pub(crate) name: String,
    /// Families of browser and system; empty when nothing is known.
    pub(crate) device: String,
    /// A country's two letters, or empty.
    pub(crate) place: String,
    pub(crate) created_at: String,
    /// To the minute.
    pub(crate) last_seen_at: String,
    pub(crate) expires_at: String,
    /// Whether it is the one that asks.
    pub(crate) is_this: bool,
}

impl Session {
    pub(crate) fn of(session: KnownSession, own: i64) -> Self {
        Self {
            id: session.id.to_string(),
            is_this: session.id == own,
            kind: session.kind.name(),
            name: session.name,
            device: session.device.name,
            place: session.device.place,
            created_at: rfc3339(session.created_at),
            last_seen_at: rfc3339(session.last_seen_at),
            expires_at: rfc3339(session.expires_at),
        }
    }
}

/// A key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Key {
    id: String,
    /// The project's id; null for a key of the whole instance.
    #[schema(required)]
    project: Option<String>,
    #[schema(value_type = schema::KeyScope)]
    scope: &'static str,
    prefix: String,
    name: String,
    created_at: String,
    #[schema(required)]
    expires_at: Option<String>,
    /// To the minute.
    #[schema(required)]
    last_used_at: Option<String>,
}

impl Key {
    pub(crate) fn of(key: &key::Key) -> Self {
        Self {
            id: key.id.to_string(),
            project: key.project.map(|id| id.0.to_string()),
            scope: key.scope.name(),
            prefix: key.prefix.clone(),
            name: key.name.clone(),
            created_at: rfc3339(key.created_at),
            expires_at: key.expires_at.map(rfc3339),
            last_used_at: key.last_used_at.map(rfc3339),
        }
    }
}

/// The role of that name, for a field.
pub(crate) fn role(field: &str, name: &str) -> Result<Role, ApiError> {
    Role::from_name(name).ok_or_else(|| {
        let names = Role::ALL.map(Role::name).join(", ");
        ApiError::field(field, format!("{name:?} is none of {names}"))
    })
}

/// The reach of that name.
pub(crate) fn reach(name: &str) -> Result<Reach, ApiError> {
    Reach::from_name(name)
        .ok_or_else(|| ApiError::field("reach", format!("{name:?} is neither all nor granted")))
}

/// Grants out of what was sent.
pub(crate) fn grants(sent: &[ProjectRole]) -> Result<Vec<Grant>, ApiError> {
    let each = |sent: &ProjectRole| {
        let id = sent.project.parse().map_err(|_| {
            ApiError::field("grants", format!("{:?} is no project's id", sent.project))
        })?;
        Ok(Grant {
            project: ProjectId(id),
            role: role("grants", &sent.role)?,
        })
    };
    sent.iter().map(each).collect()
}
