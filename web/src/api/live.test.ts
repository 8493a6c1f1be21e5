// The live feed when pushes and polls overlap, with a connection and a server made of callbacks.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Feed } from "./live";

type Listener = (event: { data: string }) => void;

class FakeSource {
  static latest: FakeSource;
  static open = 0;
  readonly listeners: Record<string, Listener> = {};

  constructor() {
    FakeSource.latest = this;
    FakeSource.open += 1;
  }
  addEventListener(name: string, listener: Listener) {
    this.listeners[name] = listener;
  }
  close() {
    FakeSource.open -= 1;
  }
  push(visitors: number) {
    this.listeners.live?.({ data: JSON.stringify({ visitors }) });
  }
  fail() {
    this.listeners.error?.({ data: "" });
  }
}

/** Polls that wait for an answer, oldest first. */
let polls: ((answer: Response | Error) => void)[] = [];

const answered = (visitors: number) => new Response(JSON.stringify({ visitors }));

/** A feed whose connection failed until it polls; its first poll is on its way. */
function pollingFeed(): { feed: Feed; leave: () => void } {
  const feed = new Feed("1");
  const leave = feed.subscribe(() => {});
  FakeSource.latest.fail();
  vi.runOnlyPendingTimers();
  FakeSource.latest.fail();
  return { feed, leave };
}

/** Lets promises that are already settled have their say. */
const settled = () => vi.advanceTimersByTimeAsync(0);

/** As much of a document as a feed looks at. */
class FakeDocument extends EventTarget {
  visibilityState = "visible";
  become(state: "visible" | "hidden") {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

let page: FakeDocument;

beforeEach(() => {
  polls = [];
  page = new FakeDocument();
  FakeSource.open = 0;
  vi.stubGlobal("document", page);
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("EventSource", FakeSource);
  vi.stubGlobal("fetch", () => {
    return new Promise((resolve, reject) =>
      polls.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer))),
    );
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a feed that cannot connect polls", async () => {
  const { feed } = pollingFeed();
  polls[0]?.(answered(4));
  await settled();
  expect(feed.state).toEqual({ live: { visitors: 4 }, connection: "polling" });
});

test.each([
  ["answers", answered(4)],
  ["fails", new Error("refused")],
])("a push stands when a poll that was in flight %s after it", async (_, answer) => {
  const { feed } = pollingFeed();
  FakeSource.latest.push(9);
  polls[0]?.(answer);
  await settled();
  expect(feed.state).toEqual({ live: { visitors: 9 }, connection: "live" });
});

test("a poll answered after everybody left changes nothing", async () => {
  const { feed, leave } = pollingFeed();
  leave();
  polls[0]?.(answered(4));
  await settled();
  expect(feed.state).toEqual({ live: null, connection: "connecting" });
});

test("no second poll while one is in flight", async () => {
  pollingFeed();
  await vi.advanceTimersByTimeAsync(4_900);
  await vi.advanceTimersByTimeAsync(4_900);
  expect(polls).toHaveLength(1);
});

test("a page that nobody sees holds no connection", () => {
  const leave = new Feed("1").subscribe(() => {});
  expect(FakeSource.open).toBe(1);
  page.become("hidden");
  expect(FakeSource.open).toBe(0);
  page.become("visible");
  expect(FakeSource.open).toBe(1);
  leave();
  page.become("visible");
  expect(FakeSource.open).toBe(0);
});
