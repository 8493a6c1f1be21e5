// Owns the public interface and which features are connected: all of them, as the options ask.
// Refuses to contain behaviour of its own; each feature lives in the file named after it.

import { OUTBOUND, watchClicks } from "./clicks";
import type { Options } from "./config";
import { watchEngagement } from "./engagement";
import type { Props, TrackOptions } from "./event";
import { type Consent, createIdentity, visitorId } from "./identity";
import { watchNotFound } from "./not_found";
import { createOutbox } from "./outbox";
import { watchPages } from "./pages";
import { createShelf } from "./storage";
import { createTracker } from "./tracker";

/** The fields of `TrackOptions`. */
const OPTION = /^(props|revenue|interactive|url|kind)$/;

/** What a page can call. No method ever throws. */
export interface Almanac {
  /**
   * Counts a custom event. The second argument is what accompanies it, or, when it has none of the
   * fields of `TrackOptions`, the properties themselves; `userProps` are further properties.
   */
  track(name: string, metadata?: TrackOptions | Props, userProps?: Props): void;
  /** Counts a view of the current page; needed only with `auto: false`. */
  trackPageView(): void;
  /** Counts a click on a link that leaves the site. */
  trackOutbound(url: string): void;
  /** From now on, events of this page belong to the user; `properties` are added to each of them. */
  identify(userId: string, properties?: Props): void;
  /** Records the visitor's decision on a persistent id; nothing is stored before `granted`. */
  consent(decision: Consent): void;
  /** Sends what waits; resolves once the server has answered or failed. */
  flush(): Promise<unknown>;
}

/** Starts counting on this page. */
export function start(options: Options): Almanac {
  const { consent, identify, apply } = createIdentity(options);
  const { add, flush } = createOutbox(
    options,
    createShelf(() => options.offline ?? visitorId()),
  );
  const tracker = createTracker(options, (built) => {
    const event = options.transform ? options.transform(apply(built)) : apply(built);
    if (options.debug) console.info("almanac", event);
    if (event) add(event);
  });
  const { emit, track } = tracker;
  const onPage =
    options.engagement === false ? undefined : watchEngagement(tracker, () => flush(true));
  const trackPageView = watchPages(tracker, onPage);
  watchClicks(tracker);
  if (options.notFound !== false) watchNotFound(tracker);
  return {
    track(name, metadata = {}, userProps) {
      const isOptions = Object.keys(metadata).some((key) => OPTION.test(key));
      const { props, ...rest } = (isOptions ? metadata : { props: metadata }) as TrackOptions;
      track(name, { ...rest, props: { ...userProps, ...props } });
    },
    trackPageView,
    trackOutbound: (url) => track(OUTBOUND, { props: { url } }),
    identify,
    // The server writes the decision down; who withdraws it is still told by the id it had.
    consent(state) {
      const tell = (): unknown => emit("consent", { p: { state }, i: false });
      const isGranted = state === "granted";
      isGranted || tell();
      consent(state);
      isGranted && tell();
    },
    // A hidden page may be gone before an answer comes, so nothing there waits its turn.
    flush: () => flush(document.hidden),
  };
}
