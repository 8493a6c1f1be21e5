// The trainings of a forecast: start one and watch it, and go back to an earlier version.

import { useState } from "react";
import { useTrainingActions, useTrainings } from "../api/predictionHooks";
import type { Series, Training, TrainingState } from "../api/predictions";
import { formatMs, formatPercent } from "../format/number";
import { formatInstant } from "../format/time";
import { t } from "../i18n/t";
import { Button } from "../ui/Button";
import { Card } from "../ui/Card";
import { FormError } from "../ui/Field";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import { MODELS, modelName } from "./ModelTable";

const SHOWN_MAX = 8;

export function Versions({ series, zone }: { series: Series; zone: string }) {
  const trainings = useTrainings(series);
  const { retrain, cancel, serve } = useTrainingActions(series);
  const [recipe, setRecipe] = useState("");
  if (trainings.isPending) {
    return (
      <Card title={t("forecast.versions")}>
        <Loading>
          <Skeleton className="h-24" />
        </Loading>
      </Card>
    );
  }
  if (trainings.isError && !trainings.data) {
    return (
      <Card title={t("forecast.versions")}>
        <Failure error={trainings.error} onRetry={() => trainings.refetch()} />
      </Card>
    );
  }
  const { now, trainings: all } = trainings.data;
  const idle = now.state === "idle";
  return (
    <Card
      title={t("forecast.versions")}
      actions={
        <>
          {idle && <Wanted recipe={recipe} onChoose={setRecipe} />}
          <Button
            busy={retrain.isPending || cancel.isPending}
            onClick={() => (idle ? retrain.mutate(recipe || undefined) : cancel.mutate())}
          >
            {t(!idle ? "common.cancel" : all.length > 0 ? "forecast.retrain" : "forecast.train")}
          </Button>
        </>
      }
    >
      <FormError error={retrain.error ?? cancel.error ?? serve.error} />
      <Progress now={now} />
      {all.length === 0 ? (
        idle && <Empty title={t("forecast.untrained")}>{t("forecast.untrainedHint")}</Empty>
      ) : (
        <ul className="divide-y divide-line tabular-nums">
          {all.slice(0, SHOWN_MAX).map((training) => (
            <Version
              key={training.version}
              training={training}
              zone={zone}
              busy={serve.isPending}
              onServe={() => serve.mutate(training.version)}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

/** What shall serve after the next training: whatever does best, or one recipe whatever it does. */
function Wanted({ recipe, onChoose }: { recipe: string; onChoose: (recipe: string) => void }) {
  return (
    <label className="flex items-center gap-2 text-[13px] text-ink-2">
      <span className="max-sm:sr-only">{t("forecast.wanted")}</span>
      <select
        className="h-8 rounded-md border border-line bg-surface px-2 text-ink"
        value={recipe}
        onChange={(event) => onChoose(event.target.value)}
      >
        <option value="">{t("forecast.wantedBest")}</option>
        {MODELS.map((name) => (
          <option key={name} value={name}>
            {modelName(name)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Progress({ now }: { now: TrainingState }) {
  if (now.state === "idle") return null;
  const share = now.state === "running" && now.steps > 0 ? now.steps_done / now.steps : 0;
  return (
    <div role="status" className="mb-3">
      <p className="mb-1.5 text-[13px] text-ink-2">
        {now.state === "waiting"
          ? t("forecast.waiting", { others: now.before_it })
          : t("forecast.running", { share: formatPercent(Math.round(share * 100)) })}
      </p>
      <div className="h-1.5 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
        <div
          className="h-full rounded-full bg-accent transition-[width] duration-500"
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}

function Version({
  training,
  zone,
  busy,
  onServe,
}: {
  training: Training;
  zone: string;
  busy: boolean;
  onServe: () => void;
}) {
  const { version, outcome, serves, recipe, report } = training;
  const own = report?.figures?.find((figures) => figures.recipe === recipe);
  return (
    <li className="flex items-center gap-3 py-2.5">
      <span className="w-8 shrink-0 font-medium">v{version}</span>
      <div className="min-w-0 flex-1">
        <p>
          {modelName(recipe)}
          {own?.accuracy != null && (
            <span className="text-ink-3"> · {formatPercent(own.accuracy)}</span>
          )}
        </p>
        <p className="text-[13px] text-ink-3 [overflow-wrap:anywhere]">
          {formatInstant(training.finished_at, zone)} · {formatMs(training.duration_ms)}
          {outcome === "failed" && ` · ${report?.error ?? t("forecast.failed")}`}
          {outcome === "cancelled" && ` · ${t("forecast.cancelled")}`}
        </p>
      </div>
      {serves ? (
        <span className="rounded-full bg-accent-soft px-2.5 py-0.5 font-medium text-[12px] text-accent-ink">
          {t("forecast.serves")}
        </span>
      ) : (
        outcome === "done" && (
          <Button variant="quiet" className="!h-8" busy={busy} onClick={onServe}>
            {t("forecast.serve")}
          </Button>
        )
      )}
    </li>
  );
}
