//! What happens to drafts behind every front door: find the project, run the steps, leave out what
//! came before, make the rest durable, and enter each fate in the ledger. The answer's shape is the
//! door's business.

use std::sync::Arc;

use almanac_ingest::{Context, Draft, Refusal, Refused, Sender, check, process, record};
use almanac_model::{Event, EventId, ProjectId};
use almanac_queue::AppendError;

use crate::app::App;
use crate::auth;
use crate::dedupe::Claim;
use crate::directory::Entry;
use crate::error::{ApiError, FieldErrors};
use crate::ledger::{Fate, NOBODY};

/// Domains that one event may be addressed to.
const DOMAINS_MAX: usize = 10;
/// When a client should try again after the queue could not take its events, seconds.
const RETRY_AFTER_S: u32 = 2;

/// One event as it came, and the domains it is addressed to (none: the host of its page).
#[derive(Debug)]
pub(super) struct Addressed {
    pub(super) domains: Vec<String>,
    pub(super) draft: Draft,
}

/// What became of one event of a request.
#[derive(Debug)]
pub(super) enum Verdict {
    Accepted,
    Duplicate,
    Dropped,
    Invalid(FieldErrors),
}

/// Takes the events of one request. The answer has the verdicts of each event, one per domain.
pub(super) async fn accept(
    app: &App,
    incoming: Vec<Result<Addressed, FieldErrors>>,
    sender: &Sender,
    keyed: Option<ProjectId>,
) -> Result<Vec<Vec<Verdict>>, ApiError> {
    let mut batch = Batch::default();
    let mut verdicts = Vec::with_capacity(incoming.len());
    for event in incoming {
        verdicts.push(match event {
            Ok(addressed) => take(app, &mut batch, addressed, sender, keyed).await?,
            Err(errors) => vec![batch.invalid(keyed.unwrap_or(NOBODY), errors)],
        });
    }
    batch.store(app, sender).await?;
    Ok(verdicts)
}

/// Judges one event for each project that it is addressed to.
async fn take(
    app: &App,
    batch: &mut Batch,
    addressed: Addressed,
    sender: &Sender,
    keyed: Option<ProjectId>,
) -> Result<Vec<Verdict>, ApiError> {
    let Addressed { domains, draft } = addressed;
    let mut verdicts = Vec::new();
    for target in targets(app, &domains, &draft, keyed).await? {
        verdicts.push(match target {
            Err(refused) => batch.refuse(NOBODY, refused),
            Ok(entry) => judge(app, batch, &entry, draft.clone(), sender).await?,
        });
    }
    Ok(verdicts)
}

type Target = Result<Arc<Entry>, Refused>;

