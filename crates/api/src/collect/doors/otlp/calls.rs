//! Which spans and log records are calls, by the semantic conventions for generative AI and MCP,
//! old names and new: a call of a model, a call of a tool, or a judgement of an answer.

use almanac_ingest::{Draft, ModelDraft, Person, ToolDraft};
use almanac_model::{EventId, Instant, Kind};

use super::record::{Attributes, EVALUATION, Record};
use crate::collect::accept::{Addressed, Rejection};
use crate::collect::doors::guard::check_call;
use crate::collect::doors::loose::{class, storable};

/// Operations that ask a model. Agents and workflows are made of such calls and are not counted
/// themselves, so that no token is counted twice.
const MODEL_OPERATIONS: &[&str] = &["chat", "generate_content", "text_completion", "embeddings"];
/// The same in the words of an older convention.
const OLD_OPERATIONS: &[(&str, &str)] = &[
    ("completion", "text_completion"),
    ("embedding", "embeddings"),
    ("chat", "chat"),
];
/// By which attributes a span says that it is a call of a tool.
const TOOL_MARKS: &[(&str, &str)] = &[
    ("gen_ai.operation.name", "execute_tool"),
    ("mcp.method.name", "tools/call"),
    ("openinference.span.kind", "TOOL"),
    ("traceloop.span.kind", "tool"),
    ("ai.operationId", "ai.toolCall"),
];
/// Kinds of spans of OpenInference in which a model is asked. Its chains and agents are made of
/// those.
const INFERENCES: &[(&str, &str)] = &[("LLM", "chat"), ("EMBEDDING", "embeddings")];
/// The name of the details of a call that was logged instead of traced.
const DETAILS: &str = "gen_ai.client.inference.operation.details";
/// What a judgement of an answer is called.
const JUDGEMENT: &str = "evaluation";
/// Kinds of spans, by their codes.
const SPAN_KINDS: [&str; 6] = ["", "internal", "server", "client", "producer", "consumer"];

const NANOSECONDS_PER_US: u64 = 1_000;
const SECOND_US: f64 = 1e6;
const MILLISECOND_US: f64 = 1e3;
/// Millionths in a score.
const MICROS: f64 = 1e6;
/// Billionths in a dollar.
const NANOS: f64 = 1e9;

/// What a record is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Call {
    /// A call of a tool.
    Tool,
    /// A call of a model, with its operation.
    Model(String),
    /// How good the answer of a call was, told apart from it.
    Judgement,
}

impl Record {
    /// The record with its resource, if it is about a call.
    pub(super) fn of(mut self, resource: &Attributes) -> Option<Self> {
        self.call()?;
        self.resource = resource.clone();
        Some(self)
    }

    fn call(&self) -> Option<Call> {
        let attributes = &self.attributes;
        let event = if self.event_name.is_empty() {
            attributes.text(&["event.name"])
        } else {
            self.event_name.clone()
        };
        if !self.is_span {
            // A log record inside a span tells of the same call as the span.
            let stands_alone = self.span_id.iter().all(|byte| *byte == 0);
            return match event.as_str() {
                EVALUATION if attributes.has("gen_ai.evaluation.score.value") => {
                    Some(Call::Judgement)
                }
                DETAILS if stands_alone => model_operation(attributes).map(Call::Model),
                _ => None,
            };
        }
        let is_tool = |(name, value): &(&str, &str)| attributes.text(&[*name]) == *value;
        if TOOL_MARKS.iter().any(is_tool) {
            return Some(Call::Tool);
        }
        model_operation(attributes).map(Call::Model)
    }
}

