// Owns the one request the SDK makes, and how long to wait after it failed.
// Refuses to remember events: whoever calls keeps them until the answer is `true`.

import type { Options } from "./config";
import type { WireEvent } from "./event";
import { BACKOFF_MS_MAX, KEEPALIVE_CHARS_MAX } from "./limits";

/** True when the server has answered for the batch: taken, or refused in a way no retry can mend. */
export function post({ api }: Options, batch: WireEvent[]): Promise<boolean> {
  const sent_at = Date.now();
  const body = JSON.stringify(batch.map((event) => ({ ...event, sent_at })));
  // A string body is sent as text/plain, which needs no CORS preflight.
  const keepalive = body.length < KEEPALIVE_CHARS_MAX;
  return fetch(api as string, { method: "POST", body, keepalive }).then(
    ({ status }) => status < 500 && status !== 429,
    () => false,
  );
}

/** 1, 2, 4, 8, 16, then 30 seconds, less up to half, so that clients do not return in step. */
export function backoffMs(failures: number): number {
  return Math.min(1000 * 2 ** failures, BACKOFF_MS_MAX) * (1 - Math.random() / 2);
}
