// Owns the `404` event: the server answered the page itself with "not found".
// Refuses to guess; browsers that do not tell the status send nothing.

import { safely } from "./host";
import type { Tracker } from "./tracker";

/** Sends one `404` event with the path when this page was not found. */
export function watchNotFound({ track }: Tracker): void {
  safely(() => {
    const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    if (entry?.responseStatus === 404) {
      track("404", { props: { path: location.pathname }, interactive: false });
    }
  });
}
