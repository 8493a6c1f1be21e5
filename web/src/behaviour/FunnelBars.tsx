// The funnel as bars: columns that shrink from step to step with the loss between them, rows on a
// phone. Every number is text, so it reads the same without seeing the bars.

import type { FunnelStepAnswer } from "../api/behaviour";
import { formatCount, formatDuration, formatPercent } from "../format/number";
import { t } from "../i18n/t";

export function FunnelBars({ steps }: { steps: FunnelStepAnswer[] }) {
  return (
    <ol className="flex flex-col gap-5 md:flex-row md:gap-0" aria-label={t("funnel.chart")}>
      {steps.map((step, index) => {
        const next = steps[index + 1];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two steps may be the same, their place is not.
          <li key={index} className="flex min-w-0 flex-1 flex-col">
            <p className="flex items-baseline gap-2 md:pr-4">
              <span className="grid size-5 shrink-0 translate-y-px place-items-center rounded-full bg-accent-soft font-medium text-[11px] text-accent-ink tabular-nums">
                {index + 1}
              </span>
              <span className="truncate font-medium" title={step.name}>
                {step.name}
              </span>
            </p>
            <p className="mt-1 mb-2 flex items-baseline gap-2 tabular-nums">
              <span className="font-semibold text-xl tracking-tight">
                {formatCount(step.visitors)}
              </span>
              <span className="text-ink-3">{formatPercent(step.conversion_rate)}</span>
            </p>
            <Bar share={step.conversion_rate} next={next?.conversion_rate ?? null} />
            {next && <Loss to={next} />}
          </li>
        );
      })}
    </ol>
  );
}

/** The bar, and the slope down to the next one. */
function Bar({ share, next }: { share: number; next: number | null }) {
  return (
    <div className="flex h-8 overflow-hidden rounded-lg bg-sunken md:h-56 md:rounded-none md:bg-transparent">
      <span
        style={{ "--share": `${Math.max(0.6, share)}%` } as React.CSSProperties}
        className="h-full w-[var(--share)] rounded-lg bg-accent md:mt-auto md:h-[var(--share)] md:w-3/5 md:rounded-b-none md:rounded-t-lg"
      />
      {next !== null && (
        <svg
          viewBox="0 0 100 100"
          preserveAspectRatio="none"
          className="h-full w-2/5 max-md:hidden"
          aria-hidden="true"
        >
          <path
            d={`M0 ${100 - share} L100 ${100 - next} L100 100 L0 100 Z`}
            fill="var(--accent)"
            fillOpacity="0.13"
          />
        </svg>
      )}
    </div>
  );
}

function Loss({ to }: { to: FunnelStepAnswer }) {
  const median = to.time_from_previous_s?.median;
  const lost = {
    visitors: formatCount(to.dropped),
    share: formatPercent(100 - to.step_conversion_rate),
  };
  return (
    <p className="mt-2 text-[13px] text-ink-3 tabular-nums md:pr-4">
      <span className="text-bad">{t("funnel.lost", lost)}</span>
      {median !== undefined && (
        <span className="block">{t("funnel.median", { time: formatDuration(median) })}</span>
      )}
    </p>
  );
}
