// Ends spans through OpenTelemetry's own exporters for JavaScript, JSON and protobuf, with the
// attributes of OpenInference, OpenLLMetry and Vercel's AI SDK, and prints what was answered.

import { SpanKind } from "@opentelemetry/api";
import { OTLPTraceExporter as AsJson } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as AsProtobuf } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

const [host, writeKey] = process.argv.slice(2);
const options = { url: `${host}/v1/traces`, headers: { authorization: `Bearer ${writeKey}` } };
const question = "a secret question";

const SPANS = {
  json: [
    {
      "openinference.span.kind": "LLM",
      "llm.model_name": "claude",
      "llm.provider": "anthropic",
      "llm.token_count.prompt": 100,
      "llm.token_count.completion": 20,
      "llm.token_count.prompt_details.cache_read": 40,
      "llm.token_count.completion_details.reasoning": 5,
      "llm.cost.total": 0.25,
      "llm.input_messages.0.message.content": question,
      "input.value": question,
      "session.id": "s-1",
      "user.id": "jane",
    },
    { "openinference.span.kind": "TOOL", "tool.name": "search", "tool.parameters": question },
    { "openinference.span.kind": "CHAIN", "gen_ai.system": "x", "gen_ai.request.model": "y" },
    { "openinference.span.kind": "EMBEDDING", "embedding.model_name": "embed-3" },
  ],
  protobuf: [
    {
      "gen_ai.system": "openai",
      "gen_ai.request.model": "gpt",
      "llm.request.type": "chat",
      "gen_ai.usage.prompt_tokens": 7,
      "gen_ai.usage.completion_tokens": 3,
      "llm.response.finish_reason": "stop",
      "gen_ai.prompt.0.content": question,
    },
    { "traceloop.span.kind": "tool", "traceloop.entity.name": "fetch" },
    { "traceloop.span.kind": "workflow", "traceloop.entity.name": "all" },
    { "ai.operationId": "ai.toolCall", "ai.toolCall.name": "weather", "ai.toolCall.args": question },
    {
      "ai.operationId": "ai.streamText.doStream",
      "gen_ai.system": "google.generative-ai",
      "gen_ai.request.model": "gemini",
      "gen_ai.usage.input_tokens": 11,
      "ai.response.msToFirstChunk": 120.5,
    },
    { "ai.operationId": "ai.streamText", "ai.model.id": "gemini", "ai.usage.promptTokens": 11 },
  ],
};

for (const [name, exporter] of [
  ["json", new AsJson(options)],
  ["protobuf", new AsProtobuf({ ...options, compression: "gzip" })],
]) {
  const told = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        console.log(name, result.code, result.error?.message ?? "");
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "docs", "service.version": "1.2.3" }),
    spanProcessors: [new BatchSpanProcessor(told)],
  });
  const tracer = provider.getTracer("test");
  const start = Date.now() - 1_000;
  for (const attributes of SPANS[name]) {
    const span = tracer.startSpan("call", { kind: SpanKind.CLIENT, attributes, startTime: start });
    span.end(start + 250);
  }
  await provider.shutdown();
}
