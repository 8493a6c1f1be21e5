// The banner speaks of numbers only where there are some.

import { QueryClientProvider, QueryObserver } from "@tanstack/react-query";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import { newQueryClient } from "../api/hooks";
import { OfflineBanner } from "./AppFrame";

afterEach(() => vi.unstubAllGlobals());

/** The banner of a page without a network, that watches this question. */
function banner(key: string, data: unknown): string {
  vi.stubGlobal("navigator", { onLine: false });
  const client = newQueryClient();
  if (data !== undefined) client.setQueryData([key], data);
  const leave = new QueryObserver(client, {
    queryKey: [key],
    queryFn: () => new Promise(() => {}),
  }).subscribe(() => {});
  const html = renderToStaticMarkup(
    <QueryClientProvider client={client}>
      <OfflineBanner />
    </QueryClientProvider>,
  );
  leave();
  return html;
}

test("numbers on screen are called old", () => {
  expect(banner("answer", { results: [] })).toContain("Numbers are from before");
});
test.each([
  ["an answer that never came", "answer", undefined],
  ["a session", "session", { user: {} }],
])("%s is no number", (_, key, data) => {
  expect(banner(key, data)).toContain("You are offline.");
  expect(banner(key, data)).not.toContain("Numbers");
});
