// Owns the copies of unsent events in localStorage, one key per event, so that tabs never overwrite
// each other. Refuses to keep more than a bound, or events older than the server would accept.

import type { WireEvent } from "./event";
import { recall, remember, safely } from "./host";
import { WAITING_EVENTS_MAX, WAITING_MS_MAX } from "./limits";
import type { Shelf } from "./outbox";

/** The key of an event is this prefix and its id; ids sort by time. */
const PREFIX = "almanac_q:";

/**
 * A shelf in localStorage; where storage is blocked or full, events stay in memory alone. `allowed` is
 * asked for every event, since consent may come and go while the page is open.
 */
export function createShelf(allowed: () => unknown): Shelf {
  return {
    load() {
      const keys = safely(() => Object.keys(localStorage)) || [];
      const kept: WireEvent[] = [];
      for (const key of keys
        .filter((name) => name.startsWith(PREFIX))
        .sort()
        .reverse()) {
        const event = safely(() => JSON.parse(recall(key) as string) as WireEvent);
        if (event && kept.length < WAITING_EVENTS_MAX && Date.now() - event.at < WAITING_MS_MAX) {
          kept.unshift(event);
        } else remember(key);
      }
      return kept;
    },
    put: (event) => allowed() && remember(PREFIX + event.id, JSON.stringify(event)),
    remove: ({ id }) => remember(PREFIX + id),
  };
}
