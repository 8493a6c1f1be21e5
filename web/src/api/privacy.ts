// What is kept of a project, what is hidden from whom, and what is known of one person, as
// docs/openapi.json describes them.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type { Erased, KeptEvents as Kept, Visibility } from "./openapi";

export type { Erased, Kept, Visibility };

/** Whose data: exactly one of both. */
export type PersonId = { visitor: string } | { user: string };

const of = (project: string) => `/api/projects/${encodeURIComponent(project)}`;

export const privacy = {
  kept: (project: string, signal: AbortSignal) =>
    request<Kept>("GET", `${of(project)}/retention`, undefined, signal),
  /** What another choice would end. */
  tryKept: (project: string, days: number) =>
    request<Kept>("GET", `${of(project)}/retention?days=${days}`),
  keep: (project: string, days: number | null) =>
    request<Kept>("PUT", `${of(project)}/retention`, { days }),
  visibility: (project: string, signal: AbortSignal) =>
    request<Visibility>("GET", `${of(project)}/visibility`, undefined, signal),
  choose: (project: string, wish: Visibility) =>
    request<Visibility>("PUT", `${of(project)}/visibility`, wish),
  person: (project: string, who: PersonId) =>
    request<unknown>("POST", `${of(project)}/person`, who),
  erase: (project: string, who: PersonId, dryRun: boolean) =>
    request<Erased>("POST", `${of(project)}/erase`, { ...who, dry_run: dryRun }),
};

export function useKept(project: string) {
  const queryKey = ["kept", project];
  return useQuery({ queryKey, queryFn: ({ signal }) => privacy.kept(project, signal) });
}

export function useVisibility(project: string) {
  const queryKey = ["visibility", project];
  return useQuery({ queryKey, queryFn: ({ signal }) => privacy.visibility(project, signal) });
}

/** Asks for something that changes `stale`, or nothing that is shown. */
export function usePrivacy<Input, Output>(
  work: (input: Input) => Promise<Output>,
  stale?: readonly string[],
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSuccess: () => (stale ? client.invalidateQueries({ queryKey: stale }) : undefined),
  });
}
