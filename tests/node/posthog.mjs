// Sends what an application would with posthog-node, and prints the errors that it reports.

import { PostHog } from "posthog-node";

const [host, key] = process.argv.slice(2);
const posthog = new PostHog(key, { host, flushAt: 20, fetchRetryCount: 0 });
posthog.on("error", (error) => console.log(String(error)));

const $current_url = "https://shop.example/pricing?utm_source=news";
posthog.capture({ distinctId: "jane", event: "$pageview", properties: { $current_url } });
posthog.capture({ distinctId: "john", event: "$pageview", properties: { $current_url } });
posthog.capture({
  distinctId: "jane",
  event: "order",
  properties: { plan: "pro", revenue: 12.5, currency: "EUR", email: "jane@example.com" },
});
posthog.identify({ distinctId: "jane", properties: { team: "blue" } });
posthog.capture({
  distinctId: "jane",
  event: "$mcp_tool_call",
  properties: {
    $mcp_tool_name: "search",
    $mcp_server_name: "docs",
    $mcp_duration_ms: 250,
    $mcp_is_error: true,
    $mcp_error_type: "TimeoutError",
    $mcp_error_message: "jane@example.com was not found",
  },
});
posthog.capture({
  distinctId: "jane",
  event: "$ai_generation",
  properties: {
    $ai_provider: "anthropic",
    $ai_model: "claude",
    $ai_input: [{ role: "user", content: "a secret question" }],
    $ai_output_choices: [{ role: "assistant", content: "a secret answer" }],
    $ai_input_tokens: 100,
    $ai_output_tokens: 20,
    $ai_latency: 1.5,
    $ai_time_to_first_token: 0.25,
    $ai_total_cost_usd: 0.01,
  },
});
console.log("flags", JSON.stringify(await posthog.getAllFlags("jane")));
await posthog.shutdown();
