//! What a model call is made of. Prices are data of another stage; a cost is only a number here.

use crate::{NumberColumn, TextColumn};

/// Name that a model call carries when its client gives none.
pub const MODEL_CALL: &str = "model_call";

/// Columns that describe the model.
pub const MODEL_COLUMNS: &[TextColumn] = &[
    TextColumn::Provider,
    TextColumn::Model,
    TextColumn::ModelVersion,
    TextColumn::Operation,
    TextColumn::FinishReason,
];

/// Token counts, by what they are paid for.
pub const TOKEN_COLUMNS: &[NumberColumn] = &[
    NumberColumn::InputTokens,
    NumberColumn::OutputTokens,
    NumberColumn::CachedTokens,
    NumberColumn::CacheWriteTokens,
    NumberColumn::ReasoningTokens,
];
