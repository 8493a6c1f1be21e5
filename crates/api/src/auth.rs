//! Who asks, and whether it may: the user of a session cookie, the program of a key or of a token
//! that acts for a user, or a command of this machine. One function decides, [`authorise`];
//! everything else here only spells what it needs. Handlers take its answer and never look at a
//! credential themselves.

mod access;
mod asking;
mod cookie;
mod need;

use std::sync::Arc;

use almanac_catalog::key::{self, Key, KeyScope};
use almanac_catalog::session::{self, Opened};
use almanac_catalog::user::{Reach, Role};
use almanac_catalog::{Actor, Catalog, grant};
use almanac_model::ProjectId;
use almanac_query::Mask;
use axum::http::{HeaderMap, Method, header};

use crate::app::App;
use crate::cors;
use crate::directory::Entry;
use crate::error::ApiError;
pub(crate) use access::mint;
pub(crate) use asking::Asking;
pub(crate) use cookie::{attempt_cookie, attempt_secret, is_https, session_cookie, session_token};
pub(crate) use need::Need;

/// Whoever asks.
#[derive(Debug)]
pub(crate) enum Caller {
    /// A person who is signed in, or a program that acts for one.
    Person(Opened),
    /// A program with a key.
    Key(Key),
    /// A command on this machine that can read the data directory.
    Local,
}

/// The answer of [`authorise`]: who asks, as what, and for which project.
#[derive(Debug)]
pub(crate) struct Permit {
    caller: Caller,
    role: Role,
    entry: Option<Arc<Entry>>,
    place: String,
}

impl Permit {
    /// The project that it is about.
    pub(crate) fn project(&self) -> Result<&Arc<Entry>, ApiError> {
        let missing = "a permit without a project was asked for one";
        self.entry
            .as_ref()
            .ok_or_else(|| ApiError::internal(missing))
    }

    /// The person who asks, and the session.
    pub(crate) fn person(&self) -> Result<&Opened, ApiError> {
        match &self.caller {
            Caller::Person(opened) => Ok(opened),
            _ => Err(ApiError::Forbidden("only people have accounts".to_owned())),
        }
    }

    /// The catalog, acting for whoever asks: what it changes stands so in the audit log.
    pub(crate) fn catalog(&self, app: &App) -> Catalog {
        let place = &self.place;
        app.catalog.acting(match &self.caller {
            Caller::Person(opened) => Actor::user(&opened.user, place),
            Caller::Key(key) => Actor::key(&key.prefix, &key.name, place),
            Caller::Local => Actor::command_line(),
        })
    }

    /// What of the project is hidden from whoever asks.
    pub(crate) fn mask(&self) -> Mask {
        let hides = |entry: &&Arc<Entry>| !self.role.may_act_as(entry.visibility.unmasked_from);
        let entry = self.entry.as_ref().filter(hides);
        entry.map_or_else(Mask::default, |entry| entry.mask.clone())
    }

    /// Whether a list of projects shows that one.
    pub(crate) async fn may_see(&self, app: &App, id: ProjectId) -> Result<bool, ApiError> {
        match &self.caller {
            Caller::Person(opened) => {
                let role = grant::role_in(&app.catalog, &opened.user, id).await?;
                Ok(role.is_some())
            }
            Caller::Key(key) => Ok(key.project.is_none_or(|own| own == id)),
            Caller::Local => Ok(true),
        }
    }

    /// Refuses to touch somebody who may do more, or to give what one does not have.
    pub(crate) fn must_reach(&self, role: Role) -> Result<(), ApiError> {
        if self.role.may_act_as(role) {
            return Ok(());
        }
        Err(ApiError::Forbidden(format!(
            "this takes the role {}; you are {}",
            role.name(),
            self.role.name()
        )))
    }
}

