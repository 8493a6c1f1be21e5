// The shapes of the questions about what visitors do one after the other, and how they are asked.

import { request } from "./client";
import type { ApiFilter } from "./types";

interface About {
  site_id: string;
  date_range: string | [string, string];
  filters?: ApiFilter[];
}

/** What one event must be: a saved goal, or anything for which all filters hold. */
export type FunnelStep = { goal: string } | { name: string; filters: ApiFilter[] };

export interface FunnelBody extends About {
  steps: FunnelStep[];
  /** `strict`: no other event may lie between two steps. */
  order: "loose" | "strict";
  /** Longest time from the first step to the last: `30m`, `12h`, `7d`. */
  window: string;
  /** Splits the funnel by a dimension of the first step. */
  breakdown?: string;
}

/** Seconds. */
export interface Times {
  median: number;
  mean: number;
}

export interface FunnelStepAnswer {
  name: string;
  visitors: number;
  /** Share of those of the first step, percent. */
  conversion_rate: number;
  /** Share of those of the step before, percent. */
  step_conversion_rate: number;
  dropped: number;
  /** Left out where groups were added up, null where nobody took it. */
  time_from_previous_s?: Times | null;
}

export interface FunnelGroup {
  value: string;
  steps: FunnelStepAnswer[];
  conversion_rate: number;
  time_to_convert_s: Times | null;
}

export interface FunnelAnswer {
  steps: FunnelStepAnswer[];
  conversion_rate: number;
  time_to_convert_s?: Times | null;
  groups?: FunnelGroup[];
}

export type CohortUnit = "day" | "week" | "month";

export interface RetentionBody extends About {
  unit: CohortUnit;
  /** What makes somebody part of a cohort; left out: anything. */
  start?: ApiFilter[];
  /** What counts as coming back; left out: anything. */
  return?: ApiFilter[];
}

export interface Cohort {
  /** The first day of the cohort's period. */
  cohort: string;
  visitors: number;
  /** Visitors who came back in the cohort's own period and in each later one. */
  returned: number[];
  /** The same as shares, percent. */
  rates: number[];
}

export interface RetentionAnswer {
  cohorts: Cohort[];
}

export interface JourneyBody extends About {
  /** The page at which journeys begin, or from which they are followed back; left out: any. */
  from?: string;
  to?: string;
  /** How many steps are followed beside the first. */
  depth: number;
  /** Names of each step; further ones are one. */
  limit: number;
}

export interface JourneyNode {
  /** 0 is where journeys begin, or end when they are followed back. */
  step: number;
  /** null: all further names. */
  name: string | null;
  visits: number;
  /** Visits that did nothing after it (before it, when followed back). */
  ends: number;
}

export interface JourneyLink {
  /** The step of `from`; `to` is at the next. */
  step: number;
  from: string | null;
  to: string | null;
  visits: number;
}

export interface JourneyAnswer {
  visits: number;
  nodes: JourneyNode[];
  links: JourneyLink[];
}

export const behaviour = {
  funnel: (body: FunnelBody, signal?: AbortSignal) =>
    request<FunnelAnswer>("POST", "/api/v2/funnel", body, signal),
  retention: (body: RetentionBody, signal?: AbortSignal) =>
    request<RetentionAnswer>("POST", "/api/v2/retention", body, signal),
  journey: (body: JourneyBody, signal?: AbortSignal) =>
    request<JourneyAnswer>("POST", "/api/v2/journey", body, signal),
};
