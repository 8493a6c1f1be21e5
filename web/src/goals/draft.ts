// A goal as it is being typed, and as the API takes it. Pure.

import type { GoalDefinition, NewGoal } from "../api/saved";

export const GOAL_KINDS = ["page", "event", "property", "scroll", "revenue"] as const;

export type GoalKind = (typeof GOAL_KINDS)[number];

/** What each kind needs to be told, in the order of the form. */
export const FIELDS = {
  page: ["page"],
  event: ["event"],
  property: ["property", "value"],
  scroll: ["page", "percent"],
  revenue: ["event"],
} as const satisfies Record<GoalKind, readonly string[]>;

export type FieldName = (typeof FIELDS)[GoalKind][number];

export interface Draft {
  kind: GoalKind;
  name: string;
  fields: Partial<Record<FieldName, string>>;
}

export const EMPTY: Draft = { kind: "page", name: "", fields: {} };

/** null while something is missing. Without a name of its own a goal is called what it is. */
export function goalOf({ kind, name, fields }: Draft): NewGoal | null {
  const text = (field: FieldName) => fields[field]?.trim() ?? "";
  if (FIELDS[kind].some((field) => text(field) === "")) return null;
  const definition = definitionOf(kind, text);
  return { name: name.trim() || usualName(definition), definition };
}

function definitionOf(kind: GoalKind, text: (field: FieldName) => string): GoalDefinition {
  switch (kind) {
    case "page":
      return { kind, page: text("page") };
    case "event":
      return { kind, event: text("event") };
    case "property":
      return { kind, property: text("property"), value: text("value") };
    case "scroll":
      return { kind, page: text("page"), percent: Number(text("percent")) };
    case "revenue":
      return { kind, event: text("event") };
  }
}

/** What a goal without a name is called: what reaches it. */
export function usualName(definition: GoalDefinition): string {
  switch (definition.kind) {
    case "page":
      return definition.page;
    case "event":
    case "revenue":
      return definition.event;
    case "property":
      return `${definition.property}: ${definition.value}`;
    case "scroll":
      return `${definition.page} ${definition.percent} %`;
  }
}
