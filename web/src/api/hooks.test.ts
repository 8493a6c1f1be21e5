// What is done about a connection that was lost and came back.

import { onlineManager, QueryObserver } from "@tanstack/react-query";
import { afterEach, expect, test, vi } from "vitest";
import { ApiError } from "./client";
import { newQueryClient } from "./hooks";

const client = newQueryClient();

afterEach(() => {
  client.unmount();
  client.clear();
  onlineManager.setOnline(true);
});

test.each([
  ["what failed", true],
  ["what is shown", false],
])("%s is asked again when the connection returns", async (_, fails) => {
  client.mount();
  onlineManager.setOnline(false);
  // Not a silence, so that it fails at once instead of after its retries.
  const failure = new ApiError(404, "gone with the connection");
  const ask = vi.fn(async () => {
    if (fails && !onlineManager.isOnline()) throw failure;
    return onlineManager.isOnline() ? "new" : "old";
  });
  const observer = new QueryObserver(client, { queryKey: ["answer"], queryFn: ask });
  const leave = observer.subscribe(() => {});
  await vi.waitFor(() => expect(observer.getCurrentResult().isFetching).toBe(false));
  expect(observer.getCurrentResult().isError).toBe(fails);
  onlineManager.setOnline(true);
  await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe("new"));
  expect(ask).toHaveBeenCalledTimes(2);
  leave();
});
