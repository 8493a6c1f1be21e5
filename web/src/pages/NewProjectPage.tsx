// Creating a project: its name, its hosts, and the zone its days begin in.

import { type FormEvent, useId, useState } from "react";
import { useLocation } from "wouter";
import { useCreateProject } from "../api/hooks";
import { NAME_CHARS_MAX } from "../api/limits";
import { t } from "../i18n/t";
import { hostsOf } from "../question/hosts";
import { useTitle } from "../state/title";
import { AppFrame } from "../ui/AppFrame";
import { Button } from "../ui/Button";
import { Field, FormError, INPUT_CLASS } from "../ui/Field";

const GUESSED_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const ZONES = [...new Set(["UTC", GUESSED_ZONE, ...Intl.supportedValuesOf("timeZone")])].sort();

export function NewProjectPage() {
  useTitle(t("projects.new"));
  const [, navigate] = useLocation();
  const create = useCreateProject();
  const [name, setName] = useState("");
  const [hosts, setHosts] = useState("");
  const [zone, setZone] = useState(GUESSED_ZONE);
  const zoneId = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { name: name.trim(), hosts: hostsOf(hosts), time_zone: zone },
      { onSuccess: ({ project }) => navigate(`/projects/${project.id}/onboarding`) },
    );
  };
  return (
    <AppFrame>
      <div className="mx-auto max-w-md pt-8">
        <h1 className="mb-1 font-semibold text-[22px] tracking-tight">{t("projects.new")}</h1>
        <p className="mb-6 text-ink-2">{t("newProject.text")}</p>
        <form
          onSubmit={submit}
          className="flex flex-col gap-5 rounded-2xl border border-line bg-surface p-6 shadow-card"
        >
          <FormError error={create.error} />
          <Field
            label={t("newProject.name")}
            required
            maxLength={NAME_CHARS_MAX}
            placeholder={t("newProject.namePlaceholder")}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Field
            label={t("newProject.hosts")}
            required
            placeholder="shop.example, www.shop.example"
            hint={t("newProject.hostsHint")}
            autoCapitalize="none"
            spellCheck={false}
            value={hosts}
            onChange={(event) => setHosts(event.target.value)}
          />
          <div>
            <label htmlFor={zoneId} className="mb-1.5 block font-medium">
              {t("newProject.zone")}
            </label>
            <select
              id={zoneId}
              className={INPUT_CLASS}
              value={zone}
              onChange={(event) => setZone(event.target.value)}
              aria-describedby={`${zoneId}-hint`}
            >
              {ZONES.map((option) => (
                <option key={option}>{option}</option>
              ))}
            </select>
            <p id={`${zoneId}-hint`} className="mt-1.5 text-[13px] text-ink-3">
              {t("newProject.zoneHint")}
            </p>
          </div>
          <Button type="submit" variant="primary" size="lg" busy={create.isPending}>
            {t("newProject.submit")}
          </Button>
        </form>
      </div>
    </AppFrame>
  );
}
