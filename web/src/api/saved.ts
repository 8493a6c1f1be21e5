// What a project has saved for its questions, and the names that its events use.

import { request } from "./client";
import type { QueryBody } from "./types";

/** What reaches a goal (rule 37 of docs/semantics.md); `*` in a page stands for any text. */
export type GoalDefinition =
  | { kind: "page"; page: string }
  | { kind: "event"; event: string; properties?: Record<string, string> }
  | { kind: "property"; property: string; value: string }
  | { kind: "scroll"; page: string; percent: number }
  | { kind: "revenue"; event: string; currency?: string };

export interface Goal {
  id: string;
  name: string;
  definition: GoalDefinition;
}

export type NewGoal = Omit<Goal, "id">;

export interface Inventory {
  /** The properties of the range's events, the most frequent first. */
  properties: { name: string; events: number }[];
}

const goalsOf = (project: string) => `/api/projects/${encodeURIComponent(project)}/saved/goals`;

export const saved = {
  goals: (project: string, signal?: AbortSignal) =>
    request<{ saved: Goal[] }>("GET", goalsOf(project), undefined, signal),
  addGoal: (project: string, goal: NewGoal) =>
    request<{ saved: Goal }>("POST", goalsOf(project), goal),
  removeGoal: (project: string, goal: string) =>
    request<void>("DELETE", `${goalsOf(project)}/${encodeURIComponent(goal)}`),
  inventory: (body: Pick<QueryBody, "site_id" | "date_range">, signal?: AbortSignal) =>
    request<Inventory>("POST", "/api/v2/inventory", body, signal),
};
