//! What tool calls add: the tool, its outcome and its duration.

use almanac_model::limits::TEXT_BYTES_MAX;
use almanac_model::{Event, NumberColumn, TextColumn};

use crate::limits::NUMBER_MAX;
use crate::{ToolDraft, text};

pub(super) fn fill(tool: &ToolDraft, event: &mut Event) {
    for (column, value) in [
        (TextColumn::Tool, &tool.name),
        (TextColumn::Service, &tool.service),
        (TextColumn::Version, &tool.version),
        (TextColumn::ErrorType, &tool.error_type),
    ] {
        event.text[column] = text::clean(value, TEXT_BYTES_MAX);
    }
    event.text[TextColumn::Status] = status(&tool.status);
    event.numbers[NumberColumn::DurationUs] = number(tool.duration_us);
    event.numbers[NumberColumn::CacheHit] = tool.cache_hit.map(i64::from);
}

/// A status in lower case, so that `Success` and `success` are one.
pub(super) fn status(word: &str) -> String {
    text::clean(word, TEXT_BYTES_MAX).to_lowercase()
}

/// A count or duration within its limits.
pub(super) fn number(value: Option<i64>) -> Option<i64> {
    value.filter(|value| (0..=NUMBER_MAX).contains(value))
}
