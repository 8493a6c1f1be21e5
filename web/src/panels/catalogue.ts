// The panels of the overview as data: their tabs, the dimension behind each, the metrics of the
// details. A new breakdown is a line here and its label in the message catalogue.

import type { ApiFilter, Metric } from "../api/types";
import type { PlainKey } from "../i18n/t";
import { type Filter, onlyValueOf } from "../question/filters";

export interface Breakdown {
  id: string;
  label: PlainKey;
  dimension: string;
  /** The first is the panel's count; the details show all. */
  metrics: Metric[];
  filter?: ApiFilter;
  /** Once the dimension is filtered to one value, this finer one is shown instead. */
  drill?: { dimension: string; label: PlainKey };
}

export interface Panel {
  id: string;
  label: PlainKey;
  tabs: Breakdown[];
}

const VISIT: Metric[] = ["visitors", "percentage", "visits", "bounce_rate", "visit_duration"];
const PAGE: Metric[] = ["visitors", "percentage", "pageviews", "bounce_rate", "visit_duration"];

const visit = (id: string, label: PlainKey, name = id): Breakdown => ({
  id,
  label,
  dimension: `visit:${name}`,
  metrics: VISIT,
});

export const PAGES: Panel = {
  id: "pages",
  label: "panel.pages",
  tabs: [
    { id: "top", label: "tab.top", dimension: "event:page", metrics: PAGE },
    visit("entry", "tab.entry", "entry_page"),
    visit("exit", "tab.exit", "exit_page"),
    { id: "hostnames", label: "tab.hostnames", dimension: "event:hostname", metrics: PAGE },
  ],
};

export const SOURCES: Panel = {
  id: "sources",
  label: "panel.sources",
  tabs: [
    visit("source", "tab.sources"),
    visit("channel", "tab.channels"),
    visit("referrer", "tab.referrers"),
  ],
};

export const CAMPAIGNS: Breakdown[] = [
  visit("utm_source", "tab.utm_source"),
  visit("utm_medium", "tab.utm_medium"),
  visit("utm_campaign", "tab.utm_campaign"),
  visit("utm_term", "tab.utm_term"),
  visit("utm_content", "tab.utm_content"),
];

export const PLACES: Panel = {
  id: "places",
  label: "panel.places",
  tabs: [
    visit("map", "tab.map", "country"),
    visit("country", "tab.countries"),
    visit("region", "tab.regions"),
    visit("city", "tab.cities"),
    visit("language", "tab.languages"),
  ],
};

export const DEVICES: Panel = {
  id: "devices",
  label: "panel.devices",
  tabs: [
    {
      ...visit("browser", "tab.browsers"),
      drill: { dimension: "visit:browser_version", label: "tab.versions" },
    },
    {
      ...visit("os", "tab.os"),
      drill: { dimension: "visit:os_version", label: "tab.versions" },
    },
    visit("device", "tab.devices"),
    visit("screen", "tab.screens"),
  ],
};

/** Page views have their own panel. */
export const EVENTS: Breakdown = {
  id: "events",
  label: "tab.events",
  dimension: "event:name",
  metrics: ["visitors", "percentage", "events"],
  filter: ["is_not", "event:name", ["pageview"]],
};

export const GOALS: Breakdown = {
  id: "goals",
  label: "tab.goals",
  dimension: "event:goal",
  metrics: ["visitors", "conversion_rate", "events"],
};

export const propertyBreakdown = (property: string): Breakdown => ({
  id: "property",
  label: "tab.properties",
  dimension: `event:props:${property}`,
  metrics: ["visitors", "percentage", "events"],
});

/** The breakdown to show under the filters: its finer form once it has only one value left. */
export function drilled(breakdown: Breakdown, filters: Filter[]): Breakdown {
  const { drill } = breakdown;
  if (!drill || onlyValueOf(filters, breakdown.dimension) === null) return breakdown;
  return { ...breakdown, dimension: drill.dimension, label: drill.label };
}

/** Dimensions a filter can be set on, in the order of the filter dialog. */
export const FILTER_DIMENSIONS = [
  "event:page",
  "visit:entry_page",
  "visit:exit_page",
  "event:hostname",
  "visit:source",
  "visit:channel",
  "visit:referrer",
  "visit:utm_source",
  "visit:utm_medium",
  "visit:utm_campaign",
  "visit:utm_term",
  "visit:utm_content",
  "visit:country",
  "visit:region",
  "visit:city",
  "visit:language",
  "visit:browser",
  "visit:browser_version",
  "visit:os",
  "visit:os_version",
  "visit:device",
  "visit:screen",
  "event:name",
] as const;
