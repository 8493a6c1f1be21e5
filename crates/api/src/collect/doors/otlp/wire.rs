//! The protobuf messages of OTLP become records. Field numbers are those of `opentelemetry-proto`
//! 1.x; what is not named here is stepped over.

use super::protobuf::{Fields, Malformed, Value};
use super::record::{Attributes, Batch, CALL_METRICS, EVALUATION, Record, Scalar, Signal};

/// Fields of the messages around records, the same for all three signals.
const RESOURCE_ITEM: u64 = 1;
const RESOURCE: u64 = 1;
const SCOPE_ITEM: u64 = 2;
const ITEM: u64 = 2;
const RESOURCE_ATTRIBUTES: u64 = 1;
/// The code of a status that means a failure.
const STATUS_ERROR: u64 = 2;
/// Deepest nesting of lists inside a value.
const VALUE_DEPTH_MAX: usize = 4;

/// Reads a request.
pub(super) fn read(body: &[u8], signal: Signal) -> Result<Batch, Malformed> {
    let mut batch = Batch::default();
    for resource_item in messages(body, RESOURCE_ITEM) {
        let resource_item = resource_item?;
        let mut resource = Attributes::default();
        for message in messages(resource_item, RESOURCE) {
            put_attributes(&mut resource, message?, RESOURCE_ATTRIBUTES)?;
        }
        for scope_item in messages(resource_item, SCOPE_ITEM) {
            for item in messages(scope_item?, ITEM) {
                match signal {
                    Signal::Traces => batch.records.extend(span(item?, &resource)?),
                    Signal::Logs => batch.records.extend(log(item?, &resource)?),
                    Signal::Metrics => batch.points += points(item?)?,
                }
            }
        }
    }
    Ok(batch)
}

/// The messages that a message has under one number.
fn messages(message: &[u8], number: u64) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    Fields::of(message).filter_map(move |field| match field {
        Ok((found, value)) if found == number => Some(value.bytes()),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    })
}

/// A span that says anything about a call.
fn span(message: &[u8], resource: &Attributes) -> Result<Option<Record>, Malformed> {
    let mut record = Record {
        is_span: true,
        ..Record::default()
    };
    for field in Fields::of(message) {
        match field? {
            (1, value) => record.trace_id = value.bytes()?.to_vec(),
            (2, value) => record.span_id = value.bytes()?.to_vec(),
            (6, value) => record.span_kind = value.integer(),
            (7, value) => record.start_ns = value.integer(),
            (8, value) => record.end_ns = value.integer(),
            (9, value) => put_attribute(&mut record.attributes, value.bytes()?)?,
            (11, value) => record.evaluations.extend(evaluation(value.bytes()?)?),
            (15, value) => record.has_failed = is_error(value.bytes()?)?,
            _ => {}
        }
    }
    Ok(record.of(resource))
}

fn log(message: &[u8], resource: &Attributes) -> Result<Option<Record>, Malformed> {
    let mut record = Record::default();
    let mut observed_ns = 0;
    for field in Fields::of(message) {
        match field? {
            (1, value) => record.start_ns = value.integer(),
            (6, value) => put_attribute(&mut record.attributes, value.bytes()?)?,
            (9, value) => record.trace_id = value.bytes()?.to_vec(),
            (10, value) => record.span_id = value.bytes()?.to_vec(),
            (11, value) => observed_ns = value.integer(),
            (12, value) => record.event_name = text(value.bytes()?),
            _ => {}
        }
    }
    if record.start_ns == 0 {
        record.start_ns = observed_ns;
    }
    Ok(record.of(resource))
}

/// The attributes of a span's event, if it is an evaluation.
fn evaluation(message: &[u8]) -> Result<Option<Attributes>, Malformed> {
    for name in messages(message, 2) {
        if name? != EVALUATION.as_bytes() {
            return Ok(None);
        }
    }
    let mut attributes = Attributes::default();
    put_attributes(&mut attributes, message, 3)?;
    Ok(attributes
        .has("gen_ai.evaluation.score.value")
        .then_some(attributes))
}

fn is_error(status: &[u8]) -> Result<bool, Malformed> {
    let mut has_failed = false;
    for field in Fields::of(status) {
        if let (3, code) = field? {
            has_failed = code.integer() == STATUS_ERROR;
        }
    }
    Ok(has_failed)
}

/// How many points a metric about calls has; none for any other.
fn points(metric: &[u8]) -> Result<usize, Malformed> {
    let mut points = 0;
    let mut is_of_calls = false;
    for field in Fields::of(metric) {
        match field? {
            (1, name) => {
                let name = text(name.bytes()?);
                is_of_calls = CALL_METRICS.iter().any(|begin| name.starts_with(begin));
            }
            // Gauge, sum, histogram, exponential histogram and summary all have their points first.
            (5 | 7 | 9 | 10 | 11, data) => {
                for point in messages(data.bytes()?, 1) {
                    point?;
                    points += 1;
                }
            }
            _ => {}
        }
    }
    Ok(if is_of_calls { points } else { 0 })
}

fn put_attributes(into: &mut Attributes, message: &[u8], number: u64) -> Result<(), Malformed> {
    for attribute in messages(message, number) {
        put_attribute(into, attribute?)?;
    }
    Ok(())
}

/// Keeps one attribute if it is wanted. Its value is not even looked at otherwise.
fn put_attribute(into: &mut Attributes, key_value: &[u8]) -> Result<(), Malformed> {
    let mut name = None;
    let mut value = None;
    for field in Fields::of(key_value) {
        match field? {
            (1, key) => {
                name = std::str::from_utf8(key.bytes()?)
                    .ok()
                    .and_then(Attributes::wanted)
            }
            (2, any) => value = Some(any.bytes()?),
            _ => {}
        }
    }
    if let (Some(name), Some(value)) = (name, value)
        && let Some(value) = scalar(value, VALUE_DEPTH_MAX)?
    {
        into.put(name, value);
    }
    Ok(())
}

/// A value; of a list, its first.
fn scalar(any: &[u8], depth: usize) -> Result<Option<Scalar>, Malformed> {
    for field in Fields::of(any) {
        let found = match field? {
            (1, Value::Bytes(bytes)) => Scalar::Text(text(bytes)),
            (2, Value::Varint(truth)) => Scalar::Text((truth != 0).to_string()),
            (3, Value::Varint(integer)) => Scalar::Number(integer.cast_signed() as f64),
            (4, Value::Fixed64(bits)) => Scalar::Number(f64::from_bits(bits)),
            (5, Value::Bytes(list)) if depth > 0 => {
                return match messages(list, 1).next() {
                    Some(first) => scalar(first?, depth - 1),
                    None => Ok(None),
                };
            }
            _ => continue,
        };
        return Ok(Some(found));
    }
    Ok(None)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
