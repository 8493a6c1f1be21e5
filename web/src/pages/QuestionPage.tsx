// The frame of a page that asks about a period and filters, beside the overview: its section, its
// heading, the question's bar. What is below reads the question from `useSubject`.

import type { ReactNode } from "react";
import { t } from "../i18n/t";
import { QuestionBar } from "../overview/QuestionBar";
import { SubjectProvider, useSubject } from "../state/subject";
import { useTitle } from "../state/title";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { ProjectFrame, type Section } from "./ProjectFrame";

export interface QuestionPageProps {
  id: string;
  section: Section;
  compares?: boolean;
  /** Whether it is about a period that the reader chooses. */
  periods?: boolean;
  children: ReactNode;
}

export function QuestionPage({
  id,
  section,
  compares = false,
  periods = true,
  children,
}: QuestionPageProps) {
  return (
    <ProjectFrame id={id} section={section}>
      {(project) => (
        <SubjectProvider key={project.id} project={project}>
          <Inside section={section} compares={compares} periods={periods}>
            {children}
          </Inside>
        </SubjectProvider>
      )}
    </ProjectFrame>
  );
}

function Inside({ section, compares, periods, children }: Required<Omit<QuestionPageProps, "id">>) {
  const { project } = useSubject();
  const title = t(`nav.${section}`);
  useTitle(`${title} · ${project.name}`);
  return (
    <div className="flex flex-col gap-4">
      <QuestionBar compares={compares} periods={periods}>
        <h1 className="mr-2 font-semibold text-[22px] tracking-tight max-sm:w-full">{title}</h1>
      </QuestionBar>
      <ErrorBoundary>{children}</ErrorBoundary>
    </div>
  );
}
