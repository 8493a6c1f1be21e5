//! The wire shape of `POST /v1/events`: calls of tools, at the level that each says. The fields and
//! levels stand in one table in `ingest`; here they are read, and what is too much is refused with
//! a pointer to it. A refusal never repeats the value that led to it.

mod values;

use almanac_ingest::telemetry::{self, Field, Level};
use almanac_ingest::{Draft, Refusal, ToolDraft, personal};
use almanac_model::{Instant, Kind};
use serde_json::{Map, Value};

use super::accept::{Addressed, Rejection};
use crate::error::FieldErrors;

const MICROSECONDS_PER_MS: f64 = 1e3;

/// What the batch says for all of its events.
#[derive(Debug, Default, Clone)]
pub(super) struct Shared {
    level: Level,
    project: Option<String>,
    installation: Option<String>,
    sent_at: Option<Instant>,
}

/// A batch: its events as they came, and what it says for all of them.
#[derive(Debug)]
pub(super) struct TelemetryBatch<'a> {
    pub(super) shared: Shared,
    pub(super) events: Vec<&'a Value>,
}

/// Reads what is around the events: an object with `events`, an array of events, or one event.
pub(super) fn open(value: &Value) -> Result<TelemetryBatch<'_>, FieldErrors> {
    let object = match value {
        Value::Array(events) => {
            return Ok(TelemetryBatch {
                shared: Shared::default(),
                events: events.iter().collect(),
            });
        }
        Value::Object(object) if object.contains_key("events") => object,
        Value::Object(_) => {
            return Ok(TelemetryBatch {
                shared: Shared::default(),
                events: vec![value],
            });
        }
        _ => {
            return Err(fault(
                "",
                "must be an object with events, or an array of them",
            ));
        }
    };
    let mut errors = FieldErrors::new();
    let mut batch = TelemetryBatch {
        shared: Shared::default(),
        events: Vec::new(),
    };
    for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        if let Err(reason) = read_shared(&mut batch, name, value) {
            errors.entry(pointer("", name)).or_default().push(reason);
        }
    }
    if errors.is_empty() {
        Ok(batch)
    } else {
        Err(errors)
    }
}

fn read_shared<'a>(
    batch: &mut TelemetryBatch<'a>,
    name: &str,
    value: &'a Value,
) -> Result<(), String> {
    let shared = &mut batch.shared;
    match (name, value) {
        ("events", Value::Array(events)) => batch.events = events.iter().collect(),
        ("events", _) => return Err("must be an array".to_owned()),
        ("level", _) => shared.level = values::level(value)?,
        ("project", Value::String(text)) => shared.project = Some(text.clone()),
        ("installation_id", _) => shared.installation = Some(values::uuid_text(value)?),
        ("sent_at", _) => shared.sent_at = Some(values::instant(value)?),
        ("project", _) => return Err("must be text".to_owned()),
        _ => return Err("is no field of a batch".to_owned()),
    }
    Ok(())
}

/// Reads one event.
pub(super) fn parse(value: &Value, shared: &Shared) -> Result<Addressed, Rejection> {
    let Value::Object(object) = value else {
        return Err(Rejection {
            domains: shared.project.clone().into_iter().collect(),
            ..fault("", "must be an object").into()
        });
    };
    let domains = domains(object, shared);
    match check(object, shared) {
        Ok(()) => Ok(Addressed {
            domains,
            draft: draft(object, shared),
        }),
        Err(rejection) => Err(Rejection {
            domains,
            ..rejection
        }),
    }
}

/// The project that the event names, or else its batch.
fn domains(object: &Map<String, Value>, shared: &Shared) -> Vec<String> {
    let own = object.get("project").and_then(Value::as_str);
    let own = own.map(|project| project.trim().to_owned());
    own.or_else(|| shared.project.clone()).into_iter().collect()
}

fn check(object: &Map<String, Value>, shared: &Shared) -> Result<(), Rejection> {
    let said = object.get("level").filter(|level| !level.is_null());
    let level = match said.map(values::level) {
        None => shared.level,
        Some(Ok(level)) => level,
        Some(Err(reason)) => return Err(fault("/level", &reason).into()),
    };
    let mut faults = Faults::default();
    for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        faults.check(name, value, level);
    }
    let is_absent = |field: &&Field| object.get(field.name).is_none_or(Value::is_null);
    for field in telemetry::FIELDS
        .iter()
        .filter(|field| field.is_required)
        .filter(is_absent)
    {
        faults.add(&pointer("", field.name), "is required");
    }
    faults.finish()
}

