// Owns the script-tag build `plausible.js`, which the server also hands out under the names that
// Plausible's script has. Publishes `window.plausible` and replays what a stub there has collected.

import { safely } from "../host";
import { type Init, ofInit, ofTag } from "../plausible/settings";
import { begin, type Call } from "../plausible/tracker";

/** The server writes here under which name it was asked; a proxy may have changed the one in the tag. */
const ASKED_NAME = "{{script name}}";

type Queue = Parameters<Plausible>[];
type Plausible = ((name: string, call?: Call) => void) & {
  q?: Queue;
  /** What a stub was given by `init`. */
  o?: Init;
  /** Set once this script has arrived. */
  l?: boolean;
  init?: (init?: Init) => void;
};

safely(() => {
  const host = window as { plausible?: Plausible };
  const stub = host.plausible;
  if (stub?.l) return;
  const tag = document.currentScript as HTMLScriptElement;
  const own = tag.src.replace(/.*\//, "").replace(/[?#].*/, "");
  const name = ASKED_NAME.startsWith("{{") ? own : ASKED_NAME;
  const api = new URL("/api/event", tag.src).href;
  let track: ReturnType<typeof begin> | undefined;
  const waiting: Queue = [...(stub?.q || [])];
  const start = (settings: Parameters<typeof begin>[0]): void => {
    if (track) return;
    track = begin(settings);
    for (const call of waiting) track(...call);
  };
  const plausible: Plausible = (...call) => (track ? track(...call) : waiting.push(call));
  plausible.l = true;
  plausible.init = (init = {}) => start(ofInit(init, api));
  host.plausible = plausible;
  if (!name.startsWith("pa-")) start(ofTag(tag, api, name));
  else if (stub?.o) plausible.init(stub.o);
});
