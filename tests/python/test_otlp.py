"""OpenTelemetry's own Python exporters, unmodified, and what an owner sees of the calls that they
tell of: traces and logs over OTLP/HTTP, in protobuf and JSON, packed and not."""

import gzip
import json

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode

from test_front_doors import NAME, Door, door

SECRETS = [b"a secret question", b"jane@example.com"]
SECOND_NS = 1_000_000_000
# Any moment of the last hours will do; spans carry their own.
CALLS = [["is", NAME, ["model_call"]]]
TOOLS = [["is", NAME, ["tool_call"]]]


@pytest.fixture
def tools(instance):
    """A project of tools, which knows installations."""
    return door(instance, "stable")


class Results:
    """An exporter that remembers what the real one answered."""

    def __init__(self, exporter):
        self.exporter = exporter
        self.all = []

    def export(self, spans):
        result = self.exporter.export(spans)
        self.all.append(result)
        return result

    def shutdown(self):
        self.exporter.shutdown()

    def force_flush(self, timeout_millis=30_000):
        return self.exporter.force_flush(timeout_millis)


def exporter(tools, **options):
    headers = {"authorization": f"Bearer {tools.write_key}"}
    endpoint = f"{tools.instance.base}/v1/traces"
    return Results(OTLPSpanExporter(endpoint, headers=headers, **options))


def traced(results, *spans, installation="i-1"):
    """Ends spans of a name, attributes and an optional error through the real pipeline."""
    resource = {"service.name": "docs", "service.version": "1.2.3", "service.instance.id": installation}
    provider = TracerProvider(resource=Resource.create(resource))
    provider.add_span_processor(BatchSpanProcessor(results))
    tracer = provider.get_tracer("test")
    for kind, attributes, failed in spans:
        span = tracer.start_span("call", kind=kind, attributes=attributes)
        start = span.start_time
        if failed:
            span.set_status(Status(StatusCode.ERROR, "jane@example.com was not found"))
        if "gen_ai.operation.name" in attributes:
            score = {"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.75}
            span.add_event("gen_ai.evaluation.result", score)
        span.end(start + SECOND_NS // 4)
    provider.shutdown()


NEW = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude",
    "gen_ai.response.model": "claude-2026",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.response.time_to_first_chunk": 0.1,
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cache_read.input_tokens": 40,
    "gen_ai.usage.reasoning.output_tokens": 5,
    "gen_ai.input.messages": "a secret question",
    "gen_ai.conversation.id": "c-1",
}
OLD = {
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt",
    "gen_ai.prompt": "a secret question",
    "gen_ai.usage.prompt_tokens": 7,
    "gen_ai.usage.completion_tokens": 3,
    "error.type": "RateLimitError",
}
MCP = {
    "mcp.method.name": "tools/call",
    "gen_ai.tool.name": "search",
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.call.arguments": "a secret question",
    "mcp.session.id": "s-1",
    "network.transport": "pipe",
}
LISTED = {"mcp.method.name": "tools/list"}
AGENT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 100}


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_the_exporter_of_python(tools, compression):
    results = exporter(tools, compression=compression)
    traced(
        results,
        (SpanKind.CLIENT, NEW, False),
        (SpanKind.CLIENT, OLD, True),
        (SpanKind.SERVER, MCP, False),
        (SpanKind.SERVER, MCP | {"error.type": "timeout"}, True),
        (SpanKind.SERVER, LISTED, False),
        (SpanKind.INTERNAL, AGENT, False),
        (SpanKind.SERVER, {"http.request.method": "GET"}, False),
    )
    assert results.all == [SpanExportResult.SUCCESS]
    tools.wait_for_events(4)
    models = ["event:provider", "event:model", "event:model_version", "event:operation", "event:status"]
    numbers = ["calls", "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens"]
    assert tools.rows(models, numbers, filters=CALLS, order_by=[["event:model", "asc"]]) == [
        ["anthropic", "claude", "claude-2026", "chat", "success", 1, 100, 20, 40, 5],
        ["openai", "gpt", "(not set)", "chat", "error", 1, 7, 3, 0, 0],
    ]
    more = ["event:finish_reason", "event:error_type"]
    assert sorted(tools.rows(more, ["duration_mean_ms"], filters=CALLS)) == [
        ["(not set)", "RateLimitError", 250],
        ["stop", "(not set)", 250],
    ]
    judged = tools.rows(["event:props:evaluation"], ["quality_score"], filters=CALLS)
    assert ["relevance", 0.75] in judged
    called = ["event:tool", "event:service", "event:version", "event:status", "event:error_type"]
    assert sorted(tools.rows(called, ["calls", "duration_mean_ms"], filters=TOOLS)) == [
        ["search", "docs", "1.2.3", "error", "timeout", 1, 250],
        ["search", "docs", "1.2.3", "success", "(not set)", 1, 250],
    ]
    assert tools.totals(["visitors"]) == {"visitors": 1}
    assert tools.accounts() == {"accepted": 4, "duplicate": 0}
    stored = tools.stored_bytes()
    assert [secret for secret in SECRETS if secret in stored] == []


