// Filters a reader can set, and their text form in the URL: `is,visit:source,Google,Bing`.
// Values are percent-encoded, so a comma in a page name is no separator.

import type { ApiFilter } from "../api/types";

export const FILTER_OPS = ["is", "is_not", "contains", "contains_not"] as const;

export type FilterOp = (typeof FILTER_OPS)[number];

export interface Filter {
  op: FilterOp;
  dimension: string;
  values: string[];
}

export function parseFilter(text: string): Filter | null {
  const [op, dimension, ...values] = text.split(",");
  const known = FILTER_OPS.find((candidate) => candidate === op);
  if (!known || !dimension || values.length === 0) return null;
  try {
    return {
      op: known,
      dimension: decodeURIComponent(dimension),
      values: values.map(decodeURIComponent),
    };
  } catch {
    // A mangled link: the rest of it still works.
    return null;
  }
}

export function filterText({ op, dimension, values }: Filter): string {
  const encode = (text: string) => text.replace(/[%,]/g, encodeURIComponent);
  return [op, encode(dimension), ...values.map(encode)].join(",");
}

/** Adds the value to the dimension's `is` filter, or takes it out when it is there. */
export function toggled(filters: Filter[], dimension: string, value: string): Filter[] {
  const index = filters.findIndex((f) => f.op === "is" && f.dimension === dimension);
  const existing = filters[index];
  if (!existing) return [...filters, { op: "is", dimension, values: [value] }];
  if (!existing.values.includes(value)) {
    return filters.with(index, { ...existing, values: [...existing.values, value] });
  }
  const values = existing.values.filter((other) => other !== value);
  return values.length > 0
    ? filters.with(index, { ...existing, values })
    : filters.filter((_, other) => other !== index);
}

export function isFilteredBy(filters: Filter[], dimension: string, value: string): boolean {
  return filters.some(
    (f) => f.op === "is" && f.dimension === dimension && f.values.includes(value),
  );
}

/** The one value a dimension is filtered to, for drilling into its versions. */
export function onlyValueOf(filters: Filter[], dimension: string): string | null {
  const found = filters.find((f) => f.op === "is" && f.dimension === dimension);
  return found?.values.length === 1 ? (found.values[0] ?? null) : null;
}

export const apiFilter = ({ op, dimension, values }: Filter): ApiFilter => [op, dimension, values];
