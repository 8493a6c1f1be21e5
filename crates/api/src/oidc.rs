//! Signing in through a provider (OpenID Connect, the code flow with PKCE): one provider, chosen by
//! the operator. Here is who it says somebody is; whether that is a member is decided in `account`.
//!
//! Reading order: `attempt` is a sign-in on its way, `provider` speaks to the provider, `id_token`
//! judges what it answers, `fetch` is the one way out.

mod attempt;
mod fetch;
mod id_token;
mod provider;

use almanac_catalog::user::Role;

pub(crate) use attempt::{Attempt, Purpose};
pub use fetch::{Fetch, FetchError};
pub(crate) use id_token::Person;
pub(crate) use provider::{Answer, Provider};

/// What an operator says about the provider.
#[derive(Clone)]
pub struct OidcSettings {
    /// Its address, exactly as its tokens name it.
    pub issuer: String,
    /// By which it knows this instance.
    pub client_id: String,
    /// By which this instance proves that to it.
    pub client_secret: String,
    /// How people know it: `Google`.
    pub name: String,
    /// Domains of verified addresses whose people become members by signing in; empty: nobody does
    /// without an invitation.
    pub domains: Vec<String>,
    /// What they become.
    pub role: Role,
}

impl std::fmt::Debug for OidcSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("OidcSettings")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Why a sign-in through the provider came to nothing. The names stand in addresses and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failed {
    /// No provider is configured.
    Off,
    /// The provider cannot be reached, or its answers make no sense.
    Provider,
    /// The answer belongs to no sign-in that this browser began, or to one that is over.
    Attempt,
    /// Another provider than the one that was asked says it answers (RFC 9207).
    Issuer,
    /// The person, or the provider, said no.
    Denied,
    /// The token is not good.
    Token,
    /// Nobody here is that person, and nobody new may come in.
    Stranger,
    /// There is an account with this address, which has to be linked by its owner first.
    Unlinked,
    /// The account is switched off.
    Disabled,
    /// The person at the provider is linked to somebody else already.
    Taken,
}

impl Failed {
    /// Its one spelling.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Provider => "provider",
            Self::Attempt => "attempt",
            Self::Issuer => "issuer",
            Self::Denied => "denied",
            Self::Token => "token",
            Self::Stranger => "stranger",
            Self::Unlinked => "unlinked",
            Self::Disabled => "disabled",
            Self::Taken => "taken",
        }
    }
}
