//! What became of the events of one request, summed up for an answer. Which status and which words
//! a client expects is each door's business.

use almanac_ingest::Refusal;
use serde_json::{Value, json};

use crate::collect::accept::{Rejection, Verdict};

/// The sum of a request's verdicts.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) accepted: usize,
    pub(super) duplicate: usize,
    /// Not taken for reasons that the sender cannot mend.
    pub(super) dropped: Vec<Refusal>,
    pub(super) rejected: Vec<(usize, Rejection)>,
}

impl Outcome {
    pub(super) fn of(verdicts: Vec<Vec<Verdict>>) -> Self {
        let mut outcome = Self::default();
        for (index, verdict) in verdicts
            .into_iter()
            .enumerate()
            .flat_map(|(index, all)| all.into_iter().map(move |verdict| (index, verdict)))
        {
            match verdict {
                Verdict::Accepted => outcome.accepted += 1,
                Verdict::Duplicate => outcome.duplicate += 1,
                Verdict::Dropped(refused) => outcome.dropped.push(refused.reason),
                Verdict::Rejected(rejection) => outcome.rejected.push((index, rejection)),
            }
        }
        outcome
    }

    /// Whether there were events and none of them can ever be taken.
    pub(super) fn is_hopeless(&self) -> bool {
        let taken = self.accepted + self.duplicate + self.dropped.len();
        taken == 0 && !self.rejected.is_empty()
    }

    /// The first reason for a rejection, as a sentence.
    pub(super) fn complaint(&self) -> String {
        let told = self.rejected.first().map(|(index, rejection)| {
            let fields = rejection.errors.iter();
            let told: Vec<String> = fields
                .map(|(field, reasons)| format!("{field} {}", reasons.join(", ")))
                .collect();
            format!("event {index}: {}", told.join("; "))
        });
        told.unwrap_or_default()
    }

    /// The counts, and each rejected event with its fields.
    pub(super) fn to_json(&self) -> Value {
        let rejected = |(index, rejection): &(usize, Rejection)| {
            let reason = rejection.reason.name();
            json!({ "index": index, "reason": reason, "errors": rejection.errors })
        };
        json!({
            "accepted": self.accepted,
            "duplicate": self.duplicate,
            "dropped": self.dropped.len(),
            "rejected": self.rejected.iter().map(rejected).collect::<Vec<_>>(),
        })
    }
}
