// An extension works whichever script came first: the SDK, a stub, or itself.

import { beforeEach, expect, test, vi } from "vitest";
import { onPage } from "../src/page_api";
import { publish } from "../src/stub";

const host = window as { almanac?: unknown };
beforeEach(() => {
  host.almanac = undefined;
});

test("what an extension says before the SDK has arrived is replayed", () => {
  const target = onPage();
  target.track("error", { kind: "error" });
  target.flush?.();
  const track = vi.fn();
  const flush = vi.fn();
  publish(() => ({ track, flush }));
  expect(track.mock.calls).toEqual([["error", { kind: "error" }]]);
  target.track("LCP");
  target.flush?.();
  expect(track).toHaveBeenLastCalledWith("LCP", undefined);
  expect(flush).toHaveBeenCalledOnce();
});
