// Owns who an event is from: nobody by default; a persistent visitor and session after consent.
// Refuses to write anything to the device before `consent("granted")`.

import type { Options } from "./config";
import type { Props, WireEvent } from "./event";
import { recall, remember } from "./host";
import { SESSION_TIMEOUT_MS } from "./limits";
import { uuid7 } from "./uuid";

const VISITOR_KEY = "almanac_vid";
const SESSION_KEY = "almanac_sid";

/** The visitor's decision; `denied` also forgets what was stored. */
export type Consent = "granted" | "denied";

/** Identity of this page's events. */
export interface Identity {
  consent(decision: Consent): void;
  identify(userId: string, properties?: Props): void;
  apply(event: WireEvent): WireEvent;
}

/** The id of a visitor who consented on this device and has not withdrawn it. */
export function visitorId(): string | undefined {
  return recall(VISITOR_KEY) || undefined;
}

/** Starts as nobody, or as the visitor who consented earlier. */
export function createIdentity(options: Options): Identity {
  let uid: string | undefined;
  let userProps: Props | undefined;

  return {
    consent(decision) {
      const granted = decision === "granted";
      remember(VISITOR_KEY, granted ? visitorId() || uuid7(Date.now()) : "");
      if (!granted) remember(SESSION_KEY);
    },
    identify(userId, properties) {
      uid = userId;
      userProps = properties;
    },
    apply(event) {
      const vid = visitorId();
      const sid = vid && session(+(options.sessionTimeoutMs || SESSION_TIMEOUT_MS));
      return { ...event, vid, sid, uid, p: userProps ? { ...userProps, ...event.p } : event.p };
    },
  };
}

/** The session shared by all tabs: its id and the time of its last event, `id,milliseconds`. */
function session(timeoutMs: number): string {
  const now = Date.now();
  const [id, last] = (recall(SESSION_KEY) || "").split(",");
  const current = id && now - Number(last) < timeoutMs ? id : uuid7(now);
  remember(SESSION_KEY, `${current},${now}`);
  return current;
}
