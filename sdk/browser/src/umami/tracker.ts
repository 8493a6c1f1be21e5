// Owns the interface `umami.track` and `umami.identify` and the payloads behind it. Refuses to store
// anything on the device, and to repeat an event: this shape has no id by which a copy is known.

import type { Props } from "../event";
import { isIgnored } from "../guard";
import { listen, recall, safely } from "../host";
import { URL_BYTES_MAX } from "../limits";
import { watchPages } from "../pages";
import type { Settings } from "./settings";

/** What is sent of an event. */
export interface Payload {
  website: string;
  hostname: string;
  url: string;
  referrer: string;
  title: string;
  screen: string;
  language: string;
  tag?: string | undefined;
  id?: string | undefined;
  name?: string | undefined;
  data?: Props | undefined;
}

type Kind = "event" | "identify";
type Change = (payload: Payload) => Payload | null | undefined;

/** What a page calls. */
export interface Umami {
  track(): Promise<unknown>;
  track(name: string, data?: Props): Promise<unknown>;
  track(payload: Partial<Payload> | Change): Promise<unknown>;
  identify(id: string | Props, data?: Props): Promise<unknown>;
}

/** Marks an element: `data-umami-event="Sign up" data-umami-event-plan="pro"`. */
const MARK = "data-umami-event";

/** Starts counting on this page. */
export function begin(settings: Settings): Umami {
  const { website, tag, domains, respectDnt } = settings;
  let id: string | undefined;
  let current = "";
  let referrer = document.referrer;

  const address = (href: string): string => {
    const url = new URL(href, location.href);
    if (settings.withoutSearch) url.search = "";
    if (settings.withoutHash) url.hash = "";
    return url.href.slice(0, URL_BYTES_MAX);
  };
  const payload = (): Payload => ({
    website,
    hostname: location.hostname,
    url: current || address(location.href),
    referrer,
    title: document.title,
    screen: `${screen.width}x${screen.height}`,
    language: navigator.language,
    tag,
    id,
  });
  const isUnwanted = (): unknown =>
    isIgnored({ respectDnt }) ||
    recall("umami.disabled") === "1" ||
    (domains && !domains.includes(location.hostname));
  const send = async (type: Kind, asked: Payload | null | undefined): Promise<unknown> => {
    if (isUnwanted()) return undefined;
    const { beforeSend } = settings;
    const change = beforeSend && (window as unknown as Record<string, unknown>)[beforeSend];
    const last = typeof change === "function" ? change(type, asked) : asked;
    // A string body is sent as text/plain, which needs no CORS preflight.
    const body = last && JSON.stringify({ type, payload: last });
    return body && fetch(settings.api, { method: "POST", body, keepalive: true });
  };
  const quietly = (work: () => Promise<unknown>): Promise<unknown> =>
    Promise.resolve(safely(work)).catch(() => undefined);

  const track = (what?: string | Partial<Payload> | Change, data?: Props): Promise<unknown> =>
    quietly(() => {
      if (typeof what === "string") return send("event", { ...payload(), name: what, data });
      if (typeof what === "function") return send("event", what(payload()));
      return send("event", { ...payload(), ...what });
    });
  const identify = (who: string | Props, data?: Props): Promise<unknown> =>
    quietly(() => {
      if (typeof who === "string") id = who;
      return send("identify", { ...payload(), data: typeof who === "string" ? data : who });
    });

  // The part that watches pages calls this with the address of each view.
  const emit = (_name: string, { u, r }: { u?: string | undefined; r?: string } = {}): unknown => {
    current = address(u || location.href);
    referrer = r || "";
    return track();
  };
  watchPages({ options: { hash: !settings.withoutHash, auto: settings.auto }, emit, track });
  listen<MouseEvent>("click", (event) => {
    const marked = (event.composedPath()[0] as Element).closest(`[${MARK}]`);
    if (!marked) return;
    const data: Props = {};
    for (const { name, value } of marked.attributes) {
      if (name.startsWith(`${MARK}-`)) data[name.slice(MARK.length + 1)] = value;
    }
    track(marked.getAttribute(MARK) as string, data);
  });
  return { track, identify };
}
