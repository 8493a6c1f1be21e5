// The rows of a breakdown as they are shown and saved: asked for, shares of the whole question,
// ratios of nothing left out. Panels, details and files all take their rows from here.

import { api } from "../api/client";
import { useAnswer } from "../api/hooks";
import type { QueryBody, QueryRow } from "../api/types";
import { type Breakdown as Asked, breakdownBody, type Subject, totalsBody } from "../question/body";
import { meant, sharesOf } from "../question/ratios";
import { useSubject } from "../state/subject";
import { allRows } from "./allRows";
import type { Breakdown } from "./catalogue";

/** Which rows, and in what order. */
export type Slice = Pick<Asked, "limit" | "offset" | "search" | "orderBy">;

export function useRows(breakdown: Breakdown, slice: Slice) {
  const subject = useSubject();
  const body = bodyOf(subject, breakdown, slice);
  const answer = useAnswer(body);
  const narrowed = isNarrowed(subject, body);
  const whole = useAnswer(wholeBody(subject), narrowed);
  const visitors = whole.data?.results[0]?.metrics[0] ?? null;
  return {
    answer,
    rows: shown(body, answer.data?.results ?? [], narrowed ? { visitors } : null),
  };
}

/** Every row there is, for a file. */
export async function fetchRows(
  subject: Subject,
  breakdown: Breakdown,
  slice: Pick<Slice, "search" | "orderBy">,
): Promise<QueryRow[]> {
  const wanted = (limit: number, offset: number) =>
    bodyOf(subject, breakdown, { ...slice, limit, offset });
  const rows = await allRows((limit, offset) => api.query(wanted(limit, offset)));
  const body = wanted(1, 0);
  if (!isNarrowed(subject, body)) return shown(body, rows, null);
  const whole = await api.query(wholeBody(subject));
  return shown(body, rows, { visitors: whole.results[0]?.metrics[0] ?? null });
}

function bodyOf(subject: Subject, { dimension, metrics, filter }: Breakdown, slice: Slice) {
  return breakdownBody(subject, { dimension, metrics, ...(filter && { filter }), ...slice });
}

/** Whether the rows look at less than the reader's question, so that their shares would too. */
const isNarrowed = (subject: Subject, body: QueryBody): boolean =>
  (body.filters?.length ?? 0) > subject.question.filters.length;

/** The visitors of the reader's question, without a comparison. */
function wholeBody(subject: Subject): QueryBody {
  const { include: _, ...body } = totalsBody(subject);
  return { ...body, metrics: ["visitors"] };
}

function shown(
  { metrics }: QueryBody,
  rows: QueryRow[],
  whole: { visitors: number | null } | null,
): QueryRow[] {
  const shared = whole ? sharesOf(whole.visitors, metrics, rows) : rows;
  return shared.map((row) => ({ ...row, metrics: meant(metrics, row.metrics) }));
}
