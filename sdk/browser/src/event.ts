// Owns the shape of an event on the wire (short names of `POST /api/event`) and how the page fills it.
// Refuses to decide whether an event is sent, and never reads or writes storage.

import type { Options } from "./config";
import { SCRIPT_VERSION, URL_BYTES_MAX } from "./limits";
import { uuid7 } from "./uuid";

/** Values a property may have; the server drops anything nested. */
export type Props = Record<string, string | number | boolean>;

/** Money that an event brought in. */
export interface Revenue {
  currency: string;
  amount: number | string;
}

/** What may accompany a custom event. */
export interface TrackOptions {
  props?: Props | undefined;
  revenue?: Revenue | undefined;
  /** `false`: the event does not end a bounce. */
  interactive?: boolean | undefined;
  /** Address the event belongs to. Default: the page's own. */
  url?: string | undefined;
  /** What happened, if it is no custom event; the extensions set it. */
  kind?: Kind | undefined;
}

/** Kinds beside page views and custom events. */
export type Kind = "error" | "web_vital";

/** One event as the server reads it; docs/api.md explains each field. */
export interface WireEvent {
  n: string;
  u: string;
  k?: Kind | undefined;
  d?: string | undefined;
  r?: string | undefined;
  p?: Props | undefined;
  $?: Revenue | undefined;
  i?: boolean | undefined;
  h?: 1 | undefined;
  v: number;
  id: string;
  t?: string;
  s?: string;
  l?: string;
  z?: string;
  /** Client's milliseconds when it happened; `sent_at` beside it lets the server correct the skew. */
  at: number;
  sent_at?: number;
  e?: number;
  sd?: number;
  vid?: string | undefined;
  uid?: string | undefined;
  sid?: string | undefined;
}

/** Fields that a feature sets itself. */
export type Fields = Partial<Pick<WireEvent, "r" | "p" | "$" | "i" | "e" | "sd" | "k">> & {
  u?: string | undefined;
};

/** The page's address; without its fragment unless that belongs to the path, because fragments carry secrets. */
export function pageUrl(options: Options): string {
  return options.hash ? location.href : location.href.replace(/#.*/, "");
}

/** Fills an event from the page; `fields` win over what the page says. */
export function buildEvent(options: Options, name: string, fields: Fields): WireEvent {
  const at = Date.now();
  return {
    n: name,
    d: options.domain,
    h: options.hash ? 1 : undefined,
    v: SCRIPT_VERSION,
    id: uuid7(at),
    at,
    t: document.title,
    s: `${screen.width}x${screen.height}`,
    l: navigator.language,
    z: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...fields,
    u: (fields.u || pageUrl(options)).slice(0, URL_BYTES_MAX),
  };
}
