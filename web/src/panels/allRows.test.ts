// A file holds all rows, or there is none.

import { expect, test } from "vitest";
import type { QueryAnswer } from "../api/types";
import { allRows, FILE_ROWS_MAX, PAGE_ROWS } from "./allRows";

/** A server with so many rows; what it was asked is noted. */
function serverWith(total: number) {
  const asked: [number, number][] = [];
  const ask = async (limit: number, offset: number): Promise<QueryAnswer> => {
    asked.push([limit, offset]);
    const rows = Math.max(0, Math.min(limit, total - offset));
    const results = Array.from({ length: rows }, (_, index) => ({
      dimensions: [`/${offset + index}`],
      metrics: [1],
    }));
    const date_range: [string, string] = ["2026-11-01", "2026-11-02"];
    return { results, meta: { total_rows: total }, query: { date_range } };
  };
  return { ask, asked };
}

test.each([
  [0, 1],
  [PAGE_ROWS, 1],
  [PAGE_ROWS + 1, 2],
  [3 * PAGE_ROWS - 1, 3],
])("%i rows come in %i pages", async (total, pages) => {
  const { ask, asked } = serverWith(total);
  const rows = await allRows(ask);
  expect(rows.map((row) => row.dimensions[0])).toEqual(
    Array.from({ length: total }, (_, index) => `/${index}`),
  );
  expect(asked).toHaveLength(pages);
});

test("more rows than a file holds are refused before they are fetched", async () => {
  const { ask, asked } = serverWith(FILE_ROWS_MAX + 1);
  await expect(allRows(ask)).rejects.toThrow("1,000,001");
  expect(asked).toHaveLength(1);
});

test("a page that fails fails the file", async () => {
  const { ask } = serverWith(PAGE_ROWS + 1);
  const failing = (limit: number, offset: number) =>
    offset > 0 ? Promise.reject(new Error("the queue is full")) : ask(limit, offset);
  await expect(allRows(failing)).rejects.toThrow("the queue is full");
});
