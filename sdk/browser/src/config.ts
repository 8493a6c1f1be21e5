// Owns every setting of the SDK: its meaning, its default, and how a script tag spells it.
// Refuses to look at the page beyond the script element it is given.

import type { WireEvent } from "./event";

/** What an integrator may set. Every field is optional; a script tag spells `batchSize` as `data-batch-size`. */
export interface Options {
  /** The project's domain. Default: the server derives it from the page's host. */
  domain?: string | undefined;
  /** Address that receives events. Default: `/api/event` on the host the script came from. */
  api?: string;
  /** The fragment belongs to the path (`#/about` is a page). Default: false. */
  hash?: boolean;
  /** Count on localhost, in files and in automated browsers too. Default: false. */
  local?: boolean;
  /** Send nothing when the browser asks for it (Do Not Track, Global Privacy Control). Default: false. */
  respectDnt?: boolean;
  /** Page views without code: first load, history changes, back/forward cache. Default: true. */
  auto?: boolean;
  /** Engaged time and scroll depth. Default: true. */
  engagement?: boolean;
  /** Clicks on links that leave the site. Default: true. */
  outbound?: boolean;
  /** Clicks on links to files. Default: true. */
  files?: boolean;
  /** Elements marked with `data-almanac-event`. Default: true. */
  tagged?: boolean;
  /** Submitted forms. Default: false. */
  forms?: boolean;
  /** A `404` event when the server answered the page with an error status. Default: true. */
  notFound?: boolean;
  /** Keep unsent events in localStorage so that they survive a closed tab. Default: only with consent. */
  offline?: boolean;
  /** Take over `window.plausible` calls, queued ones included. Default: false. */
  plausible?: boolean;
  /** Most events in one request. Default: 10; the server takes up to 100. */
  batchSize?: number | string;
  /** Milliseconds an event may wait for company. Default: 0, which sends at once. */
  flushIntervalMs?: number | string;
  /** Attempts after a failure before waiting for the next event or for the network. Default: 10. */
  maxRetries?: number | string;
  /** Milliseconds of silence that end a consented session. Default: 1,800,000. */
  sessionTimeoutMs?: number | string;
  /** Show in the console every event that is sent. Default: false. */
  debug?: boolean;
  /** Last word on every event: change it, or return null to drop it. Not available from a script tag. */
  transform?: (event: WireEvent) => WireEvent | null;
}

/** Options as the script tag gives them: a bare attribute is true, `"false"` is false, the rest is text. */
export function readScript(script: HTMLScriptElement): Options {
  const options: Record<string, string | boolean> = { api: new URL("/api/event", script.src).href };
  for (const key in script.dataset) {
    const value = script.dataset[key];
    options[key] = value !== "false" && (value || true);
  }
  return options;
}
