//! The guard of calls: the names of tools and models are shown to everybody who may ask, so none of
//! them may be personal data. Telemetry is held to the same.

use almanac_ingest::{Draft, Refusal, personal};

use crate::collect::accept::Rejection;
use crate::error::FieldErrors;

/// Refuses a call in whose names there is personal data.
pub(super) fn check_call(draft: &Draft) -> Result<(), Rejection> {
    let mut errors = FieldErrors::new();
    let tool = draft.tool.as_ref();
    let model = draft.model.as_ref();
    let names = [
        ("tool.name", tool.map(|tool| &tool.name)),
        ("tool.service", tool.map(|tool| &tool.service)),
        ("model.provider", model.map(|model| &model.provider)),
        ("model.name", model.map(|model| &model.name)),
        ("model.operation", model.map(|model| &model.operation)),
    ];
    for (field, name) in names {
        if let Some(what) = name.and_then(|name| personal::in_value(name)) {
            let told = format!("{what}, which telemetry may not carry");
            errors.insert(field.to_owned(), vec![told]);
        }
    }
    if errors.is_empty() {
        return Ok(());
    }
    let reason = Refusal::PersonalData;
    Err(Rejection {
        reason,
        ..errors.into()
    })
}
