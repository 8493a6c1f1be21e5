//! Whose events they are. Other people's clients name a project by the one word that they are set
//! up with: an ingest key, or the project's id, domain or host.

use std::sync::Arc;

use almanac_catalog::key::{self, KeyScope};
use almanac_ingest::Refusal;

use crate::auth;
use crate::collect::accept::Delivery;
use crate::directory::Entry;
use crate::error::ApiError;
use crate::ledger::NOBODY;
use crate::rate_limit;
use crate::router::Shared;

/// What every ingest key begins with, and no host can.
const KEY_BEGIN: &str = "alm_";
/// Longest part of a client's word that is repeated to it, characters.
const WORD_CHARS_MAX: usize = 100;

/// The project that a word names, if there is one.
pub(super) async fn find(app: &Shared, word: &str) -> Result<Option<Arc<Entry>>, ApiError> {
    let word = word.trim();
    if !word.starts_with(KEY_BEGIN) {
        return auth::find_project(app, word).await;
    }
    rate_limit::draw_for_key(app, word)?;
    match key::authenticate(&app.catalog, word, app.now()).await? {
        Some(key) if key.scope == KeyScope::Ingest => match key.project {
            Some(project) => auth::find_project(app, &project.0.to_string()).await,
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

/// Addresses all events of a request to the project that its word names, unless a key in the header
/// did already.
pub(super) async fn settle(
    app: &Shared,
    delivery: &mut Delivery,
    word: &str,
) -> Result<(), ApiError> {
    if delivery.keyed.is_some() {
        return Ok(());
    }
    match find(app, word).await? {
        Some(entry) => delivery.keyed = Some(entry.settings.id),
        None => return Err(unknown(app, delivery.project_field, word)),
    }
    Ok(())
}

/// Counts and answers a request whose word names no project.
fn unknown(app: &Shared, field: &str, word: &str) -> ApiError {
    let told = if word.trim().is_empty() {
        format!("{field} is missing")
    } else if word.trim().starts_with(KEY_BEGIN) {
        // A key is a secret, also one that is not valid any more.
        format!("{field} is no ingest key, or a revoked one")
    } else {
        let start: String = word.trim().chars().take(WORD_CHARS_MAX).collect();
        format!("{field} {start:?} names no project")
    };
    app.count_request(NOBODY, Refusal::UnknownProject, told.clone());
    ApiError::Unauthorized(format!(
        "{told}; use an ingest key of the project, its id or its domain"
    ))
}
