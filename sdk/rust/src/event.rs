//! The wire shape of a call: JSON, written by hand because it is all this crate needs of JSON.

use std::fmt::Write as _;

use uuid::{NoContext, Timestamp, Uuid};

use crate::call::{Call, Value};
use crate::options::{Level, Options};
use crate::world;

/// One event of the batch, as a JSON object.
pub(crate) fn event(options: &Options, call: &Call) -> String {
    let now = world::since_1970();
    let id = Uuid::new_v7(Timestamp::from_unix(
        NoContext,
        now.as_secs(),
        now.subsec_nanos(),
    ));
    let mut object = Object::open();
    object.text("event_id", &id.to_string());
    object.raw("timestamp", &world::now_ms().to_string());
    object.text("tool", &call.tool);
    object.text("status", call.status.name());
    object.text("version", &options.version);
    if options.level >= Level::Standard {
        object.optional_text("service", options.service.as_deref());
        object.optional_text("error_type", call.error_type.as_deref());
        if let Some(duration) = call.duration {
            object.number("duration_ms", duration.as_secs_f64() * 1e3);
        }
        if let Some(is_hit) = call.cache_hit {
            object.raw("cache_hit", truth(is_hit));
        }
    }
    if options.level >= Level::Detailed {
        object.optional_text("session_id", call.session_id.as_deref());
        if !call.parameters.is_empty() {
            object.raw("parameters", &parameters(&call.parameters));
        }
    }
    object.close()
}

/// The body of a request; `events` is a JSON array.
pub(crate) fn batch(options: &Options, events: &str) -> String {
    let mut object = Object::open();
    object.text("project", &options.project);
    object.text("level", options.level.name());
    object.optional_text("installation_id", options.installation_id.as_deref());
    object.raw("sent_at", &world::now_ms().to_string());
    object.raw("events", events);
    object.close()
}

fn parameters(list: &[(String, Value)]) -> String {
    let mut object = Object::open();
    for (name, value) in list {
        match value {
            Value::Text(text) => object.text(name, text),
            Value::Number(number) => object.number(name, *number),
            Value::Truth(is_true) => object.raw(name, truth(*is_true)),
        }
    }
    object.close()
}

fn truth(is_true: bool) -> &'static str {
    if is_true { "true" } else { "false" }
}

/// A JSON object under construction.
struct Object(String);

impl Object {
    fn open() -> Self {
        Self("{".to_owned())
    }

    fn raw(&mut self, name: &str, json: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote(&mut self.0, name);
        self.0.push(':');
        self.0.push_str(json);
    }

    fn text(&mut self, name: &str, text: &str) {
        let mut quoted = String::with_capacity(text.len() + 2);
        quote(&mut quoted, text);
        self.raw(name, &quoted);
    }

    fn optional_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.text(name, text);
        }
    }

    /// JSON has no word for what is not finite.
    fn number(&mut self, name: &str, number: f64) {
        if number.is_finite() {
            self.raw(name, &number.to_string());
        }
    }

    fn close(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

fn quote(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            // Writing to a text cannot fail.
            c if c.is_control() => _ = write!(json, "\\u{:04x}", u32::from(c)),
            c => json.push(c),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value as Json, json};

    use super::*;

    fn read(level: Level) -> Json {
        let mut options = Options::new("http://stats.example", "p", "1.2.0");
        options.level = level;
        options.service = Some("indexer".to_owned());
        let call = Call::new("say \"hi\"\n\u{7f}\\ü")
            .duration(Duration::from_micros(12_500))
            .error_type("")
            .cache_hit(false)
            .parameter("limit", 3)
            .parameter("share", f64::NAN)
            .parameter("deep", true)
            .session("run-1");
        let mut read: Json = serde_json::from_str(&event(&options, &call)).unwrap();
        let fields = read.as_object_mut().unwrap();
        let id = fields.remove("event_id").unwrap();
        let id: Uuid = id.as_str().unwrap().parse().unwrap();
        assert_eq!(id.get_version_num(), 7);
        assert!(fields.remove("timestamp").unwrap().is_u64());
        read
    }

    #[test]
    fn an_event_carries_what_its_level_permits() {
        let mut expected = json!({
            "tool": "say \"hi\"\n\u{7f}\\ü", "status": "success", "version": "1.2.0"
        });
        assert_eq!(read(Level::Minimal), expected);
        expected["service"] = json!("indexer");
        expected["duration_ms"] = json!(12.5);
        expected["cache_hit"] = json!(false);
        assert_eq!(read(Level::Standard), expected);
        expected["session_id"] = json!("run-1");
        expected["parameters"] = json!({"limit": 3.0, "deep": true});
        // Numbers are compared as JSON has them, without a kind.
        let mut detailed = read(Level::Detailed);
        detailed["parameters"]["limit"] = json!(detailed["parameters"]["limit"].as_f64());
        assert_eq!(detailed, expected);
    }

    #[test]
    fn a_batch_is_json() {
        let options = Options::new("http://stats.example", "tools.example", "1");
        let read: Json = serde_json::from_str(&batch(&options, "[{}]")).unwrap();
        assert_eq!(read["project"], "tools.example");
        assert_eq!(read["events"], json!([{}]));
        assert!(read.get("installation_id").is_none());
    }
}
