// What a project keeps and for how long, what is hidden from whom, and the rights of one person. Owners
// and admins change it; others see how it is.

import { type FormEvent, useState } from "react";
import { Confirm } from "../account/Confirm";
import { Section } from "../account/Section";
import {
  type Erased,
  type Kept,
  type PersonId,
  privacy,
  useKept,
  usePrivacy,
  useVisibility,
  type Visibility,
} from "../api/privacy";
import { download } from "../format/csv";
import { t } from "../i18n/t";
import { Button } from "../ui/Button";
import { Field, FormError, INPUT_CLASS } from "../ui/Field";
import { Failure, Loading, Skeleton } from "../ui/states";

const KEPT_DAYS = [30, 90, 180, 365, 730, 1095];
const SEERS = ["editor", "admin", "owner"] as const;

export function PrivacySettings({ id }: { id: string }) {
  return (
    <>
      <Section title={t("privacy.kept")} text={t("privacy.keptText")}>
        <Retention id={id} />
      </Section>
      <Section title={t("privacy.hidden")} text={t("privacy.hiddenText")}>
        <Hidden id={id} />
      </Section>
      <Section title={t("privacy.person")} text={t("privacy.personText")}>
        <Person id={id} />
      </Section>
    </>
  );
}

function Waiting() {
  return (
    <Loading>
      <Skeleton className="h-16" />
    </Loading>
  );
}

function Retention({ id }: { id: string }) {
  const kept = useKept(id);
  const [wanted, setWanted] = useState<{ days: number | null; ends: Kept } | null>(null);
  const trial = usePrivacy((days: number) => privacy.tryKept(id, days));
  const keep = usePrivacy((days: number | null) => privacy.keep(id, days), ["kept", id]);
  if (kept.isError) return <Failure error={kept.error} onRetry={() => kept.refetch()} />;
  if (!kept.data) return <Waiting />;
  const now = kept.data.days;
  const choices = [...new Set([...KEPT_DAYS, ...(now === null ? [] : [now])])].sort(
    (a, b) => a - b,
  );
  const choose = (days: number | null) => {
    // Keeping more ends nothing, so there is nothing to think twice about.
    if (days === null) keep.mutate(null);
    else trial.mutate(days, { onSuccess: (ends) => setWanted({ days, ends }) });
  };
  return (
    <>
      <FormError error={trial.error ?? (wanted ? null : keep.error)} />
      <label className="block max-w-xs">
        <span className="mb-1.5 block font-medium">{t("privacy.keep")}</span>
        <select
          className={INPUT_CLASS}
          value={now ?? 0}
          disabled={trial.isPending || keep.isPending}
          onChange={(event) => choose(Number(event.target.value) || null)}
        >
          {choices.map((days) => (
            <option key={days} value={days}>
              {t("privacy.days", { days })}
            </option>
          ))}
          <option value={0}>{t("privacy.forEver")}</option>
        </select>
      </label>
      <p role="status" className="mt-1.5 text-[13px] text-ink-3">
        {keep.isSuccess ? t("settings.saved") : ""}
      </p>
      {wanted && (
        <Confirm
          title={t("privacy.keepTitle", { days: wanted.days ?? 0 })}
          text={t("privacy.keepConfirm", {
            events: wanted.ends.expired.events,
            day: wanted.ends.first_kept_day ?? "",
          })}
          action={t("privacy.keepAction")}
          error={keep.error}
          busy={keep.isPending}
          onConfirm={() => keep.mutate(wanted.days, { onSuccess: () => setWanted(null) })}
          onClose={() => setWanted(null)}
        />
      )}
    </>
  );
}

const words = (text: string) => text.split(/[\s,]+/).filter((word) => word !== "");

function Hidden({ id }: { id: string }) {
  const visibility = useVisibility(id);
  if (visibility.isError) {
    return <Failure error={visibility.error} onRetry={() => visibility.refetch()} />;
  }
  if (!visibility.data) return <Waiting />;
  return <HiddenForm id={id} now={visibility.data} />;
}

