// Owns engaged time and scroll depth of the current page view, and sends them as `engagement` events.
// Refuses to count time in which the page is hidden or another window has the focus.

import { listen } from "./host";
import { ENGAGED_MS_MIN } from "./limits";
import type { OnPage } from "./pages";
import type { Tracker } from "./tracker";

/** Watches attention; `leave` runs after the last event of a page that closes. Call the result as each page begins. */
export function watchEngagement({ emit }: Tracker, leave: () => unknown): OnPage {
  let url: string | undefined;
  let engagedMs = 0;
  let since = 0;
  let depth = 0;
  let depthSent = 0;

  const settle = (): void => {
    const now = performance.now();
    if (since) engagedMs += now - since;
    since = !document.hidden && document.hasFocus() ? now : 0;
  };
  const measureDepth = (): void => {
    const { scrollTop, scrollHeight } = document.documentElement;
    const seen = Math.round((100 * (scrollTop + innerHeight)) / scrollHeight) || 0;
    depth = Math.max(depth, Math.min(100, seen));
  };
  // Each event carries the time since the one before it, so the server adds them up.
  const send = (): void => {
    settle();
    if (url && (engagedMs >= ENGAGED_MS_MIN || depth > depthSent)) {
      emit("engagement", { u: url, e: Math.round(engagedMs), sd: depth });
      engagedMs = 0;
      depthSent = depth;
    }
  };

  listen("focus blur visibilitychange", settle);
  listen("scroll", measureDepth);
  listen("pagehide visibilitychange", ({ type }) => {
    if (type === "pagehide" || document.hidden) {
      send();
      leave();
    }
  });

  return (nextUrl) => {
    send();
    url = nextUrl;
    engagedMs = depth = depthSent = 0;
    measureDepth();
  };
}
