//! What both encodings of OTLP become: spans and log records as far as they are read. Attributes
//! are kept by a list of names, so that no prompt, answer or argument ever gets past this point.

use almanac_ingest::personal;

/// What a request holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Logs,
    Metrics,
}

/// Everything of a request that is read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Batch {
    pub(super) records: Vec<Record>,
    /// Points of metrics about calls.
    pub(super) points: usize,
}

/// A span, or a log record.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) is_span: bool,
    pub(super) trace_id: Vec<u8>,
    pub(super) span_id: Vec<u8>,
    /// 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    pub(super) span_kind: u64,
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
    pub(super) has_failed: bool,
    /// The name of a log record's event.
    pub(super) event_name: String,
    pub(super) attributes: Attributes,
    /// Attributes of the evaluations among a span's events.
    pub(super) evaluations: Vec<Attributes>,
    /// Attributes of the program that sent it.
    pub(super) resource: Attributes,
}

/// The name of an event that tells how good an answer was.
pub(super) const EVALUATION: &str = "gen_ai.evaluation.result";
/// Names of metrics about calls begin with these.
pub(super) const CALL_METRICS: &[&str] = &["gen_ai.", "mcp."];
/// Longest value of an attribute, characters; longer ones are contents.
const VALUE_CHARS_MAX: usize = 300;

/// Every attribute that is read: old names and new, and those of OpenInference, OpenLLMetry,
/// Logfire and Vercel's AI SDK, where they differ.
const WANTED: &[&str] = &[
    "ai.operationId",
    "ai.response.msToFirstChunk",
    "ai.toolCall.name",
    "embedding.model_name",
    "enduser.id",
    "error.type",
    "event.name",
    "gen_ai.agent.name",
    "gen_ai.conversation.id",
    "gen_ai.evaluation.name",
    "gen_ai.evaluation.score.label",
    "gen_ai.evaluation.score.value",
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.finish_reasons",
    "gen_ai.response.model",
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.server.time_to_first_token",
    "gen_ai.system",
    "gen_ai.tool.name",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.completion_tokens",
    "gen_ai.usage.cost",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.prompt_tokens",
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "llm.cost.total",
    "llm.model_name",
    "llm.provider",
    "llm.request.type",
    "llm.response.finish_reason",
    "llm.system",
    "llm.token_count.completion",
    "llm.token_count.completion_details.reasoning",
    "llm.token_count.prompt",
    "llm.token_count.prompt_details.cache_read",
    "llm.token_count.prompt_details.cache_write",
    "mcp.method.name",
    "mcp.server.name",
    "mcp.session.id",
    "mcp.tool.name",
    "network.transport",
    "openinference.span.kind",
    "operation.cost",
    "service.instance.id",
    "service.name",
    "service.version",
    "session.id",
    "tool.name",
    "traceloop.entity.name",
    "traceloop.span.kind",
    "user.id",
];

/// The value of an attribute; of a list, its first.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Text(String),
    Number(f64),
}

/// The attributes that are read.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Attributes(Vec<(&'static str, Scalar)>);

impl Attributes {
    /// The stored form of a name, if its value is to be read at all.
    pub(super) fn wanted(name: &str) -> Option<&'static str> {
        let found = WANTED.binary_search(&name).ok()?;
        WANTED.get(found).copied()
    }

    /// Keeps a value. Of an attribute that comes twice the first counts, and no more are kept than
    /// there are names.
    pub(super) fn put(&mut self, name: &'static str, value: Scalar) {
        let is_short =
            !matches!(&value, Scalar::Text(text) if text.chars().count() > VALUE_CHARS_MAX);
        if is_short && !self.0.iter().any(|(known, _)| *known == name) {
            self.0.push((name, value));
        }
    }

    fn get(&self, name: &str) -> Option<&Scalar> {
        self.0
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The first of the attributes that is there, as text; empty where none is.
    pub(super) fn text(&self, names: &[&str]) -> String {
        let mut texts = names.iter().filter_map(|name| match self.get(name)? {
            Scalar::Text(text) => Some(text.trim().to_owned()),
            Scalar::Number(number) => Some(number.to_string()),
        });
        texts.find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// The same as a number, multiplied and rounded.
    pub(super) fn scaled(&self, names: &[&str], scale: f64) -> Option<i64> {
        let mut numbers = names.iter().filter_map(|name| match self.get(name)? {
            Scalar::Number(number) => Some(*number * scale),
            Scalar::Text(text) => text.trim().parse::<f64>().ok().map(|number| number * scale),
        });
        numbers
            .find(|number| number.is_finite() && number.abs() < 4.6e18)
            .map(|number| number.round() as i64)
    }

    /// A word that may be shown to everybody: no personal data.
    pub(super) fn shown(&self, names: &[&str]) -> Option<String> {
        let text = self.text(names);
        (!text.is_empty() && personal::in_value(&text).is_none()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wanted_names_are_sorted_for_their_search() {
        assert!(WANTED.is_sorted());
        assert_eq!(Attributes::wanted("user.id"), Some("user.id"));
        for content in [
            "gen_ai.input.messages",
            "gen_ai.prompt",
            "gen_ai.tool.call.arguments",
        ] {
            assert_eq!(Attributes::wanted(content), None);
        }
    }

    #[test]
    fn the_first_value_counts_and_contents_do_not() {
        let mut attributes = Attributes::default();
        let text = |text: &str| Scalar::Text(text.to_owned());
        attributes.put("user.id", text(&"x".repeat(VALUE_CHARS_MAX + 1)));
        attributes.put("user.id", text("jane"));
        attributes.put("user.id", text("john"));
        attributes.put("gen_ai.usage.input_tokens", text("12"));
        attributes.put("gen_ai.usage.cost", Scalar::Number(f64::NAN));
        assert_eq!(attributes.text(&["enduser.id", "user.id"]), "jane");
        assert_eq!(
            attributes.scaled(&["gen_ai.usage.input_tokens"], 1.0),
            Some(12)
        );
        assert_eq!(attributes.scaled(&["gen_ai.usage.cost"], 1.0), None);
    }
}
