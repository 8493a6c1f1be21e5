// Form fields: a label that belongs to its input, a hint, and an error that is read out.

import { type InputHTMLAttributes, useId } from "react";
import { sentence } from "../format/sentence";

export const INPUT_CLASS =
  "h-10 w-full rounded-lg border border-line-strong bg-surface px-3 text-ink placeholder:text-ink-3 focus-visible:outline-offset-0";

export function Field({
  label,
  hint,
  error,
  ...input
}: InputHTMLAttributes<HTMLInputElement> & {
  label: string;
  hint?: string;
  error?: string | undefined;
}) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block font-medium">
        {label}
      </label>
      <input
        {...input}
        id={id}
        className={INPUT_CLASS}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-hint` : undefined}
      />
      {(error || hint) && (
        <p id={`${id}-hint`} className={`mt-1.5 text-[13px] ${error ? "text-bad" : "text-ink-3"}`}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

export function FormError({ error }: { error: Error | null }) {
  if (!error) return null;
  return (
    <p role="alert" className="rounded-lg bg-bad-soft px-3 py-2 text-bad">
      {sentence(error.message)}
    </p>
  );
}
