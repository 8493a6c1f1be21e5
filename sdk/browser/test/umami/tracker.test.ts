// What a page made for Umami's script gets: its functions, its marks, its attributes.

import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { ofTag } from "../../src/umami/settings";
import { begin, type Payload, type Umami } from "../../src/umami/tracker";
import { collect } from "../collector";

type Sent = { type: string; payload: Payload };
let requests: Sent[];
let umami: Umami;

function tag(attributes: string): HTMLScriptElement {
  document.body.innerHTML = `<script src="https://stats.example/script.js" ${attributes}></script>`;
  return document.querySelector("script") as HTMLScriptElement;
}

// Listeners live as long as the window, so the page is started once.
beforeAll(() => {
  requests = collect().requests as unknown as Sent[];
  const attributes = 'data-website-id="shop.example" data-auto-track="false" data-tag="beta"';
  umami = begin(ofTag(tag(`${attributes} data-exclude-hash="true" data-exclude-search="true"`)));
});
beforeEach(() => {
  requests.splice(0);
  localStorage.clear();
});

test("the tag says where, which and how", () => {
  const settings = ofTag(
    tag(
      'data-website-id="a" data-host-url="https://other.example/" data-domains="a.example, b.example"',
    ),
  );
  expect(settings).toMatchObject({
    api: "https://other.example/api/send",
    website: "a",
    auto: true,
    domains: ["a.example", "b.example"],
    respectDnt: false,
  });
  expect(ofTag(tag('data-do-not-track="true"')).api).toBe("https://stats.example/api/send");
});

test("views, events, changed payloads and people are sent in Umami's shape", async () => {
  await umami.track();
  await umami.track("Order", { plan: "pro" });
  await umami.track((payload) => ({ ...payload, url: "/made/up" }));
  await umami.track({ title: "Mine" });
  await umami.identify("u17", { tier: "gold" });
  await umami.track("Later");
  expect(requests.map(({ type, payload }) => [type, payload.name])).toEqual([
    ["event", undefined],
    ["event", "Order"],
    ["event", undefined],
    ["event", undefined],
    ["identify", undefined],
    ["event", "Later"],
  ]);
  expect(requests[0]?.payload).toMatchObject({
    website: "shop.example",
    hostname: "shop.example",
    url: "https://shop.example/start",
    tag: "beta",
  });
  expect(requests[1]?.payload.data).toEqual({ plan: "pro" });
  expect(requests[2]?.payload.url).toBe("/made/up");
  expect(requests[3]?.payload.title).toBe("Mine");
  expect(requests[4]?.payload).toMatchObject({ id: "u17", data: { tier: "gold" } });
  expect(requests[5]?.payload.id).toBe("u17");
});

test("a marked element is an event, also from inside", async () => {
  document.body.innerHTML = '<p data-umami-event="Join" data-umami-event-plan="pro"><b>go</b></p>';
  document.querySelector("b")?.click();
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  expect(requests[0]?.payload).toMatchObject({ name: "Join", data: { plan: "pro" } });
});

test("whoever opted out is not counted, and no failure reaches the page", async () => {
  localStorage.setItem("umami.disabled", "1");
  await umami.track("Hidden");
  localStorage.clear();
  await expect(
    umami.track(() => {
      throw new Error("of the page");
    }),
  ).resolves.toBeUndefined();
  expect(requests).toEqual([]);
});
