// From nothing to the first event: the snippet, the keys (once), and a live wait that ends in joy.

import { useEffect, useState } from "react";
import { Link } from "wouter";
import { useCreatedProject } from "../api/hooks";
import { useLive } from "../api/live";
import type { Project } from "../api/types";
import { t } from "../i18n/t";
import { useTitle } from "../state/title";
import { buttonClass } from "../ui/Button";
import { CopyBlock } from "../ui/Copy";
import { Icon } from "../ui/icons";
import { ProjectFrame } from "./ProjectFrame";

export function OnboardingPage({ id }: { id: string }) {
  useTitle(t("onboarding.title"));
  return (
    <ProjectFrame id={id} section="overview">
      {(project, snippet) => (
        <div className="mx-auto max-w-2xl pt-6">
          <h1 className="mb-1 font-semibold text-[22px] tracking-tight">{t("onboarding.title")}</h1>
          <p className="mb-6 text-ink-2">{t("onboarding.text", { domain: project.domain })}</p>
          <ol className="flex flex-col gap-4">
            <Step number={1} title={t("onboarding.snippet")}>
              <p className="mb-3 text-ink-2">{t("onboarding.snippetText")}</p>
              <CopyBlock text={snippet} label={t("onboarding.snippetLabel")} />
            </Step>
            <Keys id={id} />
            <Waiting project={project} />
          </ol>
        </div>
      )}
    </ProjectFrame>
  );
}

function Step({
  number,
  title,
  children,
}: {
  number: number;
  title: string;
  children: React.ReactNode;
}) {
  return (
    <li className="rounded-2xl border border-line bg-surface p-5 shadow-card">
      <h2 className="mb-1 flex items-center gap-2.5 font-semibold text-[15px]">
        <span className="grid size-6 place-items-center rounded-full bg-accent-soft text-[13px] text-accent-ink tabular-nums">
          {number}
        </span>
        {title}
      </h2>
      <div className="sm:pl-[34px]">{children}</div>
    </li>
  );
}

function Keys({ id }: { id: string }) {
  const created = useCreatedProject(id);
  if (!created) return null;
  return (
    <Step number={2} title={t("onboarding.keys")}>
      <p className="mb-3 text-ink-2">{t("onboarding.keysText")}</p>
      <div className="flex flex-col gap-3">
        <FirstKey text={created.keys.ingest} label={t("scope.ingest")} />
        <FirstKey text={created.keys.stats} label={t("scope.stats:read")} />
      </div>
    </Step>
  );
}

function Waiting({ project }: { project: Project }) {
  const { live, connection } = useLive(project.id);
  const created = useCreatedProject(project.id);
  const [before] = useState(project.first_event_at);
  const arrived = live?.first_event_at ?? before;
  useEffect(() => {
    if (arrived && !before) document.title = `✓ ${t("onboarding.arrived")}`;
  }, [arrived, before]);
  return (
    <Step number={created ? 3 : 2} title={t("onboarding.first")}>
      <div role="status">
        {arrived ? (
          <div className="flex flex-wrap items-center gap-4">
            <span className="grid size-10 animate-enter place-items-center rounded-full bg-good-soft text-good">
              <Icon name="check" className="!size-5" />
            </span>
            <div className="mr-auto">
              <p className="font-semibold">{t("onboarding.arrived")}</p>
              <p className="text-ink-2">{t("onboarding.arrivedText")}</p>
            </div>
            <Link
              href={`/projects/${project.id}?period=day`}
              className={buttonClass({ variant: "primary" })}
            >
              {t("onboarding.open")}
            </Link>
          </div>
        ) : (
          <>
            <p className="flex items-center gap-2.5 text-ink-2">
              <span className="relative grid size-3 place-items-center" aria-hidden="true">
                <span className="absolute size-3 animate-ping rounded-full bg-accent opacity-40" />
                <span className="size-2 rounded-full bg-accent" />
              </span>
              {t("onboarding.waiting", { domain: project.domain })}
            </p>
            <p className="mt-3 text-[13px] text-ink-3">
              {t(`live.${connection}`)} ·{" "}
              <Link
                href={`/projects/${project.id}/health`}
                className="text-accent-ink underline underline-offset-2"
              >
                {t("onboarding.stuck")}
              </Link>
            </p>
            <p className="mt-2 max-w-lg text-[13px] text-ink-3">{t("onboarding.silent")}</p>
          </>
        )}
      </div>
    </Step>
  );
}

function FirstKey({ text, label }: { text: string; label: string }) {
  return (
    <div>
      <p className="mb-1 text-[13px] text-ink-3">{label}</p>
      <CopyBlock text={text} label={label} />
    </div>
  );
}
