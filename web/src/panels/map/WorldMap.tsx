// Visitors by country on a map. Colour runs on a square-root scale, so that small countries are
// seen beside large ones. The list of countries is the same thing for keyboard and screen reader.

import { memo, useState } from "react";
import { useAnswer } from "../../api/hooks";
import { countryName } from "../../format/names";
import { formatCount, formatPercent } from "../../format/number";
import { t } from "../../i18n/t";
import { breakdownBody } from "../../question/body";
import { isFilteredBy } from "../../question/filters";
import { useSubject } from "../../state/subject";
import { Failure, Loading, Skeleton } from "../../ui/states";
import { MAP_HEIGHT, MAP_WIDTH, SHAPES, type Shape } from "./shapes";

const COUNTRIES_MAX = 300;

interface Spot {
  code: string;
  visitors: number;
  share: number | null;
}

export default function WorldMap() {
  const subject = useSubject();
  const [hovered, setHovered] = useState<string | null>(null);
  const answer = useAnswer(
    breakdownBody(subject, {
      dimension: "visit:country",
      metrics: ["visitors", "percentage"],
      limit: COUNTRIES_MAX,
    }),
  );
  if (answer.isPending) {
    return (
      <Loading>
        <Skeleton className="h-[310px]" />
      </Loading>
    );
  }
  if (answer.isError && !answer.data) {
    return <Failure error={answer.error} onRetry={() => answer.refetch()} />;
  }
  const spots = new Map<string, Spot>();
  for (const row of answer.data?.results ?? []) {
    const code = row.dimensions[0] ?? "";
    spots.set(code, { code, visitors: row.metrics[0] ?? 0, share: row.metrics[1] ?? null });
  }
  const max = Math.max(1, ...[...spots.values()].map((spot) => spot.visitors));
  const top = [...spots.values()].find((spot) => spot.code.length === 2);
  const shown = (hovered ? spots.get(hovered) : top) ?? null;
  return (
    <div className="flex h-full flex-col">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the countries tab is the keyboard's way. */}
      <svg
        viewBox={`0 0 ${MAP_WIDTH} ${MAP_HEIGHT}`}
        className="aspect-[2/1] min-h-0 w-full lg:aspect-auto lg:flex-1"
        role="img"
        aria-label={t("map.label")}
        onPointerLeave={() => setHovered(null)}
        onPointerOver={(event) => setHovered(codeOf(event.target))}
        onClick={(event) => {
          const code = codeOf(event.target);
          if (code && spots.has(code)) subject.toggle("visit:country", code);
        }}
      >
        {SHAPES.map((shape) => (
          <Country
            key={shape.key}
            shape={shape}
            strength={Math.sqrt((spots.get(shape.code ?? "")?.visitors ?? 0) / max)}
            selected={
              shape.code !== null &&
              isFilteredBy(subject.question.filters, "visit:country", shape.code)
            }
          />
        ))}
      </svg>
      <p
        className="flex h-6 items-center justify-center gap-2 text-ink-2 tabular-nums"
        aria-hidden="true"
      >
        {hovered && !shown ? (
          `${countryName(hovered)}: ${formatCount(0)}`
        ) : shown ? (
          <>
            {countryName(shown.code)}
            <strong className="font-semibold text-ink">{formatCount(shown.visitors)}</strong>
            {shown.share !== null && (
              <span className="text-ink-3">{formatPercent(shown.share)}</span>
            )}
          </>
        ) : (
          t("panel.empty")
        )}
      </p>
    </div>
  );
}

const codeOf = (target: EventTarget): string | null =>
  (target instanceof SVGElement && target.dataset.code) || null;

/** Remembered, and the pointer is followed by the map: moving it redraws no country. */
const Country = memo(function Country({
  shape,
  strength,
  selected,
}: {
  shape: Shape;
  strength: number;
  selected: boolean;
}) {
  const percent = Math.round(14 + strength * 86);
  const fill =
    strength > 0
      ? `color-mix(in oklab, var(--accent) ${percent}%, var(--surface))`
      : "var(--sunken)";
  return (
    <path
      d={shape.path}
      data-code={shape.code ?? undefined}
      style={{ fill }}
      stroke={selected ? "var(--ink)" : "var(--line-strong)"}
      strokeWidth={selected ? 1.2 : 0.5}
      className={strength > 0 ? "cursor-pointer hover:opacity-80" : ""}
    />
  );
});
