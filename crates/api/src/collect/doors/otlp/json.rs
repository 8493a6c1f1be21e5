//! The JSON of OTLP becomes the same records as its protobuf: names in camel case, ids in
//! hexadecimal digits, large integers as texts.

use bytes::Bytes;
use serde_json::Value;

use super::record::{Attributes, Batch, CALL_METRICS, EVALUATION, Record, Scalar, Signal};
use crate::collect::doors::loose::Loose;
use crate::collect::json;
use crate::error::ApiError;

/// Most values in one body: exporters send 512 spans at once, each with some dozens.
const SEPARATORS_MAX: usize = 60_000;
/// The code of a status that means a failure.
const STATUS_ERROR: f64 = 2.0;
/// Where the points of a metric are, by its kind.
const METRIC_KINDS: &[&str] = &[
    "gauge",
    "sum",
    "histogram",
    "exponentialHistogram",
    "summary",
];

/// Reads a request.
pub(super) fn read(body: &Bytes, signal: Signal) -> Result<Batch, ApiError> {
    let value = json::read_up_to(body, SEPARATORS_MAX)?;
    let (resources, scopes, items) = match signal {
        Signal::Traces => ("resourceSpans", "scopeSpans", "spans"),
        Signal::Logs => ("resourceLogs", "scopeLogs", "logRecords"),
        Signal::Metrics => ("resourceMetrics", "scopeMetrics", "metrics"),
    };
    if !value.is_object() {
        let told = format!("the body must be an object with {resources}");
        return Err(ApiError::BadRequest(told));
    }
    let mut batch = Batch::default();
    for resource_item in list(Loose::of(&value), resources) {
        let resource = attributes(resource_item.inside("resource"));
        for item in list(resource_item, scopes).flat_map(|scope| list(scope, items)) {
            match signal {
                Signal::Traces => batch.records.extend(span(item).of(&resource)),
                Signal::Logs => batch.records.extend(log(item).of(&resource)),
                Signal::Metrics => batch.points += points(item),
            }
        }
    }
    Ok(batch)
}

fn list<'a>(fields: Loose<'a>, name: &str) -> impl Iterator<Item = Loose<'a>> + use<'a> {
    let items = fields.get(name).and_then(Value::as_array);
    items.into_iter().flatten().map(Loose::of)
}

fn span(fields: Loose<'_>) -> Record {
    let events = list(fields, "events").filter(|event| event.text(&["name"]) == EVALUATION);
    Record {
        is_span: true,
        trace_id: id(fields, "traceId"),
        span_id: id(fields, "spanId"),
        span_kind: integer(fields, "kind"),
        start_ns: integer(fields, "startTimeUnixNano"),
        end_ns: integer(fields, "endTimeUnixNano"),
        has_failed: fields.inside("status").number(&["code"]) == Some(STATUS_ERROR),
        attributes: attributes(fields),
        evaluations: events
            .map(attributes)
            .filter(|evaluation| evaluation.has("gen_ai.evaluation.score.value"))
            .collect(),
        ..Record::default()
    }
}

fn log(fields: Loose<'_>) -> Record {
    let times = ["timeUnixNano", "observedTimeUnixNano"].map(|name| integer(fields, name));
    Record {
        trace_id: id(fields, "traceId"),
        span_id: id(fields, "spanId"),
        start_ns: times.into_iter().find(|time| *time > 0).unwrap_or(0),
        event_name: fields.text(&["eventName"]),
        attributes: attributes(fields),
        ..Record::default()
    }
}

fn points(metric: Loose<'_>) -> usize {
    let name = metric.text(&["name"]);
    if !CALL_METRICS.iter().any(|begin| name.starts_with(begin)) {
        return 0;
    }
    let kinds = METRIC_KINDS.iter().map(|kind| metric.inside(kind));
    kinds.map(|data| list(data, "dataPoints").count()).sum()
}

fn attributes(fields: Loose<'_>) -> Attributes {
    let mut found = Attributes::default();
    for attribute in list(fields, "attributes") {
        let name = attribute.get("key").and_then(Value::as_str);
        if let Some(name) = name.and_then(Attributes::wanted)
            && let Some(value) = scalar(attribute.inside("value"))
        {
            found.put(name, value);
        }
    }
    found
}

/// A value; of a list, its first.
fn scalar(value: Loose<'_>) -> Option<Scalar> {
    if let Some(text) = value.some_text(&["stringValue"]) {
        return Some(Scalar::Text(text));
    }
    if let Some(truth) = value.truth("boolValue") {
        return Some(Scalar::Text(truth.to_string()));
    }
    if let Some(number) = value.number(&["intValue", "doubleValue"]) {
        return Some(Scalar::Number(number));
    }
    let first = value
        .inside("arrayValue")
        .get("values")?
        .as_array()?
        .first()?;
    Loose::of(first)
        .some_text(&["stringValue"])
        .map(Scalar::Text)
}

/// Nanoseconds do not fit into a floating-point number, so they are read as whole ones.
fn integer(fields: Loose<'_>, name: &str) -> u64 {
    match fields.get(name) {
        Some(Value::Number(number)) => number.as_u64().unwrap_or(0),
        Some(Value::String(text)) => text.parse().unwrap_or(0),
        _ => 0,
    }
}

/// An id of hexadecimal digits; empty where it is none.
fn id(fields: Loose<'_>, name: &str) -> Vec<u8> {
    let text = fields.text(&[name]);
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let pairs = digits.unwrap_or_default();
    pairs
        .chunks_exact(2)
        .filter_map(|pair| u8::try_from(pair.iter().fold(0, |sum, digit| sum * 16 + digit)).ok())
        .collect()
}
