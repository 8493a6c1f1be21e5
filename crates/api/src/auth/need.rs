//! What can be asked for, and what it takes: the policy as a table of small functions. It reads no
//! request and no database.

use almanac_catalog::key::KeyScope;
use almanac_catalog::user::Role;

/// What a request needs. The text names a project: id, domain or host.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need<'a> {
    /// The account of the person who asks.
    Account,
    /// To read a project's numbers.
    Look(&'a str),
    /// To read how a project is set up: its settings, its keys, what became of its events.
    Oversee(&'a str),
    /// To change a project, or what is saved for it.
    Change(&'a str),
    /// To decide what is kept of a project, and what is erased.
    Govern(&'a str),
    /// To make and revoke the keys of a project.
    Keys(&'a str),
    /// The list of projects, which shows those in reach.
    Projects,
    /// To add a project.
    AddProject,
    /// Members, invitations, and what was done by whom.
    Team,
    /// Keys of the whole instance: people only, so that no key makes another one as strong.
    InstanceKeys,
    /// What only commands of this machine do.
    ThisMachine,
}

impl<'a> Need<'a> {
    /// The project that it is about.
    pub(super) fn project(self) -> Option<&'a str> {
        match self {
            Self::Look(project)
            | Self::Oversee(project)
            | Self::Change(project)
            | Self::Govern(project)
            | Self::Keys(project) => Some(project),
            _ => None,
        }
    }

    /// The least role.
    pub(super) fn least(self) -> Role {
        match self {
            Self::Account | Self::Look(_) | Self::Oversee(_) | Self::Projects => Role::Viewer,
            Self::Change(_) | Self::Keys(_) | Self::AddProject => Role::Editor,
            Self::Govern(_) | Self::Team | Self::InstanceKeys | Self::ThisMachine => Role::Admin,
        }
    }

    /// Whether a key of that scope opens it at all.
    pub(super) fn is_opened_by(self, scope: KeyScope) -> bool {
        let is_personal = matches!(self, Self::Account | Self::InstanceKeys | Self::ThisMachine);
        match scope {
            KeyScope::Ingest => false,
            KeyScope::Stats => matches!(self, Self::Look(_)),
            KeyScope::ProjectWrite => {
                matches!(self, Self::Look(_) | Self::Oversee(_) | Self::Change(_))
            }
            KeyScope::Admin => !is_personal,
        }
    }

    /// Whether commands of this machine have it.
    pub(super) fn is_for_this_machine(self) -> bool {
        matches!(
            self,
            Self::Look(_)
                | Self::Oversee(_)
                | Self::Change(_)
                | Self::Govern(_)
                | Self::ThisMachine
        )
    }

    /// Whether it takes an account that reaches every project.
    pub(super) fn takes_all_projects(self) -> bool {
        matches!(self, Self::AddProject | Self::Team | Self::InstanceKeys)
    }

    /// What somebody is told who did not say who it is.
    pub(super) fn invitation(self) -> &'static str {
        match self {
            Self::Look(_) => "sign in, or send a stats key as \"Authorization: Bearer alm_s_…\"",
            _ => "sign in first: POST /api/session",
        }
    }

    /// What the holder of a key of too small a scope should do.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Look(_) => "; ask with a stats key",
            Self::Oversee(_) | Self::Change(_) => "; take a key of the scope project:write",
            Self::Account | Self::InstanceKeys => "; it is for people who are signed in",
            Self::ThisMachine => "; it is for the command line of this machine",
            _ => "; take a key of the scope admin",
        }
    }

    /// What somebody of too small a role is told.
    pub(super) fn refusal(self, role: Role) -> String {
        match self {
            Self::ThisMachine => "only the command line of this machine may do this".to_owned(),
            _ => format!(
                "a {} may look but not change this; it takes the role {} or above",
                role.name(),
                self.least().name()
            ),
        }
    }
}
