// Owns events from the moment they are added until the server has answered for them: batches,
// retries with backoff, the spool. Refuses to keep the process alive: its timers do not count.

import type { WireEvent } from "./event.ts";
import { BATCH_EVENTS_MAX, FLUSH_EVENTS, WAITING_EVENTS_MAX } from "./limits.ts";
import type { Resolved } from "./options.ts";
import { backoffMs, post } from "./post.ts";
import { createSpool } from "./spool.ts";

/** The way out. */
export interface Sender {
  /** Takes an event; the oldest goes when too many wait. */
  add(event: WireEvent): void;
  /** Tries at once to send what waits; true when nothing is left, in the spool neither. */
  flush(): Promise<boolean>;
  /** Spools what is unsent, without waiting for anything. Nothing is taken any more. */
  abandon(): void;
  /** Whether there is something that the server has not answered for. */
  hasUnsent(): boolean;
}

/** Opens the way out; nothing happens before the first event. */
export function createSender(options: Resolved): Sender {
  const spool = options.spoolDir ? createSpool(options.spoolDir) : undefined;
  let waiting: WireEvent[] = [];
  let sending: WireEvent[] = [];
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let pausedUntil = 0;
  // An earlier process may have left something.
  let hasSpooled = spool !== undefined;
  let isClosed = false;

  const schedule = (): void => {
    if (isClosed || timer || running || !(waiting.length || (failures && hasSpooled))) return;
    const isFull = !failures && waiting.length >= FLUSH_EVENTS;
    timer = setTimeout(run, isFull ? 0 : Math.max(0, pausedUntil - Date.now()));
    timer.unref();
  };
  const run = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running ??= sendAll().then((retryAfterMs) => {
      running = undefined;
      failures = retryAfterMs === undefined ? 0 : failures + 1;
      const pauseMs =
        retryAfterMs === undefined
          ? options.flushIntervalMs
          : Math.max(backoffMs(failures - 1), retryAfterMs);
      pausedUntil = Date.now() + pauseMs;
      schedule();
    });
    return running;
  };
  /** Sends what waits, then what is spooled. After a failure: the pause that was asked for. */
  const sendAll = async (): Promise<number | undefined> => {
    while (waiting.length && !isClosed) {
      sending = waiting.splice(0, BATCH_EVENTS_MAX);
      const { isFinal, retryAfterMs } = await post(options, sending);
      // After the end of the process has begun, the batch is in the spool already.
      if (!isFinal && !isClosed) await putBack();
      sending = [];
      if (!isFinal) return retryAfterMs;
    }
    return sendSpooled();
  };
  const putBack = async (): Promise<void> => {
    if (await spool?.put(sending)) hasSpooled = true;
    else waiting = [...sending, ...waiting].slice(-WAITING_EVENTS_MAX);
  };
  const sendSpooled = async (): Promise<number | undefined> => {
    if (!spool || !hasSpooled || isClosed) return undefined;
    for (const name of await spool.batches()) {
      const events = await spool.load(name);
      const answer = events.length ? await post(options, events) : undefined;
      if (answer && !answer.isFinal) return answer.retryAfterMs;
      await spool.remove(name);
    }
    hasSpooled = false;
    return undefined;
  };

  return {
    add(event) {
      if (isClosed) return;
      waiting.push(event);
      if (waiting.length > WAITING_EVENTS_MAX) waiting.shift();
      if (waiting.length === FLUSH_EVENTS && !failures) {
        clearTimeout(timer);
        timer = undefined;
      }
      schedule();
    },
    async flush() {
      await running;
      await run();
      return !waiting.length && !hasSpooled;
    },
    abandon() {
      isClosed = true;
      clearTimeout(timer);
      const unsent = [...sending, ...waiting];
      waiting = [];
      for (let at = 0; spool && at < unsent.length; at += BATCH_EVENTS_MAX) {
        spool.putNow(unsent.slice(at, at + BATCH_EVENTS_MAX));
      }
    },
    hasUnsent: () => waiting.length + sending.length > 0,
  };
}
