// Owns the smallest build `almanac.core.js`: page views and custom events, sent one by one.
// Refuses what only some pages need: a call stub, batches, clicks, engagement, identity.

import { readScript } from "../config";
import { sendDirectly } from "../direct";
import { safely } from "../host";
import { watchPages } from "../pages";
import { createTracker } from "../tracker";

safely(() => {
  const options = readScript(document.currentScript as HTMLScriptElement);
  const tracker = createTracker(options, (event) => sendDirectly(options, event));
  watchPages(tracker);
  (window as { almanac?: unknown }).almanac = tracker;
});