/// What is wrong with one event.
#[derive(Default)]
struct Faults {
    errors: FieldErrors,
    is_personal: bool,
}

impl Faults {
    fn add(&mut self, pointer: &str, reason: impl Into<String>) {
        self.errors
            .entry(pointer.to_owned())
            .or_default()
            .push(reason.into());
    }

    fn personal(&mut self, pointer: &str, what: &str) {
        self.is_personal = true;
        self.add(pointer, format!("{what}, which telemetry may not carry"));
    }

    fn check(&mut self, name: &str, value: &Value, level: Level) {
        let pointer = pointer("", name);
        let Some(field) = telemetry::field_named(name) else {
            match personal::in_name(name) {
                Some(what) => self.personal(&pointer, what),
                None => self.add(&pointer, "is no field of telemetry"),
            }
            return;
        };
        if field.level > level {
            let (needed, said) = (field.level.name(), level.name());
            self.add(
                &pointer,
                format!("needs the level {needed}, the event says {said}"),
            );
            return;
        }
        values::check(self, &pointer, value, field.shape);
        self.guard(&pointer, field.name, value);
    }

    /// Ids are opaque by nature, and a version may look like an address.
    fn guard(&mut self, pointer: &str, name: &str, value: &Value) {
        let text = value.as_str().unwrap_or_default();
        let is_exempt = matches!(
            name,
            "event_id" | "installation_id" | "project" | "timestamp"
        ) || (name == "version"
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.'));
        if !is_exempt && let Some(what) = personal::in_value(text) {
            self.personal(pointer, what);
        }
    }

    fn finish(self) -> Result<(), Rejection> {
        match (self.errors.is_empty(), self.is_personal) {
            (true, _) => Ok(()),
            (false, true) => Err(Rejection {
                reason: Refusal::PersonalData,
                ..self.errors.into()
            }),
            (false, false) => Err(self.errors.into()),
        }
    }
}

/// The draft of an event whose fields were checked.
fn draft(object: &Map<String, Value>, shared: &Shared) -> Draft {
    let text = |name: &str| {
        let value = object.get(name).and_then(Value::as_str);
        value.map(|text| text.trim().to_owned())
    };
    let present = |name: &str| object.get(name).filter(|value| !value.is_null());
    let duration_ms = object.get("duration_ms").and_then(Value::as_f64);
    let tool = ToolDraft {
        name: text("tool").unwrap_or_default(),
        service: text("service").unwrap_or_default(),
        version: text("version").unwrap_or_default(),
        status: text("status").unwrap_or_default(),
        error_type: text("error_type").unwrap_or_default(),
        // Within a day, so that nothing is cut off.
        duration_us: duration_ms.map(|ms| (ms * MICROSECONDS_PER_MS).round() as i64),
        cache_hit: object.get("cache_hit").and_then(Value::as_bool),
    };
    Draft {
        id: present("event_id").and_then(|id| values::uuid(id).ok()),
        kind: Some(Kind::ToolCall),
        pageless: true,
        // Nothing that the event does not state is found out about its sender.
        country: Some(text("country").unwrap_or_default()),
        properties: object
            .get("parameters")
            .map(values::summary)
            .unwrap_or_default(),
        happened_at: present("timestamp").and_then(|time| values::instant(time).ok()),
        sent_at: shared.sent_at,
        visitor: present("installation_id")
            .and_then(|id| values::uuid_text(id).ok())
            .or_else(|| shared.installation.clone()),
        client_session: text("session_id"),
        tool: Some(tool),
        ..Draft::default()
    }
}

fn fault(pointer: &str, reason: &str) -> FieldErrors {
    FieldErrors::from([(pointer.to_owned(), vec![reason.to_owned()])])
}

/// A JSON pointer (RFC 6901) to a field of what `parent` points to.
fn pointer(parent: &str, name: &str) -> String {
    let name: String = name.chars().take(100).collect();
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests;
