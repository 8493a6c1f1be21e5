// The shapes of the HTTP API, mirroring docs/api.md; to be generated from the OpenAPI document.
// Only what travels: nothing here is ever changed for the convenience of a component.

export interface User {
  id: string;
  email: string;
  name: string | null;
  role: string;
}

export interface Project {
  id: string;
  name: string;
  domain: string;
  hosts: string[];
  time_zone: string;
  identity: "cookieless" | "stable";
  created_at: string;
  first_event_at: string | null;
}

export interface NewProject {
  name: string;
  hosts: string[];
  time_zone: string;
}

export interface CreatedProject {
  project: Project;
  keys: { ingest: string; stats: string };
  snippet: string;
}

export interface Live {
  visitors: number;
  events_last_minute: number;
  /** Visitors per minute, 30 of them, oldest first. */
  minutes: number[];
  pages: { page: string; visitors: number }[];
  sources: { source: string; visitors: number }[];
  first_event_at: string | null;
  last_event_at: string | null;
}

export interface Refused {
  reason: string;
  count: number;
  explanation: string;
  remedy: string;
}

export interface Health {
  since: string;
  received: number;
  accepted: number;
  duplicate: number;
  refused: Refused[];
  /** Events of the whole instance whose domain no project has: perhaps a mistyped one of ours. */
  unknown_domain: number;
  /** What was refused of the whole instance and belongs to no project. */
  unattributed: Refused[];
  recent: { at: string; reason: string; detail: string }[];
  last_event_at: string | null;
  queue: { pending_events: number };
}

export type KeyScope = "stats" | "ingest";

export interface ApiKey {
  id: string;
  scope: KeyScope;
  prefix: string;
  name: string | null;
  created_at: string;
  last_used_at: string | null;
}

export type Metric =
  | "visitors"
  | "visits"
  | "pageviews"
  | "events"
  | "views_per_visit"
  | "bounce_rate"
  | "visit_duration"
  | "percentage"
  | "conversion_rate"
  | CallMetric;

/** What calls of tools and models are measured by. */
export type CallMetric =
  | "calls"
  | "errors"
  | "success_rate"
  | "cache_hit_rate"
  | "duration_p50_ms"
  | "duration_p95_ms"
  | "input_tokens"
  | "output_tokens"
  | "cost_usd";

/** `["is", "visit:source", ["Google"]]`, or `["and" | "or", […]]`, or `["not", …]`. */
export type ApiFilter =
  | [op: string, dimension: string, values: string[], modifiers?: { case_sensitive: boolean }]
  | ["and" | "or", ApiFilter[]]
  | ["not", ApiFilter];

export interface Comparisons {
  mode: "previous_period" | "year_over_year" | "custom";
  date_range?: [string, string];
  match_day_of_week?: boolean;
}

/** The body of `POST /api/v2/query`. */
export interface QueryBody {
  site_id: string;
  metrics: Metric[];
  date_range: string | [string, string];
  dimensions?: string[];
  filters?: ApiFilter[];
  order_by?: [string, "asc" | "desc"][];
  include?: { time_labels?: boolean; total_rows?: boolean; comparisons?: Comparisons };
  pagination?: { limit: number; offset: number };
}

export interface QueryRow {
  dimensions: string[];
  metrics: (number | null)[];
  /** The same row of the other time; null where it had none. */
  comparison?: RowComparison | null;
}

export interface RowComparison {
  dimensions: string[];
  metrics: (number | null)[];
  /** By metric, in percent or in points (rule 27 of docs/semantics.md): from 0 it is 100. */
  change: (number | null)[];
}

export interface QueryAnswer {
  results: QueryRow[];
  meta: {
    /** Buckets so far, in order; those that lie ahead are left out. */
    time_labels?: string[];
    comparison_time_labels?: string[];
    total_rows?: number;
    visitors_are?: "daily_sum" | "exact";
  };
  query: {
    date_range: [string, string];
    /** What was compared with, when anything was. */
    include?: { comparisons?: { date_range?: [string, string] } | null };
  };
}