/// Decides whether whoever asks may have what it needs. Without a credential that is good it is
/// 401; a project out of reach is 404, as if it were not there; too small a role is 403.
pub(crate) async fn authorise(
    app: &App,
    asking: &Asking,
    need: Need<'_>,
) -> Result<Permit, ApiError> {
    let caller = caller(app, asking, need).await?;
    if let Caller::Key(key) = &caller
        && !need.is_opened_by(key.scope)
    {
        return Err(ApiError::Forbidden(format!(
            "a key of the scope {} does not open this{}",
            key.scope.name(),
            need.remedy()
        )));
    }
    let entry = match need.project() {
        Some(reference) => Some(project(app, reference).await?),
        None => None,
    };
    cors::check_page(app, &asking.headers, &caller, entry.as_deref())?;
    let role = role_of(app, &caller, entry.as_deref()).await?;
    let Some(role) = role else {
        return Err(absent(need.project().unwrap_or_default()));
    };
    if matches!(caller, Caller::Local) && !need.is_for_this_machine()
        || matches!(need, Need::ThisMachine) && !matches!(caller, Caller::Local)
    {
        return Err(ApiError::Forbidden(need.refusal(role)));
    }
    if !role.may_act_as(need.least()) || needs_all(&caller, need) {
        return Err(ApiError::Forbidden(need.refusal(role)));
    }
    let place = asking.place(app);
    Ok(Permit {
        caller,
        role,
        entry,
        place,
    })
}

/// The role in a project, or of the account; none when the project is out of reach.
async fn role_of(
    app: &App,
    caller: &Caller,
    entry: Option<&Entry>,
) -> Result<Option<Role>, ApiError> {
    Ok(match (caller, entry) {
        (Caller::Local, _) => Some(Role::Admin),
        (Caller::Person(opened), None) => Some(opened.user.role),
        (Caller::Person(opened), Some(entry)) => {
            grant::role_in(&app.catalog, &opened.user, entry.project.id).await?
        }
        (Caller::Key(key), entry) => match (key.scope, key.project, entry) {
            (KeyScope::Admin, ..) => Some(Role::Admin),
            (_, Some(own), Some(entry)) if own != entry.project.id => None,
            (KeyScope::ProjectWrite, ..) => Some(Role::Editor),
            (KeyScope::Stats | KeyScope::Ingest, ..) => Some(Role::Viewer),
        },
    })
}

/// Whether it is refused to somebody who reaches granted projects only.
fn needs_all(caller: &Caller, need: Need<'_>) -> bool {
    let is_limited = matches!(caller, Caller::Person(opened) if opened.user.reach != Reach::All);
    is_limited && need.takes_all_projects()
}

/// Who asks. A page of another site can make a browser send the cookie, but not lie about its
/// origin, so a cookie changes nothing for a foreign page.
async fn caller(app: &App, asking: &Asking, need: Need<'_>) -> Result<Caller, ApiError> {
    if let Some(text) = bearer(&asking.headers) {
        if access::is_one(text) {
            return access::person(app, text).await.map(Caller::Person);
        }
        return key_caller(app, text).await;
    }
    check_origin(app, &asking.method, &asking.headers)?;
    let opened = match session_token(app, &asking.headers) {
        Some(token) => session::opened_by(&app.catalog, &token, app.now()).await?,
        None => None,
    };
    let missing = || ApiError::Unauthorized(need.invitation().to_owned());
    opened.map(Caller::Person).ok_or_else(missing)
}

async fn key_caller(app: &App, text: &str) -> Result<Caller, ApiError> {
    if is_local_token(app, text) {
        return Ok(Caller::Local);
    }
    let found = key::authenticate(&app.catalog, text, app.now()).await?;
    found.map(Caller::Key).ok_or_else(|| {
        let told = "the key is unknown, revoked or over; make a new one";
        ApiError::Unauthorized(told.to_owned())
    })
}

