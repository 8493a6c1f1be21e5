// The goals of a project: what there is, and a form for another.

import { type FormEvent, useState } from "react";
import { NAME_CHARS_MAX } from "../api/limits";
import type { Goal } from "../api/saved";
import { useGoalActions, useGoals } from "../api/savedHooks";
import { t } from "../i18n/t";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field, FormError, INPUT_CLASS } from "../ui/Field";
import { Icon } from "../ui/icons";
import { Failure, Loading, Skeleton } from "../ui/states";
import { EMPTY, FIELDS, GOAL_KINDS, type GoalKind, goalOf, usualName } from "./draft";

export default function GoalsDialog({
  project,
  onClose,
}: {
  project: string;
  onClose: () => void;
}) {
  const goals = useGoals(project);
  return (
    <Dialog title={t("goals.title")} onClose={onClose}>
      <div className="flex flex-col gap-5 p-5">
        {goals.isPending ? (
          <Loading>
            <Skeleton className="h-24" />
          </Loading>
        ) : goals.isError ? (
          <Failure error={goals.error} onRetry={() => goals.refetch()} />
        ) : (
          goals.data.length > 0 && <GoalList project={project} goals={goals.data} />
        )}
        <NewGoal project={project} />
      </div>
    </Dialog>
  );
}

function GoalList({ project, goals }: { project: string; goals: Goal[] }) {
  const { remove } = useGoalActions(project);
  return (
    <div>
      <FormError error={remove.error} />
      <ul className="divide-y divide-line border-line border-y">
        {goals.map((goal) => (
          <li key={goal.id} className="flex items-center gap-2 py-2">
            <div className="mr-auto min-w-0">
              <p className="truncate font-medium">{goal.name}</p>
              <p className="truncate text-[13px] text-ink-3">
                {t(`goal.${goal.definition.kind}`)} · {usualName(goal.definition)}
              </p>
            </div>
            <Button
              variant="quiet"
              size="iconSmall"
              busy={remove.isPending && remove.variables === goal.id}
              aria-label={t("goals.remove", { name: goal.name })}
              title={t("goals.remove", { name: goal.name })}
              onClick={() => remove.mutate(goal.id)}
            >
              <Icon name="close" />
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function NewGoal({ project }: { project: string }) {
  const { add } = useGoalActions(project);
  const [draft, setDraft] = useState(EMPTY);
  const goal = goalOf(draft);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (goal) add.mutate(goal, { onSuccess: () => setDraft({ ...EMPTY, kind: draft.kind }) });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <FormError error={add.error} />
      <label className="block">
        <span className="mb-1.5 block font-medium">{t("goals.kind")}</span>
        <select
          data-autofocus=""
          className={INPUT_CLASS}
          value={draft.kind}
          onChange={(event) => setDraft({ ...draft, kind: event.target.value as GoalKind })}
        >
          {GOAL_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {t(`goal.${kind}`)}
            </option>
          ))}
        </select>
      </label>
      {FIELDS[draft.kind].map((field) => (
        <Field
          key={field}
          label={t(`goal.field.${field}`)}
          placeholder={t(`goal.example.${field}`)}
          required
          spellCheck={false}
          autoCapitalize="none"
          {...(field === "percent" ? { type: "number", min: 1, max: 100 } : { maxLength: 500 })}
          value={draft.fields[field] ?? ""}
          onChange={(event) =>
            setDraft({ ...draft, fields: { ...draft.fields, [field]: event.target.value } })
          }
        />
      ))}
      <Field
        label={t("goals.name")}
        maxLength={NAME_CHARS_MAX}
        placeholder={goalOf({ ...draft, name: "" })?.name ?? ""}
        value={draft.name}
        onChange={(event) => setDraft({ ...draft, name: event.target.value })}
      />
      <Button
        type="submit"
        variant="primary"
        className="self-end"
        busy={add.isPending}
        disabled={!goal}
      >
        {t("goals.add")}
      </Button>
    </form>
  );
}
