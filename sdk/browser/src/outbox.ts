// Owns the way out: waiting events, batches, retries with backoff, the last flush of a closing page.
// Refuses to know what an event means, and never gives one up before the server has answered for it.

import type { Options } from "./config";
import type { WireEvent } from "./event";
import { listen } from "./host";
import { BATCH_EVENTS, RETRIES_MAX, WAITING_EVENTS_MAX } from "./limits";
import { backoffMs, post } from "./post";

/** Where unsent events outlive the page; see storage.ts. */
export interface Shelf {
  load(): WireEvent[];
  put(event: WireEvent): unknown;
  remove(event: WireEvent): void;
}

/** The way out. */
export interface Outbox {
  add(event: WireEvent): void;
  /** Sends what waits; settles when the server has answered or failed. `closing` does not wait its turn. */
  flush(closing?: boolean): Promise<unknown>;
}

/** Opens the outbox; events on the shelf from an earlier page are sent first. */
export function createOutbox(options: Options, shelf?: Shelf): Outbox {
  const waiting: WireEvent[] = shelf?.load() || [];
  const sending = new Set<WireEvent>();
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const remove = (event: WireEvent): void => {
    const index = waiting.indexOf(event);
    if (index >= 0) waiting.splice(index, 1);
    shelf?.remove(event);
  };

  // One request at a time: events that come meanwhile leave together with the next one.
  const flush = async (closing?: boolean): Promise<unknown> => {
    const ready = waiting.filter((event) => !sending.has(event));
    // A page that is being prerendered may never be seen; what waits goes when it is shown.
    if (!ready[0] || (sending.size && !closing) || document.prerendering) return;
    clearTimeout(timer);
    timer = undefined;
    const batch = ready.slice(0, +(options.batchSize || BATCH_EVENTS));
    for (const event of batch) sending.add(event);
    const answer = post(options, batch);
    const rest = closing && flush(closing);
    const answered = await answer;
    for (const event of batch) {
      sending.delete(event);
      if (answered) remove(event);
    }
    if (answered) {
      failures = 0;
      return rest || flush();
    }
    if (failures < +(options.maxRetries || RETRIES_MAX))
      timer ??= setTimeout(flush, backoffMs(failures++));
    return rest;
  };

  listen("online pagehide visibilitychange", ({ type }) =>
    flush(type === "pagehide" || document.hidden),
  );
  flush();

  return {
    add(event) {
      waiting.push(event);
      shelf?.put(event);
      if (waiting.length > WAITING_EVENTS_MAX) remove(waiting[0] as WireEvent);
      // A set timer is either the company interval or a backoff; a new event shortens neither.
      const delayMs = +(options.flushIntervalMs || 0);
      if (!timer && delayMs) timer = setTimeout(flush, delayMs);
      else if (!timer) flush();
    },
    flush,
  };
}
