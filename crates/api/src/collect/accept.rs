//! What happens to drafts behind every front door: find the project, run the steps, leave out what
//! came before, make the rest durable, and enter each fate in the ledger. The answer's shape is the
//! door's business.

mod batch;
mod by_content;
mod to_the_end;

use std::sync::Arc;

use almanac_ingest::{
    Context, Draft, Refusal, Refused, Sender, check, fingerprint, process, process_bot,
};
use almanac_model::{EventId, ProjectId};

use super::around;
use crate::auth;
use crate::dedupe::Claim;
use crate::directory::Entry;
use crate::error::{ApiError, FieldErrors};
use crate::ledger::NOBODY;
use crate::router::Shared;
use batch::Batch;

/// Domains that one event may be addressed to.
const DOMAINS_MAX: usize = 10;

/// One event as it came, and the domains it is addressed to.
#[derive(Debug)]
pub(super) struct Addressed {
    /// Domains or ids of projects; none where nothing in the event names one.
    pub(super) domains: Vec<String>,
    pub(super) draft: Draft,
}

/// An event that cannot be taken as it was sent, and which of its fields are the reason.
#[derive(Debug, Clone)]
pub(super) struct Rejection {
    pub(super) reason: Refusal,
    pub(super) errors: FieldErrors,
    /// The same as those of an event that can be taken, as far as they could be read.
    pub(super) domains: Vec<String>,
}

impl From<FieldErrors> for Rejection {
    fn from(errors: FieldErrors) -> Self {
        let reason = Refusal::InvalidValue;
        Self {
            reason,
            errors,
            domains: Vec::new(),
        }
    }
}

/// What became of one event of a request.
#[derive(Debug)]
pub(super) enum Verdict {
    Accepted,
    Duplicate,
    Dropped(Refused),
    Rejected(Rejection),
}

/// What holds for all events of one request.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) sender: Sender,
    /// The project of the ingest key, if there was one.
    pub(super) keyed: Option<ProjectId>,
    /// The field in which an event of this door names its project.
    pub(super) project_field: &'static str,
    /// The client's `Idempotency-Key`, from which events without an id get theirs.
    pub(super) idempotency_key: Option<String>,
}

/// Takes the events of one request. The answer has the verdicts of each event, one per domain.
pub(super) async fn accept(
    app: &Shared,
    incoming: Vec<Result<Addressed, Rejection>>,
    delivery: &Delivery,
) -> Result<Vec<Vec<Verdict>>, ApiError> {
    let _place = around::enter(app)?;
    let mut batch = Batch::new(app, delivery.sender.received);
    let mut verdicts = Vec::with_capacity(incoming.len());
    for (index, event) in incoming.into_iter().enumerate() {
        verdicts.push(match event {
            Ok(mut addressed) => {
                addressed.draft.id = addressed.draft.id.or_else(|| delivery.derived_id(index));
                take(app, &mut batch, addressed, delivery).await?
            }
            Err(rejection) => {
                let project = owner(app, &rejection.domains, delivery).await?;
                vec![batch.reject(project, rejection)]
            }
        });
    }
    batch.store().await?;
    Ok(verdicts)
}

impl Delivery {
    /// The id of an event that has none, where the request has a key: the same whenever the same
    /// request is sent again.
    fn derived_id(&self, index: usize) -> Option<EventId> {
        let key = self.idempotency_key.as_ref()?;
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(b"idempotency key")
            .update(&(index as u64).to_le_bytes())
            .update(key.as_bytes());
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        Some(EventId(u128::from_le_bytes(bytes)))
    }
}

/// Judges one event for each project that it is addressed to.
async fn take(
    app: &Shared,
    batch: &mut Batch,
    addressed: Addressed,
    delivery: &Delivery,
) -> Result<Vec<Verdict>, ApiError> {
    let Addressed { domains, draft } = addressed;
    let mut errors = errors_of(&draft);
    let targets = targets(app, &domains, delivery.keyed).await?;
    if targets.is_empty() {
        let reason = "is required, unless url says the host of a project".to_owned();
        let field = delivery.project_field.to_owned();
        errors.entry(field).or_default().push(reason);
        let reason = Refusal::UnknownProject;
        return Ok(vec![batch.reject(
            NOBODY,
            Rejection {
                reason,
                errors,
                domains,
            },
        )]);
    }
    let mut verdicts = Vec::with_capacity(targets.len());
    for target in targets {
        verdicts.push(match target {
            Err(_) if !errors.is_empty() => batch.reject(NOBODY, errors.clone().into()),
            Err(refused) => batch.refuse(NOBODY, refused),
            Ok(entry) if !errors.is_empty() => {
                batch.reject(entry.settings.id, errors.clone().into())
            }
            Ok(entry) => judge(app, batch, &entry, &draft, &delivery.sender).await?,
        });
    }
    Ok(verdicts)
}

