// What a page made for Plausible's script gets: marks, links, properties, callbacks, pages left out.

import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { WireEvent } from "../../src/event";
import { ofInit } from "../../src/plausible/settings";
import { begin } from "../../src/plausible/tracker";
import { collect } from "../collector";

let requests: WireEvent[][];
let plausible: ReturnType<typeof begin>;
// One event a request, as an object: the collector keeps it as it came.
const sent = (): WireEvent[] => requests.flat();

// Listeners live as long as the window, so the page is started once.
beforeAll(() => {
  requests = collect().requests;
  const init = {
    autoCapturePageviews: false,
    customProperties: { site: "main" },
    transformRequest: (event: WireEvent) => (event.n === "Secret" ? null : event),
  };
  const settings = ofInit(init, "/api/event");
  settings.except = ["/left/*", "/gone/**"];
  plausible = begin(settings);
});
beforeEach(() => {
  requests.splice(0);
  localStorage.clear();
  history.replaceState({}, "", "/start");
});

test.each<[string, string, Partial<WireEvent>]>([
  [
    "a button",
    '<button class="big plausible-event-name=Sign+up plausible-event-plan=pro">',
    { n: "Sign up", p: { site: "main", plan: "pro" } },
  ],
  [
    "two hyphens",
    '<button class="plausible-event-name--Join plausible-revenue-amount--9.50 plausible-revenue-currency--EUR">',
    { n: "Join", $: { amount: "9.50", currency: "EUR" } },
  ],
  [
    "a parent",
    '<div class="plausible-event-name=Go"><p><b><a id="x" href="/next">',
    { n: "Go", p: { site: "main", url: "https://shop.example/next" } },
  ],
  [
    "a file",
    '<a href="/guide.pdf?v=2">',
    { n: "File Download", p: { site: "main", url: "https://shop.example/guide.pdf" } },
  ],
  [
    "an outbound link",
    '<a href="https://other.example/a?b#c">',
    { n: "Outbound Link: Click", p: { site: "main", url: "https://other.example/a" } },
  ],
])("a click on %s is one event", async (_, html, expected) => {
  document.body.innerHTML = html;
  const element = document.querySelector("#x") ?? document.body.firstElementChild;
  element?.addEventListener("click", (event) => event.preventDefault());
  const init = { bubbles: true, cancelable: true, composed: true };
  element?.dispatchEvent(new MouseEvent("click", init));
  await vi.waitFor(() => expect(sent()).toHaveLength(1));
  expect(sent()[0]).toMatchObject(expected);
});

test.each<[string, string, Partial<WireEvent>]>([
  ["plain", "<form>", { n: "Form: Submission", p: { site: "main", path: "/start" } }],
  ["marked", '<form class="plausible-event-name=Join">', { n: "Join", p: { site: "main" } }],
])("a submitted %s form is an event", async (_, html, expected) => {
  document.body.innerHTML = html;
  const form = document.querySelector("form");
  form?.dispatchEvent(new Event("submit", { bubbles: true, composed: true }));
  await vi.waitFor(() => expect(sent()).toHaveLength(1));
  expect(sent()[0]).toMatchObject(expected);
});

test("the callback is told the status, or nothing where nothing was sent", async () => {
  const told: unknown[] = [];
  const tell = (result?: unknown): void => void told.push(result);
  plausible("Order", { props: { plan: "pro" }, callback: tell });
  await vi.waitFor(() => expect(told).toEqual([{ status: 202 }]));
  expect(sent()[0]).toMatchObject({ n: "Order", p: { site: "main", plan: "pro" } });
  plausible("Secret", { callback: tell });
  localStorage.plausible_ignore = "true";
  plausible("Order", { callback: tell });
  localStorage.clear();
  for (const path of ["/left/1", "/gone/1/2"]) {
    history.replaceState({}, "", path);
    plausible("Order", { callback: tell });
  }
  expect(told.slice(1)).toEqual([undefined, undefined, undefined, undefined]);
  history.replaceState({}, "", "/left/1/2");
  plausible("Order", { callback: tell });
  await vi.waitFor(() => expect(told.at(-1)).toEqual({ status: 202 }));
  expect(sent()).toHaveLength(2);
});

test("a page view by hand has the address it is given", async () => {
  plausible("pageview", { u: "https://shop.example/made/up" });
  await vi.waitFor(() => expect(sent()[0]).toMatchObject({ n: "pageview" }));
  expect(sent()[0]?.u).toBe("https://shop.example/made/up");
});
