//! What model calls add: the model, its outcome, tokens by kind, latency, cost and quality. Prices
//! are applied elsewhere; only a cost that the sender knew is kept here.

use almanac_model::limits::TEXT_BYTES_MAX;
use almanac_model::{Event, NumberColumn, TextColumn};

use super::tool_call::{number, status};
use crate::limits::NUMBER_MAX;
use crate::{ModelDraft, text};

pub(super) fn fill(model: &ModelDraft, event: &mut Event) {
    for (column, value) in [
        (TextColumn::Provider, &model.provider),
        (TextColumn::Model, &model.name),
        (TextColumn::ModelVersion, &model.version),
        (TextColumn::Operation, &model.operation),
        (TextColumn::FinishReason, &model.finish_reason),
    ] {
        event.text[column] = text::clean(value, TEXT_BYTES_MAX);
    }
    // A call may describe a tool as well; what the model says of the outcome wins where it speaks.
    if !model.status.is_empty() {
        event.text[TextColumn::Status] = status(&model.status);
    }
    if !model.error_type.is_empty() {
        event.text[TextColumn::ErrorType] = text::clean(&model.error_type, TEXT_BYTES_MAX);
    }
    for (column, value) in [
        (NumberColumn::FirstTokenUs, model.first_token_us),
        (NumberColumn::InputTokens, model.input_tokens),
        (NumberColumn::OutputTokens, model.output_tokens),
        (NumberColumn::CachedTokens, model.cached_tokens),
        (NumberColumn::CacheWriteTokens, model.cache_write_tokens),
        (NumberColumn::ReasoningTokens, model.reasoning_tokens),
        (NumberColumn::CostNanos, model.cost_nanos),
    ] {
        event.numbers[column] = number(value);
    }
    if let Some(duration) = number(model.duration_us) {
        event.numbers[NumberColumn::DurationUs] = Some(duration);
    }
    event.numbers[NumberColumn::QualityMicros] = model
        .quality_micros
        .filter(|value| (-NUMBER_MAX..=NUMBER_MAX).contains(value));
}
