// One step as the reader chooses it: its kind, and its value with frequent ones offered.

import { useEffect, useId, useState } from "react";
import { useAnswer } from "../api/hooks";
import { t } from "../i18n/t";
import { breakdownBody } from "../question/body";
import { useSubject } from "../state/subject";
import { dimensionOf, STEP_KINDS, type Step, type StepKind } from "./steps";

const SUGGESTIONS_MAX = 12;
const TYPING_PAUSE_MS = 400;

export function StepInput({
  step,
  label,
  placeholder,
  kinds = STEP_KINDS,
  onChange,
}: {
  step: Step;
  /** What the step is for, to those who cannot see where it stands. */
  label: string;
  placeholder?: string;
  /** Of one kind alone there is nothing to choose. */
  kinds?: readonly StepKind[];
  onChange: (step: Step) => void;
}) {
  const subject = useSubject();
  const listId = useId();
  const [typed, setTyped] = useState(step.value);
  const [focused, setFocused] = useState(false);
  const dimension = dimensionOf(step.kind);
  const offered = useAnswer(
    breakdownBody(
      { ...subject, question: { ...subject.question, filters: [] } },
      { dimension, metrics: ["visitors"], limit: SUGGESTIONS_MAX },
    ),
    focused,
  );
  useEffect(() => setTyped(step.value), [step.value]);
  useEffect(() => {
    if (typed === step.value) return;
    const timer = window.setTimeout(() => onChange({ ...step, value: typed }), TYPING_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [typed, step, onChange]);
  const values = (offered.data?.results ?? []).map((row) => row.dimensions[0] ?? "");
  return (
    <div className="flex min-w-0 flex-1 rounded-lg border border-line-strong bg-surface">
      {kinds.length > 1 && (
        <select
          aria-label={t("step.kind", { step: label })}
          value={step.kind}
          onChange={(event) => onChange({ kind: event.target.value as StepKind, value: "" })}
          className="h-9 rounded-l-lg border-line border-r bg-surface pl-2 text-ink-2"
        >
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(`step.${kind}`)}
            </option>
          ))}
        </select>
      )}
      <input
        aria-label={label}
        value={typed}
        list={listId}
        maxLength={500}
        spellCheck={false}
        autoCapitalize="none"
        placeholder={placeholder ?? t(`step.${step.kind}Hint`)}
        onFocus={() => setFocused(true)}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => typed !== step.value && onChange({ ...step, value: typed })}
        className="h-9 w-full min-w-0 rounded-lg bg-surface px-2.5 placeholder:text-ink-3 focus-visible:outline-offset-0"
      />
      <datalist id={listId}>
        {values.map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
    </div>
  );
}
