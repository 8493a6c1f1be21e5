// What the outbox promises: order, batches, one request at a time, and no event lost to a bad network.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createOutbox } from "../src/outbox";
import { backoffMs } from "../src/post";
import { collect, event } from "./collector";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const names = (requests: { n: string }[][]): string[][] =>
  requests.map((batch) => batch.map(({ n }) => n));

test("an event leaves at once; those that come meanwhile leave together", async () => {
  const { requests } = collect();
  const outbox = createOutbox({ api: "/api/event" });
  for (const id of ["a", "b", "c"]) outbox.add(event(id));
  await vi.runAllTimersAsync();
  expect(names(requests)).toEqual([["a"], ["b", "c"]]);
});

test("a request holds no more than the batch size", async () => {
  const { requests } = collect();
  const outbox = createOutbox({ api: "/api/event", batchSize: "2" });
  for (const id of ["a", "b", "c", "d"]) outbox.add(event(id));
  await vi.runAllTimersAsync();
  expect(names(requests)).toEqual([["a"], ["b", "c"], ["d"]]);
});

test("with an interval set, an event waits for company", async () => {
  const { requests } = collect();
  const outbox = createOutbox({ api: "/api/event", flushIntervalMs: 5000 });
  outbox.add(event("a"));
  await vi.advanceTimersByTimeAsync(4999);
  outbox.add(event("b"));
  expect(requests).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(names(requests)).toEqual([["a", "b"]]);
});

test.each([["offline"], [503], [429]] as const)(
  "%s is retried with the same ids",
  async (answer) => {
    const { requests } = collect(answer, answer);
    const outbox = createOutbox({ api: "/api/event" });
    outbox.add(event("a"));
    await vi.runAllTimersAsync();
    expect(requests.map(([first]) => first?.id)).toEqual(["a", "a", "a"]);
  },
);

test.each([202, 400, 403, 413])("%d is final", async (status) => {
  const { requests } = collect(status);
  const outbox = createOutbox({ api: "/api/event" });
  outbox.add(event("a"));
  await vi.runAllTimersAsync();
  expect(requests).toHaveLength(1);
});

test("after the last retry an event waits for the network, and is not lost", async () => {
  const { requests } = collect("offline", "offline");
  const outbox = createOutbox({ api: "/api/event", maxRetries: 1 });
  outbox.add(event("a"));
  await vi.runAllTimersAsync();
  expect(requests).toHaveLength(2);
  dispatchEvent(new Event("online"));
  await vi.runAllTimersAsync();
  expect(names(requests)).toEqual([["a"], ["a"], ["a"]]);
});

test("during a backoff a new event does not hurry the next attempt", async () => {
  const { requests } = collect("offline");
  const outbox = createOutbox({ api: "/api/event" });
  outbox.add(event("a"));
  await vi.advanceTimersByTimeAsync(0);
  outbox.add(event("b"));
  await vi.advanceTimersByTimeAsync(400);
  expect(requests).toHaveLength(1);
  await vi.runAllTimersAsync();
  expect(names(requests)).toEqual([["a"], ["a", "b"]]);
});

test("a closing page sends everything, even while a request is under way", async () => {
  const { requests } = collect();
  const outbox = createOutbox({ api: "/api/event", batchSize: 2 });
  for (const id of ["a", "b", "c", "d"]) outbox.add(event(id));
  void outbox.flush(true);
  expect(names(requests)).toEqual([["a"], ["b", "c"], ["d"]]);
  await vi.runAllTimersAsync();
  expect(requests).toHaveLength(3);
});

test("memory is bounded: the oldest waiting event goes", async () => {
  const { requests } = collect("offline");
  const outbox = createOutbox({ api: "/api/event", batchSize: 1000 });
  for (let index = 0; index <= 500; index++) outbox.add(event(`${index}`));
  await vi.runAllTimersAsync();
  expect(requests[1]?.length).toBe(500);
  expect(requests[1]?.[0]?.id).toBe("1");
});

test("backoff doubles to thirty seconds, less up to half", () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  expect([0, 1, 2, 3, 4, 5, 9].map(backoffMs)).toEqual(
    [1, 2, 4, 8, 16, 30, 30].map((s) => s * 1000),
  );
  vi.spyOn(Math, "random").mockReturnValue(1);
  expect(backoffMs(0)).toBe(500);
});
