// What the overview is about: the project, today in its zone, the question of the URL, and how
// to change it. Panels read it from context, so that none of it is handed through by hand.

import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { Project } from "../api/types";
import type { Subject } from "../question/body";
import { todayIn } from "../question/dates";
import { toggled } from "../question/filters";
import { parseQuestion, type Question, writeQuestion } from "../question/url";
import { useNow } from "./now";
import { useParams } from "./params";

const MINUTE_MS = 60_000;

export interface SubjectState extends Subject {
  project: Project;
  ask: (change: Partial<Question>) => void;
  toggle: (dimension: string, value: string) => void;
}

const SubjectContext = createContext<SubjectState | null>(null);

export function SubjectProvider({ project, children }: { project: Project; children: ReactNode }) {
  const [params, setParams] = useParams();
  const today = todayIn(project.time_zone, new Date(useNow(MINUTE_MS)));
  const state = useMemo<SubjectState>(() => {
    const ask = (change: Partial<Question>) =>
      setParams((current) => writeQuestion(current, { ...parseQuestion(current), ...change }));
    const question = parseQuestion(params);
    return {
      project,
      site: project.id,
      today,
      question,
      ask,
      toggle: (dimension, value) => ask({ filters: toggled(question.filters, dimension, value) }),
    };
  }, [params, setParams, project, today]);
  return <SubjectContext value={state}>{children}</SubjectContext>;
}

export function useSubject(): SubjectState {
  const state = useContext(SubjectContext);
  if (!state) throw new Error("a panel was rendered outside of SubjectProvider");
  return state;
}