async fn targets(
    app: &App,
    domains: &[String],
    draft: &Draft,
    keyed: Option<ProjectId>,
) -> Result<Vec<Target>, ApiError> {
    if let Some(id) = keyed
        && let Some(entry) = auth::find_project(app, &id.0.to_string()).await?
    {
        return Ok(vec![Ok(entry)]);
    }
    let host = url::Url::parse(draft.url.trim())
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    let names: Vec<&str> = if domains.is_empty() {
        vec![host.as_str()]
    } else {
        domains
            .iter()
            .map(String::as_str)
            .take(DOMAINS_MAX)
            .collect()
    };
    let mut found = Vec::with_capacity(names.len());
    for name in names {
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

async fn judge(
    app: &App,
    batch: &mut Batch,
    entry: &Entry,
    draft: Draft,
    sender: &Sender,
) -> Result<Verdict, ApiError> {
    let id = entry.settings.id;
    let invalid = check(&draft);
    if !invalid.is_empty() {
        let mut errors = FieldErrors::new();
        for fault in invalid {
            errors
                .entry(fault.field.to_owned())
                .or_default()
                .push(fault.reason);
        }
        return Ok(batch.invalid(id, errors));
    }
    let chosen = draft.id;
    let salts = app.salts(&entry.settings, sender.received).await?;
    let recent = |visitor, at| {
        app.recent
            .was_active(id, visitor, at, entry.settings.visit_gap_s)
    };
    let context = Context {
        project: &entry.settings,
        rules: &entry.rules,
        salts: &salts,
        places: &app.places,
        agents: &app.agents,
        recent: &recent,
        random_id: EventId(uuid::Uuid::new_v4().as_u128()),
    };
    let event = match process(draft, sender, &context) {
        Ok(event) => event,
        Err(refused) => return Ok(batch.refuse(id, refused)),
    };
    if chosen.is_some_and(|event_id| batch.claims.contains(&(id, event_id))) {
        return Ok(batch.duplicate(id));
    }
    match chosen.map(|event_id| app.dedupe.claim(id, event_id, sender.received)) {
        None => Ok(batch.keep(&event, None)),
        Some(Claim::New) => Ok(batch.keep(&event, chosen)),
        Some(Claim::Duplicate) => Ok(batch.duplicate(id)),
        Some(Claim::Pending) => {
            batch.pending_elsewhere = true;
            Ok(batch.duplicate(id))
        }
    }
}

/// The events of one request on their way to the disk.
#[derive(Default)]
struct Batch {
    records: Vec<bytes::Bytes>,
    claims: Vec<(ProjectId, EventId)>,
    seen: Vec<(ProjectId, almanac_model::VisitorId)>,
    fates: Vec<(ProjectId, Fate)>,
    pending_elsewhere: bool,
}

impl Batch {
    fn keep(&mut self, event: &Event, claimed: Option<EventId>) -> Verdict {
        let mut bytes = Vec::with_capacity(256);
        record::encode(event, &mut bytes);
        self.records.push(bytes.into());
        self.claims.extend(claimed.map(|id| (event.project, id)));
        self.seen.push((event.project, event.visitor));
        self.fates.push((event.project, Fate::Accepted));
        Verdict::Accepted
    }

    fn duplicate(&mut self, project: ProjectId) -> Verdict {
        self.fates.push((project, Fate::Duplicate));
        Verdict::Duplicate
    }

    fn refuse(&mut self, project: ProjectId, refused: Refused) -> Verdict {
        let Refused { reason, detail } = refused;
        self.fates.push((project, Fate::Refused { reason, detail }));
        Verdict::Dropped
    }

    fn invalid(&mut self, project: ProjectId, errors: FieldErrors) -> Verdict {
        let details: Vec<String> = errors
            .iter()
            .map(|(field, reasons)| format!("{field} {}", reasons.join(", ")))
            .collect();
        let fate = Fate::Refused {
            reason: Refusal::InvalidValue,
            detail: details.join("; "),
        };
        self.fates.push((project, fate));
        Verdict::Invalid(errors)
    }

    /// Makes the kept events durable and settles all accounts, whatever happens.
    async fn store(self, app: &App, sender: &Sender) -> Result<(), ApiError> {
        let now = sender.received;
        let stored = match () {
            // The first copy may still fail: whoever sent the second must not be told otherwise.
            () if self.pending_elsewhere => Err(unavailable("the same event is being stored")),
            () if self.records.is_empty() => Ok(()),
            () => app
                .queue
                .append(self.records)
                .await
                .map(|_| ())
                .map_err(from_append),
        };
        match stored {
            Ok(()) => {
                self.claims
                    .iter()
                    .for_each(|(project, id)| app.dedupe.settle(*project, *id, now));
                self.seen
                    .iter()
                    .for_each(|(project, who)| app.recent.saw(*project, *who, now));
                app.ledger.enter(now, self.fates);
                Ok(())
            }
            Err(error) => {
                self.claims
                    .iter()
                    .for_each(|(project, id)| app.dedupe.free(*project, *id));
                app.ledger
                    .enter(now, self.fates.into_iter().map(not_stored));
                Err(error)
            }
        }
    }
}

/// An event of a request that could not be stored as a whole.
fn not_stored((project, fate): (ProjectId, Fate)) -> (ProjectId, Fate) {
    let fate = match fate {
        Fate::Accepted | Fate::Duplicate => Fate::Refused {
            reason: Refusal::Unavailable,
            detail: "the request was answered with 503".to_owned(),
        },
        refused @ Fate::Refused { .. } => refused,
    };
    (project, fate)
}

fn from_append(error: AppendError) -> ApiError {
    match error {
        AppendError::TooLarge { .. } => ApiError::TooLarge(error.to_string()),
        AppendError::Empty => ApiError::internal(error),
        AppendError::Full { .. } | AppendError::Busy { .. } => unavailable(&error.to_string()),
        AppendError::Suspect { .. } | AppendError::Closed => {
            tracing::error!(%error, "events could not be made durable");
            unavailable("events cannot be stored at this moment")
        }
    }
}

fn unavailable(reason: &str) -> ApiError {
    let reason = format!("{reason}; send again later");
    ApiError::Unavailable {
        reason,
        retry_after_s: RETRY_AFTER_S,
    }
}
