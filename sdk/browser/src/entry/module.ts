// Owns the npm build: the same SDK, started by a call instead of a script tag.

import { type Almanac, start } from "../almanac";
import type { Options } from "../config";

export type { Almanac } from "../almanac";
export type { Options } from "../config";
export type { Props, Revenue, TrackOptions, WireEvent } from "../event";
export type { Consent } from "../identity";

/** Starts counting on this page. `api` is needed: a module does not know where its server is. */
export function init(options: Options & { api: string }): Almanac {
  return start(options);
}
