// Where a funnel is put together: its steps in their order, how strict it is, how long it may take,
// and what it is split by.

import { t, tName } from "../i18n/t";
import { Button } from "../ui/Button";
import { Icon } from "../ui/icons";
import {
  type FunnelQuestion,
  moved,
  STEPS_MAX,
  STEPS_MIN,
  WINDOWS,
  type Window,
} from "./funnelQuestion";
import { StepInput } from "./StepInput";
import type { Step } from "./steps";

const SPLITS = [
  "visit:source",
  "visit:channel",
  "visit:country",
  "visit:device",
  "visit:browser",
  "visit:os",
  "visit:entry_page",
] as const;

export function FunnelBuilder({
  funnel,
  onChange,
}: {
  funnel: FunnelQuestion;
  onChange: (funnel: FunnelQuestion) => void;
}) {
  const { steps } = funnel;
  const setSteps = (next: Step[]) => onChange({ ...funnel, steps: next });
  return (
    <section
      aria-label={t("funnel.builder")}
      className="rounded-2xl border border-line bg-surface p-4 shadow-card"
    >
      <ol className="flex flex-col gap-2">
        {steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two steps may be the same, their place is not.
          <li key={index} className="flex items-center gap-1.5">
            <span className="w-5 shrink-0 text-ink-3 tabular-nums">{index + 1}.</span>
            <StepInput
              step={step}
              label={t("step.label", { number: index + 1 })}
              onChange={(next) => setSteps(steps.with(index, next))}
            />
            <Button
              size="iconSmall"
              variant="quiet"
              aria-label={t("step.earlier", { number: index + 1 })}
              disabled={index === 0}
              onClick={() => setSteps(moved(steps, index, index - 1))}
            >
              <Icon name="arrowUp" />
            </Button>
            <Button
              size="iconSmall"
              variant="quiet"
              aria-label={t("step.remove", { number: index + 1 })}
              disabled={steps.length <= STEPS_MIN}
              onClick={() => setSteps(steps.filter((_, other) => other !== index))}
            >
              <Icon name="close" />
            </Button>
          </li>
        ))}
      </ol>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        <Button
          disabled={steps.length >= STEPS_MAX}
          onClick={() => setSteps([...steps, { kind: "event", value: "" }])}
        >
          <Icon name="plus" />
          {t("step.add")}
        </Button>
        <span className="flex-1 max-sm:hidden" />
        <Choice
          label={t("funnel.order")}
          value={funnel.order}
          options={[
            ["loose", t("funnel.loose")],
            ["strict", t("funnel.strict")],
          ]}
          onChange={(order) => onChange({ ...funnel, order: order as FunnelQuestion["order"] })}
        />
        <Choice
          label={t("funnel.window")}
          value={funnel.window}
          options={WINDOWS.map((window) => [window, t(`funnel.window.${window}`)])}
          onChange={(window) => onChange({ ...funnel, window: window as Window })}
        />
        <Choice
          label={t("funnel.by")}
          value={funnel.by ?? ""}
          options={[
            ["", t("funnel.notSplit")],
            ...SPLITS.map((by): [string, string] => [by, tName("dimension", by)]),
          ]}
          onChange={(by) => onChange({ ...funnel, by: by || null })}
        />
      </div>
    </section>
  );
}

function Choice({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: [value: string, label: string][];
  onChange: (value: string) => void;
}) {
  return (
    <select
      aria-label={label}
      title={label}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className="h-9 rounded-lg border border-line bg-surface px-2 text-ink-2 shadow-card hover:border-line-strong"
    >
      {options.map(([id, text]) => (
        <option key={id} value={id}>
          {text}
        </option>
      ))}
    </select>
  );
}
