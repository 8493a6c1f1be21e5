//! What web events add: engagement and revenue. Values outside their limits are left out here; a
//! front door that wants to complain about them asks `check` first.

use almanac_model::{Event, Kind, NumberColumn, TextColumn, limits};

use crate::Draft;
use crate::limits::REVENUE_MICROS_MAX;

pub(super) fn fill(draft: &Draft, event: &mut Event) {
    if event.kind == Kind::Engagement {
        event.numbers[NumberColumn::ScrollDepth] =
            draft.scroll_depth.filter(|depth| (0..=100).contains(depth));
        event.numbers[NumberColumn::EngagedMs] = draft
            .engaged_ms
            .filter(|engaged| (0..=limits::ENGAGED_MS_MAX).contains(engaged));
    }
    if let Some(revenue) = &draft.revenue {
        let code = revenue.currency.trim();
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        let fits = (-REVENUE_MICROS_MAX..=REVENUE_MICROS_MAX).contains(&revenue.micros);
        if is_code && fits {
            event.text[TextColumn::Currency] = code.to_ascii_uppercase();
            event.numbers[NumberColumn::RevenueMicros] = Some(revenue.micros);
        }
    }
}
