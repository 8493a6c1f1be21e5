// Answers questions about funnels, retention and journeys from made-up data.

import type {
  FunnelAnswer,
  FunnelBody,
  FunnelStepAnswer,
  JourneyAnswer,
  JourneyBody,
  JourneyLink,
  JourneyNode,
  RetentionAnswer,
  RetentionBody,
} from "../src/api/behaviour";
import { addDays, addMonths, todayIn } from "../src/question/dates";
import { noise, VALUES } from "./mock-data";

const tenth = (value: number) => Math.round(value * 10) / 10;

export function funnel(body: FunnelBody): FunnelAnswer {
  const names = body.steps.map((step) => ("goal" in step ? step.goal : step.name));
  const strictness = body.order === "strict" ? 0.7 : 1;
  const all = steps(names, 48_210, strictness);
  if (!body.breakdown) return { ...whole(all), time_to_convert_s: { median: 1_260, mean: 4_800 } };
  const groups = (VALUES[body.breakdown] ?? []).slice(0, 8).map(([value, share]) => {
    const own = steps(names, Math.round(482.1 * share), strictness * (0.8 + 0.4 * noise(value)));
    return { value, ...whole(own), time_to_convert_s: { median: 900, mean: 3_600 } };
  });
  return { ...whole(all), groups };
}

const whole = (steps: FunnelStepAnswer[]) => ({
  steps,
  conversion_rate: steps.at(-1)?.conversion_rate ?? 0,
});

function steps(names: string[], visitors: number, pull: number): FunnelStepAnswer[] {
  let before = visitors;
  return names.map((name, index) => {
    const kept = index === 0 ? 1 : Math.min(1, (0.28 + 0.5 * noise(`${name}${index}`)) * pull);
    const here = Math.round(before * kept);
    const step: FunnelStepAnswer = {
      name,
      visitors: here,
      conversion_rate: tenth((here * 100) / visitors),
      step_conversion_rate: tenth(kept * 100),
      dropped: before - here,
      time_from_previous_s: index === 0 ? null : { median: 40 * 6 ** index, mean: 70 * 6 ** index },
    };
    before = here;
    return step;
  });
}

export function retention({ unit }: RetentionBody, now: Date): RetentionAnswer {
  const today = todayIn("UTC", now);
  const periods = { day: 14, week: 10, month: 7 }[unit];
  const cohorts = Array.from({ length: periods }, (_, index) => {
    const ago = periods - 1 - index;
    const cohort =
      unit === "month"
        ? `${addMonths(today, -ago).slice(0, 7)}-01`
        : addDays(today, -ago * (unit === "week" ? 7 : 1));
    const visitors = Math.round(900 + 500 * noise(`cohort${cohort}`));
    const returned = Array.from({ length: ago + 1 }, (_, offset) =>
      offset === 0
        ? visitors
        : Math.round(visitors * (0.42 * offset ** -0.55 - 0.04 * noise(`${cohort}${offset}`))),
    );
    return {
      cohort,
      visitors,
      returned,
      rates: returned.map((back) => tenth((back * 100) / visitors)),
    };
  });
  return { cohorts };
}

export function journey({ from, to, depth, limit }: JourneyBody): JourneyAnswer {
  const anchor = from ?? to;
  const pages = (VALUES["event:page"] ?? []).slice(0, Math.min(limit, 6)).map(([page]) => page);
  const first: [string | null, number][] = anchor
    ? [[anchor, 12_400]]
    : pages.map((page, index) => [page, Math.round(9_000 / (index + 1))]);
  const nodes: JourneyNode[] = [];
  const links: JourneyLink[] = [];
  let column = new Map<string | null, number>(first);
  for (let step = 0; step <= depth; step += 1) {
    const next = new Map<string | null, number>();
    for (const [name, visits] of column) {
      let left = visits;
      const targets: (string | null)[] = step < depth ? [...pages, null] : [];
      for (const target of targets) {
        if (target === name) continue;
        const share = noise(`${name}${target}${step}`) ** 3 * 0.45;
        const moving = Math.min(left, Math.round(visits * share));
        if (moving < 60) continue;
        left -= moving;
        links.push({ step, from: name, to: target, visits: moving });
        next.set(target, (next.get(target) ?? 0) + moving);
      }
      nodes.push({ step, name, visits, ends: step < depth ? left : 0 });
    }
    column = next;
  }
  return { visits: first.reduce((total, [, visits]) => total + visits, 0), nodes, links };
}
