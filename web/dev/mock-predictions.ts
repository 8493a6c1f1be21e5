// Made-up forecasts with their trainings; a training that is asked for takes a few seconds.

import type {
  Accuracy,
  Anomalies,
  Forecast,
  Holidays,
  Outlook,
  Training,
  Trainings,
  Trend,
} from "../src/api/predictions";
import { addDays, todayIn } from "../src/question/dates";
import { dayVisitors, noise } from "./mock-data";

const TRAINING_MS = 9_000;

const trained: Training[] = [training(3, "ensemble", true), training(2, "theta", false)];
let startedAt: number | null = null;

function training(version: number, recipe: string, serves: boolean): Training {
  const names = ["ensemble", "theta", "ets", "arima", "mstl", "calendar", "seasonal_naive", "lstm"];
  const figures = names.map((name, index) => ({
    recipe: name,
    wmape: 11.2 + index * 1.3,
    accuracy: 88.8 - index * 1.3,
    mase: 0.79 + index * 0.045,
    pinball: 21.4 + index * 1.1,
    coverage_80: 80.4 - index,
    coverage_95: 94.9 - index * 0.4,
  }));
  return {
    version,
    outcome: "done",
    serves,
    finished_at: `2026-11-${String(7 + version * 4).padStart(2, "0")}T04:12:09Z`,
    duration_ms: 8_400 + version * 310,
    recipe,
    report: { figures },
  };
}

function outlook(site: string, day: string, ahead: number): Outlook {
  const expected = Math.round(dayVisitors(site, day) * 2.9);
  const width = (share: number) => Math.round(expected * share * (1 + ahead / 12));
  return {
    day,
    expected,
    low_80: expected - width(0.1),
    high_80: expected + width(0.11),
    low_95: expected - width(0.19),
    high_95: expected + width(0.22),
  };
}

const measured = (site: string, day: string) =>
  Math.round(dayVisitors(site, day) * (2.75 + 0.3 * noise(`pages${day}`)));

export function trend(): Trend {
  return {
    trend: {
      per_day: 3.2,
      per_day_low: 1.1,
      per_day_high: 5.4,
      is_significant: true,
      days: 400,
    },
    week: { effects: [62, 71, 58, 40, 12, -130, -113], strength: 0.74 },
    messages: [],
  };
}

export function forecast(asked: URLSearchParams, now: Date): Forecast {
  const site = asked.get("site_id") ?? "1";
  const today = todayIn("Europe/Berlin", now);
  const days = Number(asked.get("days") ?? 7);
  const past = Array.from({ length: 90 }, (_, index) => addDays(today, index - 90));
  return {
    made_with: { version: 3, recipe: "ensemble" },
    champion: "theta",
    weights: {
      theta: 1.86,
      ets: 1.44,
      arima: 1.14,
      mstl: 0.84,
      calendar: 0.54,
      seasonal_naive: 0.18,
    },
    history: past.map((day) => ({ day, value: measured(site, day) })),
    forecast: Array.from({ length: days }, (_, index) =>
      outlook(site, addDays(today, index), index),
    ),
    messages: [],
  };
}

export function accuracy(asked: URLSearchParams, now: Date): Accuracy {
  const site = asked.get("site_id") ?? "1";
  const today = todayIn("Europe/Berlin", now);
  const days = Array.from({ length: 28 }, (_, index) => addDays(today, index - 28));
  return {
    days: days.map((day) => ({
      ...outlook(site, day, 1),
      made_on: addDays(day, -1),
      actual: measured(site, day),
    })),
    accuracy: 93.4,
    wmape: 6.6,
    coverage_80: 82.1,
    coverage_95: 96.4,
    backtest: trained.find((each) => each.serves) ?? null,
  };
}

export function trainings(now: number): Trainings {
  if (startedAt === null) return { now: { state: "idle" }, trainings: trained };
  if (now - startedAt > TRAINING_MS) {
    startedAt = null;
    for (const each of trained) each.serves = false;
    trained.unshift(training((trained[0]?.version ?? 0) + 1, "ensemble", true));
    return trainings(now);
  }
  const steps_done = Math.floor(((now - startedAt) / TRAINING_MS) * 20);
  return { now: { state: "running", steps_done, steps: 20 }, trainings: trained };
}

/** Starts or stops a training, or lets a version serve; the last part of the path says which. */
export function change(action: string, version: number, now: number): void {
  if (action === "retrain") startedAt = now;
  if (action === "cancel") startedAt = null;
  if (action === "serve") for (const each of trained) each.serves = each.version === version;
}

/** Two hours that were strange, and a day from which on there was more. */
export function anomalies(asked: URLSearchParams, now: Date): Anomalies {
  const today = todayIn("Europe/Berlin", now);
  const at = (daysAgo: number, hour: string) => `${addDays(today, -daysAgo)}T${hour}:00:00Z`;
  const common = {
    severity: "severe",
    score: 0.81,
    level_shift: false,
    contributions: [],
  } as const;
  return {
    anomalies: [
      {
        ...common,
        start: at(2, "09"),
        end: at(2, "11"),
        kind: "rise",
        value: 412,
        expected_low: 90,
        expected_high: 171,
        contributions: [
          {
            dimension: "visit:source",
            values: [
              { value: "Hacker News", before: 0, during: 260, share: 0.94 },
              { value: "Google", before: 61, during: 78, share: 0.06 },
            ],
          },
          {
            dimension: "event:page",
            values: [{ value: "/blog/launch", before: 4, during: 271, share: 0.97 }],
          },
        ],
      },
      {
        ...common,
        start: at(9, "13"),
        end: at(9, "19"),
        kind: "missing",
        value: null,
        expected_low: 64,
        expected_high: 120,
      },
    ].filter(() => asked.get("interval") === "hour") as Anomalies["anomalies"],
    level_changes:
      asked.get("interval") === "day"
        ? [{ day: addDays(today, -61), before: 1804, after: 2612 }]
        : [],
    messages: [],
  };
}

let country: string | null = null;

export function holidays(chosen?: string | null): Holidays {
  if (chosen !== undefined) country = chosen;
  const countries = [
    { code: "DE", name: "Germany" },
    { code: "FR", name: "France" },
    { code: "US", name: "United States" },
  ];
  return { country, countries };
}
