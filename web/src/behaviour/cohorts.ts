// What cohorts have in common: how far they reach, their mean, the scale of their colours. Pure.

import type { Cohort } from "../api/behaviour";

/** The longest follow-up of any cohort, in periods. */
export const offsetsOf = (cohorts: Cohort[]): number =>
  Math.max(0, ...cohorts.map((cohort) => cohort.returned.length));

/**
 * Of all visitors whose cohort is old enough, those who came back so many periods later, percent.
 * Large cohorts weigh more: it is a share of people, not a mean of shares.
 */
export function meanAt(cohorts: Cohort[], offset: number): number | null {
  let visitors = 0;
  let returned = 0;
  for (const cohort of cohorts) {
    const back = cohort.returned[offset];
    if (back === undefined) continue;
    visitors += cohort.visitors;
    returned += back;
  }
  return visitors === 0 ? null : (returned * 100) / visitors;
}

/**
 * The largest share after the first period, from which the colours are scaled: the first period
 * is all of the cohort and would leave the rest pale.
 */
export function strongestShare(cohorts: Cohort[]): number {
  const later = cohorts.flatMap((cohort) => cohort.rates.slice(1));
  return Math.max(1, ...later);
}
