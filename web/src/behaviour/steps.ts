// What a visitor does in one step of a funnel, journey or cohort, as the reader types it, as it
// stands in the URL, and as the API takes it.

import type { FunnelStep } from "../api/behaviour";
import type { ApiFilter } from "../api/types";

export const STEP_KINDS = ["page", "event", "goal"] as const;

export type StepKind = (typeof STEP_KINDS)[number];

/** An unfinished step has no value yet. */
export interface Step {
  kind: StepKind;
  value: string;
}

export const stepText = ({ kind, value }: Step): string => `${kind}:${value}`;

export function parseStep(text: string): Step | null {
  const colon = text.indexOf(":");
  const kind = STEP_KINDS.find((candidate) => candidate === text.slice(0, colon));
  return kind ? { kind, value: text.slice(colon + 1) } : null;
}

export const isComplete = (step: Step): boolean => step.value.trim() !== "";

/** The events that are this step. Events keep the page they happened on, so a page is its views. */
export function filtersOf(step: Step): ApiFilter[] {
  const value = step.value.trim();
  switch (step.kind) {
    case "page":
      return [["is", "event:name", ["pageview"]], pageFilter(value)];
    case "event":
      return [["is", "event:name", [value]]];
    case "goal":
      return [["is", "event:goal", [value]]];
  }
}

/** `*` stands for any text. */
function pageFilter(page: string): ApiFilter {
  if (!page.includes("*")) return ["is", "event:page", [page]];
  const parts = page.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return ["matches", "event:page", [`^${parts.join(".*")}$`]];
}

export function funnelStep(step: Step): FunnelStep {
  const value = step.value.trim();
  return step.kind === "goal" ? { goal: value } : { name: value, filters: filtersOf(step) };
}

/** The dimension whose values are offered while a step of this kind is typed. */
export const dimensionOf = (kind: StepKind): string =>
  ({ page: "event:page", event: "event:name", goal: "event:goal" })[kind];
