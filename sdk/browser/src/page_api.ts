// Owns how an extension reaches the SDK of its page, whichever of the two scripts arrived first.
// Refuses to keep the object it found: the SDK replaces a stub when it starts.

import type { TrackOptions } from "./event";
import type { Stub } from "./stub";

/** What an extension needs of the SDK; `Almanac` of the npm build has it. */
export interface Target {
  track(name: string, options?: TrackOptions): void;
  flush?(): unknown;
}

/** The SDK on this page, or a stub that it replays when it starts. */
export function onPage(): Target {
  const host = window as { almanac?: Target & Stub };
  const now = (): Target & Stub => {
    host.almanac ??= {
      q: [],
      track(...call) {
        this.q?.push(call);
      },
    };
    return host.almanac;
  };
  return {
    track: (name, options) => now().track(name, options),
    flush: () => now().flush?.(),
  };
}
