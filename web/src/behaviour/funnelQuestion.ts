// The funnel's question: from the URL, and to the API.

import type { FunnelBody } from "../api/behaviour";
import { base, type Subject } from "../question/body";
import { funnelStep, isComplete, parseStep, type Step, stepText } from "./steps";

export const STEPS_MIN = 2;
export const STEPS_MAX = 10;

/** Windows that are offered, as the API writes them. */
export const WINDOWS = ["30m", "1h", "1d", "7d", "30d"] as const;

export type Window = (typeof WINDOWS)[number];

const WINDOW_DEFAULT: Window = "7d";

export interface FunnelQuestion {
  steps: Step[];
  order: "loose" | "strict";
  window: Window;
  /** The dimension it is split by. */
  by: string | null;
}

const BLANK: Step = { kind: "page", value: "" };

export function parseFunnel(params: URLSearchParams): FunnelQuestion {
  const steps = params
    .getAll("step")
    .slice(0, STEPS_MAX)
    .map(parseStep)
    .filter((step) => step !== null);
  while (steps.length < STEPS_MIN) steps.push(BLANK);
  const window = WINDOWS.find((candidate) => candidate === params.get("window"));
  return {
    steps,
    order: params.get("order") === "strict" ? "strict" : "loose",
    window: window ?? WINDOW_DEFAULT,
    by: params.get("by"),
  };
}

export function writeFunnel(params: URLSearchParams, funnel: FunnelQuestion): URLSearchParams {
  const next = new URLSearchParams(params);
  const put = (key: string, value: string | null) =>
    value === null ? next.delete(key) : next.set(key, value);
  next.delete("step");
  for (const step of funnel.steps) next.append("step", stepText(step));
  put("order", funnel.order === "loose" ? null : funnel.order);
  put("window", funnel.window === WINDOW_DEFAULT ? null : funnel.window);
  put("by", funnel.by);
  return next;
}

/** null until two steps are complete; unfinished ones are left out. */
export function funnelBody(subject: Subject, funnel: FunnelQuestion): FunnelBody | null {
  const steps = funnel.steps.filter(isComplete).map(funnelStep);
  if (steps.length < STEPS_MIN) return null;
  return {
    ...base(subject),
    steps,
    order: funnel.order,
    window: funnel.window,
    ...(funnel.by && { breakdown: funnel.by }),
  };
}

/** The steps with one moved to another place. */
export function moved(steps: Step[], from: number, to: number): Step[] {
  const step = steps[from];
  if (!step || to < 0 || to >= steps.length) return steps;
  const rest = steps.filter((_, index) => index !== from);
  return [...rest.slice(0, to), step, ...rest.slice(to)];
}
