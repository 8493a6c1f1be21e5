// Owns the one path an event takes: guard, build, deliver.
// Refuses to listen to the page; the feature files do, and call `emit`.

import type { Options } from "./config";
import { buildEvent, type Fields, type TrackOptions, type WireEvent } from "./event";
import { isIgnored } from "./guard";
import { safely } from "./host";

/** What the feature files and the public interface build on. */
export interface Tracker {
  options: Options;
  /** Sends one event, unless the guard says no. Never throws. */
  emit(name: string, fields?: Fields): void;
  /** Sends one custom event. */
  track(name: string, options?: TrackOptions): void;
}

/** Connects the parts; `deliver` is the way out and has the last word on an event. */
export function createTracker(options: Options, deliver: (event: WireEvent) => unknown): Tracker {
  const emit = (name: string, fields: Fields = {}): unknown =>
    safely(() => isIgnored(options) || deliver(buildEvent(options, name, fields)));
  return {
    options,
    emit,
    track: (name, { props, revenue, interactive, url, kind } = {}) =>
      emit(name, { p: props, $: revenue, i: interactive, u: url, k: kind }),
  };
}
