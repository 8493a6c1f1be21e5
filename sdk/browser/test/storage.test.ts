// What the shelf promises: unsent events outlive the page, tabs do not disturb each other, all is bounded.

import { beforeEach, expect, test, vi } from "vitest";
import { createOutbox } from "../src/outbox";
import { createShelf } from "../src/storage";
import { collect, event } from "./collector";

beforeEach(() => localStorage.clear());

test("an event stays on the shelf until the server has answered", async () => {
  collect("offline", 202);
  const outbox = createOutbox(
    { api: "/api/event" },
    createShelf(() => true),
  );
  outbox.add(event("a"));
  await vi.waitFor(() => expect(createShelf(() => true).load()).toHaveLength(1));
  await outbox.flush();
  await vi.waitFor(async () => {
    await outbox.flush();
    expect(localStorage.length).toBe(0);
  });
});

test("the next page sends what an earlier one left", async () => {
  createShelf(() => true).put(event("left"));
  const { requests } = collect();
  createOutbox(
    { api: "/api/event" },
    createShelf(() => true),
  );
  await vi.waitFor(() => expect(localStorage.length).toBe(0));
  expect(requests.map((batch) => batch.map(({ id }) => id))).toEqual([["left"]]);
});

test("two tabs keep their events side by side, in order of their ids", () => {
  const [one, two] = [createShelf(() => true), createShelf(() => true)];
  two.put(event("b"));
  one.put(event("a"));
  expect(
    createShelf(() => true)
      .load()
      .map(({ id }) => id),
  ).toEqual(["a", "b"]);
  one.remove(event("a"));
  expect(
    createShelf(() => true)
      .load()
      .map(({ id }) => id),
  ).toEqual(["b"]);
});

test("spoilt, stale and surplus events are dropped, other keys are left alone", () => {
  const hour = 3_600_000;
  localStorage.setItem("cart", "{");
  localStorage.setItem("almanac_q:0", "{");
  createShelf(() => true).put(event("1-stale", Date.now() - 73 * hour));
  for (let index = 0; index < 501; index++) createShelf(() => true).put(event(`2-${index + 1000}`));
  const kept = createShelf(() => true).load();
  expect(kept).toHaveLength(500);
  expect(kept[0]?.id).toBe("2-1001");
  expect(localStorage.length).toBe(501);
  expect(localStorage.getItem("cart")).toBe("{");
});

test("blocked storage is no error", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  createShelf(() => true).put(event("a"));
  expect(createShelf(() => true).load()).toEqual([]);
});
