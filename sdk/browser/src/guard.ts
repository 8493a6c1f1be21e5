// Owns the question "may anything be counted here at all?".
// Refuses to remember the answer: each rule is read afresh, so an opt-out takes effect at once.

import type { Options } from "./config";
import { recall } from "./host";

const LOCAL_HOST = /^(localhost|127\.[\d.]+|\[::1]|)$/;

/**
 * True when nothing may be sent. A page from a file has no host name; a visitor (usually the owner)
 * opts out by setting `almanac_ignore` to `true` in localStorage.
 */
export function isIgnored({ local, respectDnt }: Options): unknown {
  const browser = navigator as Navigator & { globalPrivacyControl?: boolean };
  return (
    (!local && (LOCAL_HOST.test(location.hostname) || browser.webdriver)) ||
    (respectDnt && (browser.doNotTrack === "1" || browser.globalPrivacyControl)) ||
    recall("almanac_ignore") === "true"
  );
}
