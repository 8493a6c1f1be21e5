//! The provider of sign-ins as it is configured, and the requests to it. What is asked and believed
//! is the business of `api`.

use almanac_api::{Call, Fetch, FetchError, OidcSettings, Outbound};

use crate::config::{GOOGLE, Oidc};

/// Largest answer that is read, bytes.
const ANSWER_BYTES_MAX: usize = 256 << 10;

/// The provider, and the way to ask it; nothing where none is configured.
pub(crate) fn of(settings: &Oidc, outbound: &Outbound) -> Option<(OidcSettings, Fetch)> {
    let Oidc {
        issuer,
        client_id,
        client_secret,
        name,
        domains,
        role,
    } = settings.clone();
    let issuer = issuer?;
    let settings = OidcSettings {
        client_id: client_id?,
        client_secret: client_secret?,
        name: name.unwrap_or_else(|| name_of(&issuer)),
        domains,
        role,
        issuer,
    };
    Some((settings, fetch(outbound.clone())))
}

fn name_of(issuer: &str) -> String {
    let host = issuer.split('/').nth(2).unwrap_or(issuer);
    let name = if issuer == GOOGLE { "Google" } else { host };
    name.to_owned()
}

/// Sends requests through the one way out: nothing follows a redirect, and an address that is not
/// public has to be named by the operator.
fn fetch(outbound: Outbound) -> Fetch {
    Fetch::new(move |request| {
        let outbound = outbound.clone();
        Box::pin(async move {
            let call = Call::from(request).body_bytes_max(ANSWER_BYTES_MAX);
            let sent = outbound.send(call).await;
            sent.map(Into::into)
                .map_err(|error| FetchError(error.to_string()))
        })
    })
}
