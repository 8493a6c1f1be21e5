// What an event says about the page, and what it leaves out.

import { expect, test } from "vitest";
import { readScript } from "../src/config";
import { buildEvent } from "../src/event";
import { uuid7 } from "../src/uuid";

test("ids are UUIDv7: unique, sorted by time", () => {
  const ids = Array.from({ length: 1000 }, () => uuid7(1_763_700_000_000));
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^019aa4b6-4500-7[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
  expect(uuid7(1_763_700_000_001) > (ids[0] as string)).toBe(true);
});

test("an event carries the page, but no fragment", () => {
  document.title = "Start";
  const built = buildEvent({ domain: "shop.example" }, "pageview", { r: "https://a.example/" });
  expect(built).toMatchObject({
    n: "pageview",
    u: "https://shop.example/start?q=1",
    d: "shop.example",
    r: "https://a.example/",
    t: "Start",
    v: 1,
    l: navigator.language,
    z: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
  expect(built.s).toMatch(/^\d+x\d+$/);
});

test("in hash mode the fragment belongs to the page", () => {
  const built = buildEvent({ hash: true }, "pageview", {});
  expect([built.u, built.h]).toEqual(["https://shop.example/start?q=1#top", 1]);
});

test("an address is cut to what the server takes", () => {
  const built = buildEvent({}, "x", { u: `https://shop.example/${"a".repeat(3000)}` });
  expect(built.u).toHaveLength(2000);
});

test("a script tag spells options as attributes", () => {
  const script = document.createElement("script");
  script.src = "https://stats.example/js/almanac.js";
  Object.assign(script.dataset, {
    domain: "shop.example",
    hash: "",
    outbound: "false",
    batchSize: "5",
  });
  expect(readScript(script)).toEqual({
    api: "https://stats.example/api/event",
    domain: "shop.example",
    hash: true,
    outbound: false,
    batchSize: "5",
  });
  script.dataset.api = "/proxy/event";
  expect(readScript(script).api).toBe("/proxy/event");
});
