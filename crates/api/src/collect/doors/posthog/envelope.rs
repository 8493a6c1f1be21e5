//! What is around PostHog's events: the packing of the browser client, and the five forms in which
//! events come together. It does not look into an event.

use almanac_model::Instant;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;

use crate::body;
use crate::collect::doors::loose::Loose;
use crate::collect::{check_number, json};
use crate::error::ApiError;

/// What a gzip file begins with, and no JSON does.
const GZIP_BEGIN: &[u8] = &[0x1f, 0x8b];
const MILLISECOND_US: f64 = 1e3;

/// The events of a request, and what it says for all of them.
#[derive(Debug)]
pub(super) struct PostHogBatch<'a> {
    /// The word that names the project.
    pub(super) key: String,
    pub(super) sent_at: Option<Instant>,
    pub(super) events: Vec<&'a Value>,
}

/// The JSON of a body. The browser client packs it without saying so in a header: as gzip, or as
/// the field `data` of a form, in Base64.
pub(super) fn unwrap(body: &Bytes, query: &str, bytes_max: usize) -> Result<Value, ApiError> {
    if body.starts_with(GZIP_BEGIN) {
        return json::read(&body::gunzip(body, bytes_max)?);
    }
    let Some(data) = form_data(body) else {
        return json::read(body);
    };
    let is_plain = data.trim_start().starts_with(['{', '[']);
    if is_plain && !query.contains("compression=base64") {
        return json::read(&data.into());
    }
    let decoded = STANDARD.decode(data.trim().as_bytes());
    let wrong = |error| ApiError::BadRequest(format!("the field data is no Base64: {error}"));
    json::read(&decoded.map_err(wrong)?.into())
}

/// The field `data`, where the body is a form.
fn form_data(body: &[u8]) -> Option<String> {
    if body.trim_ascii_start().starts_with(b"{") || body.trim_ascii_start().starts_with(b"[") {
        return None;
    }
    let mut fields = url::form_urlencoded::parse(body);
    fields
        .find(|(name, _)| name == "data")
        // A plus sign that a client did not escape came out as a space.
        .map(|(_, data)| data.replace(' ', "+"))
}

/// Reads what is around the events.
pub(super) fn open(value: &Value) -> Result<PostHogBatch<'_>, ApiError> {
    let whole = Loose::of(value);
    let several = value
        .as_array()
        .or_else(|| whole.get("batch").and_then(Value::as_array))
        .or_else(|| whole.get("data").and_then(Value::as_array));
    let events: Vec<&Value> = match several {
        Some(events) => events.iter().collect(),
        None if value.is_object() => vec![value],
        None => {
            let text = "the body must be an event, an array of events, or an object with batch";
            return Err(ApiError::BadRequest(text.to_owned()));
        }
    };
    check_number(events.len())?;
    Ok(PostHogBatch {
        key: key(whole, &events),
        sent_at: whole.instant(&["sent_at"], MILLISECOND_US),
        events,
    })
}

/// The key of the request, or else of its first event.
fn key(whole: Loose<'_>, events: &[&Value]) -> String {
    let key = |fields: Loose<'_>| fields.text(&["api_key", "token", "$token"]);
    let first = events.first().map(|event| Loose::of(event));
    let places = [
        key(whole),
        first.map(key).unwrap_or_default(),
        first
            .map(|event| key(event.inside("properties")))
            .unwrap_or_default(),
    ];
    places
        .into_iter()
        .find(|key| !key.is_empty())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use serde_json::json;

    use super::*;

    fn gzip(content: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        encoder.write_all(content.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn check(body: impl Into<Bytes>, query: &str, expected: Option<Value>) {
        let body = body.into();
        assert_eq!(unwrap(&body, query, 1_000).ok(), expected, "{body:?}");
    }

    #[test]
    fn every_packing_is_opened_and_bounded() {
        let event = json!({"event": "a>b", "n": [1, 2]});
        let text = event.to_string();
        check(text.clone(), "", Some(event.clone()));
        check(gzip(&text), "compression=gzip-js", Some(event.clone()));
        let base64 = STANDARD.encode(&text);
        let escaped: String = url::form_urlencoded::byte_serialize(base64.as_bytes()).collect();
        check(
            format!("data={escaped}"),
            "compression=base64",
            Some(event.clone()),
        );
        check(format!("data={base64}"), "", Some(event.clone()));
        let plain: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        check(format!("data={plain}"), "", Some(event));
        check(gzip(&" ".repeat(2_000)), "", None);
        check("data=%%%", "compression=base64", None);
        check("data=", "", None);
        check(vec![0x1f, 0x8b, 0, 1], "", None);
        check("", "", None);
    }

    #[test]
    fn events_come_together_in_five_forms() {
        let event = json!({"event": "a", "properties": {"token": "key"}});
        let forms = [
            json!({"api_key": "key", "batch": [event]}),
            json!({"token": "key", "data": [event]}),
            json!([event]),
            event.clone(),
            json!({"event": "a", "api_key": "key"}),
        ];
        for form in &forms {
            let batch = open(form).unwrap();
            assert_eq!(
                (batch.key.as_str(), batch.events.len()),
                ("key", 1),
                "{form}"
            );
        }
        assert!(open(&json!("a")).is_err());
        assert!(open(&json!({"batch": vec![0; 101]})).is_err());
        assert_eq!(open(&json!({"batch": []})).unwrap().events.len(), 0);
    }
}
