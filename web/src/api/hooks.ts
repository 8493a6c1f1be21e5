// TanStack Query hooks: which answers are kept, for how long, and what a change makes stale.
// Keys are built here and nowhere else.

import {
  keepPreviousData,
  notifyManager,
  QueryClient,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { ApiError, api } from "./client";
import type { KeyScope, NewProject, ProjectChange, QueryBody } from "./types";

const ANSWER_FRESH_MS = 30_000;
const ANSWER_REFRESH_MS = 60_000;
const HEALTH_REFRESH_MS = 5_000;
const RETRIES_MAX = 2;

/** A wrong question stays wrong: only silence and server faults are tried again. */
function worthRetrying(failures: number, error: Error): boolean {
  if (failures >= RETRIES_MAX) return false;
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

/**
 * Everything is tried whatever the browser thinks of its network, because a server on this machine
 * answers without one; what is on screen is asked again once a lost network is back.
 */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: worthRetrying,
        staleTime: ANSWER_FRESH_MS,
        networkMode: "always",
        refetchOnReconnect: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}

/** Questions whose answers are numbers that can be out of date. */
const NUMBERS = ["answer", "health"];

/** Whether anything on screen shows an answer, however old. */
export function useHasNumbers(): boolean {
  const cache = useQueryClient().getQueryCache();
  const has = () =>
    NUMBERS.some((key) =>
      cache
        .findAll({ queryKey: [key], type: "active" })
        .some((query) => query.state.data !== undefined),
    );
  // Told a moment later: queries also change while components render, which must not be disturbed.
  return useSyncExternalStore(
    (listener) => cache.subscribe(notifyManager.batchCalls(listener)),
    has,
    has,
  );
}

export function useSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: ({ signal }) => api.session(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useSetupNeeded() {
  return useQuery({ queryKey: ["setup"], queryFn: ({ signal }) => api.setupNeeded(signal) });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.signIn,
    onSuccess: (session) => client.setQueryData(["session"], session),
  });
}

export function useSetUp() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.setUp,
    onSuccess: (session) => {
      client.setQueryData(["setup"], { needed: false, provider: null });
      client.setQueryData(["session"], session);
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({ mutationFn: api.signOut, onSuccess: () => client.clear() });
}

export function useProjects() {
  return useQuery({ queryKey: ["projects"], queryFn: ({ signal }) => api.projects(signal) });
}

export function useProject(id: string) {
  return useQuery({
    queryKey: ["project", id],
    queryFn: ({ signal }) => api.project(id, signal),
  });
}

export function useCreateProject() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewProject) => api.createProject(body),
    onSuccess: (created) => {
      client.setQueryData(["created", created.project.id], created);
      return client.invalidateQueries({ queryKey: ["projects"] });
    },
  });
}

/** The keys of a project made in this tab: shown once, gone with a reload. */
export function useCreatedProject(id: string) {
  return useQuery<Awaited<ReturnType<typeof api.createProject>> | null>({
    queryKey: ["created", id],
    queryFn: () => null,
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
}

export function useUpdateProject(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ProjectChange) => api.updateProject(id, body),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["projects"] }),
        client.invalidateQueries({ queryKey: ["project", id] }),
      ]),
  });
}

export function useHealth(id: string) {
  return useQuery({
    queryKey: ["health", id],
    queryFn: ({ signal }) => api.health(id, signal),
    refetchInterval: HEALTH_REFRESH_MS,
  });
}

export function useKeys(id: string) {
  return useQuery({ queryKey: ["keys", id], queryFn: ({ signal }) => api.keys(id, signal) });
}

export function useCreateKey(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { scope: KeyScope; name?: string; expires_at?: string }) =>
      api.createKey(id, body),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys", id] }),
  });
}

export function useRevokeKey(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (key: string) => api.revokeKey(id, key),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys", id] }),
  });
}

/**
 * The answer to a question; the previous one stays on screen while the next is on its way.
 * `atNow` fits what is asked to the moment of asking: another moment is no other question.
 */
export function useAnswer(
  body: QueryBody,
  enabled = true,
  atNow: (body: QueryBody) => QueryBody = (same) => same,
) {
  return useQuery({
    queryKey: ["answer", body],
    queryFn: ({ signal }) => api.query(atNow(body), signal),
    placeholderData: keepPreviousData,
    refetchInterval: ANSWER_REFRESH_MS,
    enabled,
  });
}

/** Whether the project has had calls of tools or models lately, so that their page is offered. */
export function useHasCalls(id: string): boolean {
  const body: QueryBody = { site_id: id, metrics: ["calls"], date_range: "91d" };
  return (
    useQuery({
      queryKey: ["calls", id],
      queryFn: async ({ signal }) =>
        ((await api.query(body, signal)).results[0]?.metrics[0] ?? 0) > 0,
      staleTime: Number.POSITIVE_INFINITY,
    }).data ?? false
  );
}