/// What the sender must correct, by field.
fn errors_of(draft: &Draft) -> FieldErrors {
    let mut errors = FieldErrors::new();
    for fault in check(draft) {
        let reasons = errors.entry(fault.field.to_owned()).or_default();
        reasons.push(fault.reason);
    }
    errors
}

type Target = Result<Arc<Entry>, Refused>;

async fn targets(
    app: &Shared,
    domains: &[String],
    keyed: Option<ProjectId>,
) -> Result<Vec<Target>, ApiError> {
    if let Some(id) = keyed
        && let Some(entry) = auth::find_project(app, &id.0.to_string()).await?
    {
        return Ok(vec![Ok(entry)]);
    }
    let mut found = Vec::with_capacity(1);
    for name in domains.iter().take(DOMAINS_MAX) {
        let unknown = || {
            let name: String = name.chars().take(100).collect();
            Refused::new(
                Refusal::UnknownProject,
                format!("no project has the domain {name:?}"),
            )
        };
        found.push(auth::find_project(app, name).await?.ok_or_else(unknown));
    }
    Ok(found)
}

/// Whose books a rejected event belongs into: those of the project that it was meant for, so that
/// the project's owner sees it, and nobody's only where nothing says whose it was.
async fn owner(
    app: &Shared,
    domains: &[String],
    delivery: &Delivery,
) -> Result<ProjectId, ApiError> {
    let targets = targets(app, domains, delivery.keyed).await?;
    let found = targets.into_iter().flatten().next();
    Ok(found.map_or(NOBODY, |entry| entry.settings.id))
}

async fn judge(
    app: &Shared,
    batch: &mut Batch,
    entry: &Entry,
    draft: &Draft,
    sender: &Sender,
) -> Result<Verdict, ApiError> {
    let id = entry.settings.id;
    let chosen = draft.id;
    let salts = app.salts(&entry.settings, sender.received).await?;
    let recent = |visitor, at| {
        app.recent
            .was_active(id, visitor, at, entry.settings.visit_gap_s)
    };
    let hurried = |visitor, at| app.recent.hurried(id, visitor, at);
    let context = Context {
        project: &entry.settings,
        rules: &entry.rules,
        salts: &salts,
        places: &app.places,
        agents: &app.agents,
        recent: &recent,
        hurried: &hurried,
        data_centres: &app.data_centres,
        random_id: EventId(uuid::Uuid::new_v4().as_u128()),
    };
    let mut event = match process(draft, sender, &context) {
        Ok(event) => event,
        Err(refused) => {
            if refused.reason == Refusal::Bot && !entry.rules.refuses_bots {
                keep_apart(app, batch, draft, sender, &context);
            }
            return Ok(batch.refuse(id, refused));
        }
    };
    let known_by = match chosen {
        Some(chosen) => Some(fingerprint(id, chosen)),
        None => {
            let (given, window_s) = (draft.happened_at, app.http.content_window_s);
            match by_content::of(&event, given, sender.received, window_s) {
                Some(ids)
                    if app
                        .dedupe
                        .is_known(fingerprint(id, ids.before), sender.received) =>
                {
                    return Ok(batch.duplicate(id));
                }
                Some(ids) => {
                    event.id = ids.now;
                    Some(fingerprint(id, ids.now))
                }
                None => None,
            }
        }
    };
    let Some(hash) = known_by else {
        return Ok(batch.keep(&event, None));
    };
    if batch.has(hash) {
        return Ok(batch.duplicate(id));
    }
    Ok(match app.dedupe.claim(hash, sender.received) {
        Claim::New => batch.keep(&event, Some(hash)),
        Claim::Duplicate => batch.duplicate(id),
        Claim::Pending => batch.pending(id),
    })
}

/// Keeps the event of a bot apart, once. Where that cannot be, the count of the refusal remains.
fn keep_apart(
    app: &Shared,
    batch: &mut Batch,
    draft: &Draft,
    sender: &Sender,
    context: &Context<'_>,
) {
    let Ok(event) = process_bot(draft, sender, context) else {
        return;
    };
    let known_by = draft.id.map(|chosen| fingerprint(event.project, chosen));
    let is_new = known_by.is_none_or(|hash| {
        !batch.has(hash) && matches!(app.dedupe.claim(hash, sender.received), Claim::New)
    });
    if is_new {
        batch.keep_apart(&event, known_by);
    }
}
