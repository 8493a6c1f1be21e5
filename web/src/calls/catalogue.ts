// The two halves of the calls page as data: which events they look at, what they measure, and by
// what their table is split.

import type { ApiFilter, Metric } from "../api/types";
import type { PlainKey } from "../i18n/t";

type Dimension =
  | "event:tool"
  | "event:service"
  | "event:version"
  | "event:status"
  | "event:error_type"
  | "event:model"
  | "event:provider"
  | "event:model_version"
  | "event:operation";

export interface CallsView {
  label: PlainKey;
  /** A call of a tool names the tool, one of a model the model. */
  filter: ApiFilter;
  /** The totals row; each can be charted. */
  metrics: readonly Metric[];
  /** The table's numbers. */
  columns: readonly Metric[];
  dimensions: readonly Dimension[];
}

export const CALLS: Record<"tools" | "models", CallsView> = {
  tools: {
    label: "calls.tools",
    filter: ["is_not", "event:tool", [""]],
    metrics: [
      "calls",
      "errors",
      "success_rate",
      "duration_p50_ms",
      "duration_p95_ms",
      "cache_hit_rate",
    ],
    columns: ["calls", "errors", "success_rate", "duration_p50_ms", "duration_p95_ms", "visitors"],
    dimensions: [
      "event:tool",
      "event:service",
      "event:version",
      "event:status",
      "event:error_type",
    ],
  },
  models: {
    label: "calls.models",
    filter: ["is_not", "event:model", [""]],
    metrics: [
      "calls",
      "success_rate",
      "duration_p95_ms",
      "input_tokens",
      "output_tokens",
      "cost_usd",
    ],
    columns: [
      "calls",
      "success_rate",
      "duration_p50_ms",
      "duration_p95_ms",
      "input_tokens",
      "output_tokens",
      "cost_usd",
    ],
    dimensions: [
      "event:model",
      "event:provider",
      "event:model_version",
      "event:operation",
      "event:status",
    ],
  },
};
