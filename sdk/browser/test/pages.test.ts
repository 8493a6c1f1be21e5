// When a page view is counted. Back/forward cache and prerendering need a real browser: see e2e/.

import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { start } from "../src/almanac";
import type { WireEvent } from "../src/event";
import { collect } from "./collector";

let requests: WireEvent[][];
const views = (): string[] => requests.flat().map(({ u, r }) => `${u} from ${r}`);

beforeAll(async () => {
  requests = collect().requests;
  start({ api: "/api/event", engagement: false });
  await vi.waitFor(() => expect(views()).toEqual(["https://shop.example/start?q=1 from "]));
});
beforeEach(() => void requests.splice(0));

test("a changed path is a page view that comes from the page before", async () => {
  history.pushState(null, "", "/a");
  await vi.waitFor(() =>
    expect(views()).toEqual(["https://shop.example/a from https://shop.example/start?q=1"]),
  );
});

test("states pushed in one task are one move", async () => {
  history.pushState(null, "", "/b");
  history.replaceState(null, "", "/c");
  await vi.waitFor(() =>
    expect(views()).toEqual(["https://shop.example/c from https://shop.example/a"]),
  );
});

test("a changed query or anchor is no page view", async () => {
  history.pushState(null, "", "/c?sort=price");
  history.pushState(null, "", "/c#reviews");
  await new Promise((resolve) => setTimeout(resolve));
  history.pushState(null, "", "/d");
  await vi.waitFor(() =>
    expect(views()).toEqual(["https://shop.example/d from https://shop.example/c"]),
  );
});

test("back is a page view", async () => {
  history.back();
  await vi.waitFor(() => expect(views()).toHaveLength(1));
});