def test_the_exporters_of_javascript_in_the_words_of_other_instrumentations(tools):
    assert tools.node("otlp", tools.write_key) == "json 0 \nprotobuf 0 \n"
    tools.wait_for_events(7)
    models = ["event:provider", "event:model", "event:operation", "event:finish_reason"]
    numbers = ["input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "cost_usd"]
    assert sorted(tools.rows(models, numbers, filters=CALLS)) == [
        ["(not set)", "embed-3", "embeddings", "(not set)", 0, 0, 0, 0, 0],
        ["anthropic", "claude", "chat", "(not set)", 100, 20, 40, 5, 0.25],
        ["google.generative-ai", "gemini", "chat", "(not set)", 11, 0, 0, 0, 0],
        ["openai", "gpt", "chat", "stop", 7, 3, 0, 0, 0],
    ]
    called = ["event:tool", "event:service", "event:version", "event:status"]
    assert sorted(tools.rows(called, ["calls", "duration_mean_ms"], filters=TOOLS)) == [
        [tool, "docs", "1.2.3", "success", 1, 250] for tool in ["fetch", "search", "weather"]
    ]
    users = tools.rows(["event:user"], ["events"], filters=[["is", "event:user", ["jane"]]])
    assert users == [["jane", 1]]
    assert b"a secret question" not in tools.stored_bytes()


def test_installations_are_visitors(tools):
    for installation in ["i-1", "i-2", "i-1"]:
        traced(exporter(tools), (SpanKind.SERVER, MCP, False), installation=installation)
    tools.wait_for_events(3)
    assert tools.totals(["visitors", "calls"]) == {"visitors": 2, "calls": 3}


def test_the_wrong_key_is_told(tools):
    tools.write_key = "alm_i_wrong"
    results = exporter(tools)
    traced(results, (SpanKind.SERVER, MCP, False))
    assert results.all == [SpanExportResult.FAILURE]


def test_metrics_are_answered_and_not_stored(tools):
    headers = {"authorization": f"Bearer {tools.write_key}"}
    sender = OTLPMetricExporter(f"{tools.instance.base}/v1/metrics", headers=headers)
    provider = MeterProvider([PeriodicExportingMetricReader(sender, export_interval_millis=3_600_000)])
    provider.get_meter("test").create_histogram("gen_ai.client.token.usage").record(12)
    assert provider.force_flush()
    provider.shutdown()
    assert tools.accounts() == {"accepted": 0, "duplicate": 0}


def as_json(span, **around):
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]} | around


def span_of(attributes, **more):
    def value(given):
        return {"stringValue": given} if isinstance(given, str) else {"doubleValue": given}

    pairs = [{"key": key, "value": value(given)} for key, given in attributes.items()]
    return {"traceId": "0a" * 16, "spanId": "0b" * 8, "attributes": pairs} | more


def post(tools, path, body, content_type="application/json", **headers):
    """Status, headers, and the body of the answer as text."""
    headers = {"authorization": f"Bearer {tools.write_key}", "content-type": content_type} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return tools.instance.request("POST", path, body, headers)


