// Owns calls made before the script arrived: a stub collects their arguments, and they are replayed.
// Refuses to start twice on one page.

import type { TrackOptions } from "./event";

type Track = (name: string, options?: TrackOptions & { callback?: () => void }) => void;
/** Stands in for the SDK until it has arrived. */
export type Stub = { q?: Parameters<Track>[]; flush?: unknown };

/** Publishes what `start` returns as `window.almanac`, and replays the calls a stub there has collected. */
export function publish(start: () => { track: Track; flush?: unknown }): void {
  const host = window as { almanac?: Stub };
  const stub = host.almanac;
  if (stub?.flush) return;
  const almanac = start();
  host.almanac = almanac;
  replay(stub, almanac.track);
}

/** Answers `plausible(name, {props, revenue, interactive, url, callback})` as their script would. */
export function adoptPlausible(track: Track): void {
  const host = window as { plausible?: Stub | Track };
  const stub = host.plausible as Stub | undefined;
  const plausible: Track = (name, options) => {
    track(name, options);
    // Sites navigate from the callback; the request outlives the page, so there is nothing to wait for.
    options?.callback?.();
  };
  host.plausible = plausible;
  replay(stub, plausible);
}

function replay(stub: Stub | undefined, track: Track): void {
  for (const call of stub?.q || []) track(...call);
}
