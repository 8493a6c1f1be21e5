// How long the browser waits, beside how long the server does.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { REQUEST_TIMEOUT_MS } from "./client";

test("the server gives up first, because only it can say what to do", () => {
  const docs = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
  const [, server] = /`question_timeout_ms` \|[^|]*\| `(\d+)`/.exec(docs) ?? [];
  expect(Number(server)).toBeGreaterThan(0);
  expect(REQUEST_TIMEOUT_MS).toBeGreaterThan(Number(server));
});
