//! Signing in: the password, then the code where there is a second factor, within what the throttle
//! allows. Every refusal that starts a wait stands in the audit log.

use std::net::IpAddr;

use almanac_catalog::audit::{self, Deed};
use almanac_catalog::second_factor::{self, Checked};
use almanac_catalog::user::{self, User};
use almanac_catalog::{Actor, CatalogError};
use serde_json::{Value, json};

use super::throttle::TooSoon;
use crate::app::App;
use crate::auth::Asking;
use crate::error::ApiError;

/// Wrong attempts after which each further one is told to the audit log when it doubles the wait.
const TOLD_FROM: u32 = 5;

/// What somebody claims.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    pub(crate) email: &'a str,
    pub(crate) password: &'a str,
    /// Of the second factor; empty when none was given.
    pub(crate) code: &'a str,
}

/// The user whose password and code these are.
pub(crate) async fn prove(app: &App, asking: &Asking, claim: &Claim<'_>) -> Result<User, ApiError> {
    let ip = asking.ip(app);
    let attempts = begin(app, claim.email, ip)?;
    let found = user::authenticate(&app.catalog, claim.email, claim.password).await?;
    let Some(user) = found else {
        tell(app, asking, (claim.email, attempts)).await?;
        return Err(ApiError::Unauthorized(
            "the e-mail or the password is wrong".to_owned(),
        ));
    };
    let acting = app.catalog.acting(Actor::user(&user, &asking.place(app)));
    match second_factor::check(&acting, user.id, claim.code, app.now()).await? {
        Checked::NotNeeded | Checked::Right => {
            app.throttle.succeeded(claim.email, ip);
            Ok(user)
        }
        Checked::Wrong if claim.code.trim().is_empty() => Err(ApiError::SecondFactor(
            "enter the code of your app".to_owned(),
        )),
        Checked::Wrong => {
            tell(app, asking, (claim.email, attempts)).await?;
            Err(ApiError::SecondFactor(
                "the code is wrong or was used; wait for the next one".to_owned(),
            ))
        }
    }
}

/// Asks a person who is signed in for the password once more, before something that matters.
pub(crate) async fn prove_again(
    app: &App,
    asking: &Asking,
    (user, password): (&User, &str),
) -> Result<(), ApiError> {
    let ip = asking.ip(app);
    let attempts = begin(app, &user.email, ip)?;
    match user::authenticate(&app.catalog, &user.email, password).await? {
        Some(_) => {
            app.throttle.succeeded(&user.email, ip);
            Ok(())
        }
        None => {
            tell(app, asking, (&user.email, attempts)).await?;
            Err(ApiError::field("password", "is not yours; try again"))
        }
    }
}

fn begin(app: &App, email: &str, ip: Option<IpAddr>) -> Result<u32, ApiError> {
    app.throttle
        .attempt(email, ip, app.now())
        .map_err(|TooSoon(retry_after_s)| {
            metrics::counter!("almanac_sign_ins_throttled_total").increment(1);
            ApiError::TooMany {
                reason: format!(
                    "too many wrong attempts from here; try again in {retry_after_s} seconds"
                ),
                retry_after_s,
            }
        })
}

/// Tells the audit log when wrong attempts make somebody wait, so that a flood writes few lines.
async fn tell(app: &App, asking: &Asking, (email, attempts): (&str, u32)) -> Result<(), ApiError> {
    metrics::counter!("almanac_sign_ins_refused_total").increment(1);
    if attempts < TOLD_FROM {
        return Ok(());
    }
    let subject = match user::by_email(&app.catalog, email).await {
        Ok(user) => format!("user {}", user.id.0),
        // Whatever a stranger types is no subject.
        Err(CatalogError::NotFound { .. }) => return Ok(()),
        Err(other) => return Err(other.into()),
    };
    let deed = Deed {
        action: "session.refused",
        subject: &subject,
        before: Value::Null,
        after: json!({ "attempts": attempts }),
    };
    let acting = app.catalog.acting(Actor::nobody(&asking.place(app)));
    Ok(audit::record(&acting, deed, app.now()).await?)
}
