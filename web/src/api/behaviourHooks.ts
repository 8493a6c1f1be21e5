// TanStack Query hooks for funnels, retention and journeys. As with answers, what was there stays on
// screen while the next is on its way.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { behaviour, type FunnelBody, type JourneyBody, type RetentionBody } from "./behaviour";

/** `null`: the question is not complete yet. */
export function useFunnel(body: FunnelBody | null) {
  return useQuery({
    queryKey: ["funnel", body],
    queryFn: ({ signal }) => (body ? behaviour.funnel(body, signal) : null),
    placeholderData: keepPreviousData,
    enabled: body !== null,
  });
}

export function useRetention(body: RetentionBody) {
  return useQuery({
    queryKey: ["retention", body],
    queryFn: ({ signal }) => behaviour.retention(body, signal),
    placeholderData: keepPreviousData,
  });
}

export function useJourneys(body: JourneyBody) {
  return useQuery({
    queryKey: ["journeys", body],
    queryFn: ({ signal }) => behaviour.journey(body, signal),
    placeholderData: keepPreviousData,
  });
}
