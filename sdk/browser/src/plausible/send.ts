// Owns the way out of the script for Plausible's pages: every event at once, repeated with backoff,
// and what the page is told of it. Refuses to keep anything when the page closes.

import type { Options } from "../config";
import type { WireEvent } from "../event";
import { safely } from "../host";
import { RETRIES_MAX } from "../limits";
import { backoffMs } from "../post";

/** Called once: with the status of the answer, with an error, or with nothing when nothing was sent. */
export type Done = (result?: { status: number } | { error: unknown }) => void;

/** Sends an event; `failures` counts the attempts before this one. */
export function send(options: Options, event: WireEvent, done?: Done, failures = 0): void {
  const tell: Done = (result) => safely(() => done?.(result));
  const again = (): void => {
    if (failures >= RETRIES_MAX) return;
    // Whoever waits to leave the page was answered by the first attempt.
    setTimeout(send, backoffMs(failures), options, event, undefined, failures + 1);
  };
  // A string body is sent as text/plain, which needs no CORS preflight.
  const body = JSON.stringify({ ...event, sent_at: Date.now() });
  fetch(options.api as string, { method: "POST", body, keepalive: true }).then(
    ({ status }) => {
      tell({ status });
      if (status >= 500 || status === 429) again();
    },
    (error) => {
      tell({ error });
      again();
    },
  );
}