def test_json_is_answered_in_json_and_a_span_is_stored_once(tools):
    body = as_json(span_of({"mcp.method.name": "tools/call", "gen_ai.tool.name": "search"}))
    for _ in range(2):
        status, headers, text = post(tools, "/v1/traces", body)
        assert (status, headers["content-type"], text) == (200, "application/json", "{}")
    packed = gzip.compress(json.dumps(body).encode())
    assert post(tools, "/v1/traces", packed, content_encoding="gzip")[0] == 200
    tools.wait_for_events(1)
    assert tools.accounts() == {"accepted": 1, "duplicate": 2}


def test_what_is_not_taken_is_told_in_part(tools):
    old = span_of(
        {"mcp.method.name": "tools/call", "gen_ai.tool.name": "search"},
        startTimeUnixNano=str(SECOND_NS),
    )
    _, _, text = post(tools, "/v1/traces", as_json(old))
    assert json.loads(text)["partialSuccess"]["rejectedSpans"] == "1"
    personal = span_of({"mcp.method.name": "tools/call", "gen_ai.tool.name": "jane@example.com"})
    _, _, text = post(tools, "/v1/traces", as_json(personal))
    assert "tool.name" in json.loads(text)["partialSuccess"]["errorMessage"]
    assert "jane" not in text
    points = {"name": "mcp.server.operation.duration", "histogram": {"dataPoints": [{}, {}]}}
    _, _, text = post(tools, "/v1/metrics", {"resourceMetrics": [{"scopeMetrics": [{"metrics": [points]}]}]})
    assert json.loads(text)["partialSuccess"]["rejectedDataPoints"] == "2"
    assert tools.accounts() == {"accepted": 0, "duplicate": 0, "invalid_time": 1, "personal_data": 1}


def test_evaluations_come_as_logs_too(tools):
    scored = {"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.5}
    record = span_of(scored, eventName="gen_ai.evaluation.result")
    message = span_of({"gen_ai.system": "openai"}, eventName="gen_ai.user.message")
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record, message]}]}]}
    assert post(tools, "/v1/logs", body)[2] == "{}"
    tools.wait_for_events(1)
    assert tools.rows([NAME, "event:props:evaluation"], ["quality_score"]) == [["evaluation", "relevance", 0.5]]


def test_hostile_bodies_are_refused_and_counted(tools):
    protobuf = "application/x-protobuf"
    bodies = [
        (b"\xff" * 100, protobuf, 400),
        (b"\x0a\xff\xff\xff\xff\x0f", protobuf, 400),
        (b"\x0b" * 1_000, protobuf, 400),
        # Half a million empty spans in one megabyte: nothing is built for them.
        (bytes.fromhex("0affff3f12fbff3f") + b"\x12\x00" * 524_000, protobuf, 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"resourceSpans":[' + b"{}," * 70_000 + b"{}]}", "application/json", 400),
        (b"x" * (2 << 20), protobuf, 413),
    ]
    for body, kind, expected in bodies:
        status, headers, _ = post(tools, "/v1/traces", body, kind)
        assert (status, headers["content-type"]) == (expected, kind), body[:40]
    bomb = gzip.compress(b"\x0a\x00" * (32 << 20))
    assert post(tools, "/v1/traces", bomb, protobuf, content_encoding="gzip")[0] == 413
    many = [span_of({"mcp.method.name": "tools/call"}, spanId=f"{at:016x}") for at in range(2_049)]
    assert post(tools, "/v1/traces", {"resourceSpans": [{"scopeSpans": [{"spans": many}]}]})[0] == 413
    assert tools.accounts()["unreadable"] == 8
    assert tools.accounts()["too_large"] == 3
    assert tools.instance.request("GET", "/healthz")[0] == 200


def test_a_project_is_named_by_a_header_where_there_is_no_key(tools):
    body = as_json(span_of({"mcp.method.name": "tools/call", "gen_ai.tool.name": "search"}))
    headers = {"content-type": "application/json"}
    assert tools.instance.request("POST", "/v1/traces", body, headers)[0] == 401
    named = headers | {"x-almanac-project": "shop.example"}
    assert tools.instance.request("POST", "/v1/traces", body, named)[0] == 200
    tools.wait_for_events(1)
