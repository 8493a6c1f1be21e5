// Owns clicks and submitted forms: outbound links, file downloads, elements tagged in the markup.
// Refuses to delay or cancel what the visitor does; requests outlive the page by themselves.

import type { Props } from "./event";
import { listen } from "./host";
import type { Tracker } from "./tracker";

/** Name of the event of a click that leaves the site, as Plausible calls it. */
export const OUTBOUND = "Outbound Link: Click";
const FILE =
  /\.(pdf|docx?|xlsx?|pptx?|od[ts]|rtf|txt|csv|epub|zip|rar|7z|t?gz|dmg|pkg|exe|msi|deb|rpm|apk|iso|mp[34]|wav|avi|mov)$/i;
const TAGGED = '[data-almanac-event],[class*="almanac-event="]';

/** Watches clicks and forms as the options ask. */
export function watchClicks(tracker: Tracker): void {
  const { options, track } = tracker;

  const onClick = (event: MouseEvent): void => {
    // Middle clicks arrive as auxclick with button 1; the right button opens a menu and leaves nothing.
    if (event.button > 1) return;
    const tagged = options.tagged !== false && closest(event, TAGGED);
    if (tagged && tagged.tagName !== "FORM") sendTagged(tracker, tagged);
    else onLink(closest(event, "a[href]") as HTMLAnchorElement | null);
  };
  const onLink = (link: HTMLAnchorElement | null): void => {
    // Links inside SVG have no protocol, and `mailto:` and the like lead to no page.
    if (!link || !/^http/.test(link.protocol)) return;
    // A query may carry what the visitor typed; where the link leads is told without it.
    const props = { url: link.href.replace(/[?#].*/, "") };
    if (options.files !== false && FILE.test(link.pathname)) track("File Download", { props });
    else if (options.outbound !== false && link.host !== location.host) track(OUTBOUND, { props });
  };
  const onSubmit = (event: Event): void => {
    const tagged = options.tagged !== false && closest(event, TAGGED);
    if (tagged) sendTagged(tracker, tagged);
    else if (options.forms) track("Form: Submission", { props: { path: location.pathname } });
  };

  listen("click auxclick", onClick);
  listen("submit", onSubmit);
}

function closest(event: Event, selector: string): Element | null {
  // Inside a shadow root the event's target is the host; the path knows the element itself.
  return (event.composedPath()[0] as Element).closest(selector);
}

/** `data-almanac-event="Signup" data-almanac-prop-plan="pro"`, or the same as classes with `=` and `+`. */
function sendTagged({ track }: Tracker, element: Element): void {
  const props: Props = {};
  const read = (key: string, value = ""): void => {
    const [, prop] = key.split("almanac-");
    if (prop) props[prop.replace("prop-", "")] = value;
  };
  for (const token of element.classList) {
    const [key = "", value] = token.split("=");
    read(key, value?.replace(/\+/g, " "));
  }
  for (const { name, value } of element.attributes) read(name, value);
  const { event, ...rest } = props;
  track(`${event}`, { props: rest });
}