function HiddenForm({ id, now }: { id: string; now: Visibility }) {
  const choose = usePrivacy((wish: Visibility) => privacy.choose(id, wish), ["visibility", id]);
  const [masked, setMasked] = useState(now.masked.join(", "));
  const [seer, setSeer] = useState(now.unmasked_from);
  const [origins, setOrigins] = useState(now.stats_origins.join(", "));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    choose.mutate({
      masked: words(masked),
      unmasked_from: seer,
      stats_origins: words(origins),
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <FormError error={choose.error} />
      <Field
        label={t("privacy.masked")}
        hint={t("privacy.maskedHint")}
        value={masked}
        onChange={(event) => setMasked(event.target.value)}
      />
      <label className="block max-w-xs">
        <span className="mb-1.5 block font-medium">{t("privacy.unmaskedFrom")}</span>
        <select
          className={INPUT_CLASS}
          value={seer}
          onChange={(event) => setSeer(event.target.value)}
        >
          {SEERS.map((role) => (
            <option key={role} value={role}>
              {t(`privacy.from.${role}`)}
            </option>
          ))}
        </select>
      </label>
      <Field
        label={t("privacy.origins")}
        hint={t("privacy.originsHint")}
        value={origins}
        onChange={(event) => setOrigins(event.target.value)}
      />
      <div className="flex items-center justify-end gap-3">
        <span role="status" className="text-good">
          {choose.isSuccess ? t("settings.saved") : ""}
        </span>
        <Button type="submit" variant="primary" busy={choose.isPending}>
          {t("settings.save")}
        </Button>
      </div>
    </form>
  );
}

function Person({ id }: { id: string }) {
  const [kind, setKind] = useState<"visitor" | "user">("visitor");
  const [text, setText] = useState("");
  const [counted, setCounted] = useState<Erased | null>(null);
  const who = (): PersonId =>
    kind === "visitor" ? { visitor: text.trim() } : { user: text.trim() };
  const look = usePrivacy((person: PersonId) => privacy.person(id, person));
  const count = usePrivacy((person: PersonId) => privacy.erase(id, person, true));
  const erase = usePrivacy((person: PersonId) => privacy.erase(id, person, false));
  const give = (event: FormEvent) => {
    event.preventDefault();
    // The id is no part of the file's name: names of files are seen by many.
    look.mutate(who(), {
      onSuccess: (known) =>
        download("person.json", JSON.stringify(known, null, 2), "application/json"),
    });
  };
  return (
    <form onSubmit={give} className="flex flex-col gap-4">
      <FormError error={look.error ?? count.error ?? (counted ? null : erase.error)} />
      <div className="flex flex-wrap items-end gap-3">
        <label className="block">
          <span className="mb-1.5 block font-medium">{t("privacy.by")}</span>
          <select
            className={INPUT_CLASS}
            value={kind}
            onChange={(event) => setKind(event.target.value as typeof kind)}
          >
            <option value="visitor">{t("privacy.byVisitor")}</option>
            <option value="user">{t("privacy.byUser")}</option>
          </select>
        </label>
        <div className="min-w-56 grow">
          <Field
            label={t("privacy.id")}
            required
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      </div>
      <div className="flex flex-wrap items-center justify-end gap-3">
        <span role="status" className="mr-auto text-ink-2">
          {erase.data ? t("privacy.erased", { ...erase.data }) : ""}
        </span>
        <Button type="submit" busy={look.isPending}>
          {t("privacy.give")}
        </Button>
        <Button
          variant="danger"
          busy={count.isPending}
          disabled={text.trim() === ""}
          onClick={() => count.mutate(who(), { onSuccess: setCounted })}
        >
          {t("privacy.erase")}
        </Button>
      </div>
      {counted && (
        <Confirm
          title={t("privacy.eraseTitle")}
          text={t("privacy.eraseText", { ...counted })}
          action={t("privacy.eraseAction")}
          error={erase.error}
          busy={erase.isPending}
          onConfirm={() => erase.mutate(who(), { onSuccess: () => setCounted(null) })}
          onClose={() => setCounted(null)}
        />
      )}
    </form>
  );
}
