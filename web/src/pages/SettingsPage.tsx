// A project's settings: name and hosts, snippet, whose hosts they are, keys, privacy.

import { type FormEvent, useState } from "react";
import { Section } from "../account/Section";
import { useUpdateProject } from "../api/hooks";
import { NAME_CHARS_MAX } from "../api/limits";
import type { Project } from "../api/types";
import { t } from "../i18n/t";
import { hostsOf } from "../question/hosts";
import { useTitle } from "../state/title";
import { Button } from "../ui/Button";
import { CopyBlock } from "../ui/Copy";
import { Field, FormError } from "../ui/Field";
import { KeysSettings } from "./KeysSettings";
import { PrivacySettings } from "./PrivacySettings";
import { ProjectFrame } from "./ProjectFrame";
import { VerificationSettings } from "./VerificationSettings";

export function SettingsPage({ id }: { id: string }) {
  return (
    <ProjectFrame id={id} section="settings">
      {(project, snippet) => <Settings key={project.id} project={project} snippet={snippet} />}
    </ProjectFrame>
  );
}

function Settings({ project, snippet }: { project: Project; snippet: string }) {
  useTitle(`${t("nav.settings")} · ${project.name}`);
  return (
    <div className="mx-auto flex max-w-3xl flex-col gap-4">
      <h1 className="mt-2 font-semibold text-[22px] tracking-tight">{t("nav.settings")}</h1>
      <General project={project} />
      <Section title={t("onboarding.snippetLabel")} text={t("onboarding.snippetText")}>
        <CopyBlock text={snippet} label={t("onboarding.snippetLabel")} />
      </Section>
      <Section title={t("verify.title")} text={t("verify.text")}>
        <VerificationSettings id={project.id} zone={project.time_zone} />
      </Section>
      <Section title={t("keys.title")} text={t("keys.text")}>
        <KeysSettings id={project.id} zone={project.time_zone} />
      </Section>
      <PrivacySettings id={project.id} />
    </div>
  );
}

function General({ project }: { project: Project }) {
  const update = useUpdateProject(project.id);
  const [name, setName] = useState(project.name);
  const [hosts, setHosts] = useState(project.hosts.join(", "));
  const [parameters, setParameters] = useState(project.query_parameters.join(", "));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate({
      name: name.trim(),
      hosts: hostsOf(hosts),
      query_parameters: parameters.split(/[\s,]+/).filter((word) => word !== ""),
    });
  };
  return (
    <Section title={t("settings.general")}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <FormError error={update.error} />
        <Field
          label={t("newProject.name")}
          required
          maxLength={NAME_CHARS_MAX}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t("newProject.hosts")}
          required
          hint={t("newProject.hostsHint")}
          value={hosts}
          onChange={(event) => setHosts(event.target.value)}
        />
        <Field
          label={t("settings.parameters")}
          hint={t("settings.parametersHint")}
          value={parameters}
          onChange={(event) => setParameters(event.target.value)}
        />
        <dl className="grid gap-4 sm:grid-cols-2">
          <Fact label={t("newProject.zone")}>{project.time_zone}</Fact>
          <Fact label={t("settings.identity")}>{t(`identity.${project.identity}`)}</Fact>
        </dl>
        <div className="flex items-center justify-end gap-3">
          <span role="status" className="text-good">
            {update.isSuccess ? t("settings.saved") : ""}
          </span>
          <Button type="submit" variant="primary" busy={update.isPending}>
            {t("settings.save")}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Fact({ label, children }: { label: string; children: string }) {
  return (
    <div>
      <dt className="mb-0.5 font-medium">{label}</dt>
      <dd className="text-ink-2">{children}</dd>
    </div>
  );
}
