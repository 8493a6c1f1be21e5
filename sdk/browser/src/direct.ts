// Owns the way out of the core build: every event on its own, repeated with backoff until answered.
// Refuses to batch, and forgets what is unsent when the page closes.

import type { Options } from "./config";
import type { WireEvent } from "./event";
import { RETRIES_MAX } from "./limits";
import { backoffMs, post } from "./post";

/** Sends an event at once; `failures` counts the attempts before this one. */
export function sendDirectly(options: Options, event: WireEvent, failures = 0): void {
  post(options, [event]).then((answered) => {
    if (!answered && failures < RETRIES_MAX) {
      setTimeout(sendDirectly, backoffMs(failures), options, event, failures + 1);
    }
  });
}
