// Owns when a page view happens: first load, history changes, the back/forward cache, prerendering.
// Refuses to count the same path twice in a row, so a changed query or an anchor is no page view.

import { pageUrl } from "./event";
import { listen } from "./host";
import type { Tracker } from "./tracker";

/** Called with the address of each page as its view begins, before the view is sent. */
export type OnPage = (url: string) => void;

/** Watches for page views; returns the function that counts one by hand. */
export function watchPages({ options, emit }: Tracker, onPage?: OnPage): () => void {
  let lastPath: string | undefined;
  let referrer = document.referrer;

  const path = (): string => location.pathname + (options.hash ? location.hash : "");
  const view = (): void => {
    lastPath = path();
    const u = pageUrl(options);
    onPage?.(u);
    emit("pageview", { u, r: referrer });
    referrer = u;
  };
  // A router that pushes several states in one task moves once, and sets the title meanwhile.
  const viewIfMoved = (): unknown => setTimeout(() => path() !== lastPath && view());

  const begin = (): void => {
    view();
    for (const method of ["pushState", "replaceState"] as const) {
      const original = history[method];
      history[method] = function (this: History, ...args) {
        original.apply(this, args);
        viewIfMoved();
      };
    }
    listen("popstate", viewIfMoved);
    listen<PageTransitionEvent>("pageshow", ({ persisted }) => persisted && view());
  };

  if (options.auto !== false) {
    if (document.prerendering) listen("prerenderingchange", begin);
    else begin();
  }
  return view;
}
