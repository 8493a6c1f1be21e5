//! The events of one request on their way to the disk. Whatever happens, their ids are settled or
//! freed and their fates entered: also when the client has gone away in the middle.

use almanac_catalog::consent::Consent;
use almanac_ingest::{Refusal, Refused, record};
use almanac_model::{Event, Instant, ProjectId};
use almanac_queue::AppendError;
use bytes::Bytes;

use super::to_the_end::ToTheEnd;
use super::{Rejection, Verdict};
use crate::collect::privacy;
use crate::error::ApiError;
use crate::ledger::Fate;
use crate::recent::Sighting;
use crate::router::Shared;

/// When a client should try again after the queue could not take its events, seconds.
const RETRY_AFTER_S: u32 = 2;

/// What was decided of a request's events, and what has to be stored of them.
pub(super) struct Batch {
    app: Shared,
    received: Instant,
    records: Vec<Bytes>,
    /// Fingerprints of ids that are reserved until the batch is stored or has failed.
    claims: Vec<u64>,
    seen: Vec<Sighting>,
    fates: Vec<(ProjectId, Fate)>,
    /// What visitors decided, as kept events tell it.
    consents: Vec<Consent>,
    pending_elsewhere: bool,
}

impl Batch {
    pub(super) fn new(app: &Shared, received: Instant) -> Self {
        Self {
            app: Shared::clone(app),
            received,
            records: Vec::new(),
            claims: Vec::new(),
            seen: Vec::new(),
            fates: Vec::new(),
            consents: Vec::new(),
            pending_elsewhere: false,
        }
    }

    /// Whether an earlier event of the same request has the id with that fingerprint.
    pub(super) fn has(&self, fingerprint: u64) -> bool {
        self.claims.contains(&fingerprint)
    }

    /// Keeps an event, with the fingerprint of the id by which its copies are known, if any.
    pub(super) fn keep(&mut self, event: &Event, claimed: Option<u64>) -> Verdict {
        self.add_record(event, claimed);
        self.seen.push(Sighting::of(event));
        self.consents.extend(privacy::decision(event));
        self.fates.push((event.project, Fate::Accepted));
        Verdict::Accepted
    }

    /// Keeps the event of a bot apart from those of people, among whom it was refused: there it is
    /// counted, and nowhere else.
    pub(super) fn keep_apart(&mut self, event: &Event, claimed: Option<u64>) {
        self.add_record(event, claimed);
    }

    fn add_record(&mut self, event: &Event, claimed: Option<u64>) {
        let mut bytes = Vec::with_capacity(256);
        record::encode(event, &mut bytes);
        if let Some(fingerprint) = claimed {
            record::set_id_is_chosen(&mut bytes);
            self.claims.push(fingerprint);
        }
        self.records.push(bytes.into());
    }

    pub(super) fn duplicate(&mut self, project: ProjectId) -> Verdict {
        self.fates.push((project, Fate::Duplicate));
        Verdict::Duplicate
    }

    /// Somebody else is storing the same event at this moment, and may still fail: whoever sent the
    /// second copy must not be told that it is safe.
    pub(super) fn pending(&mut self, project: ProjectId) -> Verdict {
        self.pending_elsewhere = true;
        self.duplicate(project)
    }

    pub(super) fn refuse(&mut self, project: ProjectId, refused: Refused) -> Verdict {
        let Refused { reason, detail } = refused.clone();
        self.fates.push((project, Fate::Refused { reason, detail }));
        Verdict::Dropped(refused)
    }

    pub(super) fn reject(&mut self, project: ProjectId, rejection: Rejection) -> Verdict {
        let details: Vec<String> = rejection
            .errors
            .iter()
            .map(|(field, reasons)| format!("{field} {}", reasons.join(", ")))
            .collect();
        let fate = Fate::Refused {
            reason: rejection.reason,
            detail: details.join("; "),
        };
        self.fates.push((project, fate));
        Verdict::Rejected(rejection)
    }

    /// Makes the kept events durable and settles all accounts, also when the client goes away.
    pub(super) async fn store(self) -> Result<(), ApiError> {
        if self.records.is_empty() && !self.pending_elsewhere {
            let mut this = self;
            this.app.ledger.enter(this.received, this.fates.drain(..));
            return Ok(());
        }
        ToTheEnd::new(self.store_to_the_end()).await
    }

    async fn store_to_the_end(mut self) -> Result<(), ApiError> {
        if self.pending_elsewhere {
            return Err(unavailable("the same event is being stored"));
        }
        let records = std::mem::take(&mut self.records);
        let appended = self.app.queue.append(records).await.map_err(from_append)?;
        let (app, now) = (Shared::clone(&self.app), self.received);
        app.dedupe.settle(self.claims.drain(..), now);
        // Neighbours are mostly of one visitor.
        self.seen.dedup_by(|later, kept| kept.join(later));
        for sighting in self.seen.drain(..) {
            app.recent.saw(&sighting, now);
        }
        let sequences = appended.first..appended.last + 1;
        app.ledger
            .enter_stored(now, sequences, self.fates.drain(..));
        privacy::note(&app, std::mem::take(&mut self.consents)).await;
        Ok(())
    }
}

impl Drop for Batch {
    /// What is still here was not stored: ids become free again, and what would have been taken was
    /// refused.
    fn drop(&mut self) {
        self.app.dedupe.free(self.claims.drain(..));
        let fates = std::mem::take(&mut self.fates);
        self.app
            .ledger
            .enter(self.received, fates.into_iter().map(not_stored));
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
