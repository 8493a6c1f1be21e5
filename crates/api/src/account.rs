//! Accounts and members: one's own account, its second factor and sessions, the team, invitations,
//! resets, keys of the instance, and the audit log. Whether somebody may is decided in `auth`, and
//! what is kept in the catalog; here is how both look on the wire.

pub(crate) mod audit;
pub(crate) mod instance_keys;
pub(crate) mod invitations;
pub(crate) mod profile;
mod provider;
mod qr;
pub(crate) mod reset;
pub(crate) mod second_factor;
pub(crate) mod sessions;
pub(crate) mod shape;
pub(crate) mod sign_in;
pub(crate) mod team;
pub(crate) mod throttle;
pub(crate) mod tokens;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::router::Shared;

/// Every endpoint of this part.
pub(crate) fn endpoints() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(profile::show, profile::change))
        .routes(routes!(profile::change_password))
        .routes(routes!(second_factor::begin, second_factor::confirm))
        .routes(routes!(second_factor::remove))
        .routes(routes!(second_factor::renew))
        .routes(routes!(sessions::list, sessions::end_others))
        .routes(routes!(sessions::end_one))
        .routes(routes!(tokens::create))
        .routes(routes!(tokens::renew))
        .routes(routes!(tokens::revoke))
        .routes(routes!(tokens::public_keys))
        .routes(routes!(provider::start))
        .routes(routes!(provider::callback))
        .routes(routes!(provider::unlink))
        .routes(routes!(reset::ask))
        .routes(routes!(reset::complete))
        .routes(routes!(invitations::read))
        .routes(routes!(invitations::accept))
        .routes(routes!(team::list))
        .routes(routes!(invitations::create))
        .routes(routes!(invitations::remove))
        .routes(routes!(team::change, team::remove))
        .routes(routes!(team::end_sessions))
        .routes(routes!(team::reset))
        .routes(routes!(instance_keys::list, instance_keys::create))
        .routes(routes!(instance_keys::revoke))
        .routes(routes!(audit::list))
        .routes(routes!(audit::verify))
        .routes(routes!(audit::export))
}
