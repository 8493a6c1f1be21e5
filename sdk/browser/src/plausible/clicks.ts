// Owns clicks and submitted forms on a page made for Plausible's script: classes that mark an
// element, links that leave, files. Refuses to delay what the visitor does, as Plausible's does.

import type { Props, TrackOptions } from "../event";
import { listen } from "../host";
import type { Tracker } from "../tracker";
import { TAGGED_PARENTS_MAX } from "./limits";
import type { Settings } from "./settings";

/** `plausible-event-name=Sign+up`, or with two hyphens where an equals sign is not allowed. */
const MARK = /^plausible-(event|revenue)-(.+?)(?:=|--)(.*)$/;

/** Watches what the settings ask for. */
export function watchClicks(
  { outbound, fileTypes, tagged, forms }: Settings,
  tracker: Tracker,
): void {
  listen<MouseEvent>("click auxclick", (event) => {
    if (event.button > 1) return;
    const clicked = event.composedPath()[0] as Element;
    const marked = tagged ? findMarked(clicked) : undefined;
    // A click inside a marked form is not its submission.
    if (marked) return void (marked.tagName !== "FORM" && sendMarked(tracker, marked, clicked));
    const link = findLink(clicked);
    if (!link || !/^http/.test(link.protocol)) return;
    const props = { url: link.href.replace(/[?#].*/, "") };
    const isFile = fileTypes?.some((type) => link.pathname.endsWith(`.${type}`));
    if (isFile) tracker.track("File Download", { props });
    else if (outbound && link.host !== location.host)
      tracker.track("Outbound Link: Click", { props });
  });
  listen("submit", (event) => {
    const form = event.composedPath()[0] as Element;
    if (tagged && marks(form).event.name) sendMarked(tracker, form);
    else if (forms) tracker.track("Form: Submission", { props: { path: location.pathname } });
  });
}

function findLink(clicked: Element): HTMLAnchorElement | null {
  return clicked.closest("a[href]");
}

function findMarked(clicked: Element): Element | undefined {
  let element: Element | null = clicked;
  for (let parents = 0; element && parents <= TAGGED_PARENTS_MAX; parents++) {
    if (marks(element).event.name) return element;
    element = element.parentElement;
  }
  return undefined;
}

function marks(element: Element): { event: Props; revenue: Props } {
  const found = { event: {} as Props, revenue: {} as Props };
  for (const token of element.classList) {
    const [, sort, key, value] = MARK.exec(token) || [];
    if (key) found[sort as "event" | "revenue"][key] = (value as string).replace(/\+/g, " ");
  }
  return found;
}

function sendMarked({ track }: Tracker, element: Element, clicked?: Element): void {
  const { event, revenue } = marks(element);
  const { name, ...props } = event;
  const link = clicked && findLink(clicked);
  if (link) props.url = link.href.replace(/[?#].*/, "");
  const { amount, currency } = revenue as Record<string, string | undefined>;
  const options: TrackOptions = { props };
  if (amount && currency) options.revenue = { amount, currency };
  track(`${name}`, options);
}
