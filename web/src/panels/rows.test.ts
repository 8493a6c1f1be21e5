// Shares of events have the whole question's visitors below them, on screen and in files.

import { afterEach, expect, test, vi } from "vitest";
import type { QueryBody } from "../api/types";
import { parseQuestion } from "../question/url";
import { EVENTS, PAGES } from "./catalogue";
import { fetchRows } from "./rows";

const subject = {
  site: "1",
  today: "2026-11-21",
  question: parseQuestion(new URLSearchParams("f=is,visit:country,DE")),
};

/** A server of one row, and of 200 visitors in all; returns what it was asked. */
function serve(row: (number | null)[]): QueryBody[] {
  const asked: QueryBody[] = [];
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    const body = JSON.parse(String(init.body)) as QueryBody;
    asked.push(body);
    const results = body.dimensions
      ? [{ dimensions: ["Signup"], metrics: row }]
      : [{ dimensions: [], metrics: [200] }];
    return Response.json({ results, meta: { total_rows: 1 }, query: {} });
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

test("a panel's own filter does not shrink what its shares are of", async () => {
  const asked = serve([49, 73.1, 60]);
  const rows = await fetchRows(subject, EVENTS, {});
  expect(rows[0]?.metrics).toEqual([49, 24.5, 60]);
  expect(asked.at(-1)).toEqual({
    site_id: "1",
    date_range: "28d",
    filters: [["is", "visit:country", ["DE"]]],
    metrics: ["visitors"],
  });
});

test("neither does a search", async () => {
  serve([10, 100, 12, 40, 87]);
  const [page] = PAGES.tabs;
  const rows = page ? await fetchRows(subject, page, { search: "cart" }) : [];
  expect(rows[0]?.metrics).toEqual([10, 5, 12, 40, 87]);
});

test("without either the API's own shares are taken, and nothing else is asked", async () => {
  const asked = serve([49, 24.6, 60, 0, 0]);
  const [page] = PAGES.tabs;
  const rows = page ? await fetchRows(subject, page, {}) : [];
  expect(rows[0]?.metrics).toEqual([49, 24.6, 60, null, null]);
  expect(asked).toHaveLength(1);
});
