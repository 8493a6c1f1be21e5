// TanStack Query hooks for goals and for the names that events use. A goal that comes or goes changes
// answers, so they are asked for anew.

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type NewGoal, saved } from "./saved";
import type { QueryBody } from "./types";

export function useGoals(project: string) {
  return useQuery({
    queryKey: ["goals", project],
    queryFn: async ({ signal }) => (await saved.goals(project, signal)).saved,
  });
}

export function useGoalActions(project: string) {
  const client = useQueryClient();
  const stale = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["goals", project] }),
      client.invalidateQueries({ queryKey: ["answer"] }),
      client.invalidateQueries({ queryKey: ["funnel"] }),
    ]);
  return {
    add: useMutation({
      mutationFn: (goal: NewGoal) => saved.addGoal(project, goal),
      onSuccess: stale,
    }),
    remove: useMutation({
      mutationFn: (goal: string) => saved.removeGoal(project, goal),
      onSuccess: stale,
    }),
  };
}

export function useInventory(body: Pick<QueryBody, "site_id" | "date_range">) {
  return useQuery({
    queryKey: ["inventory", body],
    queryFn: ({ signal }) => saved.inventory(body, signal),
    placeholderData: keepPreviousData,
  });
}
