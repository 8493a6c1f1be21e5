// Owns whether the current page is counted: the lists of a script with exclusions, and the opt-out
// that visitors set for Plausible. Refuses regular expressions: a `*` is all there is.

import { recall } from "../host";
import type { Settings } from "./settings";

/** True when the page's owner or its visitor wants it left out. */
export function isLeftOut({ options, only, except }: Settings): boolean {
  const path = location.pathname + (options.hash ? location.hash : "");
  const fits = (patterns: string[]): boolean => patterns.some((one) => fitsPath(one, path));
  return (
    recall("plausible_ignore") === "true" || (!!only && !fits(only)) || (!!except && fits(except))
  );
}

/** `*` stands for a part between slashes, `**` for anything; a slash at the end makes no difference. */
function fitsPath(pattern: string, path: string): boolean {
  const literal = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  const parts = pattern.split("**").map((part) => part.split("*").map(literal).join("[^/]*"));
  return new RegExp(`^${parts.join(".*")}/?$`).test(path);
}
