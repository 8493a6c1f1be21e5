//! The wire shape of `POST /api/event`: Plausible's fields, short and long, and ours beside them,
//! become drafts. Whether a draft is taken is decided by the steps of ingestion.

use std::borrow::Cow;

use almanac_ingest::{Draft, ModelDraft, Revenue, ToolDraft, page_host};
use almanac_model::{EventId, Kind};
use serde_json::Value;

use super::accept::{Addressed, Rejection};
use super::fields::Fields;

/// Millionths in a unit, of currency or of a score.
const MICROS: f64 = 1e6;
const MICROSECONDS_PER_MS: f64 = 1e3;
/// Billionths in a dollar.
const NANOS: f64 = 1e9;

/// Reads one event.
pub(super) fn parse(value: &Value) -> Result<Addressed, Rejection> {
    let mut fields = Fields::of(value)?;
    let named = fields.text(&["domain", "d"]);
    let draft = Draft {
        id: event_id(&mut fields),
        name: fields.text(&["name", "n"]),
        kind: kind(&mut fields),
        url: fields.text(&["url", "u"]),
        referrer: fields.text(&["referrer", "r"]),
        title: fields.text(&["title", "t"]),
        screen: fields.text(&["screen", "s"]),
        language: fields.text(&["language", "l"]),
        time_zone: fields.text(&["time_zone", "z"]),
        properties: fields.properties(&["props", "p", "meta", "m", "metadata"]),
        revenue: revenue(&mut fields),
        interactive: fields.boolean(&["interactive", "i"]).unwrap_or(true),
        scroll_depth: fields.integer(&["scroll_depth", "sd"]),
        engaged_ms: fields.integer(&["engaged_ms", "e"]),
        hash_mode: fields.boolean(&["hashMode", "h"]).unwrap_or(false),
        happened_at: fields.instant(&["timestamp", "at"]),
        sent_at: fields.instant(&["sent_at"]),
        visitor: fields.optional_text(&["visitor_id", "vid"]),
        user: fields.optional_text(&["user_id", "uid"]),
        client_session: fields.optional_text(&["session_id", "sid"]),
        tool: tool(&mut fields),
        model: model(&mut fields),
        ..Draft::default()
    };
    let domains = domains(&named, &draft.url);
    match fields.finish() {
        Ok(()) => Ok(Addressed { domains, draft }),
        Err(errors) => Err(Rejection {
            domains,
            ..errors.into()
        }),
    }
}

/// The domains that an event names, or else the host of its page.
pub(super) fn domains(named: &str, url: &str) -> Vec<String> {
    let list = named.split(',').map(str::trim);
    let domains: Vec<String> = list
        .filter(|domain| !domain.is_empty())
        .map(str::to_owned)
        .collect();
    if domains.is_empty() {
        let host = page_host(url.trim());
        return host.map(Cow::into_owned).into_iter().collect();
    }
    domains
}

fn event_id(fields: &mut Fields<'_>) -> Option<EventId> {
    let text = fields.optional_text(&["event_id", "id"])?;
    let id = uuid::Uuid::parse_str(&text).ok();
    if id.is_none() {
        fields.refuse("event_id", "must be a UUID");
    }
    id.map(|id| EventId(id.as_u128()))
}

fn kind(fields: &mut Fields<'_>) -> Option<Kind> {
    let text = fields.optional_text(&["kind", "k"])?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == text);
    if kind.is_none() {
        let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        fields.refuse("kind", &format!("must be one of {}", words.join(", ")));
    }
    kind
}

fn revenue(fields: &mut Fields<'_>) -> Option<Revenue> {
    // Some clients send the object as JSON text.
    let parsed;
    let value = match fields.find(&["revenue", "$"])? {
        Value::String(text) => {
            parsed = serde_json::from_str(text).unwrap_or(Value::Null);
            &parsed
        }
        value => value,
    };
    let Ok(mut inner) = Fields::of(value) else {
        fields.refuse("revenue", "must be an object with currency and amount");
        return None;
    };
    let currency = inner.text(&["currency"]);
    let micros = inner.scaled(&["amount"], MICROS);
    if inner.finish().is_err() || currency.is_empty() {
        fields.refuse("revenue", "must have a currency and a decimal amount");
        return None;
    }
    micros.map(|micros| Revenue { currency, micros })
}

fn tool(fields: &mut Fields<'_>) -> Option<ToolDraft> {
    let mut inner = fields.inside("tool", "tool.")?;
    let tool = ToolDraft {
        name: inner.text(&["name"]),
        service: inner.text(&["service"]),
        version: inner.text(&["version"]),
        status: inner.text(&["status"]),
        error_type: inner.text(&["error_type"]),
        duration_us: inner.scaled(&["duration_ms"], MICROSECONDS_PER_MS),
        cache_hit: inner.boolean(&["cache_hit"]),
    };
    fields.absorb(inner);
    Some(tool)
}

fn model(fields: &mut Fields<'_>) -> Option<ModelDraft> {
    let mut inner = fields.inside("model", "model.")?;
    let model = ModelDraft {
        provider: inner.text(&["provider"]),
        name: inner.text(&["name"]),
        version: inner.text(&["version"]),
        operation: inner.text(&["operation"]),
        status: inner.text(&["status"]),
        error_type: inner.text(&["error_type"]),
        finish_reason: inner.text(&["finish_reason"]),
        duration_us: inner.scaled(&["duration_ms"], MICROSECONDS_PER_MS),
        first_token_us: inner.scaled(&["first_token_ms"], MICROSECONDS_PER_MS),
        input_tokens: inner.integer(&["input_tokens"]),
        output_tokens: inner.integer(&["output_tokens"]),
        cached_tokens: inner.integer(&["cached_tokens"]),
        cache_write_tokens: inner.integer(&["cache_write_tokens"]),
        reasoning_tokens: inner.integer(&["reasoning_tokens"]),
        cost_nanos: inner.scaled(&["cost_usd"], NANOS),
        quality_micros: inner.scaled(&["quality"], MICROS),
    };
    fields.absorb(inner);
    Some(model)
}
