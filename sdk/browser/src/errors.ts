// Owns the `error` events: exceptions and rejected promises that nobody caught.
// Refuses to send stacks, to repeat itself, or to send more than a few from one page.

import { listen } from "./host";
import { ERROR_CHARS_MAX, ERRORS_MAX } from "./limits";
import type { Target } from "./page_api";

/** Reports what nobody caught, each error of a page once; the server groups them. */
export function watchErrors(target: Target): void {
  const seen = new Set<string>();
  const report = (error: unknown, message: string, source = ""): void => {
    const { name: type = "Error" } = (error || {}) as { name?: string };
    const props = {
      type,
      message: message.slice(0, ERROR_CHARS_MAX),
      source: source.slice(0, ERROR_CHARS_MAX),
    };
    const key = Object.values(props).join();
    // Whatever goes wrong in a loop goes wrong a thousand times, and says nothing new.
    if (seen.has(key) || seen.size >= ERRORS_MAX) return;
    seen.add(key);
    target.track("error", { kind: "error", interactive: false, props });
  };
  listen<ErrorEvent>("error", ({ error, message, filename, lineno, colno }) => {
    // An image that does not load fires the event too, without a message.
    if (message) report(error, message, filename && `${place(filename)}:${lineno}:${colno}`);
  });
  listen<PromiseRejectionEvent>("unhandledrejection", ({ reason }) =>
    report(reason, `${reason?.message || reason}`),
  );
}

/** The address of a script without query and fragment, which change with every release or visitor. */
function place(filename: string): string {
  return filename.replace(/[?#].*/, "");
}
