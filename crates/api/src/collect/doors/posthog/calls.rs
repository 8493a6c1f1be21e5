//! PostHog's events about calls: `$mcp_tool_call` becomes a call of a tool, `$ai_generation` and
//! `$ai_embedding` calls of a model. What was asked and answered is never read.

use almanac_ingest::{Draft, ModelDraft, ToolDraft};
use almanac_model::Kind;

use crate::collect::doors::loose::{Loose, class};

const MILLISECOND_US: f64 = 1e3;
const SECOND_US: f64 = 1e6;
/// Billionths in a dollar.
const NANOS: f64 = 1e9;
/// The first status of HTTP that means a failure.
const HTTP_FAILED_MIN: i64 = 400;

/// Fills in what an event says of a call; `false`: it is about none.
pub(super) fn fill(draft: &mut Draft, name: &str, properties: Loose<'_>) -> bool {
    match name {
        "$mcp_tool_call" => {
            draft.kind = Some(Kind::ToolCall);
            draft.tool = Some(tool(properties));
        }
        "$ai_generation" => set_model(draft, model(properties, "chat")),
        "$ai_embedding" => set_model(draft, model(properties, "embeddings")),
        _ => return false,
    }
    true
}

fn set_model(draft: &mut Draft, model: ModelDraft) {
    draft.kind = Some(Kind::ModelCall);
    draft.model = Some(model);
}

fn tool(properties: Loose<'_>) -> ToolDraft {
    let has_failed = properties.truth("$mcp_is_error").unwrap_or(false);
    ToolDraft {
        name: properties.text(&["$mcp_tool_name"]),
        service: properties.text(&["$mcp_server_name"]),
        version: properties.text(&["$mcp_server_version"]),
        status: status(has_failed),
        error_type: class(&properties.text(&["$mcp_error_type"])),
        duration_us: properties.scaled(&["$mcp_duration_ms"], MILLISECOND_US),
        cache_hit: None,
    }
}

fn model(properties: Loose<'_>, operation: &str) -> ModelDraft {
    let http = properties.integer(&["$ai_http_status"]).unwrap_or(0);
    let has_failed = properties
        .truth("$ai_is_error")
        .unwrap_or(http >= HTTP_FAILED_MIN);
    let told = class(&properties.text(&["$ai_error_type"]));
    let error_type = if told.is_empty() && http >= HTTP_FAILED_MIN {
        format!("http_{http}")
    } else {
        told
    };
    ModelDraft {
        provider: properties.text(&["$ai_provider"]),
        name: properties.text(&["$ai_model"]),
        operation: operation.to_owned(),
        status: status(has_failed),
        error_type,
        finish_reason: class(&properties.text(&["$ai_stop_reason"])),
        duration_us: properties.scaled(&["$ai_latency"], SECOND_US),
        first_token_us: properties.scaled(&["$ai_time_to_first_token"], SECOND_US),
        input_tokens: properties.integer(&["$ai_input_tokens"]),
        output_tokens: properties.integer(&["$ai_output_tokens"]),
        cached_tokens: properties.integer(&["$ai_cache_read_input_tokens"]),
        cache_write_tokens: properties.integer(&["$ai_cache_creation_input_tokens"]),
        reasoning_tokens: properties.integer(&["$ai_reasoning_tokens"]),
        cost_nanos: cost(properties),
        ..ModelDraft::default()
    }
}

/// The whole cost, or else the sum of its parts.
fn cost(properties: Loose<'_>) -> Option<i64> {
    let whole = properties.scaled(&["$ai_total_cost_usd"], NANOS);
    whole.or_else(|| {
        let read = properties.scaled(&["$ai_input_cost_usd"], NANOS)?;
        let written = properties
            .scaled(&["$ai_output_cost_usd"], NANOS)
            .unwrap_or(0);
        Some(read + written)
    })
}

fn status(has_failed: bool) -> String {
    if has_failed { "error" } else { "success" }.to_owned()
}
