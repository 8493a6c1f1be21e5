// Owns the path of an event on a page made for Plausible's script: left out or not, built, changed by
// the page, sent. Answers with the function that the page calls as `plausible(name, options)`.

import { watchEngagement } from "../engagement";
import { buildEvent, type Fields, pageUrl, type TrackOptions } from "../event";
import { isIgnored } from "../guard";
import { safely } from "../host";
import { watchPages } from "../pages";
import type { Tracker } from "../tracker";
import { watchClicks } from "./clicks";
import { isLeftOut } from "./pages";
import { type Done, send } from "./send";
import type { Settings } from "./settings";

/** What may accompany `plausible(name, …)`; `u` is an older word for `url`. */
export type Call = TrackOptions & { callback?: Done; u?: string; meta?: TrackOptions["props"] };

/** Starts counting on this page. */
export function begin(settings: Settings): (name: string, call?: Call) => void {
  const { options } = settings;
  const emit = (name: string, fields: Fields = {}, call: Call = {}): unknown =>
    safely(() => {
      const p = { ...settings.props(name, call), ...fields.p };
      const built = buildEvent(options, name, { ...fields, p });
      const isUnwanted = isIgnored(options) || isLeftOut(settings);
      const event = isUnwanted ? null : options.transform ? options.transform(built) : built;
      if (event) send(options, event, call.callback);
      else call.callback?.();
    });
  const plausible = (name: string, call: Call = {}): unknown => {
    const { props, meta, revenue, interactive, url, u = url } = call;
    if (name === "pageview") safely(() => onPage(u || pageUrl(options)));
    const r = document.referrer || undefined;
    return emit(name, { p: props || meta, $: revenue, i: interactive, u, r }, call);
  };
  const tracker: Tracker = { options, emit, track: plausible };
  const onPage = watchEngagement(tracker, () => undefined);
  watchPages(tracker, onPage);
  watchClicks(settings, tracker);
  return plausible;
}
