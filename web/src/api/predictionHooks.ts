// TanStack Query hooks for forecasts. While a training goes on its progress is asked for often, and
// when it has ended everything that came of the one before is asked for anew.

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { predictions, type Series } from "./predictions";

const PROGRESS_REFRESH_MS = 1_500;

export function useForecast(series: Series, days: number) {
  return useQuery({
    queryKey: ["prediction", series, "forecast", days],
    queryFn: ({ signal }) => predictions.forecast(series, days, signal),
    placeholderData: keepPreviousData,
  });
}

export function useAccuracy(series: Series) {
  return useQuery({
    queryKey: ["prediction", series, "accuracy"],
    queryFn: ({ signal }) => predictions.accuracy(series, signal),
    placeholderData: keepPreviousData,
  });
}

export function useAnomalies(series: Series, interval: "hour" | "day") {
  return useQuery({
    queryKey: ["anomalies", series, interval],
    queryFn: ({ signal }) => predictions.anomalies(series, interval, signal),
    placeholderData: keepPreviousData,
  });
}

export function useTrend(series: Series) {
  return useQuery({
    queryKey: ["trend", series],
    queryFn: ({ signal }) => predictions.trend(series, signal),
    placeholderData: keepPreviousData,
  });
}

/** The country of the holidays, and how to choose another; forecasts are asked for anew then. */
export function useHolidays(site: string) {
  const client = useQueryClient();
  const holidays = useQuery({
    queryKey: ["holidays", site],
    queryFn: ({ signal }) => predictions.holidays(site, signal),
  });
  const choose = useMutation({
    mutationFn: (country: string | null) => predictions.chooseHolidays(site, country),
    onSuccess: (chosen) => {
      client.setQueryData(["holidays", site], chosen);
      return client.invalidateQueries({ queryKey: ["prediction"] });
    },
  });
  return { holidays, choose };
}

export function useTrainings(series: Series) {
  const client = useQueryClient();
  const trainings = useQuery({
    queryKey: ["trainings", series],
    queryFn: ({ signal }) => predictions.trainings(series, signal),
    placeholderData: keepPreviousData,
    refetchInterval: (query) =>
      (query.state.data?.now.state ?? "idle") === "idle" ? false : PROGRESS_REFRESH_MS,
  });
  const newest = trainings.data?.trainings[0]?.version ?? null;
  const seen = useRef(newest);
  useEffect(() => {
    if (seen.current !== null && newest !== seen.current) {
      void client.invalidateQueries({ queryKey: ["prediction"] });
    }
    seen.current = newest;
  }, [newest, client]);
  return trainings;
}

/** What can be done about trainings: start, stop, or go back to an earlier version. */
export function useTrainingActions(series: Series) {
  const client = useQueryClient();
  const stale = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ["trainings", series] }),
      client.invalidateQueries({ queryKey: ["prediction", series] }),
    ]);
  return {
    retrain: useMutation({
      mutationFn: (recipe: string | undefined) => predictions.retrain(series, recipe),
      onSuccess: stale,
    }),
    cancel: useMutation({ mutationFn: () => predictions.cancel(series), onSuccess: stale }),
    serve: useMutation({
      mutationFn: (version: number) => predictions.serve(series, version),
      onSuccess: stale,
    }),
  };
}
