// The links of a journey as a table, step by step, the most used first.

import type { JourneyAnswer } from "../api/behaviour";
import { formatCount, formatPercent } from "../format/number";
import { t } from "../i18n/t";
import { nameOf } from "./SankeyChart";

interface Line {
  step: number;
  from: string | null;
  /** `undefined`: the journey ended there. */
  to: string | null | undefined;
  visits: number;
  /** Of the visits at `from`, percent. */
  share: number;
}

function linesOf({ nodes, links }: JourneyAnswer): Line[] {
  return nodes
    .flatMap((node) => {
      const share = (visits: number) => (node.visits > 0 ? (visits * 100) / node.visits : 0);
      const leaving = links
        .filter((link) => link.step === node.step && link.from === node.name)
        .map((link): Line => ({ ...link, share: share(link.visits) }));
      const { step, name, ends } = node;
      return ends > 0
        ? [...leaving, { step, from: name, to: undefined, visits: ends, share: share(ends) }]
        : leaving;
    })
    .sort((a, b) => a.step - b.step || b.visits - a.visits);
}

export function JourneyTable({
  journey,
  onStart,
}: {
  journey: JourneyAnswer;
  onStart: (name: string) => void;
}) {
  return (
    <section
      className="max-h-[28rem] overflow-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the table scrolls, so keys must reach it.
      tabIndex={0}
      aria-label={t("journeys.table")}
    >
      <table className="w-full tabular-nums">
        <thead className="sticky top-0 bg-surface text-ink-3">
          <tr className="[&>th]:py-1.5 [&>th]:pr-4 [&>th]:text-left [&>th]:font-medium">
            <th>{t("journeys.step")}</th>
            <th>{t("journeys.from")}</th>
            <th>{t("journeys.to")}</th>
            <th className="!text-right">{t("metric.visits")}</th>
            <th className="!pr-0 !text-right">%</th>
          </tr>
        </thead>
        <tbody>
          {linesOf(journey).map((line) => (
            <tr
              key={`${line.step} ${line.from} ${line.to}`}
              className="border-line border-t [&>td]:py-1.5 [&>td]:pr-4"
            >
              <td className="text-ink-3">{line.step + 1}</td>
              <td className="max-w-48 truncate">
                {line.from === null ? (
                  nameOf({ name: null })
                ) : (
                  <button
                    type="button"
                    className="hover:text-accent-ink"
                    onClick={() => onStart(line.from ?? "")}
                  >
                    {line.from}
                  </button>
                )}
              </td>
              <td className={`max-w-48 truncate ${line.to === undefined ? "text-ink-3" : ""}`}>
                {line.to === undefined ? t("journeys.ended") : nameOf({ name: line.to })}
              </td>
              <td className="text-right">{formatCount(line.visits)}</td>
              <td className="!pr-0 text-right text-ink-3">{formatPercent(line.share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
