// TanStack Query hooks for accounts and members. What a change makes stale is said here once.

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type AuditFilter, account } from "./account";

export function useAccount() {
  return useQuery({ queryKey: ["account"], queryFn: ({ signal }) => account.read(signal) });
}

export function useSessions() {
  return useQuery({ queryKey: ["sessions"], queryFn: ({ signal }) => account.sessions(signal) });
}

export function useTeam() {
  return useQuery({ queryKey: ["team"], queryFn: ({ signal }) => account.team(signal) });
}

export function useAllKeys() {
  return useQuery({ queryKey: ["allKeys"], queryFn: ({ signal }) => account.keys(signal) });
}

export function useAudit(filter: AuditFilter) {
  return useQuery({
    queryKey: ["audit", filter],
    queryFn: ({ signal }) => account.audit(filter, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}

export function useInvitation(token: string) {
  return useQuery({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) => account.invitation(token, signal),
    enabled: token !== "",
    retry: false,
  });
}

/** A change, and the answers that are stale after it. */
export function useChange<Input, Output>(
  change: (input: Input) => Promise<Output>,
  stale: ("account" | "session" | "sessions" | "team" | "allKeys" | "keys")[],
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () =>
      Promise.all(stale.map((name) => client.invalidateQueries({ queryKey: [name] }))),
  });
}