/// The permit to read the numbers of the project that a text names.
pub(crate) async fn looking(
    app: &App,
    headers: &HeaderMap,
    reference: &str,
) -> Result<Permit, ApiError> {
    // Numbers are asked for by POST too, and asking changes nothing.
    let asking = Asking::of(&Method::GET, headers);
    authorise(app, &asking, Need::Look(reference)).await
}

/// The project that a text names, if whoever asks may read its numbers, for what shows nothing that
/// can be hidden.
pub(crate) async fn readable_project(
    app: &App,
    headers: &HeaderMap,
    reference: &str,
) -> Result<Arc<Entry>, ApiError> {
    let permit = looking(app, headers, reference).await?;
    permit.project().map(Arc::clone)
}

/// The project that a path names, for people and for programs that look after it.
pub(crate) async fn project_of_user(
    app: &App,
    headers: &HeaderMap,
    reference: &str,
) -> Result<Arc<Entry>, ApiError> {
    let asking = Asking::of(&Method::GET, headers);
    let permit = authorise(app, &asking, Need::Oversee(reference)).await?;
    permit.project().map(Arc::clone)
}

/// The permit to change the project that a path names.
pub(crate) async fn changing(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    reference: &str,
) -> Result<Permit, ApiError> {
    let asking = Asking::of(method, headers);
    authorise(app, &asking, Need::Change(reference)).await
}

/// The permit to decide what is kept of the project that a path names.
pub(crate) async fn governing(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    reference: &str,
) -> Result<Permit, ApiError> {
    let asking = Asking::of(method, headers);
    authorise(app, &asking, Need::Govern(reference)).await
}

/// Refuses everybody but commands on this machine.
pub(crate) async fn local_only(app: &App, headers: &HeaderMap) -> Result<Permit, ApiError> {
    let asking = Asking::of(&Method::GET, headers);
    authorise(app, &asking, Need::ThisMachine).await
}

/// Refuses a changing request that comes from a page of another origin.
pub(crate) fn check_origin(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    if method.is_safe() {
        return Ok(());
    }
    // Programs send neither header; browsers always send at least one with a changing request.
    if headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
    {
        return Err(ApiError::Forbidden(
            "requests from other sites are refused".to_owned(),
        ));
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or("that is no text");
    if cors::is_own(app, origin, headers) {
        return Ok(());
    }
    Err(ApiError::Forbidden(format!(
        "requests from the origin {origin} are refused"
    )))
}

/// The project that a text names, whoever asks.
pub(crate) async fn project(app: &App, reference: &str) -> Result<Arc<Entry>, ApiError> {
    let found = find_project(app, reference).await?;
    found.ok_or_else(|| absent(reference))
}

fn absent(reference: &str) -> ApiError {
    ApiError::NotFound(format!("there is no project {reference:?}"))
}

/// The project that a text names, looked up again in the catalog when it is not known yet.
pub(crate) async fn find_project(
    app: &App,
    reference: &str,
) -> Result<Option<Arc<Entry>>, ApiError> {
    if let Some(entry) = app.directory().by_reference(reference) {
        return Ok(Some(Arc::clone(entry)));
    }
    app.refresh().await?;
    Ok(app.directory().by_reference(reference).map(Arc::clone))
}

/// The project of the request's ingest key, if it carries one.
pub(crate) async fn ingest_project(
    app: &App,
    headers: &HeaderMap,
) -> Result<Option<ProjectId>, ApiError> {
    let Some(text) = bearer(headers) else {
        return Ok(None);
    };
    match key_caller(app, text).await? {
        Caller::Key(key) if key.scope == KeyScope::Ingest => Ok(key.project),
        _ => Err(ApiError::Forbidden(
            "this key may not send events; send with an ingest key or without one".to_owned(),
        )),
    }
}

/// Compares hashes, so that the time taken tells nothing about the token.
fn is_local_token(app: &App, text: &str) -> bool {
    blake3::hash(text.as_bytes()) == blake3::hash(app.local_token.as_bytes())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