/// The operation of a call of a model; none where no model was asked.
fn model_operation(attributes: &Attributes) -> Option<String> {
    let operation = attributes.text(&["gen_ai.operation.name"]);
    if !operation.is_empty() {
        return MODEL_OPERATIONS
            .contains(&operation.as_str())
            .then_some(operation);
    }
    let inference = attributes.text(&["openinference.span.kind"]);
    if !inference.is_empty() {
        let known = INFERENCES.iter().find(|(kind, _)| *kind == inference);
        return known.map(|(_, operation)| (*operation).to_owned());
    }
    // The first conventions had no operation.
    let names_model = attributes.has("gen_ai.request.model") && attributes.has("gen_ai.system");
    let old = attributes.text(&["llm.request.type"]);
    let known = OLD_OPERATIONS.iter().find(|(word, _)| *word == old);
    names_model.then(|| known.map_or_else(|| "chat".to_owned(), |(_, word)| (*word).to_owned()))
}

/// The draft of a record that is about a call.
pub(super) fn parse(record: &Record) -> Option<Result<Addressed, Rejection>> {
    let call = record.call()?;
    let mut draft = common(record);
    match call {
        Call::Tool => {
            draft.kind = Some(Kind::ToolCall);
            draft.tool = Some(tool(record));
        }
        Call::Model(operation) => {
            draft.kind = Some(Kind::ModelCall);
            draft.model = Some(model(record, operation));
        }
        Call::Judgement => {
            JUDGEMENT.clone_into(&mut draft.name);
            draft.interactive = false;
            draft.model = Some(ModelDraft {
                quality_micros: score(&record.attributes),
                ..ModelDraft::default()
            });
            add_judgement(&mut draft, &record.attributes);
        }
    }
    let domains = Vec::new();
    Some(check_call(&draft).map(|()| Addressed { domains, draft }))
}

/// What all calls have: time, place and people.
fn common(record: &Record) -> Draft {
    let attributes = &record.attributes;
    let user = attributes.text(&["user.id", "enduser.id"]);
    let installation = record.resource.text(&["service.instance.id"]);
    let id = if user.is_empty() {
        &installation
    } else {
        &user
    };
    let mut draft = Draft {
        id: id_of(record),
        pageless: true,
        // Nothing that the record does not state is found out about its sender.
        country: Some(String::new()),
        happened_at: time(record.start_ns),
        visitor: Some(installation.clone()).filter(|id| user.is_empty() && !id.is_empty()),
        user: storable(&user),
        client_session: attributes.shown(&[
            "gen_ai.conversation.id",
            "mcp.session.id",
            "session.id",
        ]),
        person: (!id.is_empty()).then(|| Person {
            id: id.clone(),
            ..Person::default()
        }),
        ..Draft::default()
    };
    if draft.user.is_none() && !user.is_empty() {
        draft.visitor = Some(user);
    }
    let span_kind = usize::try_from(record.span_kind)
        .ok()
        .and_then(|kind| SPAN_KINDS.get(kind));
    let properties = [
        ("agent", attributes.shown(&["gen_ai.agent.name"])),
        ("transport", attributes.shown(&["network.transport"])),
        (
            "span_kind",
            span_kind
                .map(|kind| (*kind).to_owned())
                .filter(|kind| !kind.is_empty()),
        ),
    ];
    let known = properties.into_iter();
    draft.properties = known
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    for evaluation in record.evaluations.iter().take(1) {
        add_judgement(&mut draft, evaluation);
    }
    draft
}

