// Every row of a question, page by page: what a file of it holds. Too many rows are an error with
// a remedy, never a file that ends early.

import type { QueryAnswer, QueryRow } from "../api/types";
import { formatCount } from "../format/number";
import { t } from "../i18n/t";

/** Rows of one page: the most that the server gives. */
export const PAGE_ROWS = 10_000;
/** Rows of one file; a spreadsheet holds no more. */
export const FILE_ROWS_MAX = 1_000_000;

export async function allRows(
  ask: (limit: number, offset: number) => Promise<QueryAnswer>,
): Promise<QueryRow[]> {
  const rows: QueryRow[] = [];
  for (;;) {
    const { results, meta } = await ask(PAGE_ROWS, rows.length);
    const total = meta.total_rows ?? 0;
    if (total > FILE_ROWS_MAX) {
      throw new Error(
        t("details.tooMany", { rows: formatCount(total), max: formatCount(FILE_ROWS_MAX) }),
      );
    }
    rows.push(...results);
    if (results.length === 0 || rows.length >= total) return rows;
  }
}
