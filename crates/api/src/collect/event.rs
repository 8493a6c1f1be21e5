//! The wire shape of `POST /api/event`: Plausible's fields, short and long, and ours beside them,
//! become drafts. Whether a draft is taken is decided by the steps of ingestion.

use std::borrow::Cow;

use almanac_ingest::{Draft, ModelDraft, Revenue, ToolDraft, page_host};
use almanac_model::{EventId, Kind};
use serde_json::Value;

use super::accept::{Addressed, Rejection, Verdict};
use super::fields::Fields;

/// Millionths in a unit, of currency or of a score.
const MICROS: f64 = 1e6;
const MICROSECONDS_PER_MS: f64 = 1e3;
/// Billionths in a dollar.
const NANOS: f64 = 1e9;

/// The names of one field; a client may use any of them. The first is the long one.
type Names = [&'static str];

const DOMAIN: &Names = &["domain", "d"];
const NAME: &Names = &["name", "n"];
const URL: &Names = &["url", "u"];
const REFERRER: &Names = &["referrer", "r"];
const TITLE: &Names = &["title", "t"];
const SCREEN: &Names = &["screen", "s"];
const LANGUAGE: &Names = &["language", "l"];
const TIME_ZONE: &Names = &["time_zone", "z"];
const INTERACTIVE: &Names = &["interactive", "i"];
const SCROLL_DEPTH: &Names = &["scroll_depth", "sd"];
const ENGAGED_MS: &Names = &["engaged_ms", "e"];
const HASH_MODE: &Names = &["hashMode", "h"];
const TIMESTAMP: &Names = &["timestamp", "at"];
const VISITOR_ID: &Names = &["visitor_id", "vid"];
const USER_ID: &Names = &["user_id", "uid"];
const SESSION_ID: &Names = &["session_id", "sid"];
const EVENT_ID: &Names = &["event_id", "id"];
const KIND: &Names = &["kind", "k"];
const PROPS: &Names = &["props", "p", "meta", "m", "metadata"];
const REVENUE: &Names = &["revenue", "$"];
/// Every field that has more than one name.
const ALIASED: &[&Names] = &[
    DOMAIN,
    NAME,
    URL,
    REFERRER,
    TITLE,
    SCREEN,
    LANGUAGE,
    TIME_ZONE,
    INTERACTIVE,
    SCROLL_DEPTH,
    ENGAGED_MS,
    HASH_MODE,
    TIMESTAMP,
    VISITOR_ID,
    USER_ID,
    SESSION_ID,
    EVENT_ID,
    KIND,
    PROPS,
    REVENUE,
];

/// Reads one event.
pub(super) fn parse(value: &Value) -> Result<Addressed, Rejection> {
    let mut fields = Fields::of(value)?;
    let named = fields.text(DOMAIN);
    let draft = Draft {
        id: event_id(&mut fields),
        name: fields.text(NAME),
        kind: kind(&mut fields),
        url: fields.text(URL),
        referrer: fields.text(REFERRER),
        title: fields.text(TITLE),
        screen: fields.text(SCREEN),
        language: fields.text(LANGUAGE),
        time_zone: fields.text(TIME_ZONE),
        properties: fields.properties(PROPS),
        revenue: revenue(&mut fields),
        interactive: fields.boolean(INTERACTIVE).unwrap_or(true),
        scroll_depth: fields.integer(SCROLL_DEPTH),
        engaged_ms: fields.integer(ENGAGED_MS),
        hash_mode: fields.boolean(HASH_MODE).unwrap_or(false),
        happened_at: fields.instant(TIMESTAMP),
        sent_at: fields.instant(&["sent_at"]),
        visitor: fields.optional_text(VISITOR_ID),
        user: fields.optional_text(USER_ID),
        client_session: fields.optional_text(SESSION_ID),
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

/// Lets rejections name fields as their events do, so that a pointer leads to where the mistake is.
pub(super) fn name_as_sent(verdicts: &mut [Vec<Verdict>], events: &[Value]) {
    for (verdicts, event) in verdicts.iter_mut().zip(events) {
        for verdict in verdicts {
            if let Verdict::Rejected(rejection) = verdict {
                let errors = std::mem::take(&mut rejection.errors).into_iter();
                rejection.errors = errors
                    .map(|(field, reasons)| (sent_name(event, field), reasons))
                    .collect();
            }
        }
    }
}

fn sent_name(event: &Value, field: String) -> String {
    let Value::Object(event) = event else {
        // The mistake is the whole.
        return String::new();
    };
    let top = field.split('.').next().unwrap_or_default();
    let is_there = |name: &&&str| event.get(**name).is_some_and(|value| !value.is_null());
    let names = ALIASED.iter().find(|names| names.first() == Some(&top));
    match names.and_then(|names| names.iter().find(is_there)) {
        Some(sent) => field.replacen(top, sent, 1),
        None => field,
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
    let text = fields.optional_text(EVENT_ID)?;
    let id = uuid::Uuid::parse_str(&text).ok();
    if id.is_none() {
        fields.refuse("event_id", "must be a UUID");
    }
    id.map(|id| EventId(id.as_u128()))
}

fn kind(fields: &mut Fields<'_>) -> Option<Kind> {
    let text = fields.optional_text(KIND)?;
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
    let value = match fields.find(REVENUE)? {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mistake_is_told_where_it_was_sent() {
        let event = json!({ "u": 7, "name": "a", "n": "b", "tool": { "duration_ms": "x" } });
        let sent = |field: &str| sent_name(&event, field.to_owned());
        assert_eq!(sent("url"), "u");
        assert_eq!(
            sent("name"),
            "name",
            "the long name wins, as it does when it is read"
        );
        assert_eq!(sent("tool.duration_ms"), "tool.duration_ms");
        assert_eq!(
            sent("referrer"),
            "referrer",
            "what is not there has its long name"
        );
        assert_eq!(sent_name(&json!("text"), "event".to_owned()), "");
    }
}
