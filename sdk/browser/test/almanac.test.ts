// What a page sees of the SDK: its methods, its switches, and when it keeps quiet.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Almanac, start } from "../src/almanac";
import type { Options } from "../src/config";
import type { WireEvent } from "../src/event";
import { collect } from "./collector";

let requests: WireEvent[][];
beforeEach(() => {
  localStorage.clear();
  document.body.innerHTML = "";
  requests = collect().requests;
});
afterEach(() => vi.unstubAllGlobals());

const quiet: Options = {
  api: "/api/event",
  auto: false,
  engagement: false,
  outbound: false,
  files: false,
  tagged: false,
};
const begin = (options: Options = {}): Almanac => start({ ...quiet, ...options });
const sent = (): WireEvent[] => requests.flat();

test("a custom event carries properties, revenue and interactivity", async () => {
  begin().track("Order", {
    props: { plan: "pro" },
    revenue: { currency: "EUR", amount: 12.5 },
    interactive: false,
  });
  await vi.waitFor(() => expect(sent()).toHaveLength(1));
  const [order] = sent();
  expect(order).toMatchObject({
    n: "Order",
    p: { plan: "pro" },
    $: { currency: "EUR", amount: 12.5 },
    i: false,
  });
  expect(order?.sent_at).toBeGreaterThanOrEqual(order?.at as number);
});

test.each<[string, Options, () => void]>([
  ["the visitor opted out", {}, () => localStorage.setItem("almanac_ignore", "true")],
  [
    "the browser is automated",
    {},
    () => vi.stubGlobal("navigator", { ...navigator, webdriver: true }),
  ],
  [
    "Do Not Track is respected",
    { respectDnt: true },
    () => vi.stubGlobal("navigator", { doNotTrack: "1" }),
  ],
  [
    "GPC is respected",
    { respectDnt: true },
    () => vi.stubGlobal("navigator", { globalPrivacyControl: true }),
  ],
  [
    "the page is local",
    {},
    () => vi.stubGlobal("location", { hostname: "127.0.0.1", href: "http://127.0.0.1/" }),
  ],
  [
    "the page is a file",
    {},
    () => vi.stubGlobal("location", { hostname: "", href: "file:///a.html" }),
  ],
  ["the hook drops it", { transform: () => null }, () => {}],
])("nothing is sent when %s", async (_, options, arrange) => {
  arrange();
  const almanac = begin(options);
  almanac.track("Order");
  await almanac.flush();
  expect(sent()).toEqual([]);
});

test("the transform hook has the last word", async () => {
  begin({ transform: (event) => ({ ...event, u: "https://shop.example/[id]" }) }).track("Order");
  await vi.waitFor(() => expect(sent()[0]?.u).toBe("https://shop.example/[id]"));
});

test("a hook that throws does not reach the page", () => {
  const almanac = begin({
    transform: () => {
      throw new Error("hook");
    },
  });
  expect(() => almanac.track("Order")).not.toThrow();
});

test("without consent nothing is stored", async () => {
  const almanac = begin();
  almanac.track("Order");
  await vi.waitFor(() => expect(sent()).toHaveLength(1));
  expect(localStorage.length).toBe(0);
  expect(document.cookie).toBe("");
  expect(sent()[0]).not.toHaveProperty("vid");
});

test("consent gives a lasting visitor and session; withdrawing it forgets both", async () => {
  const almanac = begin();
  almanac.consent("granted");
  almanac.track("One");
  almanac.track("Two");
  await vi.waitFor(() => expect(sent()).toHaveLength(3));
  const [granted, one, two] = sent();
  expect(granted).toMatchObject({ n: "consent", i: false, p: { state: "granted" } });
  expect(one?.vid).toMatch(/^[\da-f-]{36}$/);
  expect(granted?.vid).toBe(one?.vid);
  expect(two).toMatchObject({ vid: one?.vid, sid: one?.sid });
  almanac.consent("denied");
  expect(Object.keys(localStorage)).not.toContain("almanac_vid");
  // The withdrawal is still told by the id that is gone from the device, and is the last that is.
  almanac.track("Three");
  await vi.waitFor(() => expect(sent()).toHaveLength(5));
  const [denied, three] = sent().slice(3);
  expect(denied).toMatchObject({ n: "consent", p: { state: "denied" }, vid: one?.vid });
  expect(three).not.toHaveProperty("vid");
  expect(localStorage.length).toBe(0);
});

test("a session ends after silence", async () => {
  vi.useFakeTimers();
  const almanac = begin();
  almanac.consent("granted");
  almanac.track("One");
  vi.advanceTimersByTime(1_800_000);
  almanac.track("Two");
  vi.useRealTimers();
  await vi.waitFor(() => expect(sent()).toHaveLength(3));
  const [, one, two] = sent();
  expect(two?.vid).toBe(one?.vid);
  expect(two?.sid).not.toBe(one?.sid);
});

test("an object without option names is the properties; user properties join them", async () => {
  const almanac = begin();
  almanac.track("Order", { plan: "pro", colour: "red" }, { tier: "gold", plan: "free" });
  almanac.track("Order", { props: { plan: "pro" }, interactive: false }, { tier: "gold" });
  await vi.waitFor(() => expect(sent()).toHaveLength(2));
  expect(sent()[0]?.p).toEqual({ plan: "pro", colour: "red", tier: "gold" });
  expect(sent()[1]).toMatchObject({ p: { plan: "pro", tier: "gold" }, i: false });
});

test("once consent is withdrawn, unsent events are no longer kept on the device", () => {
  collect("offline", "offline");
  const almanac = begin();
  const kept = (): number => Object.keys(localStorage).filter((key) => /_q:/.test(key)).length;
  almanac.track("Before");
  expect(kept()).toBe(0);
  almanac.consent("granted");
  almanac.track("With");
  // The decision itself is an event.
  expect(kept()).toBe(2);
  // The withdrawal is kept until the server knows of it, and nothing after it.
  almanac.consent("denied");
  almanac.track("After");
  expect(kept()).toBe(3);
});

test("identify names the user of later events", async () => {
  const almanac = begin();
  almanac.identify("u-1", { plan: "pro" });
  almanac.track("Order", { props: { colour: "red" } });
  await vi.waitFor(() => expect(sent()).toHaveLength(1));
  expect(sent()[0]).toMatchObject({ uid: "u-1", p: { plan: "pro", colour: "red" } });
});
