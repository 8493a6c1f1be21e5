//! What a tool call is made of. Its outcome words and columns are named here once.

use crate::TextColumn;

/// Name that a tool call carries when its client gives none.
pub const TOOL_CALL: &str = "tool_call";
/// Status of a call that did what was asked.
pub const SUCCESS: &str = "success";
/// Status of a call that failed.
pub const ERROR: &str = "error";

/// Columns that describe the tool.
pub const TOOL_COLUMNS: &[TextColumn] = &[
    TextColumn::Tool,
    TextColumn::Service,
    TextColumn::Version,
    TextColumn::Status,
    TextColumn::ErrorType,
];
