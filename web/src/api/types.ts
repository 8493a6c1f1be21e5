// The shapes of the HTTP API. What the server describes comes from its description; questions and
// answers are narrower here, because their columns follow from what was asked.
// Only what travels: nothing here is ever changed for the convenience of a component.

export type {
  Key as ApiKey,
  KeyScope,
  Live,
  NewProject,
  Project,
  ProjectChange,
  ProjectHealth as Health,
  ProjectMade as CreatedProject,
  RefusedEvents as Refused,
  User,
} from "./openapi";

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
  traffic?: "bots";
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
