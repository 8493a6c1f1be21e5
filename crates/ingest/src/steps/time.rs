//! When it happened. The server's clock counts, unless the client kept the event back: then the
//! client's time, moved by the error of its clock.

use almanac_model::limits::EVENT_AGE_MAX_S;

use super::Work;
use crate::{Refusal, Refused};

/// The client's time, corrected by the skew between its clock and ours when it sent. Never later
/// than the moment of receipt: nothing happens in the future.
pub(super) fn set_time(work: &mut Work<'_>) {
    let received = work.sender.received;
    let Some(happened) = work.draft.happened_at else {
        work.event.time = received;
        return;
    };
    let skew = work
        .draft
        .sent_at
        .map_or(0, |sent| received.0.saturating_sub(sent.0));
    work.event.time = happened.plus_us(skew).min(received);
}

pub(super) fn refuse_invalid_time(work: &Work<'_>) -> Result<(), Refused> {
    let age_s = work
        .sender
        .received
        .seconds()
        .saturating_sub(work.event.time.seconds());
    if age_s > EVENT_AGE_MAX_S {
        let detail = format!("happened {} hours before it was received", age_s / 3600);
        return Err(Refused::new(Refusal::InvalidTime, detail));
    }
    Ok(())
}