/// A span is one event however often it is exported. A judgement shares its span with the call, so
/// its name goes into its id.
fn id_of(record: &Record) -> Option<EventId> {
    if record.span_id.iter().all(|byte| *byte == 0) {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(b"span")
        .update(&record.trace_id)
        .update(&record.span_id);
    if !record.is_span {
        let name = record.attributes.text(&["gen_ai.evaluation.name"]);
        hasher.update(b"judgement").update(name.as_bytes());
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    Some(EventId(u128::from_le_bytes(bytes)))
}

fn time(since_1970_ns: u64) -> Option<Instant> {
    let us = i64::try_from(since_1970_ns / NANOSECONDS_PER_US).ok()?;
    (us > 0).then_some(Instant(us))
}

fn tool(record: &Record) -> ToolDraft {
    let (attributes, resource) = (&record.attributes, &record.resource);
    let mut service = attributes.text(&["mcp.server.name"]);
    if service.is_empty() {
        service = resource.text(&["service.name"]);
    }
    ToolDraft {
        name: attributes.text(&[
            "gen_ai.tool.name",
            "mcp.tool.name",
            "tool.name",
            "ai.toolCall.name",
            "traceloop.entity.name",
        ]),
        service,
        version: resource.text(&["service.version"]),
        status: status(record),
        error_type: error_type(record),
        duration_us: duration_us(record),
        cache_hit: None,
    }
}

fn model(record: &Record, operation: String) -> ModelDraft {
    let attributes = &record.attributes;
    let tokens = |names: &[&str]| attributes.scaled(names, 1.0);
    ModelDraft {
        provider: attributes.text(&[
            "gen_ai.provider.name",
            "gen_ai.system",
            "llm.provider",
            "llm.system",
        ]),
        name: attributes.text(&[
            "gen_ai.request.model",
            "gen_ai.response.model",
            "llm.model_name",
            "embedding.model_name",
        ]),
        version: attributes.text(&["gen_ai.response.model"]),
        operation,
        status: status(record),
        error_type: error_type(record),
        finish_reason: class(&attributes.text(&[
            "gen_ai.response.finish_reasons",
            "llm.response.finish_reason",
        ])),
        duration_us: duration_us(record),
        first_token_us: attributes
            .scaled(
                &[
                    "gen_ai.response.time_to_first_chunk",
                    "gen_ai.server.time_to_first_token",
                ],
                SECOND_US,
            )
            .or_else(|| attributes.scaled(&["ai.response.msToFirstChunk"], MILLISECOND_US)),
        input_tokens: tokens(&[
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.prompt_tokens",
            "llm.token_count.prompt",
        ]),
        output_tokens: tokens(&[
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.completion_tokens",
            "llm.token_count.completion",
        ]),
        cached_tokens: tokens(&[
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_read_input_tokens",
            "llm.token_count.prompt_details.cache_read",
        ]),
        cache_write_tokens: tokens(&[
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens",
            "llm.token_count.prompt_details.cache_write",
        ]),
        reasoning_tokens: tokens(&[
            "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.reasoning_tokens",
            "llm.token_count.completion_details.reasoning",
        ]),
        cost_nanos: attributes.scaled(
            &["gen_ai.usage.cost", "operation.cost", "llm.cost.total"],
            NANOS,
        ),
        quality_micros: record.evaluations.first().and_then(score),
    }
}

fn score(evaluation: &Attributes) -> Option<i64> {
    evaluation.scaled(&["gen_ai.evaluation.score.value"], MICROS)
}

/// By which measure an answer was judged, and in which word.
fn add_judgement(draft: &mut Draft, evaluation: &Attributes) {
    for (name, attribute) in [
        ("evaluation", "gen_ai.evaluation.name"),
        ("evaluation_label", "gen_ai.evaluation.score.label"),
    ] {
        let value = evaluation.shown(&[attribute]);
        draft
            .properties
            .extend(value.map(|value| (name.to_owned(), value)));
    }
}

fn status(record: &Record) -> String {
    let has_failed = record.has_failed || record.attributes.has("error.type");
    if has_failed { "error" } else { "success" }.to_owned()
}

fn error_type(record: &Record) -> String {
    class(&record.attributes.text(&["error.type"]))
}

/// How long a span took; a log record does not tell.
fn duration_us(record: &Record) -> Option<i64> {
    let ns = record.end_ns.checked_sub(record.start_ns)?;
    let us = i64::try_from(ns / NANOSECONDS_PER_US).ok()?;
    (record.is_span && record.start_ns > 0).then_some(us)
}
